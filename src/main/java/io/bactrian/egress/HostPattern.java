package io.bactrian.egress;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Hosts as an operator names them in a list: a host name ({@code example.com}), all names below one
 * ({@code *.example.com}), an address or a CIDR block.
 *
 * <p>Addresses and blocks are compared with hosts that are written as addresses, never with what a name resolves to.
 */
public final class HostPattern {
    private static final String BELOW = "*.";

    private final @Nullable String name;
    private final @Nullable String suffix;
    private final @Nullable IPAddress block;

    private HostPattern(@Nullable String name, @Nullable String suffix, @Nullable IPAddress block) {
        this.name = name;
        this.suffix = suffix;
        this.block = block;
    }

    /**
     * The pattern that a text spells.
     *
     * @throws IllegalArgumentException if it is neither of the four
     */
    public static HostPattern parse(String text) {
        String entry = text.strip();
        try {
            if (entry.startsWith(BELOW)) {
                return new HostPattern(null, "." + HostName.canonical(entry.substring(BELOW.length())), null);
            }
            if (isAddress(entry)) {
                return new HostPattern(null, null, block(entry));
            }
            return new HostPattern(HostName.canonical(entry), null, null);
        } catch (EgressRefusedException | AddressStringException neither) {
            throw unusable(entry);
        }
    }

    /** Whether the host of a URL is meant. */
    public boolean matches(HttpUrl url) {
        String host = url.host();
        if (block != null) {
            @Nullable InetAddress literal = HostName.literal(host);
            return literal != null && block.contains(new IPAddressGenerator().from(literal.getAddress()));
        }
        return suffix == null ? host.equals(name) : host.endsWith(suffix);
    }

    private static boolean isAddress(String entry) {
        if (entry.isEmpty()) {
            return false;
        }
        return entry.indexOf('/') >= 0
                || entry.indexOf(':') >= 0
                || entry.chars().allMatch(character -> character == '.' || Character.isDigit(character));
    }

    private static IPAddress block(String entry) throws AddressStringException {
        String bare = entry.startsWith("[") && entry.endsWith("]") ? entry.substring(1, entry.length() - 1) : entry;
        IPAddress address = new IPAddressString(bare).toAddress();
        if (address == null || (address.isMultiple() && !address.isPrefixBlock())) {
            throw unusable(entry);
        }
        // 127.0.0.1/8 means the network that the address lies in.
        return address.isPrefixed() ? address.toPrefixBlock() : address;
    }

    private static IllegalArgumentException unusable(String entry) {
        return new IllegalArgumentException("'" + Excerpt.of(entry)
                + "' is neither a host name (example.com), the names below one (*.example.com), an address nor a CIDR block"
                + " (10.0.0.0/8).");
    }
}
