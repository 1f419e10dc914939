package io.bactrian.billing.stripe;

import com.stripe.exception.ApiConnectionException;
import com.stripe.net.HttpClient;
import com.stripe.net.HttpContent;
import com.stripe.net.HttpHeaders;
import com.stripe.net.StripeRequest;
import com.stripe.net.StripeResponse;
import io.bactrian.BactrianException;
import io.bactrian.egress.EgressFailedException;
import io.bactrian.egress.EgressFailedException.Reason;
import io.bactrian.egress.EgressResponse;
import io.bactrian.egress.OperatorClient;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sends what Stripe's library asks for through this service's only way out, once more after a failed connection. */
final class StripeTransport extends HttpClient {
    /** It describes this machine, which Stripe need not know. */
    private static final String MACHINE = "x-stripe-client-user-agent";

    private final OperatorClient http;

    StripeTransport(OperatorClient http) {
        this.http = http;
    }

    /** Without the library's telemetry, and without repetitions of its own. */
    @Override
    public StripeResponse requestWithRetries(StripeRequest request) throws ApiConnectionException {
        return request(request);
    }

    @Override
    public StripeResponse request(StripeRequest request) throws ApiConnectionException {
        Map<String, String> headers = new HashMap<>();
        request.headers().map().forEach((name, values) -> {
            if (!name.toLowerCase(Locale.ROOT).equals(MACHINE)) {
                headers.put(name, String.join(", ", values));
            }
        });
        @Nullable HttpContent content = request.content();
        byte @Nullable [] body = content == null ? null : content.byteArrayContent();
        if (content != null) {
            headers.put("Content-Type", content.contentType());
        }
        try {
            EgressResponse answer = send(request, headers, body);
            return new StripeResponse(
                    answer.status(), HttpHeaders.of(Map.of()), new String(answer.body(), StandardCharsets.UTF_8));
        } catch (BactrianException failed) {
            throw new ApiConnectionException("Stripe does not answer.", failed);
        }
    }

    private EgressResponse send(StripeRequest request, Map<String, String> headers, byte @Nullable [] body) {
        String method = request.method().name();
        String url = request.url().toString();
        try {
            return http.send(method, url, headers, body);
        } catch (EgressFailedException failed) {
            if (failed.reason() == Reason.CONNECTION_REFUSED || failed.reason() == Reason.CONNECTION_RESET) {
                return http.send(method, url, headers, body);
            }
            throw failed;
        }
    }
}
