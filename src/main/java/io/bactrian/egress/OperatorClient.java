package io.bactrian.egress;

import io.bactrian.egress.EgressFailedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * The HTTP client for endpoints that the operator has configured, such as an identity provider's.
 *
 * <p>The address policy does not apply, because it protects from what users name, while the operator may well mean a host of
 * the private network. So never give it a URL that a user chose. Otherwise it is an {@link EgressClient}: no redirects,
 * cookies or repetitions; an exchange ends after 10 seconds, and an answer has at most 1 MB. Safe for use by many threads.
 */
public final class OperatorClient implements AutoCloseable {
    private static final int LARGEST_ANSWER = 1024 * 1024;
    private static final Duration LONGEST_EXCHANGE = Duration.ofSeconds(10);
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(5);
    private static final int CONNECTIONS = 32;

    private final EgressGuard guard;
    private final EgressClient client;

    public OperatorClient() {
        EgressProperties properties = new EgressProperties(
                List.of(),
                List.of(),
                DataSize.ofBytes(LARGEST_ANSWER),
                LONGEST_CONNECT,
                LONGEST_CONNECT,
                CONNECTIONS,
                CONNECTIONS,
                Duration.ofSeconds(30));
        this.guard = new EgressGuard(AddressPolicy.everywhere(), properties.resolveTimeout());
        this.client = new EgressClient(guard, properties);
    }

    /**
     * Reads a resource, whatever the status of its answer.
     *
     * @throws EgressRefusedException if the URL is not an absolute http or https URL
     * @throws EgressFailedException if no complete answer of at most 1 MB came in time
     */
    public EgressResponse get(String url, Map<String, String> headers) {
        return execute(EgressRequest.get(HttpUrl.parse(url)), headers);
    }

    /**
     * Sends a body; otherwise as {@link #get}.
     *
     * @param headers with the {@code Content-Type} of the body
     */
    public EgressResponse post(String url, Map<String, String> headers, byte[] body) {
        return execute(EgressRequest.post(HttpUrl.parse(url), body), headers);
    }

    /**
     * Sends a request of any method; otherwise as {@link #get}.
     *
     * @param body with the {@code Content-Type} that a header gives; null for none
     */
    public EgressResponse send(String method, String url, Map<String, String> headers, byte @Nullable [] body) {
        return execute(EgressRequest.of(method, HttpUrl.parse(url), body), headers);
    }

    private EgressResponse execute(EgressRequest.Builder request, Map<String, String> headers) {
        EgressResponse response = client.execute(
                request.headers(headers).timeout(LONGEST_EXCHANGE).build());
        if (response.isTruncated()) {
            throw new EgressFailedException(Reason.MALFORMED_ANSWER, "The answer is larger than 1 MB.");
        }
        return response;
    }

    @Override
    public void close() throws IOException {
        try (guard) {
            client.close();
        }
    }
}
