package io.bactrian.api;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseCookie;

/**
 * The two cookies of a session in the dashboard: one with its token, which scripts cannot read, and one with its CSRF token,
 * which the dashboard's scripts read and send back.
 *
 * <p>The CSRF token is made from the session's, so that neither a guess nor another session's fits.
 */
final class SessionCookies {
    static final String SESSION = "bactrian_session";
    static final String CSRF = "bactrian_csrf";
    static final String CSRF_HEADER = "X-CSRF-Token";

    private static final String ALGORITHM = "HmacSHA256";

    private SessionCookies() {}

    /**
     * The values of {@code Set-Cookie} that begin a session.
     *
     * @param secure whether the browser may send them over TLS only
     */
    static List<String> begin(String token, Duration lifetime, boolean secure) {
        return List.of(
                cookie(SESSION, token, true, lifetime, secure),
                cookie(CSRF, csrfToken(token), false, lifetime, secure));
    }

    /** The values of {@code Set-Cookie} that end a session in the browser. */
    static List<String> end(boolean secure) {
        return List.of(
                cookie(SESSION, "", true, Duration.ZERO, secure), cookie(CSRF, "", false, Duration.ZERO, secure));
    }

    /** Whether a header's value is the CSRF token of a session; takes as long for a wrong one. */
    static boolean isCsrfToken(@Nullable String value, String session) {
        return value != null
                && MessageDigest.isEqual(
                        value.getBytes(StandardCharsets.UTF_8),
                        csrfToken(session).getBytes(StandardCharsets.UTF_8));
    }

    private static String csrfToken(String session) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(session.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(CSRF.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HMAC-SHA256.", e);
        }
    }

    private static String cookie(String name, String value, boolean httpOnly, Duration lifetime, boolean secure) {
        return ResponseCookie.from(name, value)
                .httpOnly(httpOnly)
                .secure(secure)
                .sameSite("Lax")
                .path("/")
                .maxAge(lifetime)
                .build()
                .toString();
    }
}
