package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.svix.Webhook;
import com.svix.exceptions.WebhookVerificationException;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import io.bactrian.origin.MisbehavingOrigin.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Events on their way to real receivers, through the routes, the broker and camel-http. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EventDeliveryTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final DeliveringService delivering = new DeliveringService();
    private final Account owner = delivering.service().register();
    private final MisbehavingOrigin receiver = MisbehavingOrigin.start();

    @AfterAll
    void close() {
        receiver.close();
        delivering.close();
    }

    @Test
    void theReceiverThatATaskNamesIsToldOfItsEndAndCanVerifyIt() throws Exception {
        receiver.on("/ended", Behaviours.page("Thank you"));
        String task = cancelledTask("/ended");

        Request request = awaitRequest("/ended");

        JsonNode event = JSON.readTree(request.body());
        assertThat(event.path("type").asText()).isEqualTo("task.cancelled");
        assertThat(event.path("timestamp").asText()).endsWith("Z");
        JsonNode data = event.path("data");
        assertThat(data.path("taskId").asText()).isEqualTo(task);
        assertThat(data.path("userId").asText())
                .isEqualTo(owner.get("/tasks/" + task).json().path("user_id").asText());
        assertThat(data.path("name").asText()).isEqualTo("Ends at once");
        assertThat(data.path("taskType").asText()).isEqualTo("simple_scraping");
        assertThat(data.path("status").asText()).isEqualTo("cancelled");
        assertThat(data.path("resultUrl").asText())
                .isEqualTo(owner.get("/tasks/" + task).json().path("result_url").asText());
        assertThat(data.path("computeUnitsConsumed").isIntegralNumber()).isTrue();
        assertThat(data.path("rows").isIntegralNumber()).isTrue();
        assertThat(data.path("failedRows").isIntegralNumber()).isTrue();

        String secret =
                owner.get("/webhooks/signing-secret").json().path("secret").asText();
        new Webhook(secret).verify(request.body(), lists(request.headers()));
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest((request.body() + secret).getBytes(StandardCharsets.UTF_8));
        assertThat(request.header("X-Webhook-Signature"))
                .isEqualTo("sha256=" + HexFormat.of().formatHex(digest));
        Assertions.assertThatThrownBy(() -> new Webhook(secret)
                        .verify(request.body().replace("cancelled", "completed"), lists(request.headers())))
                .isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    void aReceiverThatStumblesGetsTheSameBytesAgain() {
        AtomicInteger calls = new AtomicInteger();
        Behaviour fails = Behaviours.answer("500 Oops", Behaviours.utf8("stumbled"));
        Behaviour takes = Behaviours.status(204);
        receiver.on(
                "/stumbles",
                (request, socket, out) -> (calls.incrementAndGet() < 3 ? fails : takes).answer(request, socket, out));
        cancelledTask("/stumbles");

        await().atMost(LONG_ENOUGH)
                .untilAsserted(
                        () -> assertThat(receiver.requestsFor("/stumbles")).hasSize(3));
        assertThat(receiver.requestsFor("/stumbles"))
                .extracting(request -> request.header("webhook-id") + request.body())
                .containsOnly(receiver.requestsFor("/stumbles").getFirst().header("webhook-id")
                        + receiver.requestsFor("/stumbles").getFirst().body());
    }

    @Test
    void aReceiverThatHangsKeepsNoOtherWaiting() {
        receiver.on("/hangs", Behaviours.silence());
        receiver.on("/healthy", Behaviours.status(204));
        for (int task = 0; task < 20; task++) {
            cancelledTask("/hangs");
        }
        cancelledTask("/healthy");

        awaitRequest("/healthy");
        assertThat(receiver.requestsFor("/hangs")).hasSizeLessThan(20);
    }

    @Test
    void aReceiverThatMayNotBeAskedIsRefused() {
        Reply reply = owner.post("/tasks", request("https://10.1.2.3/hook").json());
        assertThat(reply.expect(400).json().at("/details/0/field").asText()).isEqualTo("config.webhook_url");
    }

    private String cancelledTask(String path) {
        String task = owner.create(request(receiver.url(path)));
        owner.delete("/tasks/" + task).expect(200);
        return task;
    }

    private static TaskRequest request(String webhookUrl) {
        return TaskRequest.simple("https://192.0.2.1/")
                .named("Ends at once")
                .config("webhook_url", "\"" + webhookUrl + "\"");
    }

    private Request awaitRequest(String path) {
        await().atMost(LONG_ENOUGH)
                .untilAsserted(() -> assertThat(receiver.requestsFor(path)).isNotEmpty());
        return receiver.requestsFor(path).getFirst();
    }

    private static Map<String, List<String>> lists(Map<String, String> headers) {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        headers.forEach((name, value) -> lists.put(name, List.of(value)));
        return lists;
    }
}
