package io.bactrian.recovery;

import jakarta.jms.TextMessage;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Keeps the broker's message with each exchange that begins with one. A step such as an HTTP call puts another message in its
 * place, and what fails after it is still that message's work.
 */
@Component
final class WorkMessagePolicy implements RoutePolicyFactory {
    /** The exchange property with the broker's message. */
    static final String MESSAGE = "bactrianWorkMessage";

    @Override
    public @Nullable RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        return route instanceof RouteDefinition definition
                        && definition.getInput().getEndpointUri().startsWith("jms:")
                ? new Kept()
                : null;
    }

    private static final class Kept extends RoutePolicySupport {
        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
            if (exchange.getMessage() instanceof JmsMessage message
                    && message.getJmsMessage() instanceof TextMessage text) {
                exchange.setProperty(MESSAGE, text);
            }
        }
    }
}
