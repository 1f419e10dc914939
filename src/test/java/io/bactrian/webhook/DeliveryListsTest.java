package io.bactrian.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.TestDatabase;
import io.bactrian.TestPlans;
import io.bactrian.Window;
import io.bactrian.recovery.RecoveryRoom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Lists of an endpoint with very many deliveries. */
class DeliveryListsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final JdbcClient database = DATABASE.jdbc();
    private final DeliveryLists lists = new DeliveryLists(database, "event_delivery", "event_attempt");

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void pagesTogetherAreTheWholeListNewestFirst() {
        Map<String, Object> endpoint = Map.of("endpoint", endpoint(45));
        List<Long> read = new ArrayList<>();
        for (int page = 1; page <= 6; page++) {
            DeliveryPage found = lists.page("endpoint_id = :endpoint", endpoint, page, 10);
            assertThat(found.total()).isEqualTo(45);
            found.deliveries().forEach(delivery -> read.add(delivery.id()));
        }

        assertThat(read).hasSize(45).isSortedAccordingTo((one, other) -> Long.compare(other, one));
    }

    @Test
    void manyDeliveriesAreReadOutOfAnIndexInOrder() {
        long endpoint = endpoint(50_000);
        database.sql("VACUUM ANALYZE event_delivery").update();

        for (int page : List.of(1, 2_500, 5_000)) {
            Window window = Window.of(50_000, page, 10);
            TestPlans.assertReadInOrder(
                    database.sql("EXPLAIN " + lists.ids("endpoint_id = :endpoint", window))
                            .params(Map.of("endpoint", endpoint, "limit", window.limit(), "offset", window.offset())),
                    "event_delivery");
        }
        TestPlans.assertReadInOrder(
                database.sql("EXPLAIN "
                                + lists.ids("endpoint_id = :endpoint AND status = :status", Window.of(500, 1, 10)))
                        .params(Map.of("endpoint", endpoint, "status", "failed", "limit", 10, "offset", 0)),
                "event_delivery");
    }

    @Test
    void whetherAnEndpointSleepsOverWorkIsOneLookAtAnIndexHoweverMuchWaits() {
        long endpoint = endpoint(50_000);
        database.sql(
                        "UPDATE event_delivery SET status = 'pending', next_attempt_at = now(), ended_at = NULL WHERE endpoint_id = ?")
                .param(endpoint)
                .update();
        database.sql("VACUUM ANALYZE event_delivery").update();

        List<String> plan = RecoveryRoom.of(database)
                .statement("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) " + EndpointLanes.ASLEEP)
                .query(String.class)
                .list();

        assertThat(plan)
                .filteredOn(line -> line.contains("event_delivery"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line)
                        .contains("using event_delivery_due")
                        .containsPattern("actual rows=[01](\\.\\d+)? loops"));
    }

    /** A new endpoint with deliveries of which one in a hundred has failed. */
    private long endpoint(int deliveries) {
        UUID account = UUID.randomUUID();
        database.sql("INSERT INTO account (id, email, created_at, updated_at) VALUES (?, ?, now(), now())")
                .params(account, account + "@example.com")
                .update();
        long endpoint = database.sql("""
                        INSERT INTO webhook_endpoint (account_id, registered, url, events, created_at)
                        VALUES (?, false, 'https://example.com/', '{}', now()) RETURNING id""").param(account).query(Long.class).single();
        database.sql("""
                        INSERT INTO event_delivery (endpoint_id, event_id, event, status, created_at, ended_at)
                        SELECT ?, 'evt_' || n, 'task.completed', CASE n % 100 WHEN 0 THEN 'failed' ELSE 'delivered' END, now(), now()
                          FROM generate_series(1, ?) n""").params(endpoint, deliveries).update();
        return endpoint;
    }
}
