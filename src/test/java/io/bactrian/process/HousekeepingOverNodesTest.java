package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestBroker;
import io.bactrian.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Two nodes on one database and one broker: one of them does the housekeeping, until it is killed. */
class HousekeepingOverNodesTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final String FAILED = "The housekeeping job revoked-token-retention has failed";
    private static final Pattern VALUE = Pattern.compile("\"value\":([0-9.E]+)");

    private final HttpClient http = HttpClient.newHttpClient();

    private static ServiceProcess node(String name, TestBroker broker, TestDatabase database) {
        return new ServiceProcess(name)
                .with("BACTRIAN_SECRETS_MASTERKEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
                .with("SPRING_ARTEMIS_BROKER_URL", broker.url() + "?consumerWindowSize=0")
                .with("SPRING_DATASOURCE_URL", database.url())
                .with("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "12")
                .with("BACTRIAN_HOUSEKEEPING_LEASE", LEASE.toSeconds() + "s")
                .with("BACTRIAN_HOUSEKEEPING_RENEWAL", "300")
                .with("BACTRIAN_HOUSEKEEPING_RETENTIONPERIOD", "1000");
    }

    @Test
    void oneNodeRunsTheJobsAndAnotherWhenItIsKilledAndAJobThatFailsStopsNoOther() {
        try (TestDatabase shared = TestDatabase.create();
                TestBroker broker = new TestBroker();
                ServiceProcess first = node("housekeeping-first", broker, shared);
                ServiceProcess second = node("housekeeping-second", broker, shared)) {
            JdbcClient database = shared.jdbc();
            database.sql("ALTER TABLE revoked_token RENAME TO revoked_token_of_the_test")
                    .update();
            fill(database);

            first.start();
            second.start();

            await("the jobs behind the one that fails have run, to the last batch")
                    .atMost(LIMIT)
                    .until(() -> left(database) == 0);
            assertThat(leads(first)).isOne();
            assertThat(leads(second)).isZero();
            await("the failure is told")
                    .atMost(LIMIT)
                    .until(() -> first.output().contains(FAILED));
            assertThat(first.output())
                    .contains("\tat io.bactrian.account.Tokens.forgetExpired")
                    .doesNotContain("Messages stay in the outbox");
            assertThat(metric(first, "bactrian.housekeeping.failures", "revoked-token-retention"))
                    .isPositive();
            assertThat(metric(first, "bactrian.housekeeping.failures", "sign-in-attempt-retention"))
                    .isZero();
            assertThat(metric(first, "bactrian.housekeeping.last-success", "sign-in-attempt-retention"))
                    .isPositive();
            assertThat(second.output()).doesNotContain(FAILED);

            first.kill();
            fill(database);
            await("the other node has taken over").atMost(LIMIT).until(() -> left(database) == 0);
            assertThat(leads(second)).isOne();
            await().atMost(LIMIT).until(() -> second.output().contains(FAILED));

            second.terminate();
            assertThat(database.sql("SELECT count(*) FROM leader WHERE until > now()")
                            .query(Integer.class)
                            .single())
                    .as("a lease that nobody has given up")
                    .isZero();
        }
    }

    /** More than one batch of some, before and behind the job that fails when all were one chain. */
    private static void fill(JdbcClient database) {
        database.sql("""
                        INSERT INTO idempotency_key (account_id, key, request_hash, answer, created_at)
                        SELECT gen_random_uuid(), n::text, '', '', now() - interval '2 days' FROM generate_series(1, 12000) n""").update();
        database.sql("""
                        INSERT INTO sign_in_attempt (subject, attempts, last_at, blocked_until)
                        SELECT sha256(n::text::bytea), 1, now() - interval '2 days', '-infinity' FROM generate_series(1, 12000) n""").update();
    }

    private static long left(JdbcClient database) {
        return List.of("idempotency_key", "sign_in_attempt").stream()
                .mapToLong(table -> Books.count(database, table))
                .sum();
    }

    private double leads(ServiceProcess node) {
        return value(node, "bactrian.housekeeping.leader");
    }

    private double metric(ServiceProcess node, String name, String job) {
        return value(node, name + "?tag=job:" + job);
    }

    private double value(ServiceProcess node, String metric) {
        URI address = URI.create(
                "http://127.0.0.1:" + node.setting("MANAGEMENT_SERVER_PORT") + "/actuator/metrics/" + metric);
        try {
            String body = http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                    .body();
            Matcher value = VALUE.matcher(body);
            assertThat(value.find()).as(body).isTrue();
            return Double.parseDouble(value.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
