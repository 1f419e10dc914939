package io.bactrian.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestBroker;
import io.bactrian.TestDatabase;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.time.Duration;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OwnMessagesTest {
    private final List<String> taken = new CopyOnWriteArrayList<>();

    @Test
    void messagesOfAnotherDatabaseStayInTheirQueue() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TestBroker broker = new TestBroker();
                ActiveMQConnectionFactory connections = new ActiveMQConnectionFactory(broker.url());
                JMSContext producer = connections.createContext();
                DefaultCamelContext node = new DefaultCamelContext()) {
            Installation installation = new Installation(database.jdbc());
            node.addComponent("jms", JmsComponent.jmsComponent(connections));
            node.addLifecycleStrategy(new OwnMessages(installation));
            node.addRoutes(consumer("bactrian.lanes.html"));
            node.addRoutes(consumer("bactrian.tasks.inbox"));
            node.start();

            send(producer, "bactrian.lanes.html", "stranger's", "00000000-0000-0000-0000-000000000001");
            send(producer, "bactrian.lanes.html", "own", installation.id().toString());
            send(producer, "bactrian.lanes.html", "of an earlier version", null);
            send(producer, "bactrian.tasks.inbox", "anybody's", null);

            await().atMost(Duration.ofSeconds(30)).until(() -> taken.size() == 3);
            assertThat(taken).containsExactlyInAnyOrder("own", "of an earlier version", "anybody's");
            Queue queue = producer.createQueue("bactrian.lanes.html");
            await("what is left in the queue")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> waiting(producer.createBrowser(queue)) == 1);
        }
    }

    private static int waiting(QueueBrowser queue) throws JMSException {
        int messages = 0;
        for (Enumeration<?> seen = queue.getEnumeration(); seen.hasMoreElements(); seen.nextElement()) {
            messages++;
        }
        return messages;
    }

    private RouteBuilder consumer(String queue) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("jms:queue:" + queue)
                        .process(exchange -> taken.add(exchange.getMessage().getBody(String.class)));
            }
        };
    }

    private static void send(JMSContext producer, String queue, String text, @Nullable String database) {
        var message = producer.createProducer();
        if (database != null) {
            message.setProperty(Installation.PROPERTY, database);
        }
        message.send(producer.createQueue(queue), text);
    }
}
