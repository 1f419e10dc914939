package io.bactrian.scrape;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which request headers and cookies a task may set.
 *
 * <p>Names are tokens (RFC 9110 section 5.6.2) and values cannot break out of their line. Headers that frame the message or
 * concern only the connection are the client's own.
 */
public final class RequestHeaders {
    private static final int LONGEST_NAME = 256;
    private static final int LONGEST_VALUE = 8192;
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    /** Visible ASCII, spaces, tabs, and the opaque octets that RFC 9110 section 5.5 leaves to old agreements. */
    private static final Pattern FIELD_VALUE = Pattern.compile("[\\t\\x20-\\x7E\\x80-\\xFF]*");
    /** RFC 6265 section 4.1.1: no white space, quotes, commas, semicolons or backslashes, but quotes around it all. */
    private static final Pattern COOKIE_VALUE = Pattern.compile(
            "[\\x21\\x23-\\x2B\\x2D-\\x3A\\x3C-\\x5B\\x5D-\\x7E]*|\"[\\x21\\x23-\\x2B\\x2D-\\x3A\\x3C-\\x5B\\x5D-\\x7E]*\"");

    private static final Set<String> RESERVED = Set.of(
            "connection",
            "content-length",
            "cookie",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private RequestHeaders() {}

    /** What is wrong with a header that a task wants to send, as one sentence; null if nothing is. */
    public static @Nullable String problem(String name, String value) {
        @Nullable String wrongName = nameProblem(name);
        return wrongName == null ? valueProblem(value) : wrongName;
    }

    /** What is wrong with the name of a header, as one sentence; null if nothing is. */
    public static @Nullable String nameProblem(String name) {
        if (name.length() > LONGEST_NAME || !TOKEN.matcher(name).matches()) {
            return "A header name must be 1 to " + LONGEST_NAME
                    + " letters, digits or any of !#$%&'*+-.^_`|~ (RFC 9110).";
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals("cookie")) {
            return "The header Cookie cannot be set: use cookies.";
        }
        if (RESERVED.contains(lower) || lower.startsWith("proxy-")) {
            return "The header " + name + " cannot be set: it belongs to the connection.";
        }
        return null;
    }

    /** What is wrong with the value of a header, as one sentence; null if nothing is. */
    public static @Nullable String valueProblem(String value) {
        if (value.length() > LONGEST_VALUE) {
            return "A header value must not be longer than " + LONGEST_VALUE + " characters.";
        }
        return FIELD_VALUE.matcher(value).matches()
                ? null
                : "A header value must not contain line breaks, other control characters or characters beyond Latin-1.";
    }

    /** What is wrong with a cookie that a task wants to send, as one sentence; null if nothing is. */
    public static @Nullable String cookieProblem(String name, String value) {
        if (name.length() > LONGEST_NAME || !TOKEN.matcher(name).matches()) {
            return "A cookie name must be 1 to " + LONGEST_NAME
                    + " letters, digits or any of !#$%&'*+-.^_`|~ (RFC 6265).";
        }
        if (value.length() > LONGEST_VALUE || !COOKIE_VALUE.matcher(value).matches()) {
            return "A cookie value must be at most " + LONGEST_VALUE
                    + " visible ASCII characters without quotes, commas, semicolons or backslashes (RFC 6265).";
        }
        return null;
    }
}
