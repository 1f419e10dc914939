package io.bactrian.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.direct.DirectComponent;
import org.apache.camel.component.jms.JmsBinding;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose work it is that fails after an answer over HTTP has taken the place of the broker's message. */
class WorkMessagePolicyTest {
    private static final String ROUTES = """
            - route:
                id: deliver
                from:
                  uri: jms:queue:bactrian.exports.deliver
                  steps:
                    - process:
                        ref: answer
                    - process:
                        ref: failure
            - route:
                id: fan-out
                from:
                  uri: jms:queue:bactrian.webhooks.deliver
                  steps:
                    - split:
                        expression:
                          constant:
                            expression: "one,two"
                        steps:
                          - to:
                              uri: direct:attempt
            - route:
                id: attempt
                from:
                  uri: direct:attempt
                  steps:
                    - process:
                        ref: answer
                    - process:
                        ref: failure
            """;

    private static final String ERRORS = """
            - onException:
                exception:
                  - java.lang.Throwable
                handled:
                  constant:
                    expression: "false"
                redeliveryPolicy:
                  maximumRedeliveries: 0
                  logExhausted: false
                steps:
                  - process:
                      ref: failureNote
            """;

    private final TestDatabase database = TestDatabase.create();
    private final DefaultCamelContext flow = new DefaultCamelContext();

    @BeforeEach
    void start() throws Exception {
        FailedWork failures = new FailedWork(database.jdbc(), new ObjectMapper(), new SettableClock());
        Processor answer = exchange -> exchange.setMessage(new DefaultMessage(exchange));
        Processor failure = exchange -> {
            throw new IllegalStateException("The answer cannot be stored.");
        };
        flow.addComponent("jms", new DirectComponent());
        flow.addRoutePolicyFactory(new WorkMessagePolicy());
        flow.getRegistry().bind("answer", answer);
        flow.getRegistry().bind("failure", failure);
        flow.getRegistry().bind("failureNote", new FailedWorkProcessor(failures));
        PluginHelper.getRoutesLoader(flow).loadRoutes(ResourceHelper.fromString("sample.camel.yaml", ERRORS + ROUTES));
        flow.start();
    }

    @AfterEach
    void close() throws IOException {
        flow.close();
        database.close();
    }

    @Test
    void whatFailsAfterAnAnswerHasReplacedTheMessageIsStillItsWork() {
        send("bactrian.exports.deliver", "{\"delivery\": 7, \"sequence\": 0}");

        assertThat(noted()).containsExactly("delivery:7 in bactrian.exports.deliver");
    }

    @Test
    void whatFailsInAPartOfTheMessagesWorkIsItsWork() {
        send("bactrian.webhooks.deliver", "{\"endpoint\": 8, \"lane\": 0, \"sequence\": 0}");

        assertThat(noted()).containsExactly("endpoint:8:lane:0 in bactrian.webhooks.deliver");
    }

    private void send(String queue, String body) {
        flow.createProducerTemplate()
                .send("jms:queue:" + queue, exchange -> exchange.setMessage(new Delivered(exchange, message(body))));
    }

    /** As the broker's consumer gives it, but without headers. */
    private static final class Delivered extends JmsMessage {
        private Delivered(Exchange exchange, TextMessage message) {
            super(exchange, message, null, new JmsBinding());
        }

        @Override
        protected void populateInitialHeaders(Map<String, Object> headers) {}
    }

    /** All that is asked of it is its text. */
    private static TextMessage message(String body) {
        return (TextMessage) Proxy.newProxyInstance(
                TextMessage.class.getClassLoader(),
                new Class<?>[] {TextMessage.class},
                (proxy, method, arguments) -> method.getName().equals("getText") ? body : null);
    }

    private List<String> noted() {
        return database.jdbc()
                .sql("SELECT work || ' in ' || queue FROM work_failure")
                .query(String.class)
                .list();
    }
}
