package io.bactrian.egress;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A proxy of the operator's that connections may leave through: its protocol, its address and what it asks for.
 *
 * <p>It is asked for tunnels to addresses that the guard has checked here, by {@code CONNECT} (RFC 9110 section 9.3.6) or
 * SOCKS 5 (RFC 1928), for http pages too, so it has to allow {@code CONNECT} to their ports. It never gets a name to resolve.
 * Its own address is the operator's choice and not under the policy.
 *
 * @param host a DNS name or an IP address, canonical, an IPv6 address without brackets
 * @param user the user name, or null for none
 * @param password the password, or null for none
 */
public record UpstreamProxy(
        Protocol protocol,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password) {
    private static final Pattern URL = Pattern.compile(
            "(?<scheme>[A-Za-z0-9]+)://((?<user>[^:@/]*)(:(?<password>[^@/]*))?@)?(?<host>\\[[^]@/]*]|[^:@/\\[]+):(?<port>[0-9]{1,5})/?");
    private static final int LONGEST_CREDENTIAL = 255;

    /** How a proxy is spoken to. */
    public enum Protocol {
        /** HTTP in the clear. */
        HTTP,
        /** HTTP over TLS, with a certificate that is verified. */
        HTTPS,
        /** SOCKS 5, with a user name and password (RFC 1929) where they are given. */
        SOCKS5;

        String scheme() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The proxy that a URL names, such as {@code http://user:password@proxy.example:3128}; special characters of the user name
     * and password are percent-encoded.
     *
     * @throws IllegalArgumentException if it is not of this form; the message does not repeat what may be a password
     */
    public static UpstreamProxy parse(String url) {
        Matcher parts = URL.matcher(url.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "a proxy is written as scheme://host:port or scheme://user:password@host:port, with special characters of"
                            + " the password percent-encoded (%40 for @)");
        }
        Protocol protocol = protocol(parts.group("scheme"));
        int port = Integer.parseInt(parts.group("port"));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("the port of a proxy is between 1 and 65535");
        }
        @Nullable String user = decoded(parts.group("user"));
        @Nullable String password = decoded(parts.group("password"));
        if (user != null && protocol != Protocol.SOCKS5 && user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("the user name of an HTTP proxy cannot contain a colon");
        }
        return new UpstreamProxy(protocol, canonicalHost(parts.group("host")), port, user, password);
    }

    private static Protocol protocol(String scheme) {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "http" -> Protocol.HTTP;
            case "https" -> Protocol.HTTPS;
            case "socks5", "socks5h" -> Protocol.SOCKS5;
            default -> throw new IllegalArgumentException("the scheme of a proxy is http, https or socks5");
        };
    }

    private static String canonicalHost(String host) {
        try {
            return host.startsWith("[")
                    ? HostName.canonicalIpv6(host.substring(1, host.length() - 1))
                    : HostName.canonical(host);
        } catch (EgressRefusedException notAHost) {
            throw new IllegalArgumentException("its host is neither a DNS name nor an IP address", notAHost);
        }
    }

    private static @Nullable String decoded(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String decoded;
        try {
            decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            // Not as the cause, for its message repeats the text.
            throw new IllegalArgumentException("a percent sign in a user name or password is written as %25");
        }
        if (decoded.getBytes(StandardCharsets.UTF_8).length > LONGEST_CREDENTIAL
                || decoded.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a user name or password has at most 255 bytes and no control characters");
        }
        return decoded;
    }

    /** Whether a user name or a password is sent to the proxy. */
    boolean hasCredentials() {
        return user != null || password != null;
    }

    String userOrEmpty() {
        return user == null ? "" : user;
    }

    String passwordOrEmpty() {
        return password == null ? "" : password;
    }

    /** The proxy without its credentials, fit for messages that anybody reads. */
    public String address() {
        String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return protocol.scheme() + "://" + name + ":" + port;
    }

    /** The URL, its password hidden. */
    @Override
    public String toString() {
        return hasCredentials() ? address().replace("://", "://" + userOrEmpty() + ":…@") : address();
    }
}
