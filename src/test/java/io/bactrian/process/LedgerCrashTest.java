package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many customers' programs at one account's units at once, with the service dying among them. */
class LedgerCrashTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int REQUESTS = 200;
    private static final int UNITS_FOR_A_PAGE = 5;

    /** One of so many tasks is cancelled. */
    private static final int CANCELLED = 4;

    /** Enough for about half of what is asked for. */
    private static final int UNITS = 2_400;

    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void unitsAreNeitherOverdrawnNorLostByTwoHundredTasksAtOnceAndAKill() {
        try (Site site = Site.open(Duration.ofMillis(80));
                ServiceProcess service = new ServiceProcess("ledger")
                        .with("BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", Integer.toString(UNITS))
                        .with("BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", "12");
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            String key = client.register().key();
            Map<Integer, HttpResponse<String>> answers = new ConcurrentHashMap<>();
            AtomicInteger cancelled = new AtomicInteger();
            // A task that has ended before it is cancelled would be deleted.
            for (int request = 0; request < REQUESTS; request += CANCELLED) {
                site.slow("/" + request + "/0", LIMIT);
            }
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < REQUESTS; i++) {
                    int request = i;
                    threads.execute(() -> createAndPerhapsCancel(client, key, site, request, answers, cancelled));
                }
                await("the middle of it")
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> answers.size() >= REQUESTS / 2 && cancelled.get() > 0);
                service.kill();
            }
            for (int request = 0; request < REQUESTS; request += CANCELLED) {
                site.slow("/" + request + "/0", Duration.ZERO);
            }
            Map<Integer, HttpResponse<String>> before = Map.copyOf(answers);
            assertThat(before.values())
                    .allSatisfy(answer ->
                            assertThat(answer.statusCode()).as(answer.body()).isIn(201, 402));
            service.start();

            // What was answered stays so, and what was not is asked for again, as a client would.
            Set<String> accepted = new HashSet<>();
            int refused = 0;
            for (int request = 0; request < REQUESTS; request++) {
                HttpResponse<String> earlier = before.get(request);
                if (earlier != null && earlier.statusCode() == 402) {
                    refused++;
                    continue;
                }
                HttpResponse<String> answer = client.submit(key, task(site, request), "request-" + request);
                assertThat(answer.statusCode()).as(answer.body()).isIn(201, 402);
                if (earlier != null && earlier.statusCode() == 201) {
                    assertThat(id(answer)).isEqualTo(id(earlier));
                }
                if (answer.statusCode() == 201) {
                    accepted.add(id(answer));
                } else {
                    refused++;
                }
            }
            assertThat(refused).as("requests refused for want of units").isPositive();
            assertThat(cancelled.get()).as("tasks cancelled before the kill").isPositive();
            assertThat(accepted).hasSize(REQUESTS - refused);

            for (String id : accepted) {
                client.awaitEnd(id, key, LIMIT);
            }
            await("cancelled tasks have their last pages")
                    .atMost(LIMIT)
                    .until(() -> Books.count(service.database(), "task_cursor") == 0);
            int used = 0;
            for (String id : accepted) {
                JsonNode task = client.awaitEnd(id, key, LIMIT);
                int consumed = task.path("compute_units_consumed").asInt();
                assertThat(consumed)
                        .isBetween(0, task.path("estimated_compute_units").asInt());
                assertThat(consumed).isEqualTo(UNITS_FOR_A_PAGE * client.pagesHad(id, key));
                used += consumed;
            }

            assertThat(Books.count(service.database(), "task")).isEqualTo(accepted.size());
            assertThat(used).isPositive().isLessThanOrEqualTo(UNITS);
            assertThat(client.get("/auth/me", key).path("compute_units_used").asInt())
                    .isEqualTo(used);
            assertThat(balances(service))
                    .containsExactlyInAnyOrder("available " + (UNITS - used), "reserved 0", "used " + used);
            assertThat(tasksNotExactlySettledOrReleased(service)).isEmpty();
            Books.areClosed(service);
            service.terminate();
        }
    }

    @Test
    void theCheckTellsEachDifferenceBesideTheServiceAndWithoutIt() {
        try (ServiceProcess service = new ServiceProcess("ledger-check")) {
            assertThat(service.command("ledger", "check")).satisfies(check -> {
                assertThat(check.status()).isEqualTo(1);
                assertThat(check.errors()).contains("no ledger").doesNotContain("Exception");
            });
            service.start();
            try (ServiceClient client = new ServiceClient(service.address())) {
                client.register();
            }
            assertThat(service.command("ledger", "check")).satisfies(check -> {
                assertThat(check.status()).isZero();
                assertThat(check.output())
                        .isEqualTo(
                                "The ledger is right: 2 transfers of 1 accounts add up to their balances, and 0 reservations are those of open work.%n"
                                        .formatted());
            });

            service.database()
                    .sql("UPDATE credit_balance SET balance = balance + 3 WHERE bucket = 'available'")
                    .update();
            assertThatTwoDifferencesAreTold(service);
            assertThat(service.terminate()).isEqualTo(143);
            assertThatTwoDifferencesAreTold(service);
            assertThat(service.postgres()).isEmpty();

            assertThat(service.command("ledger")).satisfies(misspelt -> {
                assertThat(misspelt.status()).isEqualTo(1);
                assertThat(misspelt.errors()).contains("./bactrian ledger check");
            });
        }
    }

    private static void assertThatTwoDifferencesAreTold(ServiceProcess service) {
        assertThat(service.command("ledger", "check")).satisfies(check -> {
            assertThat(check.status()).isEqualTo(1);
            assertThat(check.output().lines())
                    .hasSize(2)
                    .allMatch(line -> line.matches(
                            "Account \\S+ has \\d+ \\S+ available by its balance and \\d+ by its entries\\."));
            assertThat(check.errors()).isEmpty();
        });
    }

    private static void createAndPerhapsCancel(
            ServiceClient client,
            String key,
            Site site,
            int request,
            Map<Integer, HttpResponse<String>> answers,
            AtomicInteger cancelled) {
        try {
            HttpResponse<String> answer = client.submit(key, task(site, request), "request-" + request);
            answers.put(request, answer);
            if (answer.statusCode() == 201 && request % CANCELLED == 0) {
                client.delete("/tasks/" + id(answer), key);
                cancelled.incrementAndGet();
            }
        } catch (UncheckedIOException expected) {
            // The service is dead: whether it has done what was asked for is not known.
            assertThat(expected).hasCauseInstanceOf(java.io.IOException.class);
        }
    }

    /** Of one to nine pages. */
    private static ObjectNode task(Site site, int request) {
        return ServiceClient.bulkTask(site.urls("/" + request + "/", 1 + request % 9), 3);
    }

    private static String id(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body()).path("id").asText();
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> balances(ServiceProcess service) {
        return service.database().sql("""
                        SELECT bucket || ' ' || balance FROM credit_balance
                         WHERE currency = 'compute_units' AND bucket <> 'issued'""").query(String.class).list();
    }

    private static List<String> tasksNotExactlySettledOrReleased(ServiceProcess service) {
        return service.database().sql("""
                        SELECT t.id FROM task t
                          LEFT JOIN credit_transfer c ON c.reference = 'task:' || t.id AND c.account_id = t.account_id
                         GROUP BY t.id
                        HAVING coalesce(sum(c.amount) FILTER (WHERE kind = 'reserve'), 0) <> t.units_estimated
                            OR coalesce(sum(c.amount) FILTER (WHERE kind = 'settle'), 0) <> t.units_consumed
                            OR coalesce(sum(c.amount) FILTER (WHERE kind = 'release'), 0)
                               <> t.units_estimated - t.units_consumed""").query(String.class).list();
    }
}
