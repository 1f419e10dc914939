package io.bactrian.api;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork.IPAddressGenerator;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Where a request comes from: the address of the connection or, behind trusted proxies, the one that they name.
 *
 * <p>Anybody can send {@code X-Forwarded-For}, so it is read only if a proxy of {@code bactrian.trusted-proxies} sends it,
 * and from the right, where proxies append: past trusted addresses, to the first that is not. What is no address ends the
 * search there.
 */
@Component
public final class ClientAddress {
    /** What one IPv6 subscriber has for itself at least, and can choose addresses from at will. */
    private static final int IPV6_NETWORK_BITS = 64;

    private static final IPAddressStringParameters ONE_ADDRESS = new IPAddressStringParameters.Builder()
            .allowEmpty(false)
            .allowAll(false)
            .allowSingleSegment(false)
            .allowPrefix(false)
            .allowMask(false)
            .allowWildcardedSeparator(false)
            .allow_inet_aton(false)
            .setRangeOptions(RangeParameters.NO_RANGE)
            .toParams();

    private final List<IPAddress> trusted;

    ClientAddress(ProxyProperties properties) {
        this.trusted = properties.trustedProxies().stream()
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .map(ClientAddress::block)
                .toList();
    }

    /** The client's address in its canonical form; an IPv4 address in IPv6 is told as IPv4. */
    public String of(HttpServletRequest request) {
        IPAddress client = client(request);
        return client == null ? String.valueOf(request.getRemoteAddr()) : client.toCanonicalString();
    }

    /** What the client's addresses have in common: an IPv4 address, or the /64 block of an IPv6 address. */
    public String networkOf(HttpServletRequest request) {
        IPAddress client = client(request);
        if (client == null) {
            return String.valueOf(request.getRemoteAddr());
        }
        return network(client);
    }

    private static String network(IPAddress address) {
        return address.isIPv6()
                ? address.toPrefixBlock(IPV6_NETWORK_BITS).toCanonicalString()
                : address.toCanonicalString();
    }

    /**
     * What the addresses have in common that can open connections in the place of this one: an IPv4 address, or the /64 block of
     * an IPv6 address; null for a trusted proxy, which opens them for all its clients.
     */
    @Nullable
    String networkOf(InetAddress peer) {
        IPAddress address = unmapped(new IPAddressGenerator().from(peer.getAddress()));
        return isTrusted(address) ? null : network(address);
    }

    /** Whether the client speaks TLS, to this service or to a trusted proxy in front of it. */
    public boolean isSecure(HttpServletRequest request) {
        if (request.isSecure()) {
            return true;
        }
        IPAddress peer = address(request.getRemoteAddr());
        List<String> protocols = peer != null && isTrusted(peer) ? values(request, "X-Forwarded-Proto") : List.of();
        return !protocols.isEmpty() && protocols.getLast().equalsIgnoreCase("https");
    }

    private @Nullable IPAddress client(HttpServletRequest request) {
        IPAddress client = address(request.getRemoteAddr());
        if (client == null || !isTrusted(client)) {
            return client;
        }
        for (String hop : values(request, "X-Forwarded-For").reversed()) {
            IPAddress next = address(withoutPort(hop));
            if (next == null) {
                return client;
            }
            client = next;
            if (!isTrusted(client)) {
                return client;
            }
        }
        return client;
    }

    private boolean isTrusted(IPAddress address) {
        return trusted.stream().anyMatch(block -> block.contains(address));
    }

    /** The members of a list that may be spread over several headers, in their order (RFC 9110 section 5.3). */
    private static List<String> values(HttpServletRequest request, String header) {
        List<String> values = new ArrayList<>();
        for (String line : Collections.list(Objects.requireNonNull(request.getHeaders(header)))) {
            for (String value : line.split(",", -1)) {
                values.add(value.strip());
            }
        }
        return values;
    }

    /** Some proxies append the port: {@code 192.0.2.1:4711}, {@code [2001:db8::1]:4711}. */
    private static String withoutPort(String hop) {
        if (hop.startsWith("[")) {
            int end = hop.indexOf(']');
            return end < 0 ? hop : hop.substring(1, end);
        }
        int colon = hop.indexOf(':');
        return colon >= 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
    }

    private static @Nullable IPAddress address(@Nullable String text) {
        if (text == null) {
            return null;
        }
        int zone = text.indexOf('%');
        try {
            IPAddress address = new IPAddressString(zone < 0 ? text : text.substring(0, zone), ONE_ADDRESS).toAddress();
            return address == null ? null : unmapped(address);
        } catch (AddressStringException notAnAddress) {
            return null;
        }
    }

    private static IPAddress unmapped(IPAddress address) {
        return address.isIPv6() && address.toIPv6().isIPv4Mapped()
                ? address.toIPv6().getEmbeddedIPv4Address()
                : address;
    }

    private static IPAddress block(String entry) {
        try {
            IPAddress block = new IPAddressString(entry).toAddress();
            if (block != null && (!block.isMultiple() || block.isPrefixBlock())) {
                return block.isPrefixed() ? block.toPrefixBlock() : block;
            }
        } catch (AddressStringException notAnAddress) {
            throw unusable(entry, notAnAddress);
        }
        throw unusable(entry, null);
    }

    private static IllegalArgumentException unusable(String entry, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "bactrian.trusted-proxies: '%s' is neither an address nor a CIDR block (10.0.0.0/8).".formatted(entry),
                cause);
    }
}
