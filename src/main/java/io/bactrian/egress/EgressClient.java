package io.bactrian.egress;

import io.bactrian.egress.EgressFailedException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;

/**
 * The one HTTP client of the service: HTTP/1.1 over pooled connections, to checked addresses only, under a hard deadline.
 *
 * <p>It sends what it is given. It follows no redirect, keeps no cookies, sends no credentials of its own and repeats
 * nothing, with one exception: a GET that fails on a kept connection before its answer began is sent once more on a new
 * one, for the site has most likely closed the old one meanwhile.
 *
 * <p>A request may name an {@link UpstreamProxy} to leave through. It then has a connection of its own, and the address is
 * checked here all the same.
 *
 * <p>Bodies are decoded (gzip, deflate, br) and read up to a limit that counts decoded bytes, so memory is bounded
 * whatever is sent. Safe for use by many threads, virtual ones too.
 */
public final class EgressClient implements AutoCloseable {
    /** What is worth reading of an unwanted body to keep its connection. */
    private static final int WORTH_DRAINING = 64 * 1024;

    private static final Duration LONGEST_DRAIN = Duration.ofMillis(200);

    private final EgressGuard guard;
    private final int maxBodySize;
    private final CloseableHttpClient pooled;
    private final CloseableHttpClient unpooled;
    private final ProxiedExchanges proxied;
    private final @Nullable ForwardingProxy ownProxy;
    private final ScheduledThreadPoolExecutor deadlines;

    /** A client with a forwarding proxy to itself. */
    public EgressClient(EgressGuard guard, EgressProperties properties) {
        this(guard, properties, new ForwardingProxy(guard, properties), true);
    }

    /** @param proxy what requests with an upstream proxy leave through; it stays the caller's to close */
    public EgressClient(EgressGuard guard, EgressProperties properties, ForwardingProxy proxy) {
        this(guard, properties, proxy, false);
    }

    private EgressClient(EgressGuard guard, EgressProperties properties, ForwardingProxy proxy, boolean closesProxy) {
        this.guard = guard;
        this.maxBodySize = (int) Math.min(properties.maxBodySize().toBytes(), Integer.MAX_VALUE - 16L);
        this.pooled = HttpClients5.pooled(guard, properties);
        this.unpooled = HttpClients5.unpooled(guard, properties);
        this.proxied = new ProxiedExchanges(proxy, properties);
        this.ownProxy = closesProxy ? proxy : null;
        this.deadlines = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("egress-deadlines").factory());
        this.deadlines.setRemoveOnCancelPolicy(true);
    }

    /** The largest decoded body that is read unless a request says otherwise, in bytes. */
    public int maxBodySize() {
        return maxBodySize;
    }

    /**
     * Holds a URL against the guard without sending anything.
     *
     * @throws EgressRefusedException if the URL leads where this service may not connect
     * @throws EgressFailedException if the host does not resolve before the deadline
     */
    public void check(HttpUrl url, Deadline deadline) {
        guard.check(url, deadline);
    }

    /**
     * Sends a request and reads its answer, whatever its status.
     *
     * @throws EgressRefusedException if the URL leads where this service may not connect
     * @throws EgressFailedException if no complete answer came before the deadline
     */
    public EgressResponse execute(EgressRequest request) {
        guard.check(request.url, request.deadline);
        if (request.upstream != null) {
            return proxied.execute(request, (client, context) -> newlyConnected(client, request, context));
        }
        try {
            return exchange(pooled, request, HttpClientContext.create());
        } catch (StaleConnectionException stale) {
            return newlyConnected(unpooled, request, HttpClientContext.create());
        }
    }

    private EgressResponse newlyConnected(
            CloseableHttpClient client, EgressRequest request, HttpClientContext context) {
        try {
            return exchange(client, request, context);
        } catch (StaleConnectionException impossible) {
            throw new IllegalStateException("A new connection cannot be a stale one.", impossible);
        }
    }

    private EgressResponse exchange(CloseableHttpClient client, EgressRequest request, HttpClientContext context)
            throws StaleConnectionException {
        if (request.deadline.hasPassed()) {
            throw new EgressFailedException(Reason.TIMEOUT, "No time was left to ask " + request.url.host() + ".");
        }
        AbortableRequest message = message(request);
        AtomicBoolean late = new AtomicBoolean();
        Future<?> alarm = abortAt(request.deadline, message, late);
        boolean answered = false;
        HttpUrl url = request.url;
        HttpHost target = new HttpHost(url.scheme(), url.host(), url.hasDefaultPort() ? -1 : url.port());
        try {
            // Never closed, for closing reads the rest of the body, however long: see the last line.
            ClassicHttpResponse response = client.executeOpen(target, message, context);
            answered = true;
            ResponseHead head = new ResponseHead(response);
            return new EgressResponse(head, body(request, message, head, response.getEntity()));
        } catch (IOException failure) {
            if (late.get()) {
                throw EgressFailures.deadlinePassed(url, failure);
            }
            if (!answered
                    && request.method.equals("GET")
                    && EgressFailures.isConnectionLoss(failure)
                    && request.upstream == null
                    && wasKept(context)) {
                throw new StaleConnectionException(failure);
            }
            throw EgressFailures.of(failure, url);
        } catch (RuntimeException failure) {
            if (late.get()) {
                throw EgressFailures.deadlinePassed(url, failure);
            }
            throw failure;
        } finally {
            alarm.cancel(false);
            // A body that was read to its end has given its connection back by now; any other takes it along.
            message.cancel();
        }
    }

    private Body body(EgressRequest request, AbortableRequest message, ResponseHead head, @Nullable HttpEntity entity)
            throws IOException {
        int limit = request.bodyLimit == null ? maxBodySize : request.bodyLimit.applyAsInt(head);
        if (entity == null) {
            return Body.NONE;
        }
        InputStream raw = entity.getContent();
        long length = entity.getContentLength();
        if (limit <= 0) {
            if (length <= WORTH_DRAINING) {
                drain(message, raw);
            }
            return Body.NONE;
        }
        List<String> codings = head.headers("Content-Encoding");
        if (ContentCoding.isIdentity(codings)) {
            return Body.read(raw, length, limit, request.bodyMemory);
        }
        Body body = ContentCoding.read(raw, codings, length, limit, request.bodyMemory);
        if (!body.truncated()) {
            // A compressed stream may end a few bytes before its carrier does.
            drain(message, raw);
        }
        return body;
    }

    /** Reads an unwanted rest away if it is short and here, so that its connection can be kept. */
    private void drain(AbortableRequest message, InputStream in) {
        Future<?> alarm = abortAt(Deadline.in(LONGEST_DRAIN), message, new AtomicBoolean());
        try {
            byte[] scratch = new byte[4096];
            int drained = 0;
            int count = 0;
            while (count >= 0 && drained <= WORTH_DRAINING) {
                count = in.read(scratch);
                drained += count;
            }
        } catch (IOException unimportant) {
            // What was wanted of the answer is here.
        } finally {
            alarm.cancel(false);
        }
    }

    private Future<?> abortAt(Deadline deadline, AbortableRequest message, AtomicBoolean late) {
        return deadlines.schedule(
                () -> {
                    late.set(true);
                    // Closing a socket may block; it must not hold up the deadlines of others.
                    Thread.startVirtualThread(message::cancel);
                },
                Math.max(0, deadline.remainingNanos()),
                TimeUnit.NANOSECONDS);
    }

    private static AbortableRequest message(EgressRequest request) {
        AbortableRequest message = new AbortableRequest(request.method, request.url);
        for (Header header : request.headers) {
            message.addHeader(header);
        }
        if (request.body != null) {
            message.setEntity(request.body);
        }
        return message;
    }

    private static boolean wasKept(HttpClientContext context) {
        EndpointDetails endpoint = context.getEndpointDetails();
        return endpoint != null && endpoint.getResponseCount() > 0;
    }

    @Override
    public void close() throws IOException {
        deadlines.shutdownNow();
        try (ownProxy;
                proxied;
                unpooled) {
            pooled.close();
        }
    }

    /** The connection had been kept too long: the site closed it before the answer began. */
    private static final class StaleConnectionException extends Exception {
        private static final long serialVersionUID = 1L;

        StaleConnectionException(IOException cause) {
            super(cause);
        }
    }
}
