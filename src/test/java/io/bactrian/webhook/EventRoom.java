package io.bactrian.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.account.Accounts;
import io.bactrian.account.TestAccounts;
import io.bactrian.account.TestKeys;
import io.bactrian.account.Vault;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressGuard;
import io.bactrian.event.Event;
import io.bactrian.event.EventType;
import io.bactrian.event.Events;
import io.bactrian.mail.MailRoom;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.outbox.OutboxMessage;
import io.bactrian.recovery.RecoveryRoom;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/** The part of the room that delivers events, with its transactions on a real database, and no broker: messages stay in the outbox. */
final class EventRoom implements AutoCloseable {
    static final List<Duration> DELAYS = List.of(Duration.ofSeconds(5), Duration.ofMinutes(10), Duration.ofDays(6));
    static final int LANES = 3;

    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(List.of("127.0.0.0/8"), List.of()), Duration.ofSeconds(5));
    private final TestDatabase database = TestDatabase.create();
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    final SettableClock clock = new SettableClock();

    @EnableTransactionManagement
    static class Transactions {}

    EventRoom() {
        // The database keeps microseconds: a moment between two of them would seem to be later there than here.
        clock.advance(Duration.between(clock.instant(), clock.instant().truncatedTo(ChronoUnit.MILLIS)));
        context.registerBean(Clock.class, () -> clock);
        context.registerBean(JdbcClient.class, database::jdbc);
        context.registerBean("transactionManager", JdbcTransactionManager.class, database::transactionManager);
        context.registerBean(TransactionTemplate.class, database::transactions);
        context.registerBean(ObjectMapper.class, () -> new ObjectMapper().findAndRegisterModules());
        context.registerBean(Vault.class, () -> new TestKeys(database, WebhookNode.KEY).vault());
        context.registerBean(WebhookUrls.class, () -> new WebhookUrls(guard));
        context.registerBean(Accounts.class, () -> TestAccounts.of(database, clock));
        context.registerBean(
                WebhookProperties.class, () -> new WebhookProperties(DELAYS, 2, 3, LANES, Duration.ofDays(5)));
        RecoveryRoom.register(context);
        context.register(
                Transactions.class,
                Outbox.class,
                Events.class,
                MailRoom.class,
                SigningSecrets.class,
                EndpointSecrets.class,
                DeliveryStore.class,
                EventDeliveryStore.class,
                WebhookAttempts.class,
                EndpointHealth.class,
                EndpointLanes.class,
                EventFanOut.class,
                EndpointRemains.class,
                EndpointDeliveries.class,
                WebhookEndpoints.class);
        context.refresh();
    }

    <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    TestDatabase database() {
        return database;
    }

    JdbcClient jdbc() {
        return database.jdbc();
    }

    /** A new, open account. */
    UUID account() {
        UUID id = UUID.randomUUID();
        Timestamp now = Timestamp.from(clock.instant());
        jdbc().sql("INSERT INTO account (id, email, created_at, updated_at) VALUES (?, ?, ?, ?)")
                .params(id, id + "@example.com", now, now)
                .update();
        return id;
    }

    /** A registered endpoint that wants those events. */
    long endpoint(UUID account, EventType... types) {
        String[] events = new String[types.length];
        for (int i = 0; i < types.length; i++) {
            events[i] = types[i].code();
        }
        long id = jdbc().sql("""
                        INSERT INTO webhook_endpoint (account_id, registered, url, events, ciphertext, created_at)
                        VALUES (?, true, 'https://127.0.0.1/hook', ?, '', ?) RETURNING id""")
                .params(account, events, Timestamp.from(clock.instant()))
                .query(Long.class)
                .single();
        jdbc().sql("UPDATE webhook_endpoint SET ciphertext = ? WHERE id = ?")
                .params(get(EndpointSecrets.class).encrypted(id, SigningSecret.generate()), id)
                .update();
        return id;
    }

    /** Publishes an event, fans it out, and gives its id. */
    String happens(UUID account, EventType type, @Nullable String webhookUrl) {
        String id = publish(account, type, webhookUrl);
        messages(Destination.WEBHOOKS_EVENTS).forEach(message -> accept(message.body()));
        return id;
    }

    String happens(UUID account, EventType type) {
        return happens(account, type, null);
    }

    String publish(UUID account, EventType type, @Nullable String webhookUrl) {
        return Objects.requireNonNull(database.transactions()
                .execute(transaction -> get(Events.class)
                        .publish(new Event(account, type, "subject", "completed", Map.of("n", 1), webhookUrl))));
    }

    void accept(String message) {
        try {
            get(EventFanOut.class).accept(message);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** Takes the messages for a destination out of the outbox. */
    List<OutboxMessage> messages(Destination destination) {
        get(Outbox.class).committed();
        return jdbc().sql("DELETE FROM outbox WHERE destination = ? RETURNING id, body, deliver_at")
                .param(destination.name())
                .query((row, number) -> {
                    Timestamp at = row.getTimestamp("deliver_at");
                    return new OutboxMessage(
                            row.getObject("id", UUID.class),
                            destination.name(),
                            row.getString("body"),
                            Map.of(),
                            at == null ? null : at.toInstant(),
                            OutboxMessage.ORDINARY);
                })
                .list();
    }

    /** The one token that is on its way. */
    OutboxMessage token() {
        List<OutboxMessage> tokens = messages(Destination.WEBHOOKS_DELIVER);
        if (tokens.size() != 1) {
            throw new AssertionError("One token was expected: " + tokens);
        }
        return tokens.getFirst();
    }

    @Nullable
    EndpointStep take(OutboxMessage token) {
        try {
            return get(EndpointLanes.class).take(token.body());
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** Carries out a token's step, with that answer to each attempt; gives how many there were. */
    int step(OutboxMessage token, int answer) {
        EndpointStep step = take(token);
        if (step == null) {
            return 0;
        }
        int made = 0;
        Iterator<Object> attempts = step.attempts();
        while (attempts.hasNext()) {
            get(WebhookAttempts.class).answered((Attempt) attempts.next(), answer, null, null);
            made++;
        }
        get(EndpointLanes.class).pass(step);
        return made;
    }

    /** What became of an event at an endpoint: status, attempts. */
    String delivery(long endpoint, String event) {
        return jdbc().sql(
                        "SELECT status || ' after ' || attempts FROM event_delivery WHERE endpoint_id = ? AND event_id = ?")
                .params(endpoint, event)
                .query(String.class)
                .optional()
                .orElse("none");
    }

    /** How many lanes have a token. */
    int awake(long endpoint) {
        return jdbc().sql("SELECT count(*) FROM webhook_lane WHERE endpoint_id = ? AND due_at IS NOT NULL")
                .param(endpoint)
                .query(Integer.class)
                .single();
    }

    @Override
    public void close() {
        context.close();
        guard.close();
        database.close();
    }
}
