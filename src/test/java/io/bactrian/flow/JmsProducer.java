package io.bactrian.flow;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A producer by JMS, over CORE or AMQP, whose answers come to a temporary queue. */
final class JmsProducer implements QueueProducer {
    private static final long PATIENCE = 30_000;

    private final Connection connection;
    private final Session session;
    private final Destination replies;
    private final MessageConsumer answers;

    private JmsProducer(Connection connection) throws JMSException {
        this.connection = connection;
        connection.start();
        session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        replies = session.createTemporaryQueue();
        answers = session.createConsumer(replies);
    }

    static JmsProducer open(ConnectionFactory factory) {
        try {
            return new JmsProducer(factory.createConnection("producer", "producer"));
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    @Override
    public void send(String address, Letter letter) {
        try (MessageProducer producer = session.createProducer(session.createQueue(address))) {
            Message message;
            if (letter.body() instanceof byte[] bytes) {
                BytesMessage content = session.createBytesMessage();
                content.writeBytes(bytes);
                message = content;
            } else {
                message = session.createTextMessage((String) letter.body());
            }
            for (Map.Entry<String, ?> property : letter.properties().entrySet()) {
                message.setObjectProperty(property.getKey(), property.getValue());
            }
            String replyTo = letter.replyTo();
            if (replyTo == null) {
                message.setJMSReplyTo(replies);
            } else if (!replyTo.isEmpty()) {
                message.setJMSReplyTo(session.createQueue(replyTo));
            }
            if (letter.correlationId() != null) {
                message.setJMSCorrelationID(letter.correlationId());
            }
            producer.send(message);
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    @Override
    public Received answer() {
        try {
            Message message = answers.receive(PATIENCE);
            if (message == null) {
                throw new AssertionError("No answer came.");
            }
            return received(message);
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    @Override
    public @Nullable Received take(String address, @Nullable String selector, long millis) {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(address), selector)) {
            Message message = consumer.receive(millis);
            return message == null ? null : received(message);
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    @Override
    public Subscription subscribe(String address, String selector) {
        try {
            MessageConsumer consumer = session.createConsumer(session.createTopic(address), selector);
            return millis -> {
                try {
                    Message message = consumer.receive(millis);
                    return message == null ? null : received(message);
                } catch (JMSException e) {
                    throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
                }
            };
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    private static Received received(Message message) throws JMSException {
        Map<String, String> properties = new LinkedHashMap<>();
        Enumeration<?> names = message.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = names.nextElement().toString();
            properties.put(name, String.valueOf(message.getObjectProperty(name)));
        }
        byte[] bytes = message instanceof BytesMessage ? message.getBody(byte[].class) : null;
        String body = message instanceof TextMessage text
                ? String.valueOf(text.getText())
                : new String(bytes == null ? new byte[0] : bytes, StandardCharsets.UTF_8);
        return new Received(body, properties, message.getJMSCorrelationID());
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }
}
