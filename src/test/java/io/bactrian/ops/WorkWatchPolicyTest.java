package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.SynchronousQueue;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;

class WorkWatchPolicyTest {
    private static final String ROUTES = """
            - route:
                id: tick
                from:
                  uri: timer:tick
                  parameters:
                    delay: 0
                    repeatCount: 2
                  steps:
                    - to:
                        uri: direct:work
            - route:
                id: work
                from:
                  uri: direct:work
                  steps:
                    - bean:
                        ref: gate
                        method: take
            """;

    private final WorkWatch watch = new WorkWatch(
            new WorkProperties(Duration.ofMinutes(1), Duration.ofMinutes(2)),
            new SimpleMeterRegistry(),
            Clock.systemUTC(),
            () -> {});
    private final SynchronousQueue<String> gate = new SynchronousQueue<>();

    @Test
    void aTickIsAStepOfItsOwnRouteUntilTheRouteIsDoneAlsoWhileCamelStops() throws Exception {
        try (DefaultCamelContext flow = new DefaultCamelContext()) {
            flow.addRoutePolicyFactory(new WorkWatchPolicy(watch));
            flow.getRegistry().bind("gate", gate);
            PluginHelper.getRoutesLoader(flow).loadRoutes(ResourceHelper.fromString("sample.camel.yaml", ROUTES));
            flow.start();

            await().until(() -> !watch.underWay().isEmpty());
            assertThat(watch.underWay()).singleElement().asString().startsWith("The route tick has been in one step");
            gate.put("first");
            gate.put("second");
            await().until(() -> watch.underWay().isEmpty());
        }
        try (DefaultCamelContext flow = new DefaultCamelContext()) {
            flow.addRoutePolicyFactory(new WorkWatchPolicy(watch));
            flow.getRegistry().bind("gate", gate);
            PluginHelper.getRoutesLoader(flow).loadRoutes(ResourceHelper.fromString("sample.camel.yaml", ROUTES));
            flow.start();
            await().until(() -> !watch.underWay().isEmpty());

            Thread stop = Thread.ofVirtual().start(flow::stop);
            await().until(flow::isStopping);
            gate.put("during the stop");
            stop.join();

            assertThat(watch.underWay()).isEmpty();
        }
    }
}
