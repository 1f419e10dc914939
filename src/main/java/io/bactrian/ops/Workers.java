package io.bactrian.ops;

import io.bactrian.outbox.OutboxSending;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.jms.JmsConsumer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.stereotype.Component;

/** The routes of this node that take work from queues and clocks, and the way that messages take there. */
@Component
final class Workers {
    private final CamelContext routes;
    private final OutboxSending sending;
    private final ScheduleWatch schedules;
    private final BrowserRoutes browserRoutes;
    private final WorkWatch watch;

    Workers(
            CamelContext routes,
            BrowserRoutes browserRoutes,
            WorkWatch watch,
            ScheduleWatch schedules,
            OutboxSending sending) {
        this.routes = routes;
        this.browserRoutes = browserRoutes;
        this.watch = watch;
        this.schedules = schedules;
        this.sending = sending;
    }

    /**
     * Looks at each route that takes messages, at the steps under way, at the clocks, and at what this node sends.
     *
     * @throws IllegalStateException when a route takes nothing or does not return, a clock has stopped, or messages do not reach
     *     the broker
     */
    void check() throws Exception {
        for (Route route : routes.getRoutes()) {
            if (route.getConsumer() instanceof JmsConsumer consumer && browserRoutes.expects(route)) {
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
        List<String> stuckSteps = watch.stuck();
        require(stuckSteps.isEmpty(), String.join("; ", stuckSteps));
        List<String> lateSchedules = schedules.late();
        require(lateSchedules.isEmpty(), String.join("; ", lateSchedules));
        sending.check();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
