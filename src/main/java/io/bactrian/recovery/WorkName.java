package io.bactrian.recovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Names the work that a message asks for, such as {@code task:…}, {@code task:…:lane:0} or {@code run:7}. */
final class WorkName {
    private static final List<String> SUBJECTS = List.of("task", "job", "run", "delivery", "endpoint", "account");
    private static final int LONGEST_MESSAGE = 10_000;

    private WorkName() {}

    /** The name, or empty where the message names no work that is known. */
    static Optional<String> of(@Nullable String message, ObjectMapper json) {
        if (message == null || message.length() > LONGEST_MESSAGE) {
            return Optional.empty();
        }
        try {
            JsonNode body = json.readTree(message);
            return SUBJECTS.stream()
                    .filter(subject -> body.path(subject).isValueNode())
                    .findFirst()
                    .map(subject -> subject + ":" + body.path(subject).asText() + lane(body));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static String lane(JsonNode body) {
        return body.path("lane").isIntegralNumber()
                ? ":lane:" + body.path("lane").asInt()
                : "";
    }
}
