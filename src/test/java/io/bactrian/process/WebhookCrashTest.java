package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.origin.WebhookReceiver;
import io.bactrian.origin.WebhookReceiver.Mode;
import io.bactrian.origin.WebhookReceiver.Received;
import io.bactrian.process.ServiceClient.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The service is killed amid webhooks to five receivers, twice: of which one is dead, one hangs, and one fails half the time.
 *
 * <p>The number of webhooks is {@code bactrian.test.webhooks}, by default 200. What was measured is in
 * {@code target/process/webhook-crashes/report}.
 */
class WebhookCrashTest {
    private static final int RECEIVERS = 5;
    private static final int EVENTS = Integer.getInteger("bactrian.test.webhooks", 200) / RECEIVERS;

    /** The events of the phases without a kill. */
    private static final int SAMPLE = Math.max(30, EVENTS / 4);

    private static final int CLIENTS = 8;

    /** Requests that one receiver is sent at once. */
    private static final int LANES = 4;

    private static final Duration LIMIT = Duration.ofMinutes(20);

    /** Far less than four lanes would need at a receiver that hangs for 15 seconds each time. */
    private static final Duration UNDISTURBED = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<String> tasks = ConcurrentHashMap.newKeySet();
    private final StringBuilder report = new StringBuilder();

    /** How long after their events webhooks came. */
    private record Lag(Duration median, Duration last) {
        static Lag of(Collection<Duration> lags) {
            List<Duration> sorted = lags.stream().sorted().toList();
            return new Lag(sorted.get(sorted.size() / 2), sorted.getLast());
        }

        @Override
        public String toString() {
            return "median " + median.toMillis() + " ms, last " + last.toMillis() + " ms";
        }
    }

    @Test
    void killsLoseNoEventAndSickReceiversDelayNoOther() {
        try (WebhookReceiver first = WebhookReceiver.startAt("127.0.7.1", Mode.HEALTHY);
                WebhookReceiver second = WebhookReceiver.startAt("127.0.7.2", Mode.HEALTHY);
                WebhookReceiver dead = WebhookReceiver.startAt("127.0.7.3", Mode.DEAD);
                WebhookReceiver hanging = WebhookReceiver.startAt("127.0.7.4", Mode.HANGING);
                WebhookReceiver failing = WebhookReceiver.startAt("127.0.7.5", Mode.HALF_FAILING);
                ServiceProcess service = new ServiceProcess("webhook-crashes")
                        .with("BACTRIAN_EGRESS_WEBHOOKS_ALLOW", "127.0.7.0/24")
                        .with("BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", "100")
                        .with("BACTRIAN_WEBHOOKS_RETRYDELAYS", "1s,1s,2s,2s,4s,4s" + ",8s".repeat(30));
                ServiceClient client = new ServiceClient(service.address())) {
            service.start();
            Credentials owner = client.register();
            List<WebhookReceiver> healthy = List.of(first, second);
            healthy.forEach(receiver -> register(client, owner, receiver));

            createTasks(client, owner, 0, SAMPLE);
            healthy.forEach(receiver -> awaitAll(receiver, Set.of()));
            Lag alone = lag(healthy, Set.of());
            Set<String> before = Set.copyOf(tasks);

            List<Long> sick = new ArrayList<>();
            for (WebhookReceiver receiver : List.of(dead, hanging, failing)) {
                sick.add(register(client, owner, receiver));
            }
            createTasks(client, owner, SAMPLE, 2 * SAMPLE);
            healthy.forEach(receiver -> awaitAll(receiver, Set.of()));
            Lag beside = lag(healthy, before);
            assertThat(hanging.requests()).isPositive();
            assertThat(hanging.taken()).isEmpty();
            assertThat(beside.last()).isLessThan(UNDISTURBED);

            Instant began = last(healthy);
            int sent = requests(List.of(first, second, failing));
            CompletableFuture<Void> creating =
                    CompletableFuture.runAsync(() -> createTasks(client, owner, 2 * SAMPLE, 2 * SAMPLE + EVENTS));
            Duration down = Duration.ZERO;
            for (int kill = 1; kill <= 2; kill++) {
                int arrived = 2 * SAMPLE + EVENTS * kill / 3;
                await("%d events have arrived".formatted(arrived))
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> first.takenIds().size() >= arrived);
                long killed = System.nanoTime();
                service.kill();
                service.start();
                down = down.plusNanos(System.nanoTime() - killed);
            }
            creating.join();
            healthy.forEach(receiver -> awaitAll(receiver, Set.of()));
            Duration took = Duration.between(began, last(healthy)).minus(down);
            int made = requests(List.of(first, second, failing)) - sent;
            awaitAll(failing, before);

            for (WebhookReceiver receiver : List.of(first, second, failing)) {
                assertThat(receiver.received())
                        .as("requests whose signature is wrong")
                        .noneMatch(request -> request.status() == 401);
            }
            Map<String, String> bodies = new HashMap<>();
            for (WebhookReceiver receiver : List.of(first, second, failing)) {
                receiver.received()
                        .forEach(request -> assertThat(request.body())
                                .isEqualTo(bodies.computeIfAbsent(request.id(), id -> request.body())));
            }
            assertThat(bodies).as("ids of all events").hasSize(tasks.size());
            report(alone, beside, made, took, List.of(first, second, failing));
            await("the sick ones are asked again and again").atMost(LIMIT).untilAsserted(() -> {
                assertThat(hanging.requests()).isGreaterThan(LANES);
                assertThat(mostAttempts(service, sick.getFirst())).isGreaterThan(1);
            });
            sick.forEach(webhook -> client.delete("/webhooks/" + webhook, owner.token()));
            Books.areClosed(service);
            service.terminate();
        }
    }

    private static long register(ServiceClient client, Credentials owner, WebhookReceiver receiver) {
        ObjectNode webhook = JSON.createObjectNode().put("url", receiver.url());
        webhook.putArray("events").add("task.completed").add("task.failed");
        JsonNode registered = client.post("/webhooks", owner.token(), webhook, 201);
        receiver.verifyWith(registered.path("secret").asText());
        return registered.path("id").asLong();
    }

    /** Creates tasks that end at once, each of which is an event; however often the service dies meanwhile. */
    private void createTasks(ServiceClient client, Credentials owner, int from, int to) {
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            CompletableFuture.allOf(IntStream.range(from, to)
                            .mapToObj(number -> CompletableFuture.runAsync(
                                    () -> tasks.add(createTask(client, owner, number)), clients))
                            .toArray(CompletableFuture[]::new))
                    .join();
        }
        assertThat(tasks).hasSize(to);
    }

    private static String createTask(ServiceClient client, Credentials owner, int number) {
        ObjectNode task = JSON.createObjectNode().put("name", "Task " + number).put("task_type", "simple_scraping");
        ObjectNode config = task.putObject("config").put("retry_attempts", 0);
        // An address that nothing is fetched from, and that no other task waits for.
        config.putArray("urls").add("http://10.0.%d.%d/".formatted(number / 250, number % 250));
        config.putObject("selectors").put("title", "h1");
        return await().atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> client.submit(owner.key(), task, "task-" + number), answer -> answer.statusCode() == 201)
                .body()
                .transform(body -> json(body).path("id").asText());
    }

    private static int mostAttempts(ServiceProcess service, long webhook) {
        return service.database()
                .sql("SELECT max(attempts) FROM event_delivery WHERE endpoint_id = ?")
                .param(webhook)
                .query(Integer.class)
                .single();
    }

    private void awaitAll(WebhookReceiver receiver, Set<String> without) {
        Set<String> expected = new HashSet<>(tasks);
        expected.removeAll(without);
        await("every event was taken")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(receiver.takenIds()).hasSize(expected.size()));
        assertThat(tasksOf(receiver)).isEqualTo(expected);
    }

    private static Set<String> tasksOf(WebhookReceiver receiver) {
        Set<String> tasks = new HashSet<>();
        receiver.taken()
                .forEach(request ->
                        tasks.add(json(request.body()).at("/data/taskId").asText()));
        return tasks;
    }

    /** From each event to its first arrival at each receiver, apart from events of some tasks. */
    private static Lag lag(List<WebhookReceiver> receivers, Set<String> without) {
        List<Duration> lags = new ArrayList<>();
        for (WebhookReceiver receiver : receivers) {
            Map<String, Duration> first = new HashMap<>();
            for (Received request : receiver.taken()) {
                JsonNode event = json(request.body());
                if (!without.contains(event.at("/data/taskId").asText())) {
                    Instant at = Instant.parse(event.path("timestamp").asText());
                    first.putIfAbsent(request.id(), Duration.between(at, request.at()));
                }
            }
            lags.addAll(first.values());
        }
        return Lag.of(lags);
    }

    private static Instant last(List<WebhookReceiver> receivers) {
        return receivers.stream()
                .flatMap(receiver -> receiver.taken().stream())
                .map(Received::at)
                .max(Instant::compareTo)
                .orElseThrow();
    }

    private static int requests(List<WebhookReceiver> receivers) {
        return receivers.stream().mapToInt(WebhookReceiver::requests).sum();
    }

    private void report(Lag alone, Lag beside, int made, Duration took, List<WebhookReceiver> receivers) {
        report.append("From an event to a healthy receiver, without sick ones: %s%n".formatted(alone));
        report.append("From an event to a healthy receiver, beside sick ones:  %s%n".formatted(beside));
        report.append("With two kills, restarts not counted: %d requests answered in %d ms, %d a second%n"
                .formatted(made, took.toMillis(), made * 1000L / Math.max(1, took.toMillis())));
        for (WebhookReceiver receiver : receivers) {
            List<Received> taken = receiver.taken();
            report.append("%s: %d requests, %d taken, %d of them duplicates%n"
                    .formatted(
                            receiver.url(),
                            receiver.requests(),
                            taken.size(),
                            taken.size() - receiver.takenIds().size()));
        }
        try {
            Files.writeString(Path.of("target", "process", "webhook-crashes", "report"), report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
