package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.TestBroker;
import io.bactrian.origin.OpenstreetmapOrigin;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Two processes on one database and one broker, of which one is killed while many saved searches are due: each runs once.
 *
 * <p>The number of searches is {@code bactrian.test.searches}, by default 40, at most 500.
 */
class SavedSearchesOverNodesTest {
    private static final int SEARCHES = Integer.getInteger("bactrian.test.searches", 40);
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static ServiceProcess node(String name, TestBroker broker, OpenstreetmapOrigin map) {
        return new ServiceProcess(name)
                .with("BACTRIAN_SECRETS_MASTERKEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
                .with("SPRING_ARTEMIS_BROKER_URL", broker.url() + "?consumerWindowSize=0")
                .with("BACTRIAN_PLANS_SIGNUPCREDITS", "100000")
                .with(
                        "BACTRIAN_PLACES_OPENSTREETMAP_NOMINATIMURL",
                        map.nominatimUrl().toString())
                .with(
                        "BACTRIAN_PLACES_OPENSTREETMAP_OVERPASSURL",
                        map.overpassUrl().toString());
    }

    /** What became of one search. */
    private record Ran(long search, int runs, int jobs, Instant scheduledFor, Instant jobAt) {}

    @Test
    void searchesThatAreDueAtOnceRunOnceEachThoughANodeIsKilled() {
        try (OpenstreetmapOrigin map = OpenstreetmapOrigin.start(Clock.systemUTC());
                TestBroker broker = new TestBroker();
                ServiceProcess first = node("searches-first", broker, map);
                ServiceProcess second = node("searches-second", broker, map)
                        .with(
                                "SPRING_DATASOURCE_URL",
                                "jdbc:postgresql://127.0.0.1:%s/bactrian?user=postgres"
                                        .formatted(first.setting("BACTRIAN_POSTGRES_PORT")))) {
            first.start();
            second.start();
            JdbcClient database = first.database();
            try (ServiceClient client = new ServiceClient(first.address())) {
                String key = client.register().key();
                for (int number = 1; number <= SEARCHES; number++) {
                    client.post("/scheduled/saved-searches", key, search(number), 201);
                }
            }
            // Times of cron are full minutes, at which there is a tick, as there is at every fifth second.
            long seconds = Instant.now().getEpochSecond();
            Instant due = Instant.ofEpochSecond(seconds - seconds % 5 + 10);
            database.sql("UPDATE saved_search SET next_run_at = ?")
                    .param(Timestamp.from(due))
                    .update();

            await("some searches have run")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> Books.count(database, "job") >= SEARCHES / 8);
            second.kill();
            long before = Books.count(database, "job");
            Instant killed = Instant.now();

            await("all searches have run")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> Books.count(database, "job") >= SEARCHES);
            // What a killed process had not told the broker is told by the sweeper, so that a second job would show by
            // now.
            await("nothing is left to be told")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> waiting(database) == 0);

            List<Ran> all = all(database);
            assertThat(all).hasSize(SEARCHES).allSatisfy(ran -> {
                assertThat(ran.runs()).isEqualTo(1);
                assertThat(ran.jobs()).isEqualTo(1);
                assertThat(ran.scheduledFor()).isEqualTo(due);
            });
            assertThat(Books.count(database, "job")).isEqualTo(SEARCHES);
            Instant last = all.stream().map(Ran::jobAt).max(Instant::compareTo).orElseThrow();
            System.out.printf(
                    "%d saved searches due at %s, one of two nodes killed at %s with %d jobs made: each has one run and one job; the last was %d ms late.%n",
                    SEARCHES, due, killed, before, Duration.between(due, last).toMillis());
            first.terminate();
        }
    }

    private static ObjectNode search(int number) {
        return JSON.createObjectNode()
                .put("name", "Search " + number)
                .put("searchTerms", "cafe")
                .put("location", "Nowhere " + number)
                .put("maxResults", 1)
                .put("provider", "openstreetmap")
                // The next time is so far away that what runs twice does so by mistake.
                .put("schedule", "@yearly");
    }

    private static long waiting(JdbcClient database) {
        return database.sql("SELECT count(*) FROM outbox WHERE destination = 'SEARCHES_RUN'")
                .query(Long.class)
                .single();
    }

    private static List<Ran> all(JdbcClient database) {
        return database.sql("""
                        SELECT s.id, count(r.id), count(j.id), min(r.scheduled_for), max(j.created_at)
                          FROM saved_search s LEFT JOIN saved_search_run r ON r.search_id = s.id LEFT JOIN job j ON j.id = r.job_id
                         GROUP BY s.id""")
                .query((row, index) -> new Ran(
                        row.getLong(1),
                        row.getInt(2),
                        row.getInt(3),
                        row.getTimestamp(4).toInstant(),
                        row.getTimestamp(5).toInstant()))
                .list();
    }
}
