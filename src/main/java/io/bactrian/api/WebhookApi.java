package io.bactrian.api;

import io.bactrian.webhook.SigningSecret;
import io.bactrian.webhook.SigningSecrets;
import java.util.Map;
import org.springframework.stereotype.Component;

/** MapScraper's operations on webhooks. */
@Component
public class WebhookApi {
    private final SigningSecrets secrets;

    WebhookApi(SigningSecrets secrets) {
        this.secrets = secrets;
    }

    /** What the account's webhooks are signed with, made when it is first asked for. */
    public Answer signingSecret(ApiCall call) {
        return secret(secrets.current(call.accountId()));
    }

    /** Another secret in its place; the old one signs beside it for a day. */
    public Answer rotateSigningSecret(ApiCall call) {
        return secret(secrets.rotate(call.accountId()));
    }

    private static Answer secret(SigningSecret secret) {
        return Answer.ok(Map.of("secret", secret.value()));
    }
}
