package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.svix.Webhook;
import com.svix.exceptions.WebhookVerificationException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Holds the signatures against those of OpenSSL, and against the verification of a library that is not ours. */
class WebhookSignatureTest {
    private static final SigningSecret SECRET = new SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    private static final String BODY = "{\"test\": 2432232314}";

    private final Instant now = Clock.systemUTC().instant();

    @Test
    void theSignaturesAreThoseThatOpenSslMakes() {
        Map<String, String> headers = WebhookSignature.headers(
                "msg_p5jXN8AQM9LWM0D4loKWxJek", Instant.ofEpochSecond(1_614_265_330), List.of(SECRET), bytes(BODY));

        assertThat(headers)
                .containsEntry(
                        "X-Webhook-Signature",
                        "sha256=f7b2e7dbe3b2ff51902cc4a50cd274881fb4c5b13a2a85c4830e291a8668335e")
                .containsEntry("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
                .containsEntry("webhook-timestamp", "1614265330")
                .containsEntry("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void aStandardWebhooksLibraryAcceptsThemAndRefusesWhatWasTamperedWith() throws Exception {
        SigningSecret secret = SigningSecret.generate();
        Map<String, String> headers = WebhookSignature.headers("evt_1", now, List.of(secret), bytes(BODY));
        Map<String, String> replayed = new LinkedHashMap<>(headers);
        replayed.put("webhook-id", "evt_2");
        Map<String, String> old =
                WebhookSignature.headers("evt_1", now.minusSeconds(3600), List.of(secret), bytes(BODY));
        Webhook receiver = new Webhook(secret.value());

        receiver.verify(BODY, lists(headers));
        assertThatThrownBy(() -> receiver.verify(BODY + " ", lists(headers)))
                .isInstanceOf(WebhookVerificationException.class);
        assertThatThrownBy(() -> receiver.verify(BODY, lists(replayed)))
                .isInstanceOf(WebhookVerificationException.class);
        assertThatThrownBy(() -> receiver.verify(BODY, lists(old))).isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    void duringARotationReceiversWithEitherSecretAccept() throws Exception {
        SigningSecret present = SigningSecret.generate();
        SigningSecret replaced = SigningSecret.generate();
        Map<String, String> headers = WebhookSignature.headers("evt_1", now, List.of(present, replaced), bytes(BODY));

        for (SigningSecret secret : List.of(present, replaced)) {
            Webhook receiver = new Webhook(secret.value());
            assertThatCode(() -> receiver.verify(BODY, lists(headers))).doesNotThrowAnyException();
        }
        assertThat(headers.get("X-Webhook-Signature"))
                .isEqualTo(WebhookSignature.headers("evt_1", now, List.of(present), bytes(BODY))
                        .get("X-Webhook-Signature"));
    }

    @Test
    void aBodyIsSignedWhileItPassesInPieces() throws IOException {
        byte[] body = new byte[1_000_003];
        new Random(1).nextBytes(body);
        WebhookSignature signature = new WebhookSignature("evt_1", now, List.of(SECRET));

        try (OutputStream output = signature.through(OutputStream.nullOutputStream())) {
            output.write(body[0]);
            output.write(body, 1, 70_000);
            output.write(Arrays.copyOfRange(body, 70_001, body.length));
        }

        assertThat(signature.headers()).isEqualTo(WebhookSignature.headers("evt_1", now, List.of(SECRET), body));
    }

    @Test
    void aSecretIsThirtyTwoBytesThatNobodyElseHasAndIsNotShownInLogs() {
        List<String> secrets = new ArrayList<>();
        for (int index = 0; index < 100; index++) {
            secrets.add(SigningSecret.generate().value());
        }

        assertThat(secrets).doesNotHaveDuplicates();
        assertThat(SigningSecret.generate().key()).hasSize(32);
        assertThat(SECRET.toString()).doesNotContain("MfKQ");
        assertThatIllegalArgumentException().isThrownBy(() -> new SigningSecret("MfKQ9r8GKYqrTwjU"));
        assertThatIllegalArgumentException().isThrownBy(() -> new SigningSecret("whsec_"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, List<String>> lists(Map<String, String> headers) {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        headers.forEach((name, value) -> lists.put(name, List.of(value)));
        return lists;
    }
}
