package io.bactrian.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestBroker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StepConsumersFactoryTest {
    private static final String ROUTE = """
            - route:
                from:
                  uri: jms:queue:steps
                  parameters:
                    consumerType: Custom
                    messageListenerContainerFactory: "#bean:stepConsumers"
                    cacheLevelName: CACHE_SESSION
                  steps:
                    - process:
                        ref: step
            """;

    @Test
    @Timeout(60)
    void aStepHoldsNoConsumerAndItsMessageComesAgainIfItFails() throws Exception {
        LinkedBlockingQueue<String> begun = new LinkedBlockingQueue<>();
        CountDownLatch looked = new CountDownLatch(1);
        try (TestBroker broker = new TestBroker();
                DefaultCamelContext flow = new DefaultCamelContext()) {
            ActiveMQConnectionFactory connections =
                    new ActiveMQConnectionFactory(broker.url() + "?consumerWindowSize=0");
            JmsComponent jms = new JmsComponent();
            jms.setConnectionFactory(connections);
            jms.setTransacted(true);
            jms.setLazyCreateTransactionManager(false);
            flow.addComponent("jms", jms);
            flow.getRegistry().bind("stepConsumers", new StepConsumersFactory());
            flow.getRegistry().bind("step", (Processor) exchange -> {
                begun.add(exchange.getMessage().getBody(String.class));
                looked.await();
                if (begun.size() == 1) {
                    throw new IllegalStateException("The step fails.");
                }
            });
            PluginHelper.getRoutesLoader(flow).loadRoutes(ResourceHelper.fromString("steps.camel.yaml", ROUTE));
            flow.start();
            try (var context = connections.createContext()) {
                context.createProducer().send(context.createQueue("steps"), "one");
            }
            await().until(() -> begun.size() == 1);

            assertThat(broker.consumers("steps")).isZero();
            looked.countDown();
            await().until(() -> begun.size() == 2 && broker.consumers("steps") == 1);
            assertThat(begun).containsExactly("one", "one");
        }
    }
}
