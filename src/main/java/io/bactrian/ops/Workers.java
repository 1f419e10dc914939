package io.bactrian.ops;

import io.bactrian.outbox.OutboxSending;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.jms.JmsConsumer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.stereotype.Component;

/** The routes of this node that take work from queues, and the way that messages take there. */
@Component
final class Workers {
    private final CamelContext routes;
    private final OutboxSending sending;

    Workers(CamelContext routes, OutboxSending sending) {
        this.routes = routes;
        this.sending = sending;
    }

    /**
     * Looks at each route that takes messages, and at what this node sends.
     *
     * @throws IllegalStateException when a route takes nothing, or messages do not reach the broker
     */
    void check() throws Exception {
        for (Route route : routes.getRoutes()) {
            if (route.getConsumer() instanceof JmsConsumer consumer) {
                require(
                        routes.getRouteController()
                                        .getRouteStatus(route.getRouteId())
                                        .isStarted()
                                && !consumer.isSuspended(),
                        "The route " + route.getRouteId() + " is not started");
                require(
                        consumer.getListenerContainer() instanceof DefaultMessageListenerContainer listener
                                && listener.isActive()
                                && listener.isRunning()
                                && !listener.isRecovering(),
                        "The route " + route.getRouteId() + " does not listen to its queue");
            }
        }
        sending.check();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
