package io.bactrian.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.account.Caller;
import io.bactrian.api.contract.Operation;
import io.bactrian.api.contract.Parameters;
import io.bactrian.idempotency.Idempotency;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request that has been admitted: it is authenticated, permitted, and valid by the contract.
 *
 * @param authenticated who calls, or null for a public operation
 * @param clientAddress where the call comes from: an IPv4 address, the /64 block of an IPv6 address, or {@link #QUEUE}
 * @param path the values of the path template's variables, as they were sent
 * @param body the JSON body, or null where the operation has none; of a signed one its bytes
 * @param bodyHash SHA-256 of the body's bytes, in hexadecimal
 */
public record ApiCall(
        Operation operation,
        @Nullable Caller authenticated,
        String clientAddress,
        Parameters parameters,
        Map<String, String> path,
        @Nullable JsonNode body,
        String bodyHash) {

    /** The client's address of a call that came as a message. */
    static final String QUEUE = "queue";

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");

    /** Who calls an operation that is not public. */
    Caller caller() {
        if (authenticated == null) {
            throw new IllegalStateException(operation.operationId() + " is public: it has no caller.");
        }
        return authenticated;
    }

    UUID accountId() {
        return caller().accountId();
    }

    ObjectNode object() {
        if (body instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalStateException("The contract gives " + operation.operationId() + " no JSON object as body.");
    }

    /** The body as it came, of an operation whose body is signed. */
    byte[] signedBody() {
        if (body instanceof BinaryNode bytes) {
            return bytes.binaryValue();
        }
        throw new IllegalStateException("The contract has no signed body for " + operation.operationId() + ".");
    }

    /** Whether it came as a message, which is carried out in its time and by any node. */
    boolean isMessage() {
        return clientAddress.equals(QUEUE);
    }

    /** What lets the client repeat the call safely, or null where it gives nothing. */
    @Nullable
    Idempotency idempotency() {
        String key = parameters.text("Idempotency-Key");
        return key == null ? null : new Idempotency(key, bodyHash, isMessage());
    }

    /** A positive integer in the path, or 0 where the value is none: then nothing can have it as its id. */
    long number(String variable) {
        String value = path.getOrDefault(variable, "");
        return NUMBER.matcher(value).matches() ? Long.parseLong(value) : 0;
    }

    /** A UUID in the path, or null where the value is none: then nothing can have it as its id. */
    @Nullable
    UUID id(String variable) {
        String value = path.getOrDefault(variable, "");
        try {
            return value.length() == 36 ? UUID.fromString(value) : null;
        } catch (IllegalArgumentException notAnId) {
            return null;
        }
    }
}
