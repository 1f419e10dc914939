package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.event.EventType;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.OutboxMessage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EndpointDeliveriesTest {
    private final EventRoom room = new EventRoom();
    private final EndpointDeliveries deliveries = room.get(EndpointDeliveries.class);
    private final WebhookEndpoints endpoints = room.get(WebhookEndpoints.class);
    private final UUID account = room.account();
    private final long endpoint = endpoint("job.completed");

    private long endpoint(String event) {
        return endpoints
                .create(account, "https://127.0.0.1/hook", List.of(event))
                .id();
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void aListIsOfOneEndpointAndOneStatusAndTheNewestComesFirst() {
        room.happens(account, EventType.JOB_COMPLETED);
        stepAll(200);
        room.happens(account, EventType.JOB_COMPLETED);
        stepAll(500);
        room.happens(account, EventType.JOB_COMPLETED);
        DeliveryPage page = deliveries.list(account, endpoint, null, 1, 2);

        assertThat(page.total()).isEqualTo(3);
        assertThat(page.deliveries()).hasSize(2);
        assertThat(page.deliveries().getFirst().attempts()).isEmpty();
        assertThat(page.deliveries().getLast().attempts())
                .extracting(DeliveryAttempt::statusCode)
                .containsExactly(500);
        assertThat(deliveries.list(account, endpoint, null, 2, 2).deliveries())
                .extracting(Delivery::status)
                .containsExactly(DeliveryStatus.DELIVERED);
        assertThat(deliveries
                        .list(account, endpoint, DeliveryStatus.PENDING, 1, 10)
                        .total())
                .isEqualTo(2);
        assertThat(deliveries
                        .list(account, endpoint("job.completed"), null, 1, 10)
                        .deliveries())
                .isEmpty();
        assertThatThrownBy(() -> deliveries.list(room.account(), endpoint, null, 1, 10))
                .isInstanceOf(NotFoundException.class)
                .hasMessage("Webhook not found");
    }

    @Test
    void whatHasFailedIsMadeAgainWithItsScheduleFromTheBeginning() {
        String event = failed();
        room.clock.advance(Duration.ofDays(1));

        deliveries.redeliver(account, endpoint, only().id());

        assertThat(only().status()).isEqualTo(DeliveryStatus.PENDING);
        assertThat(only().eventId()).isEqualTo(event);
        OutboxMessage token = room.token();
        Instant before = room.clock.instant();
        assertThat(room.step(token, 500)).isOne();
        Instant next = only().nextAttemptAt();
        assertThat(next).isNotNull();
        assertThat(Duration.between(before, next)).isLessThan(Duration.ofSeconds(7));
        assertThat(only().attempts()).hasSize(EventRoom.DELAYS.size() + 2);
    }

    @Test
    void whatWasDeliveredCanBeDeliveredAgain() {
        room.happens(account, EventType.JOB_COMPLETED);
        stepAll(200);

        deliveries.redeliver(account, endpoint, only().id());

        assertThat(room.step(room.token(), 200)).isOne();
        assertThat(only().attempts()).hasSize(2);
    }

    @Test
    void whatIsPendingIsMadeDueAndKeepsItsSchedule() {
        room.happens(account, EventType.JOB_COMPLETED);
        stepAll(500);

        deliveries.redeliver(account, endpoint, only().id());

        assertThat(only().nextAttemptAt()).isEqualTo(room.clock.instant());
        stepAll(500);
        assertThat(Duration.between(room.clock.instant(), only().nextAttemptAt()))
                .isGreaterThanOrEqualTo(EventRoom.DELAYS.get(1));
    }

    @Test
    void anAttemptThatIsUnderWayIsNotMadeTwice() {
        room.happens(account, EventType.JOB_COMPLETED);
        OutboxMessage token = room.token();
        assertThat(room.take(token)).isNotNull();

        deliveries.redeliver(account, endpoint, only().id());

        for (OutboxMessage other : room.messages(Destination.WEBHOOKS_DELIVER)) {
            assertThat(room.step(other, 200)).isZero();
        }
    }

    @Test
    void allThatHasFailedInASpanIsMadeAgain() {
        Instant begin = room.clock.instant();
        failed();
        room.clock.advance(Duration.ofHours(1));
        Instant middle = room.clock.instant();
        failed();
        failed();
        Instant end = room.clock.instant();
        room.messages(Destination.WEBHOOKS_DELIVER);

        assertThat(deliveries.redeliverFailed(account, endpoint, begin, begin)).isOne();
        assertThat(deliveries.redeliverFailed(account, endpoint, middle, end)).isEqualTo(2);
        assertThat(deliveries.redeliverFailed(account, endpoint, begin, end)).isZero();
        int made = 0;
        for (OutboxMessage token : room.messages(Destination.WEBHOOKS_DELIVER)) {
            made += room.step(token, 200);
        }
        assertThat(made).isEqualTo(3);
        assertThatThrownBy(() -> deliveries.redeliverFailed(account, endpoint, end, begin))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aTestGoesToThisEndpointAlone() throws IOException {
        long other = endpoint("job.completed");

        long id = deliveries.test(account, endpoint);

        assertThat(only().id()).isEqualTo(id);
        assertThat(only().event()).isEqualTo("job.completed");
        assertThat(deliveries.list(account, other, null, 1, 10).deliveries()).isEmpty();
        JsonNode sent = new ObjectMapper()
                .readTree(room.jdbc()
                        .sql("SELECT convert_from(body, 'UTF8') FROM webhook_event")
                        .query(String.class)
                        .single());
        assertThat(sent.path("type").asText()).isEqualTo("job.completed");
        assertThat(sent.path("timestamp").asText())
                .isEqualTo(room.clock.instant().toString());
        assertThat(sent.at("/data/test").asBoolean()).isTrue();
        assertThat(sent.at("/data/userId").isIntegralNumber()).isTrue();
        assertThat(room.step(room.token(), 204)).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void everyKindOfEventHasASample(EventType type) {
        assertThat(SampleEvents.data(type, room.clock.instant(), account, 1))
                .containsEntry("test", true)
                .containsKey("userId")
                .hasSizeGreaterThan(3);
    }

    @Test
    void nothingIsAskedOfAnEndpointThatIsNotActiveOrIsAnothers() {
        room.happens(account, EventType.JOB_COMPLETED);
        stepAll(200);
        long id = only().id();
        Instant now = room.clock.instant();
        for (UUID asking : List.of(account, room.account())) {
            endpoints.update(account, endpoint, new WebhookEndpointChange(null, null, !asking.equals(account)));
            List<Runnable> attempts = List.of(
                    () -> deliveries.test(asking, endpoint),
                    () -> deliveries.redeliver(asking, endpoint, id),
                    () -> deliveries.redeliverFailed(asking, endpoint, now, now));
            for (Runnable attempt : attempts) {
                assertThatThrownBy(attempt::run)
                        .isInstanceOf(asking.equals(account) ? InvalidInputException.class : NotFoundException.class);
            }
        }
        long other = endpoint("job.completed");
        assertThatThrownBy(() -> deliveries.redeliver(account, other, id))
                .isInstanceOf(NotFoundException.class)
                .hasMessage("Delivery not found");
    }

    @Test
    void theExportFindsEveryReceiverAndDelivery() {
        room.happens(account, EventType.TASK_COMPLETED, "https://127.0.0.1/one-off");
        room.happens(account, EventType.JOB_COMPLETED);
        List<EventReceiver> receivers = deliveries.receivers(account, 0);

        assertThat(receivers).extracting(EventReceiver::registered).containsExactly(true, false);
        assertThat(deliveries.receivers(account, receivers.getLast().id())).isEmpty();
        List<Delivery> found = new ArrayList<>();
        receivers.forEach(receiver -> found.addAll(deliveries.some(receiver.id(), Long.MAX_VALUE)));
        assertThat(found).hasSize(2);
    }

    /** An event that was given up after all its attempts. */
    private String failed() {
        String event = room.happens(account, EventType.JOB_COMPLETED);
        room.jdbc().sql("""
                        INSERT INTO event_attempt (delivery_id, number, begun_at, duration_ms)
                        SELECT id, n, created_at, 1 FROM event_delivery, generate_series(1, ?) n WHERE event_id = ?""").params(EventRoom.DELAYS.size() + 1, event).update();
        room.jdbc().sql("""
                        UPDATE event_delivery SET status = 'failed', attempts = ?, next_attempt_at = NULL,
                               ended_at = created_at WHERE event_id = ?""").params(EventRoom.DELAYS.size() + 1, event).update();
        room.messages(Destination.WEBHOOKS_DELIVER).forEach(token -> room.step(token, 200));
        return event;
    }

    private void stepAll(int answer) {
        room.messages(Destination.WEBHOOKS_DELIVER).forEach(token -> room.step(token, answer));
    }

    private Delivery only() {
        return deliveries.list(account, endpoint, null, 1, 10).deliveries().getFirst();
    }
}
