package io.bactrian.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.BactrianException;
import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import io.bactrian.api.Answer;
import io.bactrian.api.ApiCall;
import io.bactrian.api.BodyTooLargeException;
import io.bactrian.api.MessageAnswer;
import io.bactrian.api.MessageCalls;
import io.bactrian.api.MessageOperation;
import io.bactrian.api.UnsupportedContentException;
import io.bactrian.recovery.Recovery;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/** Decides what a message of the inbox asks for, and what becomes of it. */
@Component("intake")
public final class Intake {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

    /** How often a message is tried that fails for no known reason, before its sender is told. */
    private static final int TRIES = 5;

    private final MessageCalls calls;
    private final IntakeProperties properties;

    /** Addresses that have been told of in the log. */
    private final Cache<String, Boolean> loggedAddresses = Caffeine.newBuilder()
            .maximumSize(1_000)
            .expireAfterWrite(Duration.ofHours(1))
            .build();

    Intake(MessageCalls calls, IntakeProperties properties) {
        this.calls = calls;
        this.properties = properties;
    }

    /**
     * The call that a message is.
     *
     * @throws NotUnderstoodException when nobody knows what it asks for
     * @throws BactrianException when it is understood and refused
     */
    public ApiCall call(InboxMessage message) {
        JsonNode wanted;
        byte[] bytes = message.bytes();
        MessageOperation operation;
        try {
            requireBody(message);
            if (isCsv(message.property("content_type"))) {
                wanted = bulkTask(message, bytes);
                bytes = wanted.toString().getBytes(StandardCharsets.UTF_8);
            } else {
                wanted = calls.json(bytes);
            }
            operation = operation(wanted);
            if (operation == null) {
                throw new InvalidInputException(
                        "", "The message must be a task (with task_type) or a search (with searchTerms).");
            }
        } catch (BactrianException reason) {
            throw new NotUnderstoodException(reason);
        }
        try {
            return calls.admit(operation, message.key(), message.keyDigest(), wanted, bytes, idempotencyKey(message));
        } catch (BactrianException reason) {
            throw new RefusedException(reason, operation);
        }
    }

    private void requireBody(InboxMessage message) {
        switch (message.body()) {
            case READ -> {}
            case TOO_LARGE ->
                throw new BodyTooLargeException(properties.maxBodySize().toBytes());
            case OF_OTHER_KIND ->
                throw new UnsupportedContentException("Send the body as text or bytes: JSON or CSV in UTF-8.");
            case UNREADABLE ->
                throw new InvalidInputException(
                        "",
                        "The message cannot be read. Send text or bytes, and properties that are texts, numbers or booleans.");
        }
    }

    private static boolean isCsv(@Nullable String contentType) {
        if (contentType == null || contentType.isBlank()) {
            return false;
        }
        try {
            MimeType type = MimeTypeUtils.parseMimeType(contentType.strip());
            boolean utf8 = type.getCharset() == null || type.getCharset().equals(StandardCharsets.UTF_8);
            String name = type.getType() + "/" + type.getSubtype();
            if (utf8 && name.equals("text/csv")) {
                return true;
            }
            if (utf8 && (name.equals("application/json") || name.matches("application/[a-z0-9.-]+\\+json"))) {
                return false;
            }
        } catch (InvalidMimeTypeException malformed) {
            throw unsupported();
        } catch (IllegalArgumentException unknownCharset) {
            throw unsupported();
        }
        throw unsupported();
    }

    private static UnsupportedContentException unsupported() {
        return new UnsupportedContentException(
                "content_type must be application/json (the default) or text/csv, in UTF-8.");
    }

    private JsonNode bulkTask(InboxMessage message, byte[] csv) {
        ObjectNode task = JsonNodeFactory.instance.objectNode();
        if (message.property("task_name") != null) {
            task.put("name", message.property("task_name"));
        }
        task.put("task_type", "bulk_scraping");
        ObjectNode config = task.putObject("config");
        config.set("urls", UrlList.read(csv));
        String selectors = message.property("selectors");
        if (selectors != null) {
            try {
                config.set("selectors", calls.json(selectors.getBytes(StandardCharsets.UTF_8)));
            } catch (InvalidInputException malformed) {
                throw new InvalidInputException("selectors", "must be a JSON object in the property selectors");
            }
        }
        return task;
    }

    private static @Nullable MessageOperation operation(JsonNode body) {
        if (body.has("task_type") || body.has("config")) {
            return MessageOperation.CREATE_TASK;
        }
        return body.has("searchTerms") || body.has("location") ? MessageOperation.CREATE_SEARCH : null;
    }

    /**
     * What names the request in its account: chosen by the client for both ways in; by {@code _AMQ_DUPL_ID}; by the message's id;
     * by the broker's, so that one that is delivered again is known again.
     */
    private static String idempotencyKey(InboxMessage message) {
        String chosen = message.property("idempotency_key");
        if (chosen != null) {
            return chosen;
        }
        if (message.duplicateId() != null) {
            return "queue-duplicate-" + sha256(message.duplicateId());
        }
        return message.messageId() == null
                ? "queue-broker-" + sha256(message.brokerId())
                : "queue-message-" + sha256(message.messageId());
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    /** What a message is answered that was carried out. */
    public IntakeAnswer accepted(Answer answer) {
        MessageAnswer written = calls.answer(answer);
        return new IntakeAnswer(written.status(), written.body(), true, "");
    }

    /**
     * What a message is answered that was not.
     *
     * @param operation the id of its operation, or null where it did not come so far
     * @throws RuntimeException the failure itself where it may pass: the broker is to deliver the message again
     */
    public IntakeAnswer refused(InboxMessage message, @Nullable String operation, Throwable failure) throws Throwable {
        if (failure instanceof NotUnderstoodException unknown) {
            MessageAnswer written = calls.refusal(unknown.reason(), null);
            return new IntakeAnswer(written.status(), written.body(), false, reason(unknown.reason()));
        }
        if (failure instanceof RefusedException refusal) {
            return refusal(refusal.reason(), refusal.operation());
        }
        // What fails for everybody is not the message's fault, however often it was tried.
        if (!(failure instanceof BactrianException) && (message.deliveries() < TRIES || Recovery.passes(failure))) {
            throw failure;
        }
        return refusal(
                failure,
                "createScrapeJob".equals(operation) ? MessageOperation.CREATE_SEARCH : MessageOperation.CREATE_TASK);
    }

    private IntakeAnswer refusal(Throwable cause, MessageOperation operation) {
        MessageAnswer written = calls.refusal(cause, operation);
        return new IntakeAnswer(written.status(), written.body(), true, reason(cause));
    }

    private static String reason(Throwable cause) {
        if (cause instanceof InvalidInputException invalid) {
            Violation first = invalid.violations().getFirst();
            return (first.field() + " " + first.message()).strip();
        }
        return cause instanceof BactrianException known
                ? String.valueOf(known.getMessage())
                : "It failed on our side, again and again.";
    }

    /** Whether the sender wants an answer, where one may be sent. */
    public boolean answerable(InboxMessage message) {
        String address = message.replyTo();
        if (address == null) {
            return false;
        }
        boolean allowed = ReplyAddress.isAllowed(address);
        if (!allowed && loggedAddresses.asMap().putIfAbsent(address, true) == null) {
            LOG.warn(
                    "No answer is sent to {}: replies go to bactrian.replies.… and to temporary queues",
                    printable(address));
        }
        return allowed;
    }

    /** Notes that an answer could not be sent, as when the sender has gone with its queue; gives false. */
    public boolean unanswered(InboxMessage message, String problem) {
        LOG.info("The answer to {} was not sent: {}", message, problem);
        return false;
    }

    /** Whether a message goes to the dead letters: it was not understood, or it was refused and nobody was told. */
    public boolean lost(IntakeAnswer answer, boolean answered) {
        return !answer.understood() || (answer.refused() && !answered);
    }

    private static String printable(String address) {
        return address.substring(0, Math.min(address.length(), 200)).replaceAll("[^\\x20-\\x7e]", "?");
    }
}
