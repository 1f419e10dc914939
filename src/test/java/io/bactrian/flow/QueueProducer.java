package io.bactrian.flow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An enterprise system as the broker knows it: it sends to the inbox, and reads answers from a queue of its own. */
interface QueueProducer extends AutoCloseable {
    /** What is sent to the inbox unless a message says otherwise. */
    String INBOX = "bactrian.tasks.inbox";

    /**
     * A message before it is sent.
     *
     * @param body a text, or bytes
     * @param replyTo where its answer is wanted; null for the producer's own queue, empty for nowhere
     * @param correlationId null for none
     */
    record Letter(
            Object body,
            Map<String, ?> properties,
            @Nullable String replyTo,
            @Nullable String correlationId) {
        static Letter of(Object body, Map<String, ?> properties) {
            return new Letter(body, properties, null, null);
        }

        Letter correlated(String id) {
            return new Letter(body, properties, replyTo, id);
        }

        Letter answeredAt(String address) {
            return new Letter(body, properties, address, correlationId);
        }
    }

    /** A message that was received, with its properties as text. */
    record Received(
            String body,
            Map<String, String> properties,
            @Nullable String correlationId) {
        int status() {
            return Integer.parseInt(properties.getOrDefault("status", "0"));
        }

        JsonNode json() {
            try {
                return new ObjectMapper().readTree(body);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("Not JSON: " + body, e);
            }
        }
    }

    /** Sends a message to an address; throws where the broker refuses it. */
    void send(String address, Letter letter);

    /** Takes the next answer. */
    Received answer();

    /** Takes the next message of an address, or null where there is none for a while; throws where the broker refuses it. */
    @Nullable
    Received take(String address, @Nullable String selector, long millis);

    /** Listens to a topic from now on. */
    Subscription subscribe(String address, String selector);

    /** What comes to a subscriber. */
    interface Subscription {
        @Nullable
        Received next(long millis);
    }

    @Override
    void close();
}
