package io.bactrian.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.account.Authenticator;
import io.bactrian.account.Caller;
import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Operation;
import io.bactrian.api.contract.Parameters;
import io.bactrian.api.contract.RequestValidator;
import io.bactrian.api.contract.Surface;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The first and the last step of an operation that is asked for by a message: the same credentials, permissions, schemas and
 * errors as over HTTP. Rate limits are those of HTTP alone, for a queue holds its senders back by itself.
 */
@Component
public final class MessageCalls {
    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private final Contract contract;
    private final RequestValidator validator;
    private final Authenticator authenticator;
    private final ErrorAnswers errors;
    private final ObjectMapper json;

    MessageCalls(
            Contract contract,
            RequestValidator validator,
            Authenticator authenticator,
            ErrorAnswers errors,
            ObjectMapper json) {
        this.contract = contract;
        this.validator = validator;
        this.authenticator = authenticator;
        this.errors = errors;
        this.json = json;
    }

    /**
     * The JSON of a body, not held against any schema yet.
     *
     * @throws io.bactrian.InvalidInputException when it is none, or is nested or numbered beyond reason
     */
    public JsonNode json(byte[] body) {
        return validator.json(body);
    }

    /**
     * Lets a call pass if its caller is known, may do this, and asks for something that the contract allows, in this order.
     *
     * @param key an {@code sk_} or {@code msk_} key, or null where the message has none
     * @param keyDigest the key's kind and SHA-256 in its place, or null
     * @param body what is asked for
     * @param bytes the body as it was sent, which a repeated message has again
     * @param idempotencyKey names the request in its account
     * @throws io.bactrian.account.AuthenticationException when the key is none of an account's
     * @throws io.bactrian.account.PermissionDeniedException when the key may not do this
     * @throws io.bactrian.InvalidInputException with each field at fault
     */
    public ApiCall admit(
            MessageOperation wanted,
            @Nullable String key,
            @Nullable String keyDigest,
            JsonNode body,
            byte[] bytes,
            @Nullable String idempotencyKey) {
        Operation operation = contract.operation(wanted.operationId());
        Caller caller =
                keyDigest == null ? authenticator.authenticate(null, key) : authenticator.authenticateDigest(keyDigest);
        if (operation.permission() != null) {
            caller.permissions().require(AdmitCallProcessor.permission(operation.permission()));
        }
        Parameters parameters = validator.parameters(
                operation, Map.of(), header -> header.equals(IDEMPOTENCY_KEY) ? idempotencyKey : null);
        validator.check(operation, body);
        return new ApiCall(
                operation, caller, ApiCall.QUEUE, parameters, Map.of(), body, AdmitCallProcessor.sha256(bytes));
    }

    /** An operation's answer, as a message. */
    public MessageAnswer answer(Answer answer) {
        if (answer.content() instanceof Answer.Json content) {
            try {
                return new MessageAnswer(answer.status(), json.writeValueAsString(content.value()));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("An answer cannot be written as JSON.", e);
            }
        }
        throw new IllegalArgumentException("A message is not answered with a stream.");
    }

    /**
     * What a message that failed is answered, in the shape of the API that it was meant for.
     *
     * @param wanted null where the message is of neither API, which Selextract's shape says
     */
    public MessageAnswer refusal(Throwable cause, @Nullable MessageOperation wanted) {
        Surface surface = wanted == null ? Surface.SELEXTRACT : wanted.surface();
        return answer(errors.answer(cause, surface, RequestId.choose(null)));
    }
}
