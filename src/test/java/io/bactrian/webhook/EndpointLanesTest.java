package io.bactrian.webhook;

import static io.bactrian.event.EventType.JOB_COMPLETED;
import static io.bactrian.event.EventType.JOB_FAILED;
import static io.bactrian.event.EventType.TASK_COMPLETED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.outbox.Destination;
import io.bactrian.outbox.OutboxMessage;
import io.bactrian.recovery.FailedWork;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** What is stored, and what follows, at each step of delivering events; a step that is left out is a process that has died there. */
class EndpointLanesTest {
    private final EventRoom room = new EventRoom();
    private final UUID account = room.account();

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void anEventGoesToTheEndpointsOfItsAccountThatWantIt() {
        long wants = room.endpoint(account, JOB_COMPLETED, TASK_COMPLETED);
        long wantsOthers = room.endpoint(account, JOB_FAILED);
        long another = room.endpoint(room.account(), JOB_COMPLETED);

        String event = room.happens(account, JOB_COMPLETED);

        assertThat(room.delivery(wants, event)).isEqualTo("pending after 0");
        assertThat(room.delivery(wantsOthers, event)).isEqualTo("none");
        assertThat(room.delivery(another, event)).isEqualTo("none");
        assertThat(room.step(room.token(), 200)).isOne();
        assertThat(room.delivery(wants, event)).isEqualTo("delivered after 1");
        assertThat(room.awake(wants)).isZero();
    }

    @Test
    void theWebhookUrlOfATaskIsAReceiverOfItsOwnSignedWithTheAccountsSecret() {
        String event = room.happens(account, TASK_COMPLETED, "https://127.0.0.1/one-off");

        EndpointStep step = Objects.requireNonNull(room.take(room.token()));
        Attempt attempt = (Attempt) step.attempts().next();
        assertThat(attempt.url()).hasToString("https://127.0.0.1/one-off");
        byte[] body = (byte[]) attempt.content();
        assertThat(attempt.headers())
                .containsAllEntriesOf(WebhookSignature.headers(
                        event, attempt.begunAt(), room.get(SigningSecrets.class).valid(account), body));
        assertThat(new String(body, StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"type\":\"task.completed\",\"timestamp\":\"2026-03-01T12:00:00.123Z\",\"data\":{\"n\":1}}");
    }

    @Test
    void anEventThatIsToldTwiceIsDeliveredOnce() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        room.publish(account, JOB_COMPLETED, null);
        OutboxMessage message = room.messages(Destination.WEBHOOKS_EVENTS).getFirst();
        room.accept(message.body());
        OutboxMessage token = room.token();
        room.step(token, 200);
        room.accept(message.body());

        assertThat(room.messages(Destination.WEBHOOKS_DELIVER)).isEmpty();
        assertThat(room.step(token, 200)).as("the token, delivered again").isZero();
        assertThat(room.awake(endpoint)).isZero();
    }

    @Test
    void theStepOfAProcessThatDiedIsMadeAgainExceptForWhatWasStored() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        String first = room.happens(account, JOB_COMPLETED);
        String second = room.happens(account, JOB_COMPLETED);
        OutboxMessage token = room.messages(Destination.WEBHOOKS_DELIVER).getFirst();

        Iterator<Object> attempts = Objects.requireNonNull(room.take(token)).attempts();
        Attempt stored = (Attempt) attempts.next();
        room.get(WebhookAttempts.class).answered(stored, 200, null, null);
        Attempt lost = (Attempt) attempts.next();

        EndpointStep again = Objects.requireNonNull(room.take(token));
        Attempt repeated = (Attempt) again.attempts().next();
        assertThat(repeated.headers()).containsEntry("webhook-id", second);
        assertThat((byte[]) repeated.content()).isEqualTo((byte[]) lost.content());
        assertThat(room.delivery(endpoint, first)).isEqualTo("delivered after 1");
    }

    @Test
    void anAttemptThatIsNotStoredIsTheLastOfItsStep() {
        room.endpoint(account, JOB_COMPLETED);
        room.happens(account, JOB_COMPLETED);
        room.happens(account, JOB_COMPLETED);
        EndpointStep step = Objects.requireNonNull(
                room.take(room.messages(Destination.WEBHOOKS_DELIVER).getFirst()));
        Iterator<Object> attempts = step.attempts();
        attempts.next();
        assertThat(attempts.hasNext())
                .as("Camel's question before the attempt is made")
                .isTrue();

        assertThat(attempts.hasNext()).isFalse();
        assertThat(step.attempts().hasNext()).isFalse();
    }

    @Test
    void aTokenThatComesTooEarlyComesBackWhenTheBrokersClockSaysSo() {
        room.endpoint(account, JOB_COMPLETED);
        room.happens(account, JOB_COMPLETED);
        room.step(room.token(), 500);
        OutboxMessage token = room.token();
        Instant due = Objects.requireNonNull(token.deliverAt());
        Duration ahead = Duration.ofSeconds(1);
        room.clock.advance(Duration.between(room.clock.instant(), due.minus(ahead)));

        assertThat(room.step(token, 200)).isZero();

        OutboxMessage back = room.token();
        assertThat(back.deliverAt()).isEqualTo(due.plus(ahead));
        room.clock.advance(ahead);
        assertThat(room.step(back, 200)).isOne();
    }

    @Test
    void aFailedAttemptIsFollowedByOthersOnScheduleAndTheLaneWaitsForThem() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        String event = room.happens(account, JOB_COMPLETED);
        for (Duration delay : EventRoom.DELAYS.subList(0, 2)) {
            Instant before = room.clock.instant();
            OutboxMessage token = room.token();
            room.step(token, 500);
            OutboxMessage next = room.token();
            Instant due = Objects.requireNonNull(next.deliverAt());
            assertThat(Duration.between(before, due)).isBetween(delay, delay.plus(delay.dividedBy(5)));
            assertThat(room.step(next, 200)).as("too early").isZero();
            assertThat(room.awake(endpoint)).isOne();
            room.clock.advance(Duration.between(before, due));
        }
        assertThat(room.step(room.token(), 204)).isOne();
        assertThat(room.delivery(endpoint, event)).isEqualTo("delivered after 3");
    }

    @Test
    void anEventDoesNotWaitForTheRetryOfAnother() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        String failed = room.happens(account, JOB_COMPLETED);
        room.step(room.token(), 500);
        OutboxMessage waiting = room.token();

        String next = room.happens(account, JOB_COMPLETED);

        assertThat(room.step(room.token(), 200)).isOne();
        assertThat(room.delivery(endpoint, next)).isEqualTo("delivered after 1");
        assertThat(room.delivery(endpoint, failed)).isEqualTo("pending after 1");
        assertThat(room.step(waiting, 200)).as("the token that was replaced").isZero();
    }

    @Test
    void anEndpointHasNoMoreTokensThanLanes() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        for (int event = 0; event < 50; event++) {
            room.happens(account, JOB_COMPLETED);
        }
        List<OutboxMessage> tokens = room.messages(Destination.WEBHOOKS_DELIVER);
        assertThat(tokens).hasSize(EventRoom.LANES);
        assertThat(drain(tokens)).isEqualTo(50);
        assertThat(room.awake(endpoint)).isZero();
    }

    @Test
    void aFullBatchWakesAnotherLaneForTheRest() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        for (int event = 0; event < 25; event++) {
            room.happens(account, JOB_COMPLETED);
        }
        room.messages(Destination.WEBHOOKS_DELIVER);
        room.jdbc().sql("UPDATE webhook_lane SET due_at = NULL WHERE lane > 0").update();
        room.jdbc().sql("UPDATE webhook_lane SET sequence = 0 WHERE lane = 0").update();

        room.take(token(endpoint, 0, 0));

        assertThat(room.messages(Destination.WEBHOOKS_DELIVER)).hasSize(1);
        assertThat(room.awake(endpoint)).isEqualTo(2);
    }

    @Test
    void aSlowEndpointKeepsOneLaneAmongThoseOfItsLike() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        for (int event = 0; event < 50; event++) {
            room.happens(account, JOB_COMPLETED);
        }
        for (OutboxMessage token : room.messages(Destination.WEBHOOKS_DELIVER)) {
            EndpointStep step = Objects.requireNonNull(room.take(token));
            Attempt attempt = (Attempt) step.attempts().next();
            attempt.store(
                    new DeliveryAttempt(room.clock.instant(), null, 15_000, "The receiver hangs.", null),
                    DeliveryStatus.PENDING,
                    room.clock.instant().plusSeconds(5));
            room.get(EndpointLanes.class).pass(step);
        }
        assertThat(room.messages(Destination.WEBHOOKS_DELIVER)).isEmpty();
        assertThat(room.messages(Destination.WEBHOOKS_DELIVER_SLOW)).hasSize(1);
        assertThat(room.awake(endpoint)).isOne();
    }

    @Test
    void anEndpointThatIsGoneIsSwitchedOffAndItsOwnerIsTold() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        String first = room.happens(account, JOB_COMPLETED);
        String second = room.happens(account, JOB_COMPLETED);
        room.step(room.messages(Destination.WEBHOOKS_DELIVER).getFirst(), 410);

        assertThat(room.delivery(endpoint, first)).isEqualTo("failed after 1");
        assertThat(room.delivery(endpoint, second)).isEqualTo("failed after 0");
        assertThat(state(endpoint)).isEqualTo("off: The receiver answered 410 Gone.");
        assertThat(room.messages(Destination.MAILS_SEND))
                .singleElement()
                .satisfies(
                        letter -> assertThat(letter.body()).contains(account + "@example.com", "switched off", "410"));
        assertThat(room.happens(account, JOB_COMPLETED))
                .satisfies(event -> assertThat(room.delivery(endpoint, event)).isEqualTo("none"));
    }

    @Test
    void anEndpointThatHasOnlyFailedForFiveDaysIsSwitchedOff() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        room.happens(account, JOB_COMPLETED);
        room.step(room.token(), 500);
        room.token();
        room.clock.advance(Duration.ofDays(5).minusSeconds(1));
        room.happens(account, JOB_COMPLETED);
        room.step(room.messages(Destination.WEBHOOKS_DELIVER).getFirst(), 503);
        assertThat(state(endpoint)).isEqualTo("on");

        room.clock.advance(Duration.ofSeconds(1));
        room.messages(Destination.WEBHOOKS_DELIVER);
        room.happens(account, JOB_COMPLETED);
        room.step(room.messages(Destination.WEBHOOKS_DELIVER).getFirst(), 503);
        assertThat(state(endpoint)).isEqualTo("off: All attempts have failed since 2026-03-01T12:00:00Z.");
        assertThat(room.messages(Destination.MAILS_SEND)).hasSize(1);
    }

    @Test
    void oneSuccessInFiveDaysKeepsAnEndpointOn() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        room.happens(account, JOB_COMPLETED);
        room.step(room.token(), 500);
        room.token();
        room.clock.advance(Duration.ofDays(3));
        room.happens(account, JOB_COMPLETED);
        room.step(room.messages(Destination.WEBHOOKS_DELIVER).getFirst(), 200);
        room.clock.advance(Duration.ofDays(3));
        room.messages(Destination.WEBHOOKS_DELIVER);
        room.happens(account, JOB_COMPLETED);
        room.step(room.messages(Destination.WEBHOOKS_DELIVER).getFirst(), 500);

        assertThat(state(endpoint)).isEqualTo("on");
    }

    @Test
    void aPausedEndpointIsSentWhatHappenedMeanwhileWhenItIsResumed() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        room.jdbc().sql("UPDATE webhook_endpoint SET is_active = false").update();
        String event = room.happens(account, JOB_COMPLETED);
        assertThat(room.messages(Destination.WEBHOOKS_DELIVER)).isEmpty();

        room.jdbc().sql("UPDATE webhook_endpoint SET is_active = true").update();
        room.get(TransactionTemplate.class)
                .executeWithoutResult(
                        transaction -> room.get(EndpointLanes.class).wake(endpoint));
        room.step(room.token(), 200);

        assertThat(room.delivery(endpoint, event)).isEqualTo("delivered after 1");
    }

    @Test
    void aTokenThatWasLostIsIssuedAgain() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        String event = room.happens(account, JOB_COMPLETED);
        OutboxMessage lost = room.token();
        room.clock.advance(Duration.ofMinutes(16));
        room.get(EndpointLanes.class).reissueLostTokens();

        assertThat(room.step(room.token(), 200)).isOne();
        assertThat(room.step(lost, 200))
                .as("the token that was not lost after all")
                .isZero();
        assertThat(room.delivery(endpoint, event)).isEqualTo("delivered after 1");
    }

    @Test
    void deliveriesAtWhichALaneAlwaysFailsAreGivenUpAndTheNextGoesOn() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        String poison = room.happens(account, JOB_COMPLETED);
        OutboxMessage token = room.token();
        assertThat(room.take(token)).isNotNull();

        failAlways(token);

        assertThat(room.delivery(endpoint, poison)).isEqualTo("failed after 0");
        room.messages(Destination.WEBHOOKS_DELIVER);
        String next = room.happens(account, JOB_COMPLETED);
        drain(room.messages(Destination.WEBHOOKS_DELIVER));
        assertThat(room.delivery(endpoint, next)).isEqualTo("delivered after 1");
    }

    @Test
    void anEndpointThatCannotBeServedIsSwitchedOff() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        String event = room.happens(account, JOB_COMPLETED);
        OutboxMessage token = room.token();
        room.jdbc().sql("UPDATE webhook_endpoint SET url = 'nowhere'").update();
        assertThatThrownBy(() -> room.take(token)).isInstanceOf(RuntimeException.class);

        failAlways(token);

        assertThat(room.delivery(endpoint, event)).isEqualTo("failed after 0");
        assertThat(room.awake(endpoint)).isZero();
        assertThat(room.jdbc()
                        .sql("SELECT disabled_reason FROM webhook_endpoint WHERE NOT is_active")
                        .query(String.class)
                        .list())
                .singleElement()
                .asString()
                .contains("again and again");
    }

    private void failAlways(OutboxMessage token) {
        for (int i = 0; i < 20; i++) {
            room.get(FailedWork.class)
                    .note("bactrian.webhooks.deliver", token.body(), new IllegalStateException("It fails."));
            room.clock.advance(Duration.ofMinutes(16));
            room.get(EndpointLanes.class).reissueLostTokens();
        }
    }

    @Test
    void whatEndedAMonthAgoIsForgotten() {
        room.endpoint(account, JOB_COMPLETED);
        room.happens(account, JOB_COMPLETED, "https://127.0.0.1/one-off");
        drain(room.messages(Destination.WEBHOOKS_DELIVER));
        room.clock.advance(Duration.ofDays(31));
        forgetOld();

        for (String table : List.of("event_delivery", "event_attempt", "webhook_event")) {
            assertThat(room.jdbc()
                            .sql("SELECT count(*) FROM " + table)
                            .query(Long.class)
                            .single())
                    .as(table)
                    .isZero();
        }
        assertThat(room.jdbc()
                        .sql("SELECT count(*) FROM webhook_endpoint")
                        .query(Long.class)
                        .single())
                .as("the registered one")
                .isOne();
    }

    @Test
    void anEndpointIsNotForgottenUnderAnEventThatItIsBeingGiven() {
        idleEndpoint();
        OutboxMessage message = published("https://127.0.0.1/one-off");

        CompletableFuture<Void> retention = room.get(TransactionTemplate.class).execute(transaction -> {
            room.accept(message.body());
            return whileItRuns(this::forgetOld);
        });
        Objects.requireNonNull(retention).join();

        assertThat(count("event_delivery")).isOne();
        assertThat(room.step(room.token(), 200)).isOne();
    }

    @Test
    void anEndpointThatIsBeingForgottenIsMadeAgainForAnEvent() {
        idleEndpoint();
        OutboxMessage message = published("https://127.0.0.1/one-off");

        CompletableFuture<Void> fanOut = room.get(TransactionTemplate.class).execute(transaction -> {
            forgetOld();
            return whileItRuns(() -> room.accept(message.body()));
        });
        Objects.requireNonNull(fanOut).join();

        assertThat(count("event_delivery")).isOne();
        assertThat(room.step(room.token(), 200)).isOne();
    }

    @Test
    void anEndpointIsNotForgottenBetweenTheStatementsOfAFanOut() {
        long registered = room.endpoint(account, TASK_COMPLETED);
        idleEndpoint();
        OutboxMessage message = published("https://127.0.0.1/one-off");

        // The fan-out has found the endpoint, and waits for the other one before it locks both.
        CompletableFuture<Void> fanOut = room.get(TransactionTemplate.class).execute(transaction -> {
            room.jdbc()
                    .sql("SELECT id FROM webhook_endpoint WHERE id = ? FOR UPDATE")
                    .param(registered)
                    .query(Long.class)
                    .single();
            CompletableFuture<Void> waiting = whileItRuns(() -> room.accept(message.body()));
            whileItRuns(this::forgetOld).join();
            return waiting;
        });
        Objects.requireNonNull(fanOut).join();

        assertThat(count("event_delivery")).as("one for each endpoint").isEqualTo(2);
    }

    @Test
    void anEventIsNotForgottenUnderAMessageThatComesAgain() {
        room.endpoint(account, JOB_COMPLETED);
        room.publish(account, JOB_COMPLETED, null);
        OutboxMessage message = room.messages(Destination.WEBHOOKS_EVENTS).getFirst();
        room.accept(message.body());
        room.step(room.token(), 200);
        room.clock.advance(Duration.ofDays(31));
        room.jdbc().sql("DELETE FROM event_delivery").update();

        CompletableFuture<Void> retention = room.get(TransactionTemplate.class).execute(transaction -> {
            room.accept(message.body());
            return whileItRuns(this::forgetOld);
        });
        Objects.requireNonNull(retention).join();

        assertThat(count("webhook_event")).isOne();
        assertThat(room.step(room.token(), 200)).isOne();
    }

    @Test
    void whatAStepThatDiedHadClaimedIsDeliveredThoughTheEndpointWasPausedMeanwhile() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        for (int event = 0; event < 12; event++) {
            room.happens(account, JOB_COMPLETED);
        }
        List<OutboxMessage> tokens = room.messages(Destination.WEBHOOKS_DELIVER);
        room.step(tokens.getFirst(), 200);
        OutboxMessage second = tokens.get(1);
        assertThat(room.take(second)).as("a step, of which no more is heard").isNotNull();
        room.jdbc().sql("UPDATE webhook_endpoint SET is_active = false").update();
        assertThat(room.take(second)).isNull();
        drain(room.messages(Destination.WEBHOOKS_DELIVER));
        drain(tokens);

        room.jdbc().sql("UPDATE webhook_endpoint SET is_active = true").update();
        room.get(TransactionTemplate.class)
                .executeWithoutResult(
                        transaction -> room.get(EndpointLanes.class).wake(endpoint));
        drain(room.messages(Destination.WEBHOOKS_DELIVER));

        assertThat(room.jdbc()
                        .sql("SELECT count(*) FROM event_delivery WHERE status <> 'delivered'")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void aStepReadsNoMoreHoweverManyDeliveriesWait() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        String event = room.happens(account, JOB_COMPLETED);
        room.jdbc().sql("""
                        INSERT INTO webhook_event (id, account_id, type, body, created_at)
                        SELECT 'evt-' || n, e.account_id, e.type, e.body, e.created_at
                          FROM webhook_event e, generate_series(1, 20000) n WHERE e.id = ?""").param(event).update();
        room.jdbc().sql("""
                        INSERT INTO event_delivery (endpoint_id, event_id, event, next_attempt_at, created_at)
                        SELECT d.endpoint_id, 'evt-' || n, d.event, d.next_attempt_at, d.created_at
                          FROM event_delivery d, generate_series(1, 20000) n WHERE d.event_id = ?""").param(event).update();

        EndpointStep step = Objects.requireNonNull(
                room.take(room.messages(Destination.WEBHOOKS_DELIVER).getFirst()));
        room.get(WebhookAttempts.class).answered((Attempt) step.attempts().next(), 200, null, null);
        Long read = room.get(TransactionTemplate.class).execute(transaction -> {
            room.get(EndpointLanes.class).pass(step);
            return room.jdbc().sql("""
                            SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'event_delivery'""").query(Long.class).single();
        });

        assertThat(read).as("deliveries read to pass the token on").isLessThan(100);
        assertThat(room.jdbc()
                        .sql(
                                "SELECT count(*) FROM event_delivery WHERE endpoint_id = ? AND status = 'pending' AND lane IS NULL")
                        .param(endpoint)
                        .query(Long.class)
                        .single())
                .isEqualTo(20_000);
    }

    @Test
    void anEndpointThatIsSwitchedOffWithVeryManyDeliveriesGivesThemUpBitByBit() {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        for (int event = 0; event < 3; event++) {
            room.happens(account, JOB_COMPLETED);
        }
        room.jdbc().sql("""
                        INSERT INTO event_delivery (endpoint_id, event_id, event, next_attempt_at, created_at)
                        SELECT ?, 'evt-' || n, 'job.completed', now(), now() FROM generate_series(1, ?) n""").params(endpoint, 2 * EventDeliveryStore.AT_ONCE).update();

        room.step(room.messages(Destination.WEBHOOKS_DELIVER).getFirst(), 410);
        long left = pending();
        assertThat(left).isBetween((long) EventDeliveryStore.AT_ONCE, 2L * EventDeliveryStore.AT_ONCE);
        int batches = 0;
        while (room.get(EndpointLanes.class).giveUpUndeliverable()) {
            batches++;
        }

        assertThat(pending()).isZero();
        assertThat(batches).isEqualTo(2);
    }

    @Test
    void aPausedEndpointKeepsItsDeliveriesForThirtyDays() {
        room.endpoint(account, JOB_COMPLETED);
        room.happens(account, JOB_COMPLETED);
        room.jdbc().sql("UPDATE webhook_endpoint SET is_active = false").update();
        room.clock.advance(Duration.ofDays(29));
        assertThat(room.get(EndpointLanes.class).giveUpUndeliverable()).isFalse();
        assertThat(pending()).isOne();

        room.clock.advance(Duration.ofDays(2));
        assertThat(room.get(EndpointLanes.class).giveUpUndeliverable()).isTrue();
        assertThat(pending()).isZero();
        assertThat(room.get(EndpointLanes.class).giveUpUndeliverable()).isFalse();
    }

    private long pending() {
        return room.jdbc()
                .sql("SELECT count(*) FROM event_delivery WHERE status = 'pending'")
                .query(Long.class)
                .single();
    }

    private long count(String table) {
        return room.jdbc()
                .sql("SELECT count(*) FROM " + table)
                .query(Long.class)
                .single();
    }

    /** The endpoint of a task's URL, a month after its last event. */
    private void idleEndpoint() {
        room.happens(account, TASK_COMPLETED, "https://127.0.0.1/one-off");
        drain(room.messages(Destination.WEBHOOKS_DELIVER));
        room.clock.advance(Duration.ofDays(31));
        room.jdbc().sql("DELETE FROM event_delivery").update();
    }

    private OutboxMessage published(String webhookUrl) {
        room.publish(account, TASK_COMPLETED, webhookUrl);
        return room.messages(Destination.WEBHOOKS_EVENTS).getFirst();
    }

    private void forgetOld() {
        EndpointLanes lanes = room.get(EndpointLanes.class);
        lanes.forgetOldDeliveries();
        lanes.forgetOldEvents();
        lanes.forgetIdleEndpoints();
    }

    /** Begins something on another connection, and returns when it has ended or waits for a lock. */
    private CompletableFuture<Void> whileItRuns(Runnable action) {
        long before = waitingForLocks();
        CompletableFuture<Void> running = CompletableFuture.runAsync(action, Thread::startVirtualThread);
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> running.isDone() || waitingForLocks() > before);
        return running;
    }

    private long waitingForLocks() {
        return room.jdbc()
                .sql(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
                .query(Long.class)
                .single();
    }

    @Test
    void noEventIsOverlookedHoweverFanOutAndLanesInterleave() throws Exception {
        long endpoint = room.endpoint(account, JOB_COMPLETED);
        int events = 300;
        try (ExecutorService workers = Executors.newFixedThreadPool(6)) {
            List<Future<?>> fanOuts = new ArrayList<>();
            for (int event = 0; event < events; event++) {
                room.publish(account, JOB_COMPLETED, null);
            }
            for (OutboxMessage message : room.messages(Destination.WEBHOOKS_EVENTS)) {
                fanOuts.add(workers.submit(() -> room.accept(message.body())));
            }
            int delivered = 0;
            while (!fanOuts.stream().allMatch(Future::isDone) || room.awake(endpoint) > 0) {
                List<Future<Integer>> steps = room.messages(Destination.WEBHOOKS_DELIVER).stream()
                        .map(token -> workers.submit(() -> room.step(token, 200)))
                        .toList();
                for (Future<Integer> step : steps) {
                    delivered += step.get();
                }
            }
            for (Future<?> fanOut : fanOuts) {
                fanOut.get();
            }
            assertThat(delivered).isEqualTo(events);
        } catch (ExecutionException e) {
            throw new AssertionError("A step failed.", e);
        }
        assertThat(room.jdbc()
                        .sql("SELECT count(*) FROM event_delivery WHERE status = 'delivered' AND attempts = 1")
                        .query(Integer.class)
                        .single())
                .isEqualTo(events);
    }

    private int drain(List<OutboxMessage> tokens) {
        int made = 0;
        List<OutboxMessage> next = tokens;
        while (!next.isEmpty()) {
            for (OutboxMessage token : next) {
                made += room.step(token, 200);
            }
            next = room.messages(Destination.WEBHOOKS_DELIVER);
        }
        return made;
    }

    private String state(long endpoint) {
        return room.jdbc()
                .sql(
                        "SELECT CASE WHEN is_active THEN 'on' ELSE 'off: ' || disabled_reason END FROM webhook_endpoint WHERE id = ?")
                .param(endpoint)
                .query(String.class)
                .single();
    }

    private static OutboxMessage token(long endpoint, int lane, long sequence) {
        return new OutboxMessage(
                UUID.randomUUID(),
                Destination.WEBHOOKS_DELIVER.name(),
                "{\"endpoint\":%d,\"lane\":%d,\"sequence\":%d}".formatted(endpoint, lane, sequence),
                Map.of(),
                null,
                OutboxMessage.ORDINARY);
    }
}
