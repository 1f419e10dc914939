package io.bactrian.egress;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.egress.EgressFailedException.Reason;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The one guard that every outbound connection passes.
 *
 * <p>It resolves a host, refuses it whole if any of its addresses is forbidden, and hands out only addresses that it has
 * checked; whoever connects must connect to one of these, and not resolve again. Addresses are remembered for half
 * a minute, as long as the JDK would remember them. Ports of the service itself are refused whatever the configuration opens.
 */
public final class EgressGuard implements AutoCloseable {
    private static final int MOST_ADDRESSES = 8;
    private static final int LOOKUP_THREADS = 32;
    private static final int WAITING_LOOKUPS = 10_000;

    private final AddressPolicy policy;
    private final OwnPorts own;
    private final Duration lookupTimeout;
    private final HostLookup lookup;
    private final Cache<String, List<InetAddress>> resolved = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofSeconds(30))
            .build();
    private final ThreadPoolExecutor lookups;

    public EgressGuard(AddressPolicy policy, Duration lookupTimeout) {
        this(policy, lookupTimeout, InetAddress::getAllByName, OwnPorts.NONE);
    }

    EgressGuard(AddressPolicy policy, Duration lookupTimeout, HostLookup lookup) {
        this(policy, lookupTimeout, lookup, OwnPorts.NONE);
    }

    EgressGuard(AddressPolicy policy, Duration lookupTimeout, HostLookup lookup, OwnPorts own) {
        this.policy = policy;
        this.own = own;
        this.lookupTimeout = lookupTimeout;
        this.lookup = lookup;
        // Platform threads: a lookup blocks in native code and would hold the carrier of a virtual thread for seconds.
        this.lookups = new ThreadPoolExecutor(
                LOOKUP_THREADS,
                LOOKUP_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING_LOOKUPS),
                Thread.ofPlatform().daemon().name("egress-lookup-", 0).factory());
        this.lookups.allowCoreThreadTimeOut(true);
    }

    /**
     * The addresses that may be connected to for a URL, at least one.
     *
     * @throws EgressRefusedException if the port or any address of the host is forbidden
     * @throws EgressFailedException if the host does not resolve, or not before the deadline
     */
    public List<InetAddress> check(HttpUrl url, Deadline deadline) {
        checkPort(url.port());
        return addresses(url.host(), url.port(), deadline);
    }

    /**
     * The addresses that may be connected to for a host and port, at least one.
     *
     * @param host a DNS name or an IP literal, as in the authority of a URL; an IPv6 address may stand in brackets
     * @throws EgressRefusedException if the port or any address of the host is forbidden, or its spelling is not acceptable
     * @throws EgressFailedException if the host does not resolve, or not before the deadline
     */
    public List<InetAddress> check(String host, int port, Deadline deadline) {
        checkPort(port);
        return addresses(canonical(host), port, deadline);
    }

    /**
     * Whether a host is the operator's own: an exception of the configuration names it, or every address that it has.
     *
     * @throws EgressRefusedException if the port or any address of the host is forbidden
     * @throws EgressFailedException if the host does not resolve, or not before the deadline
     */
    public boolean isException(HttpUrl url, Deadline deadline) {
        List<InetAddress> addresses = check(url, deadline);
        return policy.allowsHost(url.host(), url.port())
                || addresses.stream().allMatch(address -> policy.isException(address, url.port()));
    }

    private void checkPort(int port) {
        if (!policy.allowsPort(port)) {
            throw new EgressRefusedException(
                    "Port " + port + " is refused: it is not one that this service may connect to.");
        }
    }

    /** As {@link #check(HttpUrl, Deadline)}, for a host in its canonical form and a port that has been checked. */
    List<InetAddress> addresses(String host, int port, Deadline deadline) {
        boolean literal = HostName.literal(host) != null;
        List<InetAddress> addresses = resolved(host, deadline);
        boolean trusted = policy.allowsHost(host, port);
        for (InetAddress address : addresses) {
            if (own.isOwn(address, port)) {
                throw new EgressRefusedException(
                        "Port " + port + " of the host " + host + " is refused: it is one of this service's own.");
            }
            if (!trusted && !policy.allows(address, port)) {
                throw refused(host, literal);
            }
        }
        return addresses.size() > MOST_ADDRESSES ? List.copyOf(addresses.subList(0, MOST_ADDRESSES)) : addresses;
    }

    private List<InetAddress> resolved(String host, Deadline deadline) {
        List<InetAddress> known = resolved.getIfPresent(host);
        if (known != null) {
            return known;
        }
        @Nullable InetAddress literal = HostName.literal(host);
        List<InetAddress> addresses =
                literal == null ? resolve(host, deadline.atMost(lookupTimeout), deadline) : List.of(literal);
        resolved.put(host, addresses);
        return addresses;
    }

    private List<InetAddress> resolve(String host, Deadline lookupDeadline, Deadline deadline) {
        Future<InetAddress[]> answer;
        try {
            answer = lookups.submit(() -> lookup.lookup(host));
        } catch (RejectedExecutionException overloaded) {
            throw new EgressFailedException(
                    Reason.DNS_FAILURE, "Too many names are being resolved at once; try again later.", overloaded);
        }
        try {
            return List.of(answer.get(Math.max(1, lookupDeadline.remainingNanos()), TimeUnit.NANOSECONDS));
        } catch (TimeoutException late) {
            answer.cancel(false);
            throw new EgressFailedException(
                    deadline.hasPassed() ? Reason.TIMEOUT : Reason.DNS_FAILURE,
                    "The host " + host + " was not resolved in time.",
                    late);
        } catch (InterruptedException interrupted) {
            answer.cancel(false);
            Thread.currentThread().interrupt();
            throw new EgressFailedException(Reason.TIMEOUT, "The request was interrupted.", interrupted);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof UnknownHostException) {
                throw new EgressFailedException(Reason.DNS_FAILURE, "The host " + host + " does not resolve.", failure);
            }
            throw new EgressFailedException(
                    Reason.DNS_FAILURE, "The host " + host + " could not be resolved.", failure);
        }
    }

    static String canonical(String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            return HostName.canonicalIpv6(host.substring(1, host.length() - 1));
        }
        return host.indexOf(':') >= 0 ? HostName.canonicalIpv6(host) : HostName.canonical(host);
    }

    private static EgressRefusedException refused(String host, boolean literal) {
        // The address stays unsaid: which internal names exist, and where, is nobody's business.
        return new EgressRefusedException(
                literal
                        ? "The address " + host + " is refused: it is not a public unicast address."
                        : "The host " + host
                                + " is refused: it resolves to an address that is not a public unicast one.");
    }

    @Override
    public void close() {
        lookups.shutdownNow();
    }
}
