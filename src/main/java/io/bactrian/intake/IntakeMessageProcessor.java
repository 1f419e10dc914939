package io.bactrian.intake;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.support.DefaultMessage;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Reads the message of the inbox, and puts an empty one in its place: no header of it is seen by any later step. */
@Component("intakeMessage")
final class IntakeMessageProcessor implements Processor {
    private final long limit;
    private final boolean gated;

    /** @param gated whether the broker is the embedded one, whose gate lets no message pass with a digest that it has not made */
    IntakeMessageProcessor(IntakeProperties properties, @Value("${bactrian.broker.gated:false}") boolean gated) {
        this.limit = properties.maxBodySize().toBytes();
        this.gated = gated;
    }

    @Override
    public void process(Exchange exchange) {
        InboxMessage message =
                InboxMessage.of(exchange.getMessage(JmsMessage.class).getJmsMessage(), limit, gated);
        exchange.setMessage(new DefaultMessage(exchange));
        exchange.setVariable("inbox", message);
        exchange.getMessage().setBody(message);
    }
}
