package io.bactrian.intake;

import jakarta.jms.Destination;
import jakarta.jms.Topic;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.jspecify.annotations.Nullable;

/**
 * Where answers may go: {@code bactrian.replies}, queues below it, and temporary queues, whose names are UUIDs. Senders choose
 * it, so anything else would let them send to this service's own queues.
 */
final class ReplyAddress {
    private static final Pattern ALLOWED = Pattern.compile(
            "bactrian\\.replies(?:\\.[A-Za-z0-9_-]{1,100}){0,5}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private ReplyAddress() {}

    /** The name of a destination, or null where there is none; a topic has a name that is not allowed. */
    static @Nullable String of(@Nullable Destination destination) {
        return switch (destination) {
            case null -> null;
            case Topic topic -> topic.toString();
            case ActiveMQDestination queue -> String.valueOf(queue.getAddress());
            default -> destination.toString();
        };
    }

    static boolean isAllowed(String address) {
        return ALLOWED.matcher(address).matches();
    }
}
