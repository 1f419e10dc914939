package io.bactrian.recovery;

import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Notes why a message of a work queue goes back to it; the message itself is not touched. */
@Component("failureNote")
final class FailedWorkProcessor implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(FailedWorkProcessor.class);
    private static final String QUEUE = "queue:";

    private final FailedWork failures;

    FailedWorkProcessor(FailedWork failures) {
        this.failures = failures;
    }

    @Override
    public void process(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (failure != null) {
            failures.note(queue(exchange), body(exchange), failure);
        }
    }

    private static String queue(Exchange exchange) {
        String endpoint = exchange.getFromEndpoint() == null
                ? String.valueOf(exchange.getFromRouteId())
                : exchange.getFromEndpoint().getEndpointBaseUri();
        int start = endpoint.indexOf(QUEUE);
        return start < 0 ? endpoint : endpoint.substring(start + QUEUE.length());
    }

    /** As the broker has delivered it, whatever the route has made of the exchange's body by now. */
    private static @Nullable String body(Exchange exchange) {
        try {
            TextMessage message = exchange.getProperty(WorkMessagePolicy.MESSAGE, TextMessage.class);
            return message == null ? null : message.getText();
        } catch (JMSException e) {
            // The failure is the route's to tell, not this one.
            LOG.debug("The body of a failed message cannot be read", e);
            return null;
        }
    }
}
