package io.bactrian.ops;

import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Shows the {@link WorkWatch} what the routes that consume from queues and clocks work on. Requests over HTTP are not watched:
 * downloads and streams of events last as long as their reader wants.
 */
@Component
final class WorkWatchPolicy implements RoutePolicyFactory {
    private static final List<String> WATCHED = List.of("jms:", "timer:", "quartz:");

    private final WorkWatch watch;

    WorkWatchPolicy(WorkWatch watch) {
        this.watch = watch;
    }

    @Override
    public @Nullable RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        return route instanceof RouteDefinition definition
                        && WATCHED.stream().anyMatch(definition.getInput().getEndpointUri()::startsWith)
                ? new Watched()
                : null;
    }

    private final class Watched extends RoutePolicySupport {
        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
            WorkStep step = watch.begin(route.getId());
            // And not onExchangeDone, which Camel does not call any more when it stops.
            exchange.getExchangeExtension().addOnCompletion(new End(step));
        }
    }

    private final class End extends SynchronizationAdapter {
        private final WorkStep step;

        private End(WorkStep step) {
            this.step = step;
        }

        @Override
        public void onDone(Exchange exchange) {
            watch.end(step);
        }

        @Override
        public boolean allowHandover() {
            return false;
        }
    }
}
