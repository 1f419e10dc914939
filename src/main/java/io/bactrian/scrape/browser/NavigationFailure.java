package io.bactrian.scrape.browser;

import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.page.PageAnswer;
import io.bactrian.scrape.page.PageFailure;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns Chromium's names of network errors into the failures of pages. */
final class NavigationFailure {
    private static final Pattern NAME = Pattern.compile("net::ERR_([A-Z0-9_]+)");
    private static final Pattern HUMP = Pattern.compile("(?<=[a-z])(?=[A-Z])");
    private static final Set<String> FORBIDDEN = Set.of(
            "UNSAFE_PORT",
            "UNSAFE_REDIRECT",
            "UNKNOWN_URL_SCHEME",
            "DISALLOWED_URL_SCHEME",
            "INVALID_URL",
            "BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS");

    private NavigationFailure() {}

    /** The failure that a message of the browser tells of, or null where it tells of none of the network. */
    static @Nullable PageFailure of(@Nullable String message, HttpUrl url) {
        Matcher name = NAME.matcher(String.valueOf(message));
        return name.find() ? ofName(name.group(1), url.host()) : null;
    }

    /** The failure that the DevTools protocol names, as in {@code ConnectionRefused}. */
    static PageFailure ofReason(String reason, HttpUrl url) {
        return ofName(HUMP.matcher(reason).replaceAll("_").toUpperCase(Locale.ROOT), url.host());
    }

    private static PageFailure ofName(String name, String host) {
        if (name.startsWith("CERT_") || name.startsWith("SSL_") || name.startsWith("BAD_SSL")) {
            return PageFailure.of(ErrorCode.TLS_ERROR, "TLS with " + host + " failed: " + name + ".");
        }
        if (FORBIDDEN.contains(name)) {
            return PageFailure.of(ErrorCode.EGRESS_REFUSED, "The page leads where browsers do not go: " + name + ".");
        }
        return switch (name) {
            case "NAME_NOT_RESOLVED", "NAME_RESOLUTION_FAILED" ->
                PageFailure.of(ErrorCode.DNS_FAILURE, "The host " + host + " does not resolve.");
            case "CONNECTION_REFUSED", "ADDRESS_UNREACHABLE", "CONNECTION_FAILED" ->
                PageFailure.of(ErrorCode.CONNECTION_REFUSED, "The host " + host + " refuses connections.");
            case "TIMED_OUT", "CONNECTION_TIMED_OUT" ->
                PageFailure.of(ErrorCode.TIMEOUT, "The host " + host + " did not answer in time.");
            case "TOO_MANY_REDIRECTS" -> PageAnswer.tooManyRedirects();
            case "RESPONSE_HEADERS_TOO_BIG" ->
                PageFailure.of(
                        ErrorCode.TOO_LARGE, "The header of the answer of " + host + " is larger than the limits.");
            case "CONTENT_DECODING_FAILED", "CONTENT_DECODING_INIT_FAILED" ->
                PageFailure.of(ErrorCode.EXTRACTION_FAILED, "The body cannot be decoded as its Content-Encoding says.");
            default ->
                PageFailure.of(
                        ErrorCode.CONNECTION_RESET,
                        "The connection to " + host + " brought no complete page: " + name + ".");
        };
    }
}
