package io.bactrian.egress;

import java.net.URISyntaxException;
import java.time.Duration;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * The {@link EgressClient} for webhooks in the shape that camel-http takes: a client that can only POST, only to what the
 * guard of webhooks allows, and only for a limited time.
 *
 * <p>Of the answer there are the status, {@code Retry-After}, and the first 2 KB of the decoded body, all of it read when the
 * call returns; what else the receiver sends is never looked at. Failures are the {@link EgressFailedException} and
 * {@link EgressRefusedException} of the client.
 */
final class WebhookHttpClient extends CloseableHttpClient {
    /** How much of an answer is worth showing to the owner of the receiver, in bytes. */
    static final int EXCERPT = 2048;

    private static final String RETRY_AFTER = "Retry-After";

    private final EgressClient client;
    private final Duration timeout;

    /** @param timeout from the connection to the last byte of the answer that is read */
    WebhookHttpClient(EgressClient client, Duration timeout) {
        this.client = client;
        this.timeout = timeout;
    }

    /** @param target not used: the URL of the request alone decides, and is checked */
    @Override
    protected CloseableHttpResponse doExecute(
            @Nullable HttpHost target, ClassicHttpRequest request, @Nullable HttpContext context) {
        HttpEntity body = request.getEntity();
        if (!request.getMethod().equals("POST") || body == null) {
            throw new IllegalArgumentException("A webhook is a POST with a body, and this is not.");
        }
        EgressRequest.Builder builder =
                EgressRequest.post(url(request), body).timeout(timeout).bodyLimit(head -> EXCERPT);
        for (Header header : request.getHeaders()) {
            builder.header(header.getName(), header.getValue());
        }
        return CloseableHttpResponse.adapt(answer(client.execute(builder.build())));
    }

    private static HttpUrl url(ClassicHttpRequest request) {
        try {
            return HttpUrl.parse(request.getUri().toString());
        } catch (URISyntaxException invalid) {
            throw new IllegalArgumentException("camel-http makes requests from valid URIs only.", invalid);
        }
    }

    private static ClassicHttpResponse answer(EgressResponse response) {
        ClassicHttpResponse answer = new BasicClassicHttpResponse(response.status());
        String retryAfter = response.head().header(RETRY_AFTER);
        if (retryAfter != null) {
            answer.addHeader(RETRY_AFTER, retryAfter);
        }
        answer.setEntity(new ByteArrayEntity(response.body(), null));
        return answer;
    }

    /** Leaves the client open, for it is not this object's own. */
    @Override
    public void close() {
        close(CloseMode.GRACEFUL);
    }

    @Override
    public void close(CloseMode mode) {
        // Nothing of its own is open.
    }
}
