package io.bactrian.embedded;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.message.impl.CoreMessage;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.LargeServerMessage;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerPlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * A plugin of the embedded broker that refuses messages to the inbox which are larger than allowed.
 *
 * <p>The broker keeps large messages on the disk while they come, so none of them is in memory, and consumers would read them
 * whole. Its sender is told at once; in the inbox there is a message with its properties and without its body, for the sender's
 * answer and the dead letters. Property {@code max-body-size}: bytes of the body, in UTF-8.
 */
public final class InboxLimit implements ActiveMQServerPlugin {
    /** Marks the message that stands for the refused one; its value is the size of the refused one. */
    static final String MARK = "bactrian_too_large";

    private static final SimpleString INBOX = SimpleString.of("bactrian.tasks.inbox");

    /** What a message may have besides its body. */
    private static final long OVERHEAD = 1 << 20;

    private static final int LONGEST_PROPERTY = 10_000;

    private final AtomicReference<@Nullable ActiveMQServer> server = new AtomicReference<>();
    private volatile long limit = Long.MAX_VALUE;

    /** For the broker, which makes it by its name in {@code broker.xml}. */
    public InboxLimit() {}

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
        if (broker == null || !INBOX.equals(message.getAddressSimpleString())) {
            return;
        }
        long size = size(message);
        if (size <= limit) {
            return;
        }
        try {
            broker.getPostOffice().route(notice(broker, message, size), false);
            if (message instanceof LargeServerMessage large) {
                large.deleteFile();
            }
        } catch (Exception e) {
            throw refusal("The message is too large, and its refusal could not be stored.", e);
        }
        throw refusal("The message is too large: send less in one message.", null);
    }

    private static ActiveMQException refusal(String message, @Nullable Throwable cause) {
        return new ActiveMQException(message, cause, ActiveMQExceptionType.ADDRESS_FULL);
    }

    private static long size(Message message) {
        return message instanceof LargeServerMessage || message.isLargeMessage()
                ? message.getWholeMessageSize()
                : message.getEncodeSize();
    }

    private static Message notice(ActiveMQServer broker, Message refused, long size) {
        CoreMessage notice = new CoreMessage(broker.getStorageManager().generateID(), 512);
        notice.setType(Message.TEXT_TYPE);
        notice.setAddress(INBOX);
        notice.setRoutingType(RoutingType.ANYCAST);
        notice.setDurable(true);
        notice.setTimestamp(refused.getTimestamp());
        for (SimpleString name : refused.getPropertyNames()) {
            Object value = refused.getObjectProperty(name.toString());
            if (value != null
                    && value.toString().length() <= LONGEST_PROPERTY
                    && !name.toString().startsWith("_AMQ")) {
                notice.putStringProperty(name, SimpleString.of(value.toString()));
            }
        }
        if (refused.getReplyTo() != null) {
            notice.setReplyTo(refused.getReplyTo());
        }
        if (refused.getCorrelationID() != null) {
            notice.setCorrelationID(refused.getCorrelationID());
        }
        notice.putLongProperty(MARK, size);
        notice.getBodyBuffer().writeNullableSimpleString(null);
        return notice;
    }
}
