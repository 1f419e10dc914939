package io.bactrian.egress;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.net.IDN;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host of a URL, in its one canonical spelling.
 *
 * <p>Only strictly valid DNS names (RFC 1123, with the underscore that real names carry) and canonical IP literals pass.
 * The short, decimal, octal and hexadecimal spellings of IPv4 addresses that {@code inet_aton} reads are refused, for two
 * parsers that disagree over them are how a filter is walked around.
 */
final class HostName {
    private static final int LONGEST_NAME = 253;
    private static final Pattern NUMERIC = Pattern.compile("[0-9]+|0x[0-9a-f]*");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
    private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");
    private static final Pattern IPV6_TEXT = Pattern.compile("[0-9A-Fa-f:]{2,39}");
    private static final Pattern DOT = Pattern.compile("\\.");

    private HostName() {}

    /**
     * The canonical spelling of a host that is not in brackets.
     *
     * @throws EgressRefusedException for anything that is neither a DNS name nor a dotted-quad IPv4 address
     */
    static String canonical(String host) {
        if (host.isEmpty() || host.length() > LONGEST_NAME + 1) {
            throw refused(host);
        }
        boolean ascii = host.chars().allMatch(character -> character < 0x80);
        String name = (ascii ? host : toAscii(host)).toLowerCase(Locale.ROOT);
        boolean rooted = name.endsWith(".");
        if (rooted) {
            name = name.substring(0, name.length() - 1);
        }
        if (name.length() > LONGEST_NAME) {
            throw refused(host);
        }
        String[] labels = DOT.split(name, -1);
        if (NUMERIC.matcher(labels[labels.length - 1]).matches()) {
            // Digits that only the mapping of Unicode made ASCII were written to deceive.
            if (!ascii || rooted || !isDottedQuad(labels)) {
                throw refused(host);
            }
            return name;
        }
        for (String label : labels) {
            if (!LABEL.matcher(label).matches()) {
                throw refused(host);
            }
        }
        return name;
    }

    /**
     * The canonical spelling (RFC 5952) of an IPv6 address, given without its brackets.
     *
     * @throws EgressRefusedException for anything else: zone identifiers, embedded dotted quads and IPv4-mapped addresses too
     */
    static String canonicalIpv6(String literal) {
        if (!IPV6_TEXT.matcher(literal).matches()) {
            throw refused("[" + literal + "]");
        }
        try {
            IPAddress address = new IPAddressString(literal).toAddress();
            if (address == null
                    || !address.isIPv6()
                    || address.isMultiple()
                    || address.toIPv6().isIPv4Mapped()) {
                throw refused("[" + literal + "]");
            }
            return address.toCanonicalString();
        } catch (AddressStringException notAnAddress) {
            throw refused("[" + literal + "]");
        }
    }

    /** The address that a canonical host spells, or null where it is a name. */
    static @Nullable InetAddress literal(String canonicalHost) {
        char last = canonicalHost.charAt(canonicalHost.length() - 1);
        boolean numeric = last >= '0' && last <= '9';
        if (canonicalHost.indexOf(':') < 0
                && !(numeric && NUMERIC.matcher(lastLabel(canonicalHost)).matches())) {
            return null;
        }
        IPAddress address = new IPAddressString(canonicalHost).getAddress();
        return address == null ? null : address.toInetAddress();
    }

    private static String lastLabel(String host) {
        return host.substring(host.lastIndexOf('.') + 1);
    }

    private static boolean isDottedQuad(String[] labels) {
        if (labels.length != 4) {
            return false;
        }
        for (String label : labels) {
            if (!OCTET.matcher(label).matches() || Integer.parseInt(label) > 255) {
                return false;
            }
        }
        return true;
    }

    private static String toAscii(String host) {
        // Digits of other scripts pass for ASCII ones with some parsers, and no site needs them.
        if (host.codePoints().anyMatch(codePoint -> codePoint >= 0x80 && Character.isDigit(codePoint))) {
            throw refused(host);
        }
        try {
            return IDN.toASCII(host, IDN.USE_STD3_ASCII_RULES);
        } catch (IllegalArgumentException notAName) {
            throw refused(host);
        }
    }

    private static EgressRefusedException refused(String host) {
        return new EgressRefusedException("The host '" + Excerpt.of(host)
                + "' is refused: write a DNS name, a dotted-quad IPv4 address or an IPv6 address in brackets.");
    }
}
