package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The signatures as the library sees them that the authors of Standard Webhooks publish. */
class StandardWebhooksTest {
    private static final String BODY = "{\"type\":\"job.completed\",\"data\":{\"name\":\"Café ☕\"}}";

    private final SigningSecret secret = SigningSecret.generate();
    private final Webhook receiver = new Webhook(secret.value());
    private final Instant now = Clock.systemUTC().instant();

    @Test
    void itAcceptsWhatIsGenuineAlsoDuringARotation() {
        for (List<SigningSecret> secrets : List.of(List.of(secret), List.of(SigningSecret.generate(), secret))) {
            assertThatCode(() -> receiver.verify(BODY, signed(now, secrets))).doesNotThrowAnyException();
        }
    }

    @Test
    void itRefusesWhatWasTamperedWith() {
        Map<String, List<String>> genuine = signed(now, List.of(secret));
        Map<String, List<String>> renamed = new LinkedHashMap<>(genuine);
        renamed.put("webhook-id", List.of("evt_2"));

        refused(BODY.replace("completed", "failed"), genuine);
        refused(BODY, renamed);
        refused(BODY, signed(now.minus(Duration.ofMinutes(10)), List.of(secret)));
        refused(BODY, signed(now, List.of(SigningSecret.generate())));
    }

    private void refused(String body, Map<String, List<String>> headers) {
        assertThatThrownBy(() -> receiver.verify(body, headers)).isInstanceOf(WebhookVerificationException.class);
    }

    private static Map<String, List<String>> signed(Instant at, List<SigningSecret> secrets) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        WebhookSignature.headers("evt_1", at, secrets, BODY.getBytes(StandardCharsets.UTF_8))
                .forEach((name, value) -> headers.put(name, List.of(value)));
        return headers;
    }
}
