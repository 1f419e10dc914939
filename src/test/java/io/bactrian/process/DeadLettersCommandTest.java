package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.process.ServiceProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The launcher's command for dead letters, beside a running service and without one. */
class DeadLettersCommandTest {
    private static final Pattern ONE = Pattern.compile("^([0-9]+)  bactrian\\.tasks\\.end  sent .*", Pattern.MULTILINE);

    @Test
    void anOperatorSeesReplaysAndDropsDeadLetters() throws IOException {
        try (ServiceProcess service =
                new ServiceProcess("dead-letters").with("BACTRIAN_BROKER_CONFIGURATION", impatient())) {
            service.start();
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(service.data().resolve("broker-access.properties"))))
                    .isEqualTo("rw-------");
            service.database()
                    .sql("""
                            INSERT INTO outbox (id, destination, body, properties, priority, created_at)
                            VALUES (?, 'TASKS_END', ?, '{}', 4, now() - interval '1 minute')""")
                    .params(UUID.randomUUID(), "{\"task\": \"nonsense\"}")
                    .update();

            Finished list = await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(500))
                    .until(
                            () -> service.command("dead-letters", "list"),
                            found -> found.output().contains("1 dead letters."));

            assertThat(list.status()).as(list.errors()).isZero();
            assertThat(list.output()).contains("task:nonsense", "InvalidFormatException");
            Finished shown = service.command("dead-letters", "show", id(list));
            assertThat(shown.output()).contains("queue: bactrian.tasks.end", "body: {\"task\": \"nonsense\"}");
            Finished replayed = service.command("dead-letters", "replay", id(list));
            assertThat(replayed.output()).contains("back in its queue");
            Finished again = await().atMost(Duration.ofMinutes(1))
                    .until(
                            () -> service.command("dead-letters", "list"),
                            found -> found.output().contains("1 dead letters."));
            assertThat(id(again)).isNotEqualTo(id(list));
            assertThat(service.command("dead-letters", "show", id(list)).status())
                    .isOne();
            assertThat(service.command("dead-letters", "replay").errors()).contains("./bactrian dead-letters list");

            assertThat(service.terminate()).isIn(0, 143);
            assertThat(service.command("dead-letters", "drop", "all").output()).contains("Dropped 1 dead letters.");
            assertThat(service.command("dead-letters", "list").output()).contains("0 dead letters.");
        }
    }

    private static String id(Finished list) {
        Matcher letter = ONE.matcher(list.output());
        assertThat(letter.find()).as(list.output()).isTrue();
        return letter.group(1);
    }

    /** The service's own configuration of the broker, but for the waits between deliveries. */
    private static String impatient() throws IOException {
        Path copy = Path.of("target", "dead-letters-broker.xml").toAbsolutePath();
        String text = Files.readString(Path.of("config", "broker.xml"))
                .replaceAll("<redelivery-delay>\\d+<", "<redelivery-delay>20<")
                .replaceAll("<max-redelivery-delay>\\d+<", "<max-redelivery-delay>20<")
                .replaceAll("<max-delivery-attempts>\\d+<", "<max-delivery-attempts>3<");
        return Files.writeString(copy, text).toString();
    }
}
