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

/**
 * Sends what Stripe's library asks for through this service's only way out, once more after a failed connection.
 *
 * <p>Stripe keeps the first answer to an idempotency key for a day, be it a refused card or a failure of its own, and repeats
 * it without trying. A failure that is only repeated is therefore no answer: the request goes out again under the next key.
 */
final class StripeTransport extends HttpClient {
    /** It describes this machine, which Stripe need not know. */
    private static final String MACHINE = "x-stripe-client-user-agent";

    private static final String KEY = "Idempotency-Key";
    private static final String REPEATED = "Idempotent-Replayed";

    /** The key was used for another request, such as before a price was changed. */
    private static final String KEY_TAKEN = "idempotency_error";

    private static final int MOST_KEYS = 10;

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
            EgressResponse answer = sendUnderUnusedKey(request, headers, body);
            return new StripeResponse(
                    answer.status(), HttpHeaders.of(Map.of()), new String(answer.body(), StandardCharsets.UTF_8));
        } catch (BactrianException failed) {
            throw new ApiConnectionException("Stripe does not answer.", failed);
        }
    }

    private EgressResponse sendUnderUnusedKey(
            StripeRequest request, Map<String, String> headers, byte @Nullable [] body) {
        EgressResponse answer = send(request, headers, body);
        String key = headers.get(KEY);
        for (int number = 2; key != null && number <= MOST_KEYS && isNoAnswer(answer); number++) {
            headers.put(KEY, key + "-" + number);
            answer = send(request, headers, body);
        }
        return answer;
    }

    private static boolean isNoAnswer(EgressResponse answer) {
        return answer.status() >= 400
                && ("true".equals(answer.head().header(REPEATED))
                        || new String(answer.body(), StandardCharsets.UTF_8).contains(KEY_TAKEN));
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
