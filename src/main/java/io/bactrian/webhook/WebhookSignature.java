package io.bactrian.webhook;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signatures of one body for one attempt to deliver it, computed while the body passes, however long it is.
 *
 * <p>There are two, over the same bytes: {@code X-Webhook-Signature}, which is the SHA-256 of the body followed by the
 * secret's text; and those of Standard Webhooks 1.0, whose HMAC also covers the id and the time, so that a receiver can refuse
 * what is replayed. Of several secrets, as there are during a rotation, the first makes the former, and each makes one of the
 * latter. Good for one body, in one thread.
 */
public final class WebhookSignature {
    private static final String SHA_256 = "SHA-256";
    private static final String HMAC = "HmacSHA256";

    private final String id;
    private final String timestamp;
    private final SigningSecret first;
    private final MessageDigest digest;
    private final List<Mac> authenticators = new ArrayList<>();

    /**
     * A signature of a body that is still to come.
     *
     * @param id of what is delivered, the same for all attempts; without a full stop
     * @param timestamp of this attempt
     * @param secrets at least one, the receiver's present one first
     */
    public WebhookSignature(String id, Instant timestamp, List<SigningSecret> secrets) {
        if (id.indexOf('.') >= 0) {
            throw new IllegalArgumentException("The id of a webhook has no full stop, for that ends it.");
        }
        this.id = id;
        this.timestamp = Long.toString(timestamp.getEpochSecond());
        this.first = secrets.getFirst();
        byte[] prefix = (id + "." + this.timestamp + ".").getBytes(StandardCharsets.UTF_8);
        try {
            this.digest = MessageDigest.getInstance(SHA_256);
            for (SigningSecret secret : secrets) {
                Mac authenticator = Mac.getInstance(HMAC);
                authenticator.init(new SecretKeySpec(secret.key(), HMAC));
                authenticator.update(prefix);
                authenticators.add(authenticator);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has SHA-256 and its HMAC.", e);
        }
    }

    /** The headers for a body that is all here. */
    public static Map<String, String> headers(String id, Instant timestamp, List<SigningSecret> secrets, byte[] body) {
        WebhookSignature signature = new WebhookSignature(id, timestamp, secrets);
        signature.update(body, 0, body.length);
        return signature.headers();
    }

    /** Takes the next bytes of the body. */
    public void update(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        authenticators.forEach(authenticator -> authenticator.update(bytes, offset, length));
    }

    /** A stream that takes the body on its way to another stream, which it closes. */
    public OutputStream through(OutputStream target) {
        return new FilterOutputStream(target) {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
                update(bytes, offset, length);
            }
        };
    }

    /** The headers that belong to the body that has passed; called once, after its last byte. */
    public Map<String, String> headers() {
        digest.update(first.text());
        List<String> signatures = new ArrayList<>();
        for (Mac authenticator : authenticators) {
            signatures.add("v1," + Base64.getEncoder().encodeToString(authenticator.doFinal()));
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-Webhook-Signature", "sha256=" + HexFormat.of().formatHex(digest.digest()));
        headers.put("webhook-id", id);
        headers.put("webhook-timestamp", timestamp);
        headers.put("webhook-signature", String.join(" ", signatures));
        return headers;
    }
}
