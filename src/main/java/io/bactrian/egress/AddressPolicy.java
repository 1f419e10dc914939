package io.bactrian.egress;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.ipv4.IPv4AddressTrie;
import inet.ipaddr.ipv6.IPv6AddressTrie;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses and ports may be connected to: public unicast addresses, and the exceptions of the configuration.
 *
 * <p>Everything in the special-purpose registries of IANA (RFC 6890, IPv4 and IPv6) is refused, as are multicast, the
 * unspecified and IPv4-mapped addresses, the translations NAT64, 6to4 and Teredo, which would carry a forbidden IPv4
 * address in a public-looking one, and all of IPv6 outside of 2000::/3.
 *
 * <p>Immutable, and safe for use by many threads.
 */
public final class AddressPolicy {
    private static final String[] SPECIAL_IPV4 = {
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4"
    };
    private static final String[] SPECIAL_IPV6 = {
        // Teredo, benchmarking, AMT, AS112, ORCHID and drone identifiers all lie in the first block.
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"
    };

    /** An IPv6 address, or a block of them, needs brackets before a port. */
    private static final Pattern WITH_PORT =
            Pattern.compile("(?:\\[(?<bracketed>[^\\[\\]]+)\\]|(?<plain>[^:\\[\\]]+)):(?<port>[0-9]{1,5})");

    private static final IPAddress GLOBAL_UNICAST_IPV6 = block("2000::/3");

    private final IPv4AddressTrie specialIpv4 = new IPv4AddressTrie();
    private final IPv6AddressTrie specialIpv6 = new IPv6AddressTrie();
    private final IPv4AddressTrie allowedIpv4 = new IPv4AddressTrie();
    private final IPv6AddressTrie allowedIpv6 = new IPv6AddressTrie();
    private final Set<String> allowedHosts = new HashSet<>();
    private final List<BlockAndPort> allowedBlocksWithPort = new ArrayList<>();
    private final Set<HostAndPort> allowedHostsWithPort = new HashSet<>();
    private final Set<Integer> ports;

    private record BlockAndPort(IPAddress block, int port) {}

    private record HostAndPort(String host, int port) {}

    /**
     * @param allow exceptions: CIDR blocks and addresses, which apply to addresses, and host names, which apply exactly; each
     *     may name the one port that it opens ({@code 10.0.0.0/8:8080}, {@code [fd00::1]:8080}, {@code shop.internal:8080})
     * @param ports the ports that may be connected to; empty for any
     * @throws IllegalArgumentException if an exception is neither a block, an address nor a host name
     */
    public AddressPolicy(Collection<String> allow, Collection<Integer> ports) {
        for (String special : SPECIAL_IPV4) {
            specialIpv4.add(block(special).toIPv4());
        }
        for (String special : SPECIAL_IPV6) {
            specialIpv6.add(block(special).toIPv6());
        }
        allow.stream().map(String::strip).filter(entry -> !entry.isEmpty()).forEach(this::allow);
        this.ports = Set.copyOf(ports);
    }

    /** A policy that allows everything, for endpoints that the operator has configured. */
    static AddressPolicy everywhere() {
        return new AddressPolicy(List.of("0.0.0.0/0", "::/0"), List.of());
    }

    private void allow(String entry) {
        Matcher withPort = WITH_PORT.matcher(entry);
        if (!withPort.matches()) {
            allow(entry, null);
            return;
        }
        int port = Integer.parseInt(withPort.group("port"));
        if (port < 1 || port > 65_535) {
            throw unusable(entry);
        }
        String bracketed = withPort.group("bracketed");
        allow(bracketed == null ? withPort.group("plain") : bracketed, port);
    }

    private void allow(String host, @Nullable Integer port) {
        boolean address = host.indexOf('/') >= 0
                || host.indexOf(':') >= 0
                || host.chars().allMatch(character -> character == '.' || Character.isDigit(character));
        if (!address) {
            if (port == null) {
                allowedHosts.add(allowedHost(host));
            } else {
                allowedHostsWithPort.add(new HostAndPort(allowedHost(host), port));
            }
            return;
        }
        IPAddress block = block(host);
        if (port != null) {
            allowedBlocksWithPort.add(new BlockAndPort(block, port));
        } else if (block.isIPv4()) {
            allowedIpv4.add(block.toIPv4());
        } else {
            allowedIpv6.add(block.toIPv6());
        }
    }

    /** Whether connections may be made to this address and port, as far as the address decides. */
    public boolean allows(InetAddress address, int port) {
        return isPublic(address) || isException(address, port);
    }

    private boolean isPublic(InetAddress address) {
        IPAddress candidate = new IPAddressGenerator().from(address.getAddress());
        return candidate.isIPv4()
                ? !specialIpv4.elementContains(candidate.toIPv4())
                : GLOBAL_UNICAST_IPV6.contains(candidate) && !specialIpv6.elementContains(candidate.toIPv6());
    }

    /** Whether it is the configuration that allows this address and port, or would if it were not public anyway. */
    boolean isException(InetAddress address, int port) {
        IPAddress candidate = new IPAddressGenerator().from(address.getAddress());
        return (candidate.isIPv4()
                        ? allowedIpv4.elementContains(candidate.toIPv4())
                        : allowedIpv6.elementContains(candidate.toIPv6()))
                || allowedBlocksWithPort.stream()
                        .anyMatch(allowed ->
                                allowed.port() == port && allowed.block().contains(candidate));
    }

    /** Whether the configuration trusts this host and port by its name, whatever it resolves to. */
    boolean allowsHost(String canonicalHost, int port) {
        return allowedHosts.contains(canonicalHost)
                || allowedHostsWithPort.contains(new HostAndPort(canonicalHost, port));
    }

    boolean allowsPort(int port) {
        return ports.isEmpty() || ports.contains(port);
    }

    private static IPAddress block(String text) {
        try {
            IPAddress address = new IPAddressString(text).toAddress();
            if (address == null || (address.isMultiple() && !address.isPrefixBlock())) {
                throw unusable(text);
            }
            // 127.0.0.1/8 means the network that the address lies in.
            return address.isPrefixed() ? address.toPrefixBlock() : address;
        } catch (AddressStringException notAnAddress) {
            throw unusable(text);
        }
    }

    private static String allowedHost(String entry) {
        try {
            return HostName.canonical(entry);
        } catch (EgressRefusedException notAHost) {
            throw unusable(entry);
        }
    }

    private static IllegalArgumentException unusable(String entry) {
        return new IllegalArgumentException("bactrian.egress.allow: '" + Excerpt.of(entry)
                + "' is neither a CIDR block (10.0.0.0/8), an address nor a host name, alone or with a port (10.0.0.0/8:8080, [fd00::1]:8080,"
                + " shop.internal:8080).");
    }
}
