package io.bactrian.egress;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An absolute http or https URL in the one form that is checked, connected to and sent.
 *
 * <p>Parsing is strict where leniency has let filters be walked around (scheme, user information, host, port, backslashes,
 * control characters) and lenient where pages are careless (spaces and non-ASCII characters in path and query are
 * percent-encoded as UTF-8). Dot segments are removed (RFC 3986 section 5.2.4) and the fragment is dropped, for it is
 * never sent.
 */
public final class HttpUrl {
    /** Characters, as it is written and as it is sent, where a character can take twelve. */
    private static final int LONGEST = 32_768;

    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);

    private final String scheme;
    private final String host;
    private final int port;
    private final String pathAndQuery;

    private HttpUrl(String scheme, String host, int port, String pathAndQuery) {
        this.scheme = scheme;
        this.host = host;
        this.port = port;
        this.pathAndQuery = pathAndQuery;
        // What has been parsed once can be parsed again: it goes through the database as text.
        requireShort(toString());
    }

    /**
     * The URL that a text spells.
     *
     * @throws EgressRefusedException if the text is not an absolute http or https URL of an acceptable form
     */
    public static HttpUrl parse(String text) {
        String url = trimmed(text);
        int colon = url.indexOf(':');
        String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw refused(url, "only absolute http and https URLs are requested");
        }
        if (!url.startsWith("//", colon + 1)) {
            throw refused(url, "two slashes and a host must follow the scheme");
        }
        int authorityStart = colon + 3;
        int authorityEnd = endOfAuthority(url, authorityStart);
        String authority = url.substring(authorityStart, authorityEnd);
        if (authority.indexOf('@') >= 0) {
            throw refused(
                    url.substring(0, authorityStart) + "…", "a URL with a user name or password is not requested");
        }
        int hostEnd = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
        if (hostEnd < 0) {
            hostEnd = authority.length();
        }
        String host = authority.startsWith("[")
                ? HostName.canonicalIpv6(authority.substring(1, Math.max(1, hostEnd - 1)))
                : HostName.canonical(authority.substring(0, hostEnd));
        int port = port(url, authority.substring(hostEnd), scheme);
        return new HttpUrl(scheme, host, port, pathAndQuery(url, url.substring(authorityEnd)));
    }

    /**
     * The URL that a reference found at this one means (RFC 3986 section 5.3), as in a {@code Location}.
     *
     * @throws EgressRefusedException if it is not an http or https URL of an acceptable form
     */
    public HttpUrl resolve(String reference) {
        String target = trimmed(reference);
        if (SCHEME.matcher(target).matches()) {
            return parse(target);
        }
        if (target.startsWith("//")) {
            return parse(scheme + ":" + target);
        }
        if (target.isEmpty() || target.startsWith("#")) {
            return this;
        }
        String path = path();
        String merged;
        if (target.startsWith("/")) {
            merged = target;
        } else if (target.startsWith("?")) {
            merged = path + target;
        } else {
            merged = path.substring(0, path.lastIndexOf('/') + 1) + target;
        }
        return new HttpUrl(scheme, host, port, pathAndQuery(target, merged));
    }

    public String scheme() {
        return scheme;
    }

    /** The host in lower case and ASCII; an IPv6 address without its brackets. */
    public String host() {
        return host;
    }

    /** The port, given or the scheme's own. */
    public int port() {
        return port;
    }

    public boolean isSecure() {
        return scheme.equals("https");
    }

    public boolean hasDefaultPort() {
        return port == defaultPort(scheme);
    }

    /** What is sent as the request target: the path, and the query where there is one. */
    public String pathAndQuery() {
        return pathAndQuery;
    }

    /** The scheme, the host and, unless it is the scheme's own, the port. */
    public String origin() {
        String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return scheme + "://" + name + (hasDefaultPort() ? "" : ":" + port);
    }

    @Override
    public String toString() {
        return origin() + pathAndQuery;
    }

    private String path() {
        int query = pathAndQuery.indexOf('?');
        return query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
    }

    private static int endOfAuthority(String url, int start) {
        for (int index = start; index < url.length(); index++) {
            char character = url.charAt(index);
            if (character == '/' || character == '?' || character == '#' || character == '\\') {
                return index;
            }
        }
        return url.length();
    }

    private static int port(String url, String suffix, String scheme) {
        if (suffix.isEmpty() || suffix.equals(":")) {
            return defaultPort(scheme);
        }
        String digits = suffix.substring(1);
        if (suffix.charAt(0) != ':' || !PORT.matcher(digits).matches()) {
            throw refused(url, "its port is not a number");
        }
        int port = Integer.parseInt(digits);
        if (port < 1 || port > 65_535) {
            throw refused(url, "its port is not between 1 and 65535");
        }
        return port;
    }

    private static String pathAndQuery(String url, String text) {
        int fragment = text.indexOf('#');
        String sent = fragment < 0 ? text : text.substring(0, fragment);
        int question = sent.indexOf('?');
        String path = question < 0 ? sent : sent.substring(0, question);
        if (path.indexOf('\\') >= 0) {
            throw refused(url, "a backslash has no place in it");
        }
        String clean = UrlPath.withoutDotSegments(UrlPath.encodedPath(path.isEmpty() ? "/" : path));
        return question < 0 ? clean : clean + "?" + UrlPath.encodedQuery(sent.substring(question + 1));
    }

    private static String trimmed(String text) {
        // strip() would also remove Unicode white space, which has no place around a URL.
        int start = 0;
        int end = text.length();
        while (start < end && text.charAt(start) == ' ') {
            start++;
        }
        while (end > start && text.charAt(end - 1) == ' ') {
            end--;
        }
        String url = text.substring(start, end);
        requireShort(url);
        for (int index = 0; index < url.length(); index++) {
            if (Character.isISOControl(url.charAt(index))) {
                throw refused(url, "it contains a control character");
            }
        }
        return url;
    }

    private static void requireShort(String url) {
        if (url.length() > LONGEST) {
            throw refused(url, "it is longer than " + LONGEST + " characters");
        }
    }

    private static int defaultPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    private static EgressRefusedException refused(String url, String why) {
        return new EgressRefusedException("The URL '" + Excerpt.of(url) + "' is refused: " + why + ".");
    }
}
