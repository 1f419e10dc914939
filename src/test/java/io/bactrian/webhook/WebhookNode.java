package io.bactrian.webhook;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.account.TestKeys;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressGuard;
import io.bactrian.outbox.Outbox;
import io.bactrian.outbox.OutboxMessage;
import io.bactrian.recovery.FailedWork;
import io.bactrian.recovery.Recovery;
import io.bactrian.recovery.RecoveryRoom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The room as one node of the service has it, with files that have the name of their subject and format in them. */
final class WebhookNode implements AutoCloseable {
    static final String KEY =
            Base64.getEncoder().encodeToString("an example key of thirty-two byt".getBytes(StandardCharsets.US_ASCII));
    static final List<Duration> DELAYS = List.of(Duration.ofSeconds(5), Duration.ofMinutes(10), Duration.ofMinutes(2));

    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(List.of("127.0.0.0/8"), List.of()), Duration.ofSeconds(5));
    private final AnnotationConfigApplicationContext room = new AnnotationConfigApplicationContext();
    private final TestDatabase database;
    final SettableClock clock = new SettableClock();
    final Outbox outbox;
    final SigningSecrets secrets;
    final FailedWork failures;
    final DeliveryStore store;
    final DeliverySlots slots;
    final DeliveryFiles files;
    final WebhookAttempts attempts;
    final FileDeliveries deliveries;
    boolean emptied;
    boolean broken;

    /** What goes wrong while the next file is made. */
    @Nullable
    Exception trouble;

    WebhookNode(TestDatabase database, Path dataDirectory) {
        this.database = database;
        WebhookProperties properties = new WebhookProperties(DELAYS, 2, 3, 4, Duration.ofDays(5));
        room.registerBean(JdbcClient.class, database::jdbc);
        room.registerBean(ObjectMapper.class, () -> new ObjectMapper());
        room.registerBean(Clock.class, () -> clock);
        RecoveryRoom.register(room);
        room.register(Outbox.class);
        room.refresh();
        outbox = room.getBean(Outbox.class);
        failures = room.getBean(FailedWork.class);
        secrets = new SigningSecrets(database.jdbc(), new TestKeys(database, KEY).vault(), clock);
        store = new DeliveryStore(
                database.jdbc(), database.transactions(), outbox, room.getBean(Recovery.class), clock);
        slots = new DeliverySlots(properties, clock);
        files = new DeliveryFiles(dataDirectory.toString(), clock);
        attempts = new WebhookAttempts(store, room.getBean(Recovery.class), properties, clock);
        FileSource source = this::open;
        StaticListableBeanFactory sources = new StaticListableBeanFactory();
        sources.addBean("nothing", (FileSource) (account, subject, format) -> Optional.empty());
        sources.addBean("source", source);
        deliveries = new FileDeliveries(
                store,
                attempts,
                new WebhookUrls(guard),
                secrets,
                slots,
                files,
                sources.getBeanProvider(FileSource.class),
                new ObjectMapper(),
                clock,
                "https://example.org/bot");
    }

    private Optional<DeliverableFile> open(UUID account, String subject, String format) {
        if (emptied) {
            return Optional.empty();
        }
        byte[] content = (subject + " as " + format).getBytes(StandardCharsets.UTF_8);
        return Optional.of(new DeliverableFile(subject + "\r\n." + format, "text/csv; charset=utf-8", output -> {
            output.write(content);
            Exception once = trouble;
            trouble = null;
            if (once instanceof IOException ofTheDisk) {
                throw ofTheDisk;
            }
            if (once instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            if (broken) {
                throw new IllegalStateException("The rows cannot be read.");
            }
        }));
    }

    /** A new, open account. */
    UUID account() {
        UUID id = UUID.randomUUID();
        database.jdbc()
                .sql("""
                        insert into account (id, email, created_at, updated_at)
                        values (:id, :email, :now, :now)""")
                .param("id", id)
                .param("email", id + "@example.com")
                .param("now", Timestamp.from(clock.instant()))
                .update();
        return id;
    }

    /** The messages that were written since the last call. */
    List<OutboxMessage> messages() {
        return outbox.committed();
    }

    /** The one message that was written since the last call. */
    OutboxMessage message() {
        List<OutboxMessage> messages = messages();
        if (messages.size() != 1) {
            throw new AssertionError("One message was expected: " + messages);
        }
        return messages.getFirst();
    }

    @Override
    public void close() {
        room.close();
        guard.close();
    }
}
