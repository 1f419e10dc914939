package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.account.TestKeys;
import io.bactrian.event.EventType;
import io.bactrian.outbox.Destination;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebhookEndpointsTest {
    private static final String URL = "https://127.0.0.1/hook";
    private static final List<String> EVENTS = List.of("job.completed", "credits.low");
    private static final String OTHER_KEY =
            Base64.getEncoder().encodeToString("another key with thirty-two byte".getBytes(StandardCharsets.US_ASCII));

    private final EventRoom room = new EventRoom();
    private final WebhookEndpoints endpoints = room.get(WebhookEndpoints.class);
    private final EndpointSecrets secrets = room.get(EndpointSecrets.class);
    private final UUID account = room.account();

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void anEndpointIsListedChangedAndDeletedByItsOwnerAlone() {
        WebhookEndpoint made = endpoints.create(account, URL, EVENTS);
        UUID another = room.account();

        assertThat(endpoints.list(account)).containsExactly(made);
        assertThat(endpoints.find(account, made.id())).isEqualTo(made);
        assertThat(made.active()).isTrue();
        assertThat(endpoints.list(another)).isEmpty();
        WebhookEndpointChange change =
                new WebhookEndpointChange("https://127.0.0.1/other", List.of("job.failed"), false);
        for (Runnable attempt : List.<Runnable>of(
                () -> endpoints.find(another, made.id()),
                () -> endpoints.update(another, made.id(), change),
                () -> endpoints.rotateSecret(another, made.id()),
                () -> endpoints.delete(another, made.id()))) {
            assertThatThrownBy(attempt::run)
                    .isInstanceOf(NotFoundException.class)
                    .hasMessage("Webhook not found");
        }
        WebhookEndpoint changed = endpoints.update(account, made.id(), change);
        assertThat(changed.url()).isEqualTo("https://127.0.0.1/other");
        assertThat(changed.events()).containsExactly("job.failed");
        assertThat(changed.active()).isFalse();
        assertThat(changed.secret()).isEqualTo(made.secret());
        endpoints.delete(account, made.id());
        assertThat(endpoints.list(account)).isEmpty();
    }

    @Test
    void theUrlOfATaskIsNobodysToListOrChange() {
        room.happens(account, EventType.TASK_COMPLETED, "https://127.0.0.1/one-off");
        long id = room.jdbc()
                .sql("SELECT id FROM webhook_endpoint")
                .query(Long.class)
                .single();

        assertThat(endpoints.list(account)).isEmpty();
        assertThatThrownBy(() -> endpoints.find(account, id)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> endpoints.delete(account, id)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> secrets.valid(id)).isInstanceOf(NotFoundException.class);
    }

    @Test
    void whatCannotBeToldOfIsRefusedByName() {
        refused(URL, List.of(), "at least one event");
        refused(URL, List.of("job.completed", "job.done"), "'job.done'");
        refused(URL, List.of("job.cancelled"), "'job.cancelled'");
        refused(URL, List.of("job.failed", "job.failed"), "'job.failed' is named twice");
        refused("https://10.0.0.1/", EVENTS, "refused");
        refused("ftp://example.com/", EVENTS, "http");
        assertThat(endpoints.list(account)).isEmpty();
    }

    private void refused(String url, List<String> events, String reason) {
        assertThatThrownBy(() -> endpoints.create(account, url, events))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void thereAreNeverMoreThanTwentyHoweverManyAreMadeAtOnce() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                threads.execute(this::tryToCreate);
            }
        }

        assertThat(endpoints.list(account)).hasSize(20);
        refused(URL, EVENTS, "at most 20");
        endpoints.delete(account, endpoints.list(account).getFirst().id());
        endpoints.create(account, URL, EVENTS);
    }

    private void tryToCreate() {
        try {
            endpoints.create(account, URL, EVENTS);
        } catch (InvalidInputException full) {
            assertThat(full).hasMessageContaining("at most 20");
        }
    }

    @Test
    void aReplacedSecretSignsForAnotherDay() {
        WebhookEndpoint made = endpoints.create(account, URL, EVENTS);
        WebhookEndpoint rotated = endpoints.rotateSecret(account, made.id());

        assertThat(rotated.secret()).isNotEqualTo(made.secret());
        room.clock.advance(Duration.ofHours(23));
        secrets.forgetReplaced();
        assertThat(secrets.valid(made.id())).containsExactly(rotated.secret(), made.secret());
        room.clock.advance(Duration.ofHours(1));
        assertThat(secrets.valid(made.id())).containsExactly(rotated.secret());
        secrets.forgetReplaced();
        assertThat(count("webhook_endpoint WHERE replaced IS NOT NULL")).isZero();
    }

    @Test
    void secretsAreEncryptedEachForItsEndpointAndAnewWithAnotherMasterKey() {
        WebhookEndpoint one = endpoints.create(account, URL, EVENTS);
        WebhookEndpoint other = endpoints.create(account, URL, EVENTS);
        WebhookEndpoint rotated = endpoints.rotateSecret(account, one.id());
        TestKeys during = new TestKeys(room.database(), OTHER_KEY, WebhookNode.KEY);
        assertThat(during.rotate(new EndpointSecrets(room.jdbc(), during.vault(), room.clock)))
                .isEqualTo(2);

        EndpointSecrets after =
                new EndpointSecrets(room.jdbc(), new TestKeys(room.database(), OTHER_KEY).vault(), room.clock);
        assertThat(after.valid(one.id())).containsExactly(rotated.secret(), one.secret());
        assertThat(after.valid(other.id())).containsExactly(other.secret());
        room.jdbc()
                .sql("UPDATE webhook_endpoint SET ciphertext = (SELECT ciphertext FROM webhook_endpoint WHERE id = ?)")
                .param(other.id())
                .update();
        assertThatThrownBy(() -> after.valid(one.id())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void oneThatIsResumedStartsAfreshAndGetsWhatHasWaited() {
        WebhookEndpoint made = endpoints.create(account, URL, EVENTS);
        endpoints.update(account, made.id(), active(false));
        String event = room.happens(account, EventType.JOB_COMPLETED);
        assertThat(room.messages(Destination.WEBHOOKS_DELIVER)).isEmpty();
        assertThat(room.delivery(made.id(), event)).isEqualTo("pending after 0");
        room.jdbc()
                .sql("UPDATE webhook_endpoint SET disabled_reason = 'gone', failing_since = now()")
                .update();
        assertThat(endpoints.find(account, made.id()).disabledReason()).isEqualTo("gone");

        WebhookEndpoint resumed = endpoints.update(account, made.id(), active(true));

        assertThat(resumed.active()).isTrue();
        assertThat(resumed.disabledReason()).isNull();
        assertThat(count("webhook_endpoint WHERE failing_since IS NOT NULL")).isZero();
        assertThat(room.step(room.token(), 200)).isOne();
        assertThat(room.delivery(made.id(), event)).isEqualTo("delivered after 1");
        assertThat(endpoints.find(account, made.id()).lastDeliveredAt()).isEqualTo(room.clock.instant());
    }

    @Test
    void anotherUrlHasNotFailedYet() {
        WebhookEndpoint made = endpoints.create(account, URL, EVENTS);
        room.jdbc().sql("UPDATE webhook_endpoint SET failing_since = now()").update();

        endpoints.update(account, made.id(), new WebhookEndpointChange(URL, null, null));
        assertThat(count("webhook_endpoint WHERE failing_since IS NOT NULL")).isOne();
        endpoints.update(account, made.id(), new WebhookEndpointChange(URL + "2", null, null));
        assertThat(count("webhook_endpoint WHERE failing_since IS NOT NULL")).isZero();
    }

    @Test
    void whatIsDeletedTakesItsDeliveriesAlong() {
        WebhookEndpoint made = endpoints.create(account, URL, EVENTS);
        WebhookEndpoint other = endpoints.create(account, URL, EVENTS);
        String event = room.happens(account, EventType.JOB_COMPLETED);
        room.messages(Destination.WEBHOOKS_DELIVER).forEach(token -> room.step(token, 500));

        endpoints.delete(account, made.id());

        assertThat(room.delivery(made.id(), event)).isEqualTo("none");
        assertThat(room.delivery(other.id(), event)).isEqualTo("pending after 1");
        assertThat(count("event_attempt")).isOne();
    }

    @Test
    void ofAClosedAccountNothingIsLeft() {
        endpoints.create(account, URL, EVENTS);
        UUID another = room.account();
        endpoints.create(another, URL, EVENTS);
        room.happens(account, EventType.JOB_COMPLETED);
        room.happens(account, EventType.TASK_COMPLETED, "https://127.0.0.1/one-off");
        room.happens(another, EventType.JOB_COMPLETED);
        room.jdbc()
                .sql("UPDATE account SET is_active = false WHERE id = ?")
                .param(account)
                .update();

        assertThatThrownBy(() -> endpoints.create(account, URL, EVENTS)).isInstanceOf(NotFoundException.class);
        while (room.get(EndpointRemains.class).eraseSome(account)) {
            assertThat(count("webhook_endpoint")).isNotZero();
        }

        for (String table : List.of("webhook_endpoint", "webhook_event", "event_delivery")) {
            assertThat(count(table)).as(table).isOne();
        }
    }

    private static WebhookEndpointChange active(boolean active) {
        return new WebhookEndpointChange(null, null, active);
    }

    private int count(String from) {
        return room.jdbc()
                .sql("SELECT count(*) FROM " + from)
                .query(Integer.class)
                .single();
    }
}
