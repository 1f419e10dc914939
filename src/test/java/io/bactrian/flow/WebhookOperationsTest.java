package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.MisbehavingOrigin.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Webhooks as their owners handle them, and what comes to a real receiver of it. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebhookOperationsTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final AtomicInteger PATHS = new AtomicInteger();

    private final Service service;
    private final MisbehavingOrigin receiver = MisbehavingOrigin.startAt(RunningService.RECEIVER);

    WebhookOperationsTest(Service service) {
        this.service = service;
    }

    @AfterAll
    void close() {
        receiver.close();
    }

    @Test
    void aWebhookIsAsItsDocumentationShowsIt() {
        Account owner = service.register();
        JsonNode created = create(owner, "https://127.0.0.7:1/hook", "\"job.completed\", \"job.failed\"");

        assertThat(created.path("id").isIntegralNumber()).isTrue();
        assertThat(created.path("url").asText()).isEqualTo("https://127.0.0.7:1/hook");
        assertThat(created.path("events")).extracting(JsonNode::asText).containsExactly("job.completed", "job.failed");
        assertThat(created.path("secret").asText()).matches("whsec_[A-Za-z0-9+/]{43}=");
        assertThat(created.path("is_active").asInt()).isOne();
        assertThat(created.path("last_delivered_at").isNull()).isTrue();
        assertThat(owner.get("/webhooks").expect(200).json().path("webhooks")).containsExactly(created);
        String path = "/webhooks/" + created.path("id").asText();
        assertThat(owner.get(path).expect(200).json()).isEqualTo(created);
        Reply deleted = owner.delete(path).expect(200);
        assertThat(deleted.json()).isEqualTo(json("{\"status\": \"deleted\"}"));
        owner.delete(path).assertMapscraperError(404);
        assertThat(owner.get("/webhooks").json().path("webhooks")).isEmpty();
    }

    @Test
    void aTestComesSignedAndCanBeHadAgain() throws Exception {
        Account owner = service.register();
        String hook = newPath();
        receiver.on(hook, Behaviours.answer("200 OK", Behaviours.utf8("Thank you")));
        JsonNode webhook = create(owner, receiver.url(hook), "\"task.failed\"");
        String path = "/webhooks/" + webhook.path("id").asText();

        long delivery = queued(poke(owner, path + "/test"));

        Request request = received(hook, 1).getFirst();
        JsonNode event = json(request.body());
        assertThat(event.path("type").asText()).isEqualTo("task.failed");
        assertThat(event.at("/data/test").asBoolean()).isTrue();
        String secret = webhook.path("secret").asText();
        verify(request, secret);
        assertThat(request.header("X-Webhook-Signature")).isEqualTo(simpleSignature(request.body(), secret));
        JsonNode delivered = awaitDelivery(owner, path, "delivered");
        assertThat(delivered.path("id").asLong()).isEqualTo(delivery);
        assertThat(delivered.path("event").asText()).isEqualTo("task.failed");
        assertThat(delivered.path("eventId").asText()).isEqualTo(request.header("webhook-id"));
        assertThat(delivered.path("nextAttemptAt").isNull()).isTrue();
        JsonNode attempt = delivered.path("attempts").path(0);
        assertThat(attempt.path("statusCode").asInt()).isEqualTo(200);
        assertThat(attempt.path("responseBody").asText()).isEqualTo("Thank you");
        await().atMost(LONG_ENOUGH)
                .until(() -> !owner.get(path).json().path("last_delivered_at").isNull());

        assertThat(queued(poke(owner, path + "/deliveries/" + delivery + "/redeliver")))
                .isEqualTo(delivery);
        assertThat(received(hook, 2))
                .extracting(again -> again.header("webhook-id") + again.body())
                .containsOnly(request.header("webhook-id") + request.body());
    }

    @Test
    void afterARotationBothSecretsVerify() throws Exception {
        Account owner = service.register();
        String hook = newPath();
        receiver.on(hook, Behaviours.status(204));
        JsonNode webhook = create(owner, receiver.url(hook), "\"job.failed\"");
        String path = "/webhooks/" + webhook.path("id").asText();

        JsonNode rotated = poke(owner, path + "/rotate-secret").expect(200).json();
        poke(owner, path + "/test").expect(200);

        String old = webhook.path("secret").asText();
        String present = rotated.path("secret").asText();
        assertThat(present).isNotEqualTo(old);
        assertThat(owner.get(path).json().path("secret").asText()).isEqualTo(present);
        Request request = received(hook, 1).getFirst();
        verify(request, present);
        verify(request, old);
        assertThat(request.header("X-Webhook-Signature")).isEqualTo(simpleSignature(request.body(), present));
        String another =
                owner.get("/webhooks/signing-secret").json().path("secret").asText();
        assertThatThrownBy(() -> verify(request, another)).isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    void whatWaitsWhileAWebhookIsPausedComesWhenItIsResumed() {
        Account owner = service.register();
        String hook = newPath();
        receiver.on(hook, Behaviours.status(204));
        String path = "/webhooks/"
                + create(owner, receiver.url(hook), "\"task.cancelled\"")
                        .path("id")
                        .asText();

        assertThat(owner.put(path, json("{\"is_active\": false}"))
                        .expect(200)
                        .json()
                        .path("is_active")
                        .asInt())
                .isZero();
        String task = cancelledTask(owner);
        awaitDelivery(owner, path, "pending");
        poke(owner, path + "/test").assertMapscraperError(400);
        assertThat(receiver.requestsFor(hook)).isEmpty();
        owner.put(path, json("{\"is_active\": 1}")).expect(200);

        JsonNode event = json(received(hook, 1).getFirst().body());
        assertThat(event.path("type").asText()).isEqualTo("task.cancelled");
        assertThat(event.at("/data/taskId").asText()).isEqualTo(task);
    }

    @Test
    void aReceiverThatIsGoneIsSwitchedOffAndGetsWhatItMissedOnceItIsBack() {
        Account owner = service.register();
        String hook = newPath();
        receiver.on(hook, Behaviours.status(410));
        String path = "/webhooks/"
                + create(owner, receiver.url(hook), "\"task.cancelled\"")
                        .path("id")
                        .asText();
        poke(owner, path + "/test").expect(200);
        awaitDelivery(owner, path, "failed");
        await().atMost(LONG_ENOUGH)
                .until(() -> owner.get(path).json().path("is_active").asInt() == 0);
        assertThat(owner.get(path).json().path("disabled_reason").asText()).contains("410");

        receiver.on(hook, Behaviours.status(204));
        owner.put(path, json("{\"is_active\": 1}")).expect(200);
        Reply queued = owner.post(path + "/deliveries/redeliver", json("{\"from\": \"2020-01-01T00:00:00Z\"}"));

        assertThat(queued.expect(200).json()).isEqualTo(json("{\"status\": \"queued\", \"count\": 1}"));
        awaitDelivery(owner, path, "delivered");
        received(hook, 2);
    }

    @Test
    void itIsToldOnceThatLittleIsLeft() {
        Account owner = service.register();
        String hook = newPath();
        receiver.on(hook, Behaviours.status(204));
        create(owner, receiver.url(hook), "\"credits.low\"");

        owner.search("{\"searchTerms\": \"unicorn\", \"location\": \"Nowhere\", \"maxResults\": 95}");

        JsonNode data = json(received(hook, 1).getFirst().body()).path("data");
        assertThat(data.path("currency").asText()).isEqualTo("credits");
        assertThat(data.path("available").asInt()).isEqualTo(5);
        assertThat(data.path("lastGrant").asInt()).isEqualTo(100);
        assertThat(data.path("userId").isIntegralNumber()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{};url must be an https URL of at most 2048 characters",
                "{\"url\": \"https://127.0.0.7/\"};events must be a list",
                "{\"url\": \"https://127.0.0.7/\", \"events\": []};events must be a list",
                "{\"url\": \"https://127.0.0.7/\", \"events\": [\"job.done\"]};Unknown event 'job.done'",
                "{\"url\": \"https://127.0.0.7/\", \"events\": [\"job.failed\", \"job.failed\"]};named twice",
                "{\"url\": \"https://127.0.0.7/\", \"events\": [1]};events",
                "{\"url\": \"https://127.0.0.7/\", \"events\": [\"job.failed\"], \"secret\": \"x\"};secret",
                "{\"url\": \"https://10.0.0.1/\", \"events\": [\"job.failed\"]};refused",
                "{\"url\": \"http://example.com/\", \"events\": [\"job.failed\"]};https",
            })
    void whatCannotBeAWebhookIsRefused(String body, String reason) {
        Reply reply = service.register().post("/webhooks", json(body));

        reply.assertMapscraperError(400);
        assertThat(reply.json().path("error").asText()).contains(reason);
    }

    @Test
    void whatCannotBeChangedSoIsRefused() {
        Account owner = service.register();
        String path = "/webhooks/"
                + create(owner, "https://127.0.0.7:1/hook", "\"job.failed\"")
                        .path("id")
                        .asText();
        for (String body : List.of(
                "{}",
                "{\"is_active\": 2}",
                "{\"is_active\": \"1\"}",
                "{\"is_active\": null}",
                "{\"events\": []}",
                "{\"url\": \"https://10.0.0.1/\"}",
                "{\"id\": 2}")) {
            owner.put(path, json(body)).assertMapscraperError(400);
        }
        for (String body : List.of(
                "{}",
                "{\"from\": \"yesterday\"}",
                "{\"from\": \"2026-02-02T00:00:00Z\", \"to\": \"2026-02-01T00:00:00Z\"}")) {
            owner.post(path + "/deliveries/redeliver", json(body)).assertMapscraperError(400);
        }
        poke(owner, path + "/deliveries/999999999/redeliver").assertMapscraperError(404);
        poke(owner, path + "/deliveries/x/redeliver").assertMapscraperError(404);
        owner.get("/webhooks/x").assertMapscraperError(404);
        owner.get(path + "/deliveries?page=0").assertMapscraperError(400);
    }

    private static JsonNode create(Account owner, String url, String events) {
        return owner.post("/webhooks", json("{\"url\": \"%s\", \"events\": [%s]}".formatted(url, events)))
                .expect(201)
                .json();
    }

    private static String cancelledTask(Account owner) {
        String task = owner.create(TaskRequest.simple("https://192.0.2.1/"));
        owner.delete("/tasks/" + task).expect(200);
        return task;
    }

    private static Reply poke(Account owner, String path) {
        return owner.call("POST", path).send();
    }

    private static long queued(Reply reply) {
        assertThat(reply.expect(200).json().path("status").asText()).isEqualTo("queued");
        return reply.json().path("deliveryId").asLong();
    }

    private static String newPath() {
        return "/hook" + PATHS.incrementAndGet();
    }

    private List<Request> received(String path, int count) {
        return await().atMost(LONG_ENOUGH)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> receiver.requestsFor(path), requests -> requests.size() >= count);
    }

    /** The latest delivery, once it has that status. */
    private static JsonNode awaitDelivery(Account owner, String path, String status) {
        return await().atMost(LONG_ENOUGH)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> owner.get(path + "/deliveries?status=" + status)
                                .expect(200)
                                .json()
                                .path("deliveries")
                                .path(0),
                        JsonNode::isObject);
    }

    private static void verify(Request request, String secret) throws WebhookVerificationException {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        request.headers().forEach((name, value) -> headers.put(name, List.of(value)));
        new Webhook(secret).verify(request.body(), headers);
    }

    private static String simpleSignature(String body, String secret) throws NoSuchAlgorithmException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest((body + secret).getBytes(StandardCharsets.UTF_8));
        return "sha256=" + HexFormat.of().formatHex(digest);
    }

    private static JsonNode json(String text) {
        return TaskRequest.parse(text);
    }
}
