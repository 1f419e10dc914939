package io.bactrian.outbox;

import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;
import org.springframework.stereotype.Component;

/** Turns an {@link OutboxMessage} into the message that the broker is sent, without anything of what came before. */
@Component("outboxMessage")
final class OutboxMessageProcessor implements Processor {
    private final OutboxSending sending;
    private final Installation installation;

    OutboxMessageProcessor(OutboxSending sending, Installation installation) {
        this.sending = sending;
        this.installation = installation;
    }

    @Override
    public void process(Exchange exchange) {
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                sending.done();
            }
        });
        Message message = exchange.getMessage();
        OutboxMessage content = message.getBody(OutboxMessage.class);
        exchange.setVariable("destination", content.routeName());
        message.removeHeaders("*");
        content.properties().forEach(message::setHeader);
        message.setHeader(Installation.PROPERTY, installation.id().toString());
        // The broker drops a message whose duplicate id it has seen, so that a re-sent one does no harm.
        message.setHeader("_AMQ_DUPL_ID", content.id().toString());
        if (content.deliverAt() != null) {
            message.setHeader("_AMQ_SCHED_DELIVERY", roundedUp(content.deliverAt()));
        }
        message.setHeader("JMSPriority", content.priority());
        message.setBody(content.body());
    }

    /** Rounded down, it would be delivered before its time. */
    static long roundedUp(Instant time) {
        return time.plusNanos(999_999).toEpochMilli();
    }
}
