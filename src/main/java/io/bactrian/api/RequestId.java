package io.bactrian.api;

import jakarta.servlet.ServletRequest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The id of a request, which its answer and the log share. */
final class RequestId {
    static final String HEADER = "X-Request-ID";

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private RequestId() {}

    /** The client's own id where it is valid, else a new one. */
    static String choose(@Nullable String sent) {
        if (sent != null && VALID.matcher(sent).matches()) {
            return sent;
        }
        byte[] bytes = new byte[12];
        RANDOM.nextBytes(bytes);
        return "req_" + HexFormat.of().formatHex(bytes);
    }

    static String of(ServletRequest request) {
        return String.valueOf(request.getAttribute(HEADER));
    }
}
