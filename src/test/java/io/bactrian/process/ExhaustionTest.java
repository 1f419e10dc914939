package io.bactrian.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.process.ServiceClient.Credentials;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What strangers and single accounts do to exhaust a node with a small heap, and what everybody else notices of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExhaustionTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int PER_ADDRESS = 150;

    private final ServiceProcess node = new ServiceProcess("exhaustion")
            .with("BACTRIAN_CONNECTIONS_PERADDRESS", Integer.toString(PER_ADDRESS))
            .with("BACTRIAN_CONNECTIONS_HEADTIMEOUT", "3s")
            .with("BACTRIAN_CONNECTIONS_READTIMEOUT", "3s")
            .with("BACTRIAN_CONNECTIONS_WRITETIMEOUT", "4s");
    private final ServiceClient client = new ServiceClient(node.address());
    private final List<RawConnection> connections = new ArrayList<>();
    private int accounts;

    @BeforeAll
    void start() {
        node.start();
    }

    @AfterEach
    void everybodyElseIsServedAndTheLogIsQuiet() {
        try {
            assertThat(client.health().path("status").asText()).isEqualTo("healthy");
            client.get("/tasks", newAccount().key());
            assertThat(node.alarms()).hasSizeLessThan(10);
        } finally {
            connections.forEach(RawConnection::close);
            connections.clear();
        }
    }

    @AfterAll
    void stop() {
        client.close();
        node.close();
    }

    @Test
    void unfinishedBodiesOfStrangersAreBoundedAndEnd() {
        String head = """
                POST /auth/login HTTP/1.1\r
                Host: localhost\r
                Content-Type: application/json\r
                Content-Length: %d\r
                \r
                """;
        assertThat(open("127.0.1.1").send(head.formatted((64 << 10) + 1)).status())
                .isEqualTo(413);

        List<RawConnection> unfinished = new ArrayList<>();
        String most = " ".repeat(63 << 10);
        for (int i = 0; i < PER_ADDRESS; i++) {
            unfinished.add(open("127.0.1.2").send(head.formatted(64 << 10)).send(most));
        }

        Map<Integer, Integer> answers = dripUntilAnswered(unfinished);
        assertThat(answers.keySet())
                .as("more than this client's share of the memory, too slow, or silent for too long")
                .isSubsetOf(503, 400, 408);
        assertThat(answers.getOrDefault(503, 0))
                .as("beyond this client's share")
                .isBetween(10, 50);
    }

    @Test
    void largeBodiesOfAnAccountTakeNoMemoryWhileTheyCome() {
        Credentials account = newAccount();
        byte[] megabyte = ("100000\r\n" + " ".repeat(1 << 20) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        List<RawConnection> unfinished = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            RawConnection connection = open("127.0.2." + (1 + i / 8)).send("""
                    POST /tasks HTTP/1.1\r
                    Host: localhost\r
                    Authorization: Bearer %s\r
                    Content-Type: application/json\r
                    Transfer-Encoding: chunked\r
                    \r
                    """.formatted(account.key()));
            for (int sent = 0; sent < 15; sent++) {
                connection.send(megabyte);
            }
            unfinished.add(connection);
        }

        assertThat(client.health().path("status").asText()).isEqualTo("healthy");
        unfinished.forEach(connection -> connection.send("1000\r\n"));
        assertThat(dripUntilAnswered(unfinished).keySet())
                .as("too slow or silent for too long, and closed, which may outrun the answer")
                .isSubsetOf(400, 408, 0);
    }

    @Test
    void theRestOfABodyThatNobodyReadsEnds() {
        RawConnection refused = open("127.0.3.1").send("""
                POST /tasks HTTP/1.1\r
                Host: localhost\r
                Content-Length: 1000\r
                \r
                """);
        assertThat(refused.status()).isEqualTo(401);
        awaitEnd(List.of(refused), " ");
    }

    @Test
    void slowHeadsKeepNobodyOut() {
        List<RawConnection> half = new ArrayList<>();
        for (int i = 0; i < PER_ADDRESS + 30; i++) {
            half.add(open("127.0.4.1").send("GET /health HTTP/1.1\r\nX-Slow: "));
        }

        await("what is above the limit is closed")
                .atMost(LIMIT)
                .until(() -> half.stream().skip(PER_ADDRESS).allMatch(RawConnection::isEnded));
        assertThat(open("127.0.4.2")
                        .send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .status())
                .isEqualTo(200);
        awaitEnd(half, "a");
        assertThat(open("127.0.4.1")
                        .send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void downloadsThatReadNothingHoldLittleAndEnd() {
        try (Site site = Site.open(Duration.ZERO)) {
            List<RawConnection> silent = new ArrayList<>();
            for (int number = 0; number < 3; number++) {
                Credentials account = newAccount();
                String task = taskWithLargeRows(site, account, 18);
                List<RawConnection> own = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    own.add(download("127.0.5." + (number + 1), task, account));
                }
                own.forEach(connection -> assertThat(connection.status()).isEqualTo(200));
                silent.addAll(own);
                assertThat(download("127.0.5.1", task, account).status()).isEqualTo(429);
            }
            Credentials other = newAccount();
            String small = create(other, site.urls("/page/", 3));
            client.awaitEnd(small, other.key(), LIMIT);
            assertThat(client.pagesHad(small, other.key())).isEqualTo(3);

            await("the downloads have been cut off").atMost(LIMIT).until(() -> {
                silent.forEach(connection -> connection.send("a"));
                return silent.stream().allMatch(RawConnection::isBroken);
            });
        }
    }

    @Test
    void manySlowReadersAndEventStreamsAreHeld() {
        try (Site site = Site.open(Duration.ZERO)) {
            site.slow("/held", Duration.ofMinutes(2));
            List<RawConnection> readers = new ArrayList<>();
            for (int number = 0; number < 10; number++) {
                Credentials reader = newAccount();
                String large = taskWithLargeRows(site, reader, 2);
                for (int i = 0; i < 8; i++) {
                    readers.add(download("127.0.6.1", large, reader));
                }
            }
            Credentials account = newAccount();
            String running = create(account, List.of(site.url("/held")));
            List<RawConnection> streams = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                streams.add(open("127.0.6.2")
                        .send("GET /tasks/%s/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
                                .formatted(running, account.key())));
            }

            streams.forEach(stream -> assertThat(stream.status()).isEqualTo(200));
            for (int turn = 0; turn < 20; turn++) {
                readers.forEach(reader -> assertThat(reader.read(4_096)).hasSize(4_096));
            }
            assertThat(client.health().path("status").asText()).isEqualTo("healthy");
            assertThat(streams).noneMatch(RawConnection::isEnded);
        }
    }

    @Test
    void otherAccountsGoOnWhileOneHasAStormOfExpensivePages() {
        try (Site site = Site.open(Duration.ZERO)) {
            site.answer("/expensive/", "<br>".repeat(300_000));
            Credentials attacker = newAccount();
            ObjectNode pages = ServiceClient.bulkTask(site.urls("/expensive/", 200), 30);
            ((ObjectNode) pages.at("/config/selectors")).put("title", "xpath:count(//br)");
            String storm =
                    client.createTask(attacker.key(), pages, "storm").path("id").asText();
            await("the storm is there").atMost(LIMIT).until(() -> site.pagesAskedFor("/expensive/") > 2);

            for (int number = 0; number < 3; number++) {
                Credentials other = newAccount();
                String small = create(other, site.urls("/page/", 3));
                client.awaitEnd(small, other.key(), LIMIT);
                assertThat(client.pagesHad(small, other.key())).isEqualTo(3);
            }

            JsonNode task = client.get("/tasks/" + storm, attacker.key());
            assertThat(task.path("status").asText()).isEqualTo("running");
            client.delete("/tasks/" + storm, attacker.key());
        }
    }

    @Test
    void bodiesThatBreakOffAndRequestsThatAreNotServedWriteNothingIntoTheLog() {
        List<String> before = node.alarms();
        for (int i = 0; i < 20; i++) {
            try (RawConnection connection = open("127.0.7.1")) {
                connection.send("POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{");
            }
        }
        assertThat(open("127.0.7.1")
                        .send("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n")
                        .status())
                .isEqualTo(501);
        assertThat(open("127.0.7.1")
                        .send("POST /auth/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: none-such\r\n\r\n")
                        .status())
                .isEqualTo(501);
        client.health();

        assertThat(node.alarms()).isEqualTo(before);
    }

    @Test
    void theServicesOwnPortsAreRefusedThoughLoopbackIsAllowed() {
        Credentials account = newAccount();
        List<String> urls = new ArrayList<>();
        for (String port :
                List.of("SERVER_PORT", "MANAGEMENT_SERVER_PORT", "BACTRIAN_POSTGRES_PORT", "BACTRIAN_BROKER_PORT")) {
            urls.add("http://127.0.0.1:%d/health".formatted(node.port(port)));
            urls.add("http://localhost:%d/".formatted(node.port(port)));
        }
        String task = create(account, urls);
        client.awaitEnd(task, account.key(), LIMIT);

        for (JsonNode row : client.get("/tasks/" + task + "/download?format=json", account.key())) {
            assertThat(row.at("/error/code").asText()).as(row.toString()).isEqualTo("egress_refused");
        }
    }

    private RawConnection open(String source) {
        RawConnection connection = new RawConnection(node.address(), source);
        connections.add(connection);
        return connection;
    }

    private RawConnection download(String source, String task, Credentials account) {
        return open(source)
                .send("GET /tasks/%s/download HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
                        .formatted(task, account.key()));
    }

    private Credentials newAccount() {
        return client.register("user" + accounts++ + "@example.com");
    }

    private String create(Credentials account, List<String> urls) {
        return client.createTask(account.key(), ServiceClient.bulkTask(urls, 3), "key-" + accounts++)
                .path("id")
                .asText();
    }

    /** A task with rows of a million characters, which are 3 MB each. */
    private String taskWithLargeRows(Site site, Credentials account, int rows) {
        String task = create(account, site.urls("/page/", rows));
        client.awaitEnd(task, account.key(), LIMIT);
        node.database()
                .sql(
                        "UPDATE task_row SET data = '{\"title\": \"' || repeat('€', 1000000) || '\"}' WHERE task_id = ?::uuid")
                .param(task)
                .update();
        return task;
    }

    /** How many were answered with which status, while each sends an octet now and then. */
    private static Map<Integer, Integer> dripUntilAnswered(List<RawConnection> open) {
        Map<Integer, Integer> answers = new ConcurrentHashMap<>();
        List<Thread> readers = open.stream()
                .map(connection -> Thread.ofVirtual().start(() -> answers.merge(connection.status(), 1, Integer::sum)))
                .toList();
        await("all are answered")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    open.forEach(connection -> connection.send(" "));
                    return readers.stream().noneMatch(Thread::isAlive);
                });
        return answers;
    }

    /** Waits until the service has ended all of these, each of which sends something now and then. */
    private static void awaitEnd(List<RawConnection> open, String now) {
        await("the connections have ended")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    open.forEach(connection -> connection.send(now));
                    return open.stream().allMatch(RawConnection::isEnded);
                });
    }
}
