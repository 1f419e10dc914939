package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.InvalidInputException;
import io.bactrian.TestDatabase;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.OutboxMessage;
import io.bactrian.recovery.RecoveryRoom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessResourceFailureException;

/** What is stored, and what follows, at each step of a delivery; a step that is left out is a process that has died there. */
class FileDeliveriesTest {
    private static final String RECEIVER = "https://127.0.0.1:1/take";

    private final TestDatabase database = TestDatabase.create();
    private final Path directory;
    private final WebhookNode node;
    private final UUID account;

    FileDeliveriesTest(@TempDir Path directory) {
        this.directory = directory;
        this.node = new WebhookNode(database, directory);
        this.account = node.account();
    }

    @AfterEach
    void close() {
        node.close();
        database.close();
    }

    @Test
    void anAttemptHasTheFileAndTheHeadersThatSignIt() throws Exception {
        request();
        PreparedDelivery prepared = prepared(node.message());

        assertThat(prepared.file()).hasContent("job_1 as csv");
        assertThat(prepared.headers())
                .containsAllEntriesOf(WebhookSignature.headers(
                        only().eventId(),
                        node.clock.instant(),
                        List.of(node.secrets.current(account)),
                        "job_1 as csv".getBytes(StandardCharsets.UTF_8)))
                .containsEntry("Content-Disposition", "attachment; filename=\"job_1__.csv\"")
                .containsEntry("User-Agent", "BactrianBot/0.1 (webhooks; +https://example.org/bot)");

        prepared.close();
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    void whatTheReceiverTakesIsDelivered() throws Exception {
        long id = request();
        OutboxMessage message = node.message();
        node.attempts.answered(prepared(message), 204, null, null);

        Delivery delivery = only();
        assertThat(delivery.id()).isEqualTo(id);
        assertThat(delivery.event()).isEqualTo("export.csv");
        assertThat(delivery.status()).isEqualTo(DeliveryStatus.DELIVERED);
        assertThat(delivery.nextAttemptAt()).isNull();
        assertThat(delivery.attempts()).singleElement().satisfies(attempt -> {
            assertThat(attempt.statusCode()).isEqualTo(204);
            assertThat(attempt.error()).isNull();
        });
        assertThat(node.messages()).isEmpty();
        assertThat(node.deliveries.prepare(message.body()))
                .as("the message, delivered again")
                .isNull();
    }

    @Test
    void aFailedAttemptIsFollowedByAnotherOnScheduleUntilThereIsNone() throws Exception {
        request();
        String eventId = only().eventId();
        List<Duration> waits = new ArrayList<>();
        for (int attempt = 1; attempt <= WebhookNode.DELAYS.size(); attempt++) {
            try (PreparedDelivery prepared = prepared(node.message())) {
                assertThat(prepared.headers()).containsEntry("webhook-id", eventId);
                node.attempts.answered(prepared, 500, null, "no\0pe".getBytes(StandardCharsets.UTF_8));
            }
            OutboxMessage next = node.message();
            waits.add(Duration.between(node.clock.instant(), deliverAt(next)));
            assertThat(only().nextAttemptAt()).isNotNull();
            node.clock.advance(waits.getLast());
            resend(next);
        }
        node.attempts.failed(prepared(node.message()), "The host does not resolve.");

        for (int index = 0; index < waits.size(); index++) {
            Duration delay = WebhookNode.DELAYS.get(index);
            assertThat(waits.get(index)).isBetween(delay, delay.multipliedBy(6).dividedBy(5));
        }
        assertThat(only().status()).isEqualTo(DeliveryStatus.FAILED);
        assertThat(only().attempts())
                .extracting(DeliveryAttempt::error)
                .containsExactly(
                        "The receiver answered 500.",
                        "The receiver answered 500.",
                        "The receiver answered 500.",
                        "The host does not resolve.");
        assertThat(only().attempts().getFirst().responseBody()).isEqualTo("no\uFFFDpe");
        assertThat(node.messages()).isEmpty();
    }

    @Test
    void retryAfterIsHeededUpToTheLongestDelay() throws Exception {
        assertThat(waitAfter("60")).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(72));
        assertThat(waitAfter("1")).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(6));
        assertThat(waitAfter("Sun, 01 Mar 2026 12:01:00 GMT"))
                .isBetween(Duration.ofSeconds(59), Duration.ofSeconds(72));
        assertThat(waitAfter("999999999")).isBetween(Duration.ofMinutes(10), Duration.ofMinutes(12));
        assertThat(waitAfter("soon")).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(6));
    }

    private Duration waitAfter(String retryAfter) throws IOException {
        request();
        try (PreparedDelivery prepared = prepared(node.message())) {
            node.attempts.answered(prepared, 503, retryAfter, null);
        }
        return Duration.between(node.clock.instant(), deliverAt(node.message()));
    }

    @Test
    void aReceiverThatIsGoneIsNotAskedAgain() throws Exception {
        request();
        node.attempts.answered(prepared(node.message()), 410, null, null);

        assertThat(only().status()).isEqualTo(DeliveryStatus.FAILED);
        assertThat(node.messages()).isEmpty();
    }

    @Test
    void anAttemptThatWasNotStoredIsMadeAgainAndOneThatWasIsNot() throws Exception {
        request();
        OutboxMessage message = node.message();
        prepared(message).close();
        assertThat(only().attempts()).isEmpty();

        PreparedDelivery again = prepared(message);
        PreparedDelivery twin = prepared(message);
        node.attempts.answered(again, 500, null, null);
        node.attempts.answered(twin, 200, null, null);

        assertThat(only().attempts()).hasSize(1);
        assertThat(only().status()).isEqualTo(DeliveryStatus.PENDING);
        assertThat(node.message().body()).isNotEqualTo(message.body());
        assertThat(node.deliveries.prepare(message.body())).isNull();
    }

    @Test
    void whatIsTooMuchForAHostIsPutBackForAWhile() throws Exception {
        List<OutboxMessage> messages = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            request();
            messages.add(node.message());
        }
        PreparedDelivery first = prepared(messages.get(0));
        prepared(messages.get(1));

        assertThat(node.deliveries.prepare(messages.get(2).body())).isNull();
        assertThat(deliverAt(node.message())).isEqualTo(node.clock.instant().plusSeconds(1));
        assertThat(node.deliveries.prepare(messages.get(3).body())).isNull();
        OutboxMessage last = node.message();
        assertThat(deliverAt(last)).isEqualTo(node.clock.instant().plusMillis(1250));
        first.close();
        first.close();
        assertThat(node.deliveries.prepare(messages.get(3).body()))
                .as("the message before it was put back")
                .isNull();
        prepared(last);
    }

    @Test
    void anAccountHasNoMoreThanItsShareUnderWay() throws Exception {
        for (int number = 0; number < 3; number++) {
            node.deliveries.request(account, "job_1", "csv", "https://127.0.0." + number + "/");
            prepared(node.message());
        }
        node.deliveries.request(account, "job_1", "csv", "https://127.0.1.1/");
        assertThat(node.deliveries.prepare(node.message().body())).isNull();
        node.message();

        node.deliveries.request(node.account(), "job_1", "csv", "https://127.0.1.1/");
        prepared(node.message());
    }

    @Test
    void aFileThatIsNoLongerThereEndsItsDelivery() throws Exception {
        request();
        node.emptied = true;

        assertThat(node.deliveries.prepare(node.message().body())).isNull();
        assertThat(only().status()).isEqualTo(DeliveryStatus.FAILED);
        assertThat(only().attempts())
                .extracting(DeliveryAttempt::error)
                .containsExactly("There is no such file any more.");
    }

    @Test
    void aFileThatCannotBeMadeIsTriedAgainAndLeavesNothing() throws Exception {
        for (int number = 0; number < 3; number++) {
            request();
        }
        node.broken = true;

        for (OutboxMessage message : node.messages()) {
            assertThat(node.deliveries.prepare(message.body())).isNull();
        }
        assertThat(node.deliveries.list(account, "job_1", 1, 10).deliveries()).allSatisfy(delivery -> {
            assertThat(delivery.status()).isEqualTo(DeliveryStatus.PENDING);
            assertThat(delivery.attempts().getFirst().error()).isEqualTo("The file could not be made.");
        });
        assertThat(node.messages()).hasSize(3);
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    void aDatabaseThatIsAwayIsNoAttempt() throws Exception {
        request();
        String message = node.message().body();
        DataAccessResourceFailureException away =
                new DataAccessResourceFailureException("The rows", new SQLException("The connection broke.", "08006"));
        node.trouble = away;

        assertThatThrownBy(() -> node.deliveries.prepare(message)).isSameAs(away);

        assertThat(only().attempts()).isEmpty();
        assertThat(filesLeft()).isEmpty();
        assertThat(node.messages()).isEmpty();
        node.attempts.answered(
                Objects.requireNonNull(node.deliveries.prepare(message), "the message comes again"), 204, null, null);
        assertThat(only().status()).isEqualTo(DeliveryStatus.DELIVERED);
    }

    @Test
    void aDiskWithoutRoomPutsADeliveryBackAndIsNoAttempt() throws Exception {
        request();
        Path inTheWay = Files.createFile(directory.resolve("deliveries"));
        assertThat(node.deliveries.prepare(node.message().body())).isNull();
        Files.delete(inTheWay);
        OutboxMessage second = node.message();
        node.trouble = new IOException("No space left on device");
        assertThat(node.deliveries.prepare(second.body())).isNull();

        OutboxMessage third = node.message();
        assertThat(deliverAt(third)).isEqualTo(node.clock.instant().plus(Duration.ofMinutes(1)));
        assertThat(only().attempts()).isEmpty();
        assertThat(filesLeft()).isEmpty();
        node.attempts.answered(prepared(third), 204, null, null);
        assertThat(only().status()).isEqualTo(DeliveryStatus.DELIVERED);
    }

    @Test
    void onlyFilesThatWereLeftBehindAreDeleted() throws IOException {
        Path used = node.files.create();
        Path left = node.files.create();
        Files.setLastModifiedTime(used, FileTime.from(node.clock.instant()));
        Files.setLastModifiedTime(left, FileTime.from(node.clock.instant().minusSeconds(3601)));

        node.files.deleteLeftBehind();

        assertThat(filesLeft()).containsExactly(used);
    }

    @Test
    void aMessageThatWasLostIsWrittenAnew() throws Exception {
        request();
        OutboxMessage lost = node.message();
        node.attempts.resendLost();
        assertThat(node.messages()).isEmpty();

        node.clock.advance(Duration.ofMinutes(61));
        node.attempts.resendLost();
        assertThat(node.message().body()).isEqualTo(lost.body());
        node.attempts.resendLost();
        assertThat(node.messages()).isEmpty();
    }

    @Test
    void aDeliveryToAUrlThatCannotBeReadIsOver() throws Exception {
        request();
        String message = node.message().body();
        database.jdbc()
                .sql("UPDATE webhook_delivery SET url = 'nowhere' WHERE status = 'pending'")
                .update();

        assertThat(node.deliveries.prepare(message)).isNull();

        assertThat(node.deliveries.list(account, "job_1", 1, 10).deliveries())
                .singleElement()
                .satisfies(delivery -> assertThat(delivery.status()).isEqualTo(DeliveryStatus.FAILED));
    }

    @Test
    void aDeliveryThatAlwaysFailsIsGivenUp() throws Exception {
        request();
        String message = node.message().body();

        for (int i = 0; i < 20; i++) {
            node.failures.note("bactrian.exports.deliver", message, new IllegalStateException("It fails."));
            node.clock.advance(Duration.ofMinutes(61));
            node.attempts.resendLost();
        }

        assertThat(node.messages()).hasSize(RecoveryRoom.REISSUES);
        assertThat(node.deliveries.list(account, "job_1", 1, 10).deliveries())
                .singleElement()
                .satisfies(delivery -> assertThat(delivery.status()).isEqualTo(DeliveryStatus.FAILED));
    }

    @Test
    void deliveriesAreForgottenThirtyDaysAfterTheirEndAndWithTheirAccount() throws Exception {
        request();
        node.attempts.answered(prepared(node.message()), 200, null, null);
        request();
        node.messages();
        node.clock.advance(Duration.ofDays(30));
        node.attempts.forgetOld();
        assertThat(node.deliveries.list(account, "job_1", 1, 10).total()).isEqualTo(2);

        node.clock.advance(Duration.ofSeconds(1));
        node.attempts.forgetOld();
        assertThat(only().status()).isEqualTo(DeliveryStatus.PENDING);

        node.deliveries.eraseSome(account);
        assertThat(node.deliveries.list(account, "job_1", 1, 10).total()).isZero();
    }

    @Test
    void theListHasTheNewestFirstAndOnlyTheAccountsOwn() {
        List<Long> ids = new ArrayList<>();
        for (int number = 0; number < 5; number++) {
            ids.add(request());
        }
        UUID other = node.account();
        node.deliveries.request(other, "job_1", "csv", RECEIVER);
        node.deliveries.request(account, "job_2", "csv", RECEIVER);

        DeliveryPage first = node.deliveries.list(account, "job_1", 1, 3);
        DeliveryPage second = node.deliveries.list(account, "job_1", 2, 3);

        assertThat(first.deliveries()).extracting(Delivery::id).containsExactly(ids.get(4), ids.get(3), ids.get(2));
        assertThat(first.total()).isEqualTo(5);
        assertThat(first.hasMore()).isTrue();
        assertThat(second.deliveries()).extracting(Delivery::id).containsExactly(ids.get(1), ids.get(0));
        assertThat(second.hasMore()).isFalse();
        assertThat(node.deliveries.list(account, "job_1", 3, 3).deliveries()).isEmpty();
        assertThat(node.deliveries.list(node.account(), "job_1", 1, 3).total()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://93.184.215.14/",
                "http://nothing.invalid/",
                "https://10.0.0.1/",
                "https://[::1]/",
                "https://user:secret@example.com/",
                "ftp://example.com/",
                "/take",
                ""
            })
    void aUrlThatNothingMayBeSentToIsRefused(String url) {
        assertThatThrownBy(() -> node.deliveries.request(account, "job_1", "csv", url))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        refused -> assertThat(refused.violations())
                                .singleElement()
                                .satisfies(violation ->
                                        assertThat(violation.field()).isEqualTo("url")));
        assertThat(node.messages()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://93.184.215.14/",
                "https://nothing.invalid/",
                "http://127.0.0.1/{{bactrian.secret}}?a[]=1"
            })
    void otherUrlsAreTaken(String url) {
        assertThat(node.deliveries.request(account, "job_1", "csv", url)).isPositive();
        assertThat(database.jdbc()
                        .sql("select url from webhook_delivery")
                        .query(String.class)
                        .single())
                .doesNotContain("{");
    }

    private long request() {
        return node.deliveries.request(account, "job_1", "csv", RECEIVER);
    }

    private PreparedDelivery prepared(OutboxMessage message) throws IOException {
        return Objects.requireNonNull(node.deliveries.prepare(message.body()));
    }

    /** As if the sweeper had sent it: what a test has looked at is there to be taken again. */
    private void resend(OutboxMessage message) {
        database.transactions()
                .executeWithoutResult(transaction -> node.outbox.write(
                        Destination.valueOf(message.destination()),
                        parsed(message),
                        message.properties(),
                        message.deliverAt()));
    }

    private static DeliveryToken parsed(OutboxMessage message) {
        String[] numbers = message.body().replaceAll("[^0-9,]", "").split(",", -1);
        return new DeliveryToken(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }

    private static Instant deliverAt(OutboxMessage message) {
        return Objects.requireNonNull(message.deliverAt());
    }

    private Delivery only() {
        List<Delivery> deliveries =
                node.deliveries.list(account, "job_1", 1, 10).deliveries();
        assertThat(deliveries).hasSize(1);
        return deliveries.getFirst();
    }

    private List<Path> filesLeft() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("deliveries"))) {
            return files.toList();
        }
    }
}
