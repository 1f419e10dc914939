package io.bactrian.intake;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.jspecify.annotations.Nullable;

/**
 * A message of the inbox, read: its body up to the limit, and the few properties that mean something. Nothing else of it goes
 * anywhere but to the dead letters.
 */
public final class InboxMessage {
    /** Whether a body can be had, and if not, why. */
    enum Body {
        READ,
        TOO_LARGE,
        OF_OTHER_KIND,
        UNREADABLE
    }

    /** A part of a message that may be malformed. */
    private interface Part<T> {
        @Nullable
        T read() throws JMSException;
    }

    private static final Pattern PROPERTY = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]{0,99}");
    private static final Pattern INTERNAL =
            Pattern.compile("(?i)(?:jms|_amq|__amq|camel|breadcrumb|native_message_id|bactrian_|api_?key).*");

    /** Set by the embedded broker on a message that stands for a refused one: the name of a {@link Body}. */
    private static final String REFUSED = "bactrian_refused";

    /** Set by the embedded broker in place of {@code api_key}: the key's kind and its SHA-256. */
    private static final String KEY_DIGEST = "bactrian_key_digest";

    /** Where the broker keeps the id that an AMQP client has given; the one that JMS sees is made up at each delivery. */
    private static final String AMQP_ID = "NATIVE_MESSAGE_ID";

    private final byte[] bytes;
    private final boolean text;
    private final Body body;
    private final Map<String, Object> properties;
    private final @Nullable String key;
    private final @Nullable String keyDigest;
    private final @Nullable String correlationId;
    private final @Nullable String messageId;
    private final @Nullable String duplicateId;
    private final String brokerId;
    private final @Nullable String replyTo;
    private final int deliveries;
    private boolean malformed;

    private InboxMessage(Message message, long limit, boolean gated) {
        text = message instanceof TextMessage;
        replyTo = read(() -> ReplyAddress.of(message.getJMSReplyTo()));
        correlationId = read(message::getJMSCorrelationID);
        String amqpId = read(() -> property(message, AMQP_ID));
        messageId = amqpId == null ? read(message::getJMSMessageID) : amqpId;
        duplicateId = read(() -> duplicateId(message));
        brokerId = message instanceof ActiveMQMessage stored
                ? stored.getCoreMessage().getMessageID() + "@"
                        + stored.getCoreMessage().getTimestamp()
                : "";
        Integer counted = read(() -> message.getIntProperty("JMSXDeliveryCount"));
        deliveries = counted == null ? 1 : counted;
        String digest = gated ? read(() -> property(message, KEY_DIGEST)) : null;
        key = digest == null ? read(() -> property(message, "api_key")) : null;
        keyDigest = digest;
        Map<String, Object> readable = read(() -> properties(message));
        properties = readable == null ? Map.of() : readable;
        String refused = read(() -> property(message, REFUSED));
        byte[] read = refused == null ? read(() -> bytes(message, limit)) : null;
        if (refused != null) {
            body = Body.valueOf(refused);
        } else if (malformed) {
            body = Body.UNREADABLE;
        } else if (read == null) {
            body = Body.OF_OTHER_KIND;
        } else {
            body = read.length > limit ? Body.TOO_LARGE : Body.READ;
        }
        bytes = read == null || body != Body.READ ? new byte[0] : read;
    }

    /** Null for a part that nobody can read, and so for the message; thrown, it would come back for ever. */
    private <T> @Nullable T read(Part<T> part) {
        try {
            return part.read();
        } catch (JMSException | RuntimeException unreadable) {
            malformed = true;
            return null;
        }
    }

    /**
     * Reads a message.
     *
     * @param limit of the body, in bytes; of a larger one no more is kept
     * @param gated whether the message has come through the embedded broker's gate, which alone sets digests of keys
     */
    static InboxMessage of(Message message, long limit, boolean gated) {
        return new InboxMessage(message, limit, gated);
    }

    /** Null where the body is neither text nor bytes; objects are never read. One byte more than the limit means a larger one. */
    private static byte @Nullable [] bytes(Message message, long limit) throws JMSException {
        if (message instanceof TextMessage content) {
            String characters = content.getText();
            if (characters == null) {
                return new byte[0];
            }
            return characters.length() > limit
                    ? new byte[(int) limit + 1]
                    : characters.getBytes(StandardCharsets.UTF_8);
        }
        if (message instanceof BytesMessage content) {
            long length = content.getBodyLength();
            byte[] bytes = new byte[(int) Math.min(length, limit + 1)];
            if (length <= limit && length > 0) {
                content.readBytes(bytes);
            }
            return bytes;
        }
        return null;
    }

    private static Map<String, Object> properties(Message message) throws JMSException {
        Map<String, Object> properties = new LinkedHashMap<>();
        Enumeration<?> names = message.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = String.valueOf(names.nextElement());
            Object value = message.getObjectProperty(name);
            if (value != null
                    && PROPERTY.matcher(name).matches()
                    && !INTERNAL.matcher(name).matches()) {
                properties.put(name, value);
            }
        }
        return properties;
    }

    private static @Nullable String duplicateId(Message message) throws JMSException {
        Object value = message.getObjectProperty("_AMQ_DUPL_ID");
        return value instanceof byte[] id
                ? new String(id, StandardCharsets.ISO_8859_1)
                : property(message, "_AMQ_DUPL_ID");
    }

    private static @Nullable String property(Message message, String name) throws JMSException {
        Object value = message.getObjectProperty(name);
        return value instanceof byte[] ? null : value == null ? null : value.toString();
    }

    Body body() {
        return body;
    }

    byte[] bytes() {
        return bytes;
    }

    /** The body as it was sent: text or bytes. */
    Object content() {
        return text ? new String(bytes, StandardCharsets.UTF_8) : bytes;
    }

    /** What the sender has set, without credentials and what brokers and clients set by themselves. */
    Map<String, Object> properties() {
        return properties;
    }

    /** A property as text, or null. */
    @Nullable
    String property(String name) {
        Object value = properties.get(name);
        return value == null ? null : value.toString();
    }

    /** The key that the message is sent with, or null. */
    @Nullable
    String key() {
        return key;
    }

    /** What finds the key where the broker has taken the key itself away: its kind, {@code sk_} or {@code msk_}, and its SHA-256; or null. */
    @Nullable
    String keyDigest() {
        return keyDigest;
    }

    /** What the answer is to carry, so that the sender knows what it answers; null where the message has nothing of the kind. */
    @Nullable
    String correlationId() {
        return correlationId == null ? messageId : correlationId;
    }

    /** The id that the sender or its library has given; null where the protocol has none. */
    @Nullable
    String messageId() {
        return messageId;
    }

    /** The id by which the sender lets repetitions be known ({@code _AMQ_DUPL_ID}), or null. */
    @Nullable
    String duplicateId() {
        return duplicateId;
    }

    /** The id that the broker has given, the same at each delivery. */
    String brokerId() {
        return brokerId;
    }

    /** Where the answer is wanted, as it was written, or null. */
    @Nullable
    String replyTo() {
        return replyTo;
    }

    /** How often the message has been delivered, this time included. */
    int deliveries() {
        return deliveries;
    }

    /** For logs. */
    @Override
    public String toString() {
        return "message " + (messageId == null ? brokerId : messageId).toLowerCase(Locale.ROOT);
    }
}
