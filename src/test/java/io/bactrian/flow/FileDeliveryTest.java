package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.svix.Webhook;
import io.bactrian.TestFork;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import io.bactrian.origin.MisbehavingOrigin.Request;
import io.bactrian.webhook.Delivery;
import io.bactrian.webhook.DeliveryAttempt;
import io.bactrian.webhook.DeliveryStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Files on their way to real receivers, through the routes, the broker and camel-http. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FileDeliveryTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final AtomicInteger SUBJECTS = new AtomicInteger();

    private final DeliveringService delivering = new DeliveringService();
    private final Account owner = delivering.service().register();
    private final UUID account = accountId(owner);
    private final MisbehavingOrigin receiver = MisbehavingOrigin.start();
    private final String subject = "sample_" + SUBJECTS.incrementAndGet();

    @AfterAll
    void close() {
        receiver.close();
        delivering.close();
    }

    @AfterEach
    void noFileIsLeft() {
        await().atMost(LONG_ENOUGH).untilAsserted(() -> {
            // Made with the first file.
            if (Files.exists(delivering.files())) {
                assertThat(delivering.files()).isEmptyDirectory();
            }
        });
    }

    @Test
    void aReceiverGetsTheFileAndCanVerifyIt() throws Exception {
        receiver.on("/verified", Behaviours.page("Thank you"));

        Delivery delivery = ended(send("/verified?token=a[]%2F"));

        assertThat(delivery.status()).isEqualTo(DeliveryStatus.DELIVERED);
        assertThat(delivery.attempts()).singleElement().satisfies(attempt -> {
            assertThat(attempt.statusCode()).isEqualTo(200);
            assertThat(attempt.responseBody()).isEqualTo("Thank you");
        });
        Request request = receiver.requestsFor("/verified?token=a[]%2F").getFirst();
        assertThat(request.line()).startsWith("POST ");
        assertThat(request.body()).isEqualTo(DeliveringService.CONTENT);
        assertThat(request.header("Content-Disposition")).startsWith("attachment; filename=\"sample_");
        assertThat(request.header("Content-Type")).isEqualToIgnoringCase("text/csv; charset=utf-8");
        assertThat(request.headers())
                .containsOnlyKeys(
                        "Host",
                        "Connection",
                        "Content-Length",
                        "Content-Type",
                        "Content-Disposition",
                        "User-Agent",
                        "X-Webhook-Signature",
                        "webhook-id",
                        "webhook-timestamp",
                        "webhook-signature");
        assertThat(request.header("webhook-id")).isEqualTo(delivery.eventId());
        String secret =
                owner.get("/webhooks/signing-secret").json().path("secret").asText();
        new Webhook(secret).verify(request.body(), lists(request.headers()));
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest((request.body() + secret).getBytes(StandardCharsets.UTF_8));
        assertThat(request.header("X-Webhook-Signature"))
                .isEqualTo("sha256=" + HexFormat.of().formatHex(digest));
    }

    @Test
    void aReceiverThatStumblesGetsTheSameAgain() {
        AtomicInteger calls = new AtomicInteger();
        Behaviour fails = Behaviours.answer("500 Oops", Behaviours.utf8("stumbled"));
        Behaviour takes = Behaviours.status(204);
        receiver.on(
                "/stumbles",
                (request, socket, out) -> (calls.incrementAndGet() < 3 ? fails : takes).answer(request, socket, out));

        Delivery delivery = ended(send("/stumbles"));

        assertThat(delivery.status()).isEqualTo(DeliveryStatus.DELIVERED);
        assertThat(delivery.attempts()).extracting(DeliveryAttempt::statusCode).containsExactly(500, 500, 204);
        assertThat(delivery.attempts().getFirst().responseBody()).isEqualTo("stumbled");
        assertThat(receiver.requestsFor("/stumbles"))
                .hasSize(3)
                .allSatisfy(request -> assertThat(request.header("webhook-id")).isEqualTo(delivery.eventId()))
                .extracting(Request::body)
                .containsOnly(DeliveringService.CONTENT);
    }

    @Test
    void aReceiverThatIsGoneIsAskedOnce() {
        receiver.on("/gone", Behaviours.status(410));

        Delivery delivery = ended(send("/gone"));

        assertThat(delivery.status()).isEqualTo(DeliveryStatus.FAILED);
        assertThat(delivery.attempts()).hasSize(1);
    }

    @Test
    void aRedirectLeadsNowhere() {
        receiver.on("/moved", Behaviours.redirect(307, receiver.url("/elsewhere")));

        Delivery delivery = ended(send("/moved"));

        assertThat(delivery.status()).isEqualTo(DeliveryStatus.FAILED);
        assertThat(delivery.attempts())
                .hasSize(4)
                .extracting(DeliveryAttempt::error)
                .containsOnly("The receiver answered 307, and redirects are not followed.");
        assertThat(receiver.requestsFor("/elsewhere")).isEmpty();
    }

    @Test
    void receiversThatCannotBeReachedFailInTheEnd() {
        long refused = delivering
                .deliveries()
                .request(account, subject, "csv", "http://127.0.0.1:" + TestFork.freePort() + "/");
        long unknown = delivering.request(account, subject, "https://nothing.invalid/");

        assertThat(ended(refused).attempts())
                .hasSize(4)
                .allSatisfy(attempt -> assertThat(attempt.error()).contains("refuses connections"));
        assertThat(ended(unknown).attempts())
                .hasSize(4)
                .allSatisfy(attempt -> assertThat(attempt.error()).contains("does not resolve"));
    }

    @Test
    void anAddressThatHasBecomeForbiddenIsNotConnectedTo() {
        long id = delivering.deliveries().request(account, subject, "csv", receiver.url("/forbidden"));
        delivering
                .service()
                .database()
                .sql("UPDATE webhook_delivery SET url = ? WHERE id = ?")
                .params("http://10.0.0.1/", id)
                .update();
        send("/which-sends-the-message-too");

        assertThat(ended(id).attempts())
                .last()
                .satisfies(attempt -> assertThat(attempt.error()).contains("is refused"));
    }

    @Test
    void receiversThatHangDelayNoOther() {
        MisbehavingOrigin hanging = MisbehavingOrigin.startAt("127.0.7.1").on("/hang", Behaviours.silence());
        receiver.on("/quick", Behaviours.status(200));
        List<Long> slow = IntStream.range(0, 12)
                .mapToObj(number -> delivering.request(account, subject, hanging.url("/hang")))
                .toList();
        await().atMost(LONG_ENOUGH).until(() -> hanging.requests().size() >= 2);

        for (int number = 0; number < 10; number++) {
            assertThat(ended(send("/quick")).status()).isEqualTo(DeliveryStatus.DELIVERED);
        }
        assertThat(slow).anySatisfy(id -> assertThat(delivery(id).status()).isEqualTo(DeliveryStatus.PENDING));
        // Each waits for two seconds, and only then is there a place for another.
        assertThat(hanging.mostWithin(Duration.ofSeconds(1))).isEqualTo(2);
        hanging.close();
        slow.forEach(id -> assertThat(ended(id).status()).isEqualTo(DeliveryStatus.FAILED));
    }

    @Test
    void aClosedAccountIsForgotten() {
        Account leaving = delivering.service().register();
        UUID id = accountId(leaving);
        leaving.get("/webhooks/signing-secret").expect(200);
        delivering.request(id, subject, receiver.url("/nothing"));

        leaving.delete("/auth/me").expect(200);

        for (String table : List.of("webhook_delivery", "signing_secret")) {
            await().atMost(LONG_ENOUGH)
                    .untilAsserted(() -> assertThat(delivering
                                    .service()
                                    .database()
                                    .sql("SELECT count(*) FROM " + table + " WHERE account_id = ?")
                                    .param(id)
                                    .query(Integer.class)
                                    .single())
                            .as(table)
                            .isZero());
        }
    }

    @Test
    void theSigningSecretIsOnesOwnAndStaysUntilItIsRotated() {
        String first = secret(owner.get("/webhooks/signing-secret"));

        assertThat(secret(owner.get("/webhooks/signing-secret"))).isEqualTo(first);
        assertThat(secret(delivering.service().register().get("/webhooks/signing-secret")))
                .isNotEqualTo(first);
        String rotated = secret(owner.call("POST", "/webhooks/signing-secret").send());
        assertThat(rotated).isNotEqualTo(first);
        assertThat(secret(owner.get("/webhooks/signing-secret"))).isEqualTo(rotated);
    }

    private static String secret(Reply reply) {
        return reply.expect(200).json().path("secret").asText();
    }

    private long send(String path) {
        return delivering.request(account, subject, receiver.url(path));
    }

    private Delivery ended(long id) {
        return await().atMost(LONG_ENOUGH)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> delivery(id), delivery -> delivery.status() != DeliveryStatus.PENDING);
    }

    private Delivery delivery(long id) {
        return delivering.deliveries().list(account, subject, 1, 100).deliveries().stream()
                .filter(delivery -> delivery.id() == id)
                .findFirst()
                .orElseThrow();
    }

    private UUID accountId(Account of) {
        return delivering
                .service()
                .database()
                .sql("SELECT id FROM account WHERE email = ?")
                .param(of.email())
                .query(UUID.class)
                .single();
    }

    private static Map<String, List<String>> lists(Map<String, String> headers) {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        headers.forEach((name, value) -> lists.put(name, List.of(value)));
        return lists;
    }
}
