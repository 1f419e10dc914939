package io.bactrian.outage;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.jms.JmsConsumer;
import org.springframework.stereotype.Component;

/** The routes of this node that take messages from the broker, as far as they are started. */
@Component
final class QueueConsumers {
    private final CamelContext routes;
    private final Set<String> paused = ConcurrentHashMap.newKeySet();

    QueueConsumers(CamelContext routes) {
        this.routes = routes;
    }

    /** Lets no route take another message; what they have, they finish. */
    void pause() {
        for (Route route : routes.getRoutes()) {
            if (route.getConsumer() instanceof JmsConsumer consumer && consumer.isStarted()) {
                consumer.suspend();
                paused.add(route.getRouteId());
            }
        }
    }

    /** Lets those routes go on that were paused here. */
    void resume() {
        if (paused.isEmpty()) {
            return;
        }
        for (Route route : routes.getRoutes()) {
            if (route.getConsumer() instanceof JmsConsumer consumer
                    && paused.remove(route.getRouteId())
                    && consumer.isSuspended()) {
                consumer.resume();
            }
        }
    }
}
