import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/**
 * Sends a task as JSON and one as CSV by JMS, waits for both answers, and then for the ends of the tasks.
 *
 * <p>Run it with the client on the class path: {@code mvn -q compile exec:java} with the pom.xml beside it, or
 * {@code java -cp "lib/*" QueueProducer.java}. It needs an {@code sk_} or {@code msk_} key in API_KEY, and the
 * password of the broker's user in BROKER_PASSWORD.
 */
public final class QueueProducer {
    private static final long PATIENCE = 120_000;
    private static final String URL = environment("PAGE_URL", "https://example.com/");

    public static void main(String[] arguments) throws Exception {
        ActiveMQConnectionFactory factory =
                new ActiveMQConnectionFactory(environment("BROKER_URL", "tcp://127.0.0.1:61616"));
        try (Connection connection = factory.createConnection(
                environment("BROKER_USER", "producer"), environment("BROKER_PASSWORD", ""))) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Queue replies = session.createTemporaryQueue();
            MessageConsumer answers = session.createConsumer(replies);
            // From now on, so that no end is missed: tasks can end before their answers are read.
            MessageConsumer ends = session.createConsumer(
                    session.createTopic("bactrian.tasks.events"), "type LIKE 'task.%'");

            String first = send(session, replies, """
                    {"name": "From JMS", "task_type": "simple_scraping",
                     "config": {"urls": ["%s"], "selectors": {"title": "h1"}}}""".formatted(URL), Map.of());
            String second = send(
                    session,
                    replies,
                    "url\r\n" + URL + "\r\n" + URL + "?page=2\r\n",
                    Map.of("content_type", "text/csv", "task_name", "From CSV", "selectors", "{\"title\": \"h1\"}"));

            Map<String, Message> received = new HashMap<>();
            String firstTask = answer(received, answers, first);
            String secondTask = answer(received, answers, second);
            awaitEnd(ends, firstTask, secondTask);
        }
    }

    private static String send(Session session, Queue replies, String body, Map<String, String> properties)
            throws JMSException {
        String correlationId = UUID.randomUUID().toString();
        TextMessage message = session.createTextMessage(body);
        message.setStringProperty("api_key", environment("API_KEY", ""));
        for (Map.Entry<String, String> property : properties.entrySet()) {
            message.setStringProperty(property.getKey(), property.getValue());
        }
        // The same id again makes no second task: keep it with your order, and send again what was not answered.
        message.setStringProperty("_AMQ_DUPL_ID", correlationId);
        message.setJMSCorrelationID(correlationId);
        message.setJMSReplyTo(replies);
        try (MessageProducer producer = session.createProducer(session.createQueue("bactrian.tasks.inbox"))) {
            producer.send(message);
        }
        return correlationId;
    }

    /** The answer to a message; answers come in any order. */
    private static String answer(Map<String, Message> answers, MessageConsumer consumer, String correlationId)
            throws JMSException {
        while (!answers.containsKey(correlationId)) {
            Message answer = required(consumer.receive(PATIENCE), "answer");
            answers.put(answer.getJMSCorrelationID(), answer);
        }
        return accepted(answers.remove(correlationId));
    }

    private static String accepted(Message answer) throws JMSException {
        String body = answer.getBody(String.class);
        if (answer.getIntProperty("status") != 201) {
            throw new IllegalStateException("Refused with " + answer.getIntProperty("status") + ": " + body);
        }
        Matcher id = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"").matcher(body);
        if (!id.find()) {
            throw new IllegalStateException("No task in " + body);
        }
        System.out.println("accepted " + id.group(1));
        return id.group(1);
    }

    private static void awaitEnd(MessageConsumer ends, String... tasks) throws JMSException {
        Set<String> open = new HashSet<>(List.of(tasks));
        while (!open.isEmpty()) {
            Message event = required(ends.receive(PATIENCE), "event");
            if (open.remove(event.getStringProperty("task_id"))) {
                System.out.println("ended " + event.getStringProperty("task_id") + " "
                        + event.getStringProperty("status") + " " + event.getBody(String.class));
            }
        }
    }

    private static Message required(Message message, String what) {
        if (message == null) {
            throw new IllegalStateException("No " + what + " came within two minutes");
        }
        return message;
    }

    private static String environment(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
