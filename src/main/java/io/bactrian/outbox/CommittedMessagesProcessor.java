package io.bactrian.outbox;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/**
 * Gives a new exchange the messages that the calling thread's transactions have committed.
 *
 * <p>Camel prepares the exchange of a wire tap on the thread that taps, where the messages are known. It is a new one, so that
 * nothing of a request stays in memory as long as the broker keeps its messages waiting.
 */
@Component("committedMessages")
final class CommittedMessagesProcessor implements Processor {
    private final OutboxSending sending;

    CommittedMessagesProcessor(OutboxSending sending) {
        this.sending = sending;
    }

    @Override
    public void process(Exchange exchange) {
        exchange.getMessage().setBody(sending.committed());
    }
}
