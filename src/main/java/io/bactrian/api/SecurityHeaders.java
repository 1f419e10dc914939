package io.bactrian.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collection;

/**
 * The headers by which browsers keep an answer from being misused.
 *
 * <p>The answers of the API are data: nothing may show them in a frame, run them, or load them into a page of another site.
 */
final class SecurityHeaders {
    static final String POLICY = "Content-Security-Policy";

    /** The policy of a page that is one form of our own: nothing is loaded, and the form goes to us. */
    static final String FORM_POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private SecurityHeaders() {}

    /**
     * As {@link #FORM_POLICY}, for a form whose answer sends the browser on: browsers hold redirects against it, too.
     *
     * @param origins such as {@code https://shop.example:8443}
     */
    static String formPolicy(Collection<String> origins) {
        return origins.isEmpty() ? FORM_POLICY : FORM_POLICY.replace("'self'", "'self' " + String.join(" ", origins));
    }

    /** @param page whether the answer is for a browser to show: it may load its own scripts and be kept in a cache */
    static void set(HttpServletRequest request, HttpServletResponse response, boolean page) {
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        response.setHeader("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
        if (request.isSecure()) {
            // Over plain HTTP browsers ignore it, and a proxy may serve other things at the host.
            response.setHeader("Strict-Transport-Security", "max-age=31536000");
        }
        if (page) {
            response.setHeader(
                    POLICY,
                    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none';"
                            + " form-action 'self'; frame-ancestors 'none'; object-src 'none'");
            response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        } else {
            response.setHeader(POLICY, "default-src 'none'; frame-ancestors 'none'");
            response.setHeader("Cache-Control", "no-store");
        }
    }
}
