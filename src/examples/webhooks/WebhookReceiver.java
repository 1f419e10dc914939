import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Receives webhooks and believes those that are genuine; Java 11 or later, nothing else.
 *
 * <pre>WEBHOOK_SECRET=whsec_… java WebhookReceiver.java 8090</pre>
 *
 * The path /simple looks at X-Webhook-Signature alone, every other one at the headers of Standard Webhooks.
 */
public final class WebhookReceiver {
    private static final int LARGEST_BODY = 1 << 20;
    private static final long TOLERANCE_SECONDS = 300;

    /** The ids of the last 10,000 events, for an event can come more than once. */
    private static final Set<String> SEEN = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > 10_000;
        }
    });

    /** Whether the body comes from who has the secret, and was signed within the last five minutes. */
    static boolean isGenuine(byte[] body, Headers headers, String secret, long nowSeconds)
            throws GeneralSecurityException {
        String id = headers.getFirst("webhook-id");
        String timestamp = headers.getFirst("webhook-timestamp");
        String signatures = headers.getFirst("webhook-signature");
        if (id == null || timestamp == null || signatures == null || !timestamp.matches("[0-9]{1,12}")) {
            return false;
        }
        if (Math.abs(nowSeconds - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) {
            return false;
        }
        Mac hmac = Mac.getInstance("HmacSHA256");
        hmac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
        hmac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(hmac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
        boolean genuine = false;
        // While a secret is rotated there are two signatures, one by each secret.
        for (String signature : signatures.split(" ")) {
            // Takes the same time wherever they differ, so that nobody can guess a signature byte by byte.
            genuine |= MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8));
        }
        return genuine;
    }

    /** The same by X-Webhook-Signature, which does not tell an old request that somebody sends again. */
    static boolean isGenuineBySimpleSignature(byte[] body, Headers headers, String secret)
            throws GeneralSecurityException {
        String signature = headers.getFirst("X-Webhook-Signature");
        if (signature == null) {
            return false;
        }
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(body);
        sha256.update(secret.getBytes(StandardCharsets.UTF_8));
        StringBuilder expected = new StringBuilder("sha256=");
        for (byte value : sha256.digest()) {
            expected.append(String.format("%02x", value));
        }
        return MessageDigest.isEqual(
                expected.toString().getBytes(StandardCharsets.UTF_8), signature.getBytes(StandardCharsets.UTF_8));
    }

    private static int receive(HttpExchange request, String secret) throws IOException {
        // The bytes as they came: JSON that was parsed and written again has another signature.
        byte[] body = request.getRequestBody().readNBytes(LARGEST_BODY + 1);
        if (body.length > LARGEST_BODY) {
            return 413;
        }
        Headers headers = request.getRequestHeaders();
        try {
            boolean simple = request.getRequestURI().getPath().equals("/simple");
            boolean genuine = simple
                    ? isGenuineBySimpleSignature(body, headers, secret)
                    : isGenuine(body, headers, secret, System.currentTimeMillis() / 1000);
            if (!genuine) {
                return 400;
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        String id = String.valueOf(headers.getFirst("webhook-id"));
        boolean first;
        synchronized (SEEN) {
            first = SEEN.add(id);
        }
        // Answer soon: put the event into a queue of your own here, and work on it afterwards.
        System.out.println((first ? "" : "again ") + id + " " + new String(body, StandardCharsets.UTF_8));
        return 204;
    }

    public static void main(String[] arguments) throws IOException {
        String secret = Objects.requireNonNull(System.getenv("WEBHOOK_SECRET"), "Set WEBHOOK_SECRET.");
        int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8090;
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", request -> request.sendResponseHeaders(receive(request, secret), -1));
        server.start();
        System.out.println("Listening on http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }
}
