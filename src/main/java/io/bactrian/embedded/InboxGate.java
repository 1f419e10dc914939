package io.bactrian.embedded;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.message.impl.CoreMessage;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.LargeServerMessage;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerPlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.activemq.artemis.utils.CompositeAddress;
import org.jspecify.annotations.Nullable;

/**
 * A plugin of the embedded broker that refuses messages to the inbox which are larger than allowed, or which no consumer could
 * read.
 *
 * <p>The broker converts a message of AMQP, and inflates a compressed one, when it delivers it. Where that fails, it delivers the
 * message again at once, without any consumer seeing it; so both are tried here first. The broker keeps large messages on the
 * disk while they come, so none of them is in memory, and consumers would read them whole. A refused message is replaced by a
 * small one without its body, so that the sender is answered, and the dead letter written, as for any other message. Nothing here
 * throws anything but its own refusals: the broker would log a failure together with the message and its key.
 */
public final class InboxGate implements ActiveMQServerPlugin {
    /** The property of a message that stands for the refused one: the name of a {@link Fault}. */
    static final String MARK = "bactrian_refused";

    /** Names of properties that begin so are this service's own. */
    static final String OWN = "bactrian_";

    private static final SimpleString KEY = SimpleString.of("api_key");

    /** What the service finds a key by; no client may set it. */
    static final SimpleString KEY_DIGEST = SimpleString.of("bactrian_key_digest");

    private static final SimpleString INBOX = SimpleString.of("bactrian.tasks.inbox");

    /** What a message may have besides its body. */
    private static final long OVERHEAD = 1 << 20;

    private static final int LONGEST_PROPERTY = 10_000;

    /** What CORE has a type for; AMQP's other types are turned into texts. */
    private static final Set<Class<?>> PROPERTY_TYPES = Set.of(
            String.class,
            SimpleString.class,
            Boolean.class,
            Byte.class,
            Character.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class);

    private final AtomicReference<@Nullable ActiveMQServer> server = new AtomicReference<>();
    private volatile long limit = Long.MAX_VALUE;

    /** Why a message is refused; the service answers each in its own way. */
    enum Fault {
        TOO_LARGE,
        OF_OTHER_KIND,
        UNREADABLE
    }

    /** For the broker, which makes it by its name in {@code broker.xml}. */
    public InboxGate() {}

    @Override
    public void init(Map<String, String> properties) {
        // Texts are in UTF-16 on their way from CORE clients: twice the size of ASCII in UTF-8.
        limit = 2 * Long.parseLong(properties.getOrDefault("max-body-size", "16777216")) + OVERHEAD;
    }

    @Override
    public void registered(ActiveMQServer registering) {
        server.set(registering);
    }

    @Override
    public void beforeSend(
            ServerSession session,
            @Nullable Transaction transaction,
            Message message,
            boolean direct,
            boolean noAutoCreateQueue)
            throws ActiveMQException {
        ActiveMQServer broker = server.get();
        if (broker == null || !isForInbox(session, message)) {
            return;
        }
        Fault fault = fault(message);
        if (fault == null) {
            hideKey(message);
            return;
        }
        try {
            broker.getPostOffice().route(notice(broker, message, fault), false);
            if (message instanceof LargeServerMessage large) {
                large.deleteFile();
            }
        } catch (Exception e) {
            throw new ActiveMQException("The message is refused, and its refusal could not be stored.");
        }
        throw switch (fault) {
            case TOO_LARGE ->
                new ActiveMQException(
                        ActiveMQExceptionType.ADDRESS_FULL, "The message is too large: send less in one message.");
            case OF_OTHER_KIND ->
                new ActiveMQException(
                        ActiveMQExceptionType.ADDRESS_FULL, "Send the body as text or bytes: JSON or CSV in UTF-8.");
            case UNREADABLE ->
                new ActiveMQException(
                        ActiveMQExceptionType.ADDRESS_FULL,
                        "The message cannot be read: send text or bytes, and properties that are texts, numbers or booleans.");
        };
    }

    /** A message may name its address, with or without the queue's name, or leave that to its session. */
    private static boolean isForInbox(ServerSession session, Message message) {
        SimpleString address = message.getAddressSimpleString();
        if (address == null) {
            return INBOX.toString().equals(session.getDefaultAddress());
        }
        return INBOX.equals(CompositeAddress.extractAddressName(address));
    }

    private @Nullable Fault fault(Message message) {
        try {
            if (size(message) > limit) {
                return Fault.TOO_LARGE;
            }
            if (!(message instanceof ICoreMessage) && !message.isLargeMessage()) {
                simplifyProperties(message);
            }
            ICoreMessage core = message.toCore();
            if (core.getPropertyNames().stream()
                    .anyMatch(name -> name.toString().startsWith(OWN))) {
                return Fault.UNREADABLE;
            }
            return switch (core.getType()) {
                case Message.TEXT_TYPE, Message.BYTES_TYPE -> bodyFault(message, core);
                default -> Fault.OF_OTHER_KIND;
            };
        } catch (Exception | StackOverflowError broken) {
            return Fault.UNREADABLE;
        }
    }

    /** Keys do not lie on the disk: what finds them takes their place. Of a large AMQP message, its file has the key still. */
    private static void hideKey(Message message) {
        Object key = message.removeProperty(KEY);
        if (key != null) {
            message.putStringProperty(KEY_DIGEST, SimpleString.of(digest(key.toString())));
            message.reencode();
        }
    }

    /** The kind of key, and what finds it: SHA-256 in hexadecimal. */
    private static String digest(String key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(key.strip().getBytes(StandardCharsets.UTF_8));
            String kind = key.strip().startsWith("msk_") ? "msk_" : key.strip().startsWith("sk_") ? "sk_" : "?";
            return kind + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    private static long size(Message message) throws ActiveMQException {
        return message instanceof LargeServerMessage || message.isLargeMessage()
                ? message.getWholeMessageSize()
                : message.getEncodeSize();
    }

    /** AMQP has times, UUIDs, lists and more as properties. They mean nothing here, and would make the message unreadable. */
    private static void simplifyProperties(Message message) {
        boolean changed = false;
        for (SimpleString name : Set.copyOf(message.getPropertyNames())) {
            Object value = message.getObjectProperty(name.toString());
            if (value != null && !PROPERTY_TYPES.contains(value.getClass()) && !(value instanceof byte[])) {
                String text = value.toString();
                message.putStringProperty(
                        name.toString(), text.substring(0, Math.min(text.length(), LONGEST_PROPERTY)));
                changed = true;
            }
        }
        if (changed) {
            message.reencode();
        }
    }

    private @Nullable Fault bodyFault(Message message, ICoreMessage core) throws Exception {
        boolean compressed = core.containsProperty(Message.HDR_LARGE_COMPRESSED)
                && core.getBooleanProperty(Message.HDR_LARGE_COMPRESSED);
        if (!compressed && !core.isLargeMessage() && core.getType() == Message.BYTES_TYPE) {
            return null;
        }
        BodyCheck body = BodyCheck.of(core, compressed, limit);
        if (body.size() > limit) {
            return Fault.TOO_LARGE;
        }
        if (core.getType() == Message.TEXT_TYPE && !body.isText()) {
            return Fault.UNREADABLE;
        }
        if (compressed || core.isLargeMessage()) {
            // Readers take the size that the sender has written, and reserve so much memory.
            if (!(message instanceof ICoreMessage)
                    && !Long.valueOf(body.size()).equals(core.getObjectProperty(Message.HDR_LARGE_BODY_SIZE))) {
                return Fault.UNREADABLE;
            }
            message.putLongProperty(Message.HDR_LARGE_BODY_SIZE, body.size());
        }
        return null;
    }

    private static Message notice(ActiveMQServer broker, Message refused, Fault fault) {
        CoreMessage notice = new CoreMessage(broker.getStorageManager().generateID(), 512);
        notice.setType(Message.TEXT_TYPE);
        notice.setAddress(INBOX);
        notice.setRoutingType(RoutingType.ANYCAST);
        notice.setDurable(true);
        try {
            describe(refused, notice);
        } catch (Exception | StackOverflowError unreadable) {
            // Then the dead letter says less, and nobody may be answered.
        }
        notice.putStringProperty(MARK, fault.name());
        notice.getBodyBuffer().writeNullableSimpleString(null);
        return notice;
    }

    /** Whom to answer comes first, since any property may be unreadable. */
    private static void describe(Message refused, CoreMessage notice) {
        notice.setTimestamp(refused.getTimestamp());
        if (refused.getReplyTo() != null) {
            notice.setReplyTo(refused.getReplyTo());
        }
        if (refused.getCorrelationID() != null) {
            notice.setCorrelationID(refused.getCorrelationID());
        }
        for (SimpleString name : refused.getPropertyNames()) {
            Object value = refused.getObjectProperty(name.toString());
            if (KEY.equals(name) && value != null) {
                notice.putStringProperty(KEY_DIGEST, SimpleString.of(digest(value.toString())));
            } else if (value != null
                    && value.toString().length() <= LONGEST_PROPERTY
                    && !name.toString().startsWith("_AMQ")
                    && !name.toString().startsWith(OWN)) {
                notice.putStringProperty(name, SimpleString.of(value.toString()));
            }
        }
    }
}
