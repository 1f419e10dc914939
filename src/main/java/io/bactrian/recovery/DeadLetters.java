package io.bactrian.recovery;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Instant;
import java.util.Enumeration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.activemq.artemis.api.jms.management.JMSManagementHelper;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The messages of {@code bactrian.dead-letters}: an operator looks at them, sends them back to their queues, or drops them. */
public final class DeadLetters {
    private static final String NAME = "bactrian.dead-letters";
    private static final String MANAGEMENT = "activemq.management";
    private static final long ANSWERS_WITHIN = 10_000;

    private final ConnectionFactory connections;
    private final JdbcClient database;
    private final ObjectMapper json;

    public DeadLetters(ConnectionFactory connections, JdbcClient database, ObjectMapper json) {
        this.connections = connections;
        this.database = database;
        this.json = json;
    }

    /**
     * Hands out each dead letter, the oldest first; they stay where they are.
     *
     * @return how many there were
     * @throws JMSException when the broker cannot be asked
     */
    public int forEach(Consumer<DeadLetter> reader) throws JMSException {
        try (Connection connection = connections.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                QueueBrowser browser = session.createBrowser(session.createQueue(NAME))) {
            connection.start();
            int read = 0;
            Enumeration<?> messages = browser.getEnumeration();
            while (messages.hasMoreElements()) {
                reader.accept(letter((Message) messages.nextElement()));
                read++;
            }
            return read;
        }
    }

    /** The dead letter of that number, if there is one. */
    public Optional<DeadLetter> find(long id) throws JMSException {
        DeadLetter[] found = new DeadLetter[1];
        forEach(letter -> {
            if (letter.id() == id) {
                found[0] = letter;
            }
        });
        return Optional.ofNullable(found[0]);
    }

    private DeadLetter letter(Message message) throws JMSException {
        String body = body(message);
        String work = WorkName.of(body, json).orElse(null);
        return new DeadLetter(
                ((ActiveMQMessage) message).getCoreMessage().getMessageID(),
                message.getStringProperty("_AMQ_ORIG_QUEUE"),
                Instant.ofEpochMilli(message.getJMSTimestamp()),
                work,
                work == null ? null : reason(work),
                body);
    }

    private static String body(Message message) throws JMSException {
        return switch (message) {
            case TextMessage text -> String.valueOf(text.getText());
            case BytesMessage bytes -> "(%d bytes)".formatted(bytes.getBodyLength());
            default -> "(no text)";
        };
    }

    private @Nullable String reason(String work) {
        try {
            return database.sql("SELECT queue || ': ' || cause FROM work_failure WHERE work = ?")
                    .param(work)
                    .query(String.class)
                    .optional()
                    .orElse(null);
        } catch (DataAccessException e) {
            return "unknown, for the database cannot be read";
        }
    }

    /**
     * Sends a dead letter back to its queue, where it is delivered as a new message.
     *
     * @return whether there was one of that number
     */
    public boolean replay(long id) throws JMSException {
        return Boolean.TRUE.equals(ask("retryMessage", id));
    }

    /** Sends all dead letters back to their queues, and says how many there were. */
    public int replayAll() throws JMSException {
        return ((Number) ask("retryMessages")).intValue();
    }

    /**
     * Deletes a dead letter.
     *
     * @return whether there was one of that number
     */
    public boolean drop(long id) throws JMSException {
        return Boolean.TRUE.equals(ask("removeMessage", id));
    }

    /** Deletes all dead letters, and says how many there were. */
    public int dropAll() throws JMSException {
        return ((Number) ask("removeAllMessages")).intValue();
    }

    /** The broker itself moves its messages: with their properties, however large, in one transaction. */
    private Object ask(String operation, Object... parameters) throws JMSException {
        try (Connection connection = connections.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            Queue replies = session.createTemporaryQueue();
            try (MessageProducer questions = session.createProducer(session.createQueue(MANAGEMENT));
                    MessageConsumer answers = session.createConsumer(replies)) {
                Message question = session.createMessage();
                JMSManagementHelper.putOperationInvocation(question, "queue." + NAME, operation, parameters);
                question.setJMSReplyTo(replies);
                questions.send(question);
                Message answer = answers.receive(ANSWERS_WITHIN);
                if (answer == null) {
                    throw new JMSException("The broker did not answer within %d ms".formatted(ANSWERS_WITHIN));
                }
                Object result = JMSManagementHelper.getResult(answer);
                if (!JMSManagementHelper.hasOperationSucceeded(answer)) {
                    throw new JMSException("The broker refused: " + result);
                }
                return result;
            } catch (JMSException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("The broker's answer cannot be read.", e);
            }
        }
    }
}
