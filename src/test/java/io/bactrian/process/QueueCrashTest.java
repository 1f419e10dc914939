package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Test;

/**
 * The service dies while messages wait in the inbox, are worked on, and are answered.
 *
 * <p>The number of messages is {@code bactrian.test.messages}, by default 120.
 */
class QueueCrashTest {
    private static final int MESSAGES = Integer.getInteger("bactrian.test.messages", 120);
    private static final String REPLIES = "bactrian.replies.crash";
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void eachMessageMakesOneTaskAndIsAnsweredWheneverTheProcessDies() throws JMSException, IOException {
        try (ServiceProcess service =
                        new ServiceProcess("queue-crash").with("BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", "50");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            String port = service.setting("BACTRIAN_BROKER_PORT");
            String password = Files.readString(service.data().resolve("producer-password"))
                    .strip();
            List<ConnectionFactory> protocols = List.of(
                    new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port),
                    new JmsConnectionFactory("amqp://127.0.0.1:" + port));
            for (ConnectionFactory protocol : protocols) {
                send(protocol, password, key, MESSAGES / protocols.size());
            }

            for (int percent : new int[] {15, 50}) {
                await("%d %% of the tasks are made".formatted(percent))
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> Books.count(service.database(), "task") * 100 >= (long) percent * MESSAGES);
                service.kill();
                assertThat(Books.count(service.database(), "task")).isLessThan(MESSAGES);
                service.start();
            }

            Map<String, Set<String>> answers = answers(protocols.getFirst(), password);
            assertThat(answers).as("messages that are answered").hasSize(MESSAGES);
            assertThat(answers.values()).as("each with one task, however often").allMatch(tasks -> tasks.size() == 1);
            assertThat(Books.count(service.database(), "task")).isEqualTo(MESSAGES);
            await("the tasks have ended")
                    .atMost(LIMIT.multipliedBy(3))
                    .until(() -> service.database()
                                    .sql("SELECT count(*) FROM task WHERE status IN ('pending', 'running')")
                                    .query(Long.class)
                                    .single()
                            == 0);
            Books.areClosed(service);
            service.terminate();
        }
    }

    private static void send(ConnectionFactory protocol, String password, String key, int count) throws JMSException {
        try (Connection connection = protocol.createConnection("producer", password);
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
                MessageProducer producer = session.createProducer(session.createQueue("bactrian.tasks.inbox"))) {
            Queue replies = session.createQueue(REPLIES);
            for (int i = 0; i < count; i++) {
                // An address that nothing is fetched from, and whose pace no other task of the protocol waits for.
                String url = "http://10.0.%d.%d/".formatted(i / 250, i % 250);
                // Without a correlation id: the answer has the message's own, which no two have.
                TextMessage message = session.createTextMessage(
                        ServiceClient.bulkTask(List.of(url), 1).toString());
                message.setStringProperty("api_key", key);
                message.setJMSReplyTo(replies);
                producer.send(message);
            }
            session.commit();
        }
    }

    /** The tasks that each message was answered, by the message's id; an answer may come twice. */
    private static Map<String, Set<String>> answers(ConnectionFactory protocol, String password) throws JMSException {
        Map<String, Set<String>> answers = new HashMap<>();
        try (Connection connection = protocol.createConnection("producer", password);
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(REPLIES))) {
            connection.start();
            // Some are answered before the first kill; when nothing comes for a while, all are.
            for (Message answer = consumer.receive(LIMIT.toMillis());
                    answer != null;
                    answer = consumer.receive(answers.size() < MESSAGES ? LIMIT.toMillis() : 2_000)) {
                assertThat(answer.getIntProperty("status")).isEqualTo(201);
                answers.computeIfAbsent(answer.getJMSCorrelationID(), id -> new HashSet<>())
                        .add(answer.getBody(String.class).replaceAll(".*?\"id\":\"([0-9a-f-]{36})\".*", "$1"));
            }
        }
        return answers;
    }
}
