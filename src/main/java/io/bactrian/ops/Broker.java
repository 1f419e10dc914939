package io.bactrian.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Set;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.springframework.stereotype.Component;

/**
 * Artemis, as it answers a connection that is made for the question.
 *
 * <p>Connections of the pool may have died unnoticed, so none of them is used. Both questions wait as long as the broker
 * makes them wait: ask through a {@link LimitedCall}.
 */
@Component
final class Broker {
    /** The queues whose messages are work. */
    static final Set<String> WORK = Set.of(
            "bactrian.lanes.html",
            "bactrian.lanes.browser",
            "bactrian.tasks.admit",
            "bactrian.tasks.sitemap",
            "bactrian.tasks.end",
            "bactrian.places.browser",
            "bactrian.places.html",
            "bactrian.jobs.admit",
            "bactrian.jobs.end",
            "bactrian.exports.deliver",
            "bactrian.webhooks.events",
            "bactrian.webhooks.deliver",
            "bactrian.webhooks.deliver-slow",
            "bactrian.mails.send",
            "bactrian.monitors.check",
            "bactrian.monitors.checked",
            "bactrian.searches.run",
            "bactrian.billing.events",
            "bactrian.billing.end",
            "bactrian.tasks.inbox");

    private static final String DEAD_LETTERS = "bactrian.dead-letters";
    private static final String MANAGEMENT = "activemq.management";
    private static final String OUR_QUEUES =
            "[\"{\\\"field\\\":\\\"name\\\",\\\"operation\\\":\\\"CONTAINS\\\",\\\"value\\\":\\\"bactrian.\\\"}\", 1, 1000]";
    private static final long ANSWERS_WITHIN = 5_000;

    private final ConnectionFactory connections;
    private final ObjectMapper json;

    Broker(ConnectionFactory connections, ObjectMapper json) {
        this.connections = connections instanceof JmsPoolConnectionFactory pool
                        && pool.getConnectionFactory() instanceof ConnectionFactory unpooled
                ? unpooled
                : connections;
        this.json = json;
    }

    /** @throws JMSException when the broker does not take a connection and open a session on it */
    void check() throws JMSException {
        try (Connection connection = connections.createConnection()) {
            connection.createSession(false, Session.AUTO_ACKNOWLEDGE).close();
        }
    }

    /**
     * The messages that wait in the queues for a node, whichever: those that a node has been given, or that are due later, do
     * not wait.
     *
     * @throws JMSException when the broker cannot be asked, or its user must not manage it
     */
    long waiting() throws JMSException, JsonProcessingException {
        return waiting(queues());
    }

    /**
     * The messages that their queues have given up.
     *
     * @throws JMSException when the broker cannot be asked, or its user must not manage it
     */
    long deadLetters() throws JMSException, JsonProcessingException {
        for (JsonNode queue : queues()) {
            if (queue.path("name").asText().equals(DEAD_LETTERS)) {
                return queue.path("messageCount").asLong();
            }
        }
        return 0;
    }

    /** What the broker says of its queues. */
    private JsonNode queues() throws JMSException, JsonProcessingException {
        try (Connection connection = connections.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            Queue replies = session.createTemporaryQueue();
            try (MessageProducer questions = session.createProducer(session.createQueue(MANAGEMENT));
                    MessageConsumer answers = session.createConsumer(replies)) {
                TextMessage question = session.createTextMessage(OUR_QUEUES);
                question.setStringProperty("_AMQ_ResourceName", "broker");
                question.setStringProperty("_AMQ_OperationName", "listQueues");
                question.setJMSReplyTo(replies);
                questions.send(question);
                Message answer = answers.receive(ANSWERS_WITHIN);
                if (answer == null) {
                    throw new JMSException("The broker did not answer the question for its queues");
                }
                String text = answer.getBody(String.class);
                if (!answer.getBooleanProperty("_AMQ_OperationSucceeded")) {
                    throw new JMSException("The broker refused to list its queues: " + text);
                }
                // The answer is a list of one text, which is JSON itself.
                return json.readTree(json.readTree(text).path(0).asText()).path("data");
            }
        }
    }

    private static long waiting(JsonNode queues) {
        long waiting = 0;
        for (JsonNode queue : queues) {
            if (WORK.contains(queue.path("name").asText())) {
                long here = queue.path("messageCount").asLong()
                        - queue.path("deliveringCount").asLong()
                        - queue.path("scheduledCount").asLong();
                // The three were counted one after another.
                waiting += Math.max(0, here);
            }
        }
        return waiting;
    }
}
