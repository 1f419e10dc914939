package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.api.contract.Timestamps;
import io.bactrian.webhook.DeliveryStatus;
import io.bactrian.webhook.EndpointDeliveries;
import io.bactrian.webhook.SigningSecret;
import io.bactrian.webhook.SigningSecrets;
import io.bactrian.webhook.WebhookEndpoint;
import io.bactrian.webhook.WebhookEndpointChange;
import io.bactrian.webhook.WebhookEndpoints;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** MapScraper's operations on webhooks. */
@Component
public class WebhookApi {
    private final SigningSecrets secrets;
    private final WebhookEndpoints endpoints;
    private final EndpointDeliveries deliveries;
    private final Clock clock;

    WebhookApi(SigningSecrets secrets, WebhookEndpoints endpoints, EndpointDeliveries deliveries, Clock clock) {
        this.secrets = secrets;
        this.endpoints = endpoints;
        this.deliveries = deliveries;
        this.clock = clock;
    }

    private record WebhookView(
            long id,
            String url,
            List<String> events,
            String secret,
            @JsonProperty("is_active") int isActive,
            @JsonProperty("disabled_reason") @Nullable String disabledReason,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("last_delivered_at") @Nullable Instant lastDeliveredAt) {
        static WebhookView of(WebhookEndpoint endpoint) {
            return new WebhookView(
                    endpoint.id(),
                    endpoint.url(),
                    endpoint.events(),
                    endpoint.secret().value(),
                    endpoint.active() ? 1 : 0,
                    endpoint.disabledReason(),
                    TaskView.millis(endpoint.createdAt()),
                    endpoint.lastDeliveredAt() == null ? null : TaskView.millis(endpoint.lastDeliveredAt()));
        }
    }

    private record Listed(List<WebhookView> webhooks) {}

    private record Queued(String status, int count) {}

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

    public Answer list(ApiCall call) {
        return Answer.ok(new Listed(
                endpoints.list(call.accountId()).stream().map(WebhookView::of).toList()));
    }

    public Answer create(ApiCall call) {
        ObjectNode body = call.object();
        return Answer.created(WebhookView.of(
                endpoints.create(call.accountId(), body.path("url").asText(), texts(body.path("events")))));
    }

    public Answer get(ApiCall call) {
        return Answer.ok(WebhookView.of(endpoints.find(call.accountId(), call.number("id"))));
    }

    /** Changes what the body names; pausing is one of the changes. */
    public Answer update(ApiCall call) {
        ObjectNode body = call.object();
        WebhookEndpointChange change = new WebhookEndpointChange(
                body.has("url") ? body.path("url").asText() : null,
                body.has("events") ? texts(body.path("events")) : null,
                body.has("is_active") ? isTrue(body.path("is_active")) : null);
        return Answer.ok(WebhookView.of(endpoints.update(call.accountId(), call.number("id"), change)));
    }

    public Answer delete(ApiCall call) {
        endpoints.delete(call.accountId(), call.number("id"));
        return Answer.ok(Map.of("status", "deleted"));
    }

    /** A new secret for one webhook; the old one signs beside it for a day. */
    public Answer rotateSecret(ApiCall call) {
        return Answer.ok(WebhookView.of(endpoints.rotateSecret(call.accountId(), call.number("id"))));
    }

    public Answer deliveries(ApiCall call) {
        String status = call.parameters().text("status");
        return DeliveryView.page(deliveries.list(
                call.accountId(),
                call.number("id"),
                status == null ? null : DeliveryStatus.of(status),
                call.parameters().integer("page"),
                call.parameters().integer("limit")));
    }

    /** Sends one delivery again. */
    public Answer redeliver(ApiCall call) {
        long delivery = call.number("deliveryId");
        deliveries.redeliver(call.accountId(), call.number("id"), delivery);
        return DeliveryView.queued(delivery);
    }

    /** Sends all deliveries again that have failed, of a span of time. */
    public Answer redeliverFailed(ApiCall call) {
        ObjectNode body = call.object();
        Instant from = instant(body, "from");
        Instant to = body.has("to") ? instant(body, "to") : clock.instant();
        return Answer.ok(
                new Queued("queued", deliveries.redeliverFailed(call.accountId(), call.number("id"), from, to)));
    }

    /** Sends a webhook an event that did not happen. */
    public Answer test(ApiCall call) {
        return DeliveryView.queued(deliveries.test(call.accountId(), call.number("id")));
    }

    private static Instant instant(ObjectNode body, String field) {
        return Timestamps.parse(body.path(field).asText())
                .orElseThrow(
                        () -> new InvalidInputException(field, field + " must be a time such as 2026-02-21T16:00:00Z"));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static boolean isTrue(JsonNode flag) {
        return flag.isBoolean() ? flag.booleanValue() : flag.asInt() == 1;
    }
}
