package io.bactrian.api;

import io.bactrian.account.Authenticator;
import io.bactrian.account.Caller;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.util.WebUtils;

/**
 * Finds the credential of a request: {@code Authorization} wins over {@code X-API-Key}, which wins over the dashboard's cookie.
 *
 * <p>Browsers send a cookie with requests that other sites make, so one that changes something has to come with the session's
 * CSRF token, which other sites cannot read.
 */
@Component
final class RequestCredentials {
    /** Methods that change nothing (RFC 9110 section 9.2.1). */
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private final Authenticator authenticator;

    RequestCredentials(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    /**
     * Who makes the request.
     *
     * @throws io.bactrian.account.AuthenticationException if no credential, or no valid one, is sent
     * @throws CsrfException if a cookie alone asks for a change
     */
    Caller caller(HttpServletRequest request) {
        String authorization = request.getHeader("Authorization");
        String key = request.getHeader("X-API-Key");
        String session = isBlank(authorization) && isBlank(key) ? sessionOf(request) : null;
        if (session == null) {
            return authenticator.authenticate(authorization, key);
        }
        Caller caller = authenticator.authenticateSession(session);
        if (!SAFE.contains(request.getMethod())
                && !SessionCookies.isCsrfToken(request.getHeader(SessionCookies.CSRF_HEADER), session)) {
            throw new CsrfException();
        }
        return caller;
    }

    /** The session's token in the cookie, or null where there is none. */
    static @Nullable String sessionOf(HttpServletRequest request) {
        Cookie cookie = WebUtils.getCookie(request, SessionCookies.SESSION);
        return cookie == null || cookie.getValue().isEmpty() ? null : cookie.getValue();
    }

    private static boolean isBlank(@Nullable String header) {
        return header == null || header.isBlank();
    }
}
