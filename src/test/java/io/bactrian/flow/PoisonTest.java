package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Bactrian;
import io.bactrian.BrokerAddresses;
import io.bactrian.TestFork;
import io.bactrian.credit.LedgerCheck;
import io.bactrian.embedded.DataDirectoryCleaner;
import io.bactrian.job.JobAdmission;
import io.bactrian.monitor.DueMonitors;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.OpenstreetmapOrigin;
import io.bactrian.recovery.DeadLetter;
import io.bactrian.recovery.DeadLetters;
import io.bactrian.search.SearchRuns;
import io.bactrian.task.Admission;
import io.bactrian.webhook.EndpointLanes;
import io.bactrian.webhook.WebhookAttempts;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Every work queue with a message that always fails, and with work that fails until a fault is mended: what becomes of the work,
 * of its place and units, and of its neighbours. Redeliveries and reissues come quickly here.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoisonTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(100);

    /** They take what no work queue could do, and are nobody's work. */
    private static final Set<String> NO_WORK =
            Set.of("bactrian.dead-letters", "bactrian.tasks.inbox.dlq", "bactrian.replies");

    private final MisbehavingOrigin site = MisbehavingOrigin.start().on("/page", Behaviours.page("<h1>A page</h1>"));
    private final OpenstreetmapOrigin map = OpenstreetmapOrigin.start(Clock.systemUTC());
    private final int brokerPort = TestFork.freePort();
    private final EmbeddedActiveMQ impatientBroker = startBroker();
    private final ConfigurableApplicationContext context = start();
    private final JdbcClient database = context.getBean(JdbcClient.class);
    private final CamelContext camel = context.getBean(CamelContext.class);
    private final ProducerTemplate routes = camel.createProducerTemplate();
    private final ConnectionFactory broker = context.getBean(ConnectionFactory.class);
    private final DeadLetters deadLetters = new DeadLetters(broker, database, context.getBean(ObjectMapper.class));
    private final Service service = new Service(
            context.getEnvironment().getRequiredProperty("local.server.port", Integer.class),
            context.getEnvironment().getRequiredProperty("local.management.port", Integer.class),
            database);
    private Account account = service.register();

    private ConfigurableApplicationContext start() {
        Path data = TestFork.directory("poison");
        DataDirectoryCleaner.clean(data);
        return new SpringApplicationBuilder(Bactrian.class)
                .run(
                        "--server.port=0",
                        "--management.server.port=0",
                        "--bactrian.data-directory=" + data,
                        "--bactrian.postgres.port=" + TestFork.freePort(),
                        "--spring.artemis.broker-url=tcp://127.0.0.1:" + brokerPort + "?consumerWindowSize=0",
                        "--bactrian.recovery.lost-after=300ms",
                        "--bactrian.recovery.reissues=2",
                        "--bactrian.egress.allow=127.0.0.0/8",
                        "--bactrian.places.openstreetmap.nominatim-url=" + map.nominatimUrl(),
                        "--bactrian.places.openstreetmap.overpass-url=" + map.overpassUrl(),
                        "--bactrian.rate-limit.enabled=false");
    }

    /** On TCP, because one JVM can have one in-process broker only, which another service may be using. */
    private EmbeddedActiveMQ startBroker() {
        try {
            return new EmbeddedActiveMQ()
                    .setConfigResourcePath(impatient().toUri().toString())
                    .start();
        } catch (Exception e) {
            throw new IllegalStateException("The broker did not start.", e);
        }
    }

    /** The service's own configuration of the broker, but for the waits between deliveries. */
    private Path impatient() throws IOException {
        Path data = TestFork.directory("poison-broker");
        DataDirectoryCleaner.clean(data);
        Path copy = TestFork.directory("poison-broker.xml");
        String text = Files.readString(Path.of("config", "broker.xml"))
                .replaceAll("<acceptor name=\"in-process\">.*</acceptor>", "")
                .replace("<persistence-enabled>", "<security-enabled>false</security-enabled><persistence-enabled>")
                .replace("${bactrian.broker.data}", data.toString())
                .replace("${bactrian.broker.port}", Integer.toString(brokerPort))
                .replace("${bactrian.intake.max-body-size}", "16777216")
                .replaceAll("<redelivery-delay>\\d+<", "<redelivery-delay>20<")
                .replaceAll("<max-redelivery-delay>\\d+<", "<max-redelivery-delay>20<")
                .replaceAll("<max-delivery-attempts>\\d+<", "<max-delivery-attempts>3<");
        return Files.writeString(copy, text);
    }

    @BeforeEach
    void anotherAccount() throws JMSException {
        account = service.register();
        deadLetters.dropAll();
    }

    @AfterAll
    void close() throws Exception {
        List<String> differences = context.getBean(LedgerCheck.class).differences();
        context.close();
        impatientBroker.stop();
        map.close();
        site.close();
        assertThat(differences).isEmpty();
    }

    @Test
    void aMessageThatCannotBeReadBecomesADeadLetterOfItsQueueAndTheNextIsWorkedOn() throws JMSException {
        Set<String> queues = new TreeSet<>(
                BrokerAddresses.in(Path.of("config", "broker.xml")).queues());
        queues.removeAll(NO_WORK);
        queues.forEach(queue -> send(queue, "{no message"));

        // What producers send is answered, or kept with the reason, in a queue of its own.
        queues.remove("bactrian.tasks.inbox");
        await().atMost(LONG_ENOUGH)
                .pollInterval(POLL)
                .untilAsserted(() -> assertThat(letters())
                        .extracting(DeadLetter::queue)
                        .containsExactlyInAnyOrderElementsOf(queues));
        assertThat(letters()).extracting(DeadLetter::body).containsOnly("{no message");
        assertThat(service.management("/actuator/metrics/bactrian.dead-letters").text())
                .contains("\"value\":" + queues.size());

        assertThat(account.awaitEnd(account.create(TaskRequest.simple(site.url("/page"))))
                        .path("status")
                        .asText())
                .isEqualTo("completed");
        DeadLetter one = letters().getFirst();
        assertThat(deadLetters.replay(one.id())).isTrue();
        await("it fails again")
                .atMost(LONG_ENOUGH)
                .pollInterval(POLL)
                .untilAsserted(() ->
                        assertThat(letters()).hasSize(queues.size()).noneMatch(letter -> letter.id() == one.id()));
        assertThat(deadLetters.drop(one.id())).isFalse();
        assertThat(deadLetters.drop(letters().getFirst().id())).isTrue();
        assertThat(deadLetters.dropAll()).isEqualTo(queues.size() - 1);
    }

    @Test
    void deadLettersExpire() throws JMSException {
        send("bactrian.tasks.end", "{no message");
        await().atMost(LONG_ENOUGH).pollInterval(POLL).until(() -> letters().size() == 1);
        try (JMSContext session = broker.createContext()) {
            assertThat(session.createConsumer(session.createQueue("bactrian.dead-letters"))
                            .receive(10_000)
                            .getJMSExpiration())
                    .isGreaterThan(
                            Clock.systemUTC().millis() + Duration.ofDays(29).toMillis());
        }
    }

    @Test
    void aTaskThatCannotStartFailsAndItsNeighbourStarts() throws Exception {
        stopRoute("task-admit");
        String broken = account.create(TaskRequest.simple(site.url("/page")));
        String neighbour = account.create(TaskRequest.simple(site.url("/page")));
        change("UPDATE task SET config = '{' WHERE id = ?::uuid", broken);
        startRoute("task-admit");

        assertFailed(broken);
        assertThat(account.awaitEnd(neighbour).path("status").asText()).isEqualTo("completed");
        assertThat(account.get("/tasks").expect(200).json()).hasSize(2);
    }

    @Test
    void aTaskWhoseLanesAlwaysFailEndsWithFailedRowsAndFreesItsPlace() throws Exception {
        stopRoute("lane-html");
        String broken = account.create(TaskRequest.simple(site.url("/page"), site.url("/page?2")));
        String onBrowser = account.create(TaskRequest.simple(site.url("/page")));
        awaitStatus(broken, "running");
        awaitStatus(onBrowser, "running");
        // The plan has two places, so it waits for one of theirs.
        String neighbour = account.create(TaskRequest.simple(site.url("/page")));
        change("UPDATE task SET config = '{' WHERE id = ?::uuid", broken);
        change("UPDATE task SET config = '[]' WHERE id = ?::uuid", onBrowser);
        send("bactrian.lanes.browser", "{\"task\": \"%s\", \"lane\": 0, \"sequence\": 0}".formatted(onBrowser));
        startRoute("lane-html");

        assertFailed(broken);
        assertFailed(onBrowser);
        assertThat(account.rows(broken))
                .extracting(row -> row.at("/error/code").asText())
                .containsExactly("internal_error", "internal_error");
        assertThat(account.awaitEnd(neighbour).path("status").asText()).isEqualTo("completed");
        assertThat(letters()).extracting(DeadLetter::queue).contains("bactrian.lanes.html", "bactrian.lanes.browser");
        assertThat(letters())
                .filteredOn(letter -> letter.body().contains(broken))
                .allSatisfy(letter -> assertThat(letter.reason()).contains("unreadable config"));
        assertThat(service.management("/actuator/metrics/bactrian.work.abandoned?tag=kind:task-lane")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aTaskWhoseSitemapAlwaysFailsOrWhoseEndDoesIsAbandoned() throws Exception {
        stopRoute("task-sitemap");
        stopRoute("task-end");
        String mapped = account.create(TaskRequest.bulk(List.of(site.url("/page")))
                .config("sitemap_url", "\"" + site.url("/sitemap.xml") + "\""));
        String miscounted = account.create(TaskRequest.simple(site.url("/page")));
        awaitStatus(mapped, "running");
        await().atMost(LONG_ENOUGH)
                .pollInterval(POLL)
                .until(() -> database.sql("SELECT count(*) FROM task_lane WHERE task_id = ?::uuid AND retired")
                                .param(miscounted)
                                .query(Integer.class)
                                .single()
                        == 1);
        change("UPDATE task SET config = '{' WHERE id = ?::uuid", mapped);
        change("UPDATE task_lane SET pages_done = 9 WHERE task_id = ?::uuid", miscounted);
        startRoute("task-sitemap");
        startRoute("task-end");

        assertFailed(mapped);
        assertThat(recovered(miscounted).path("status").asText()).isEqualTo("completed");
        assertThat(account.unitsUsed()).isEqualTo(RunningService.PAGE_UNITS);
    }

    @Test
    void jobsThatAlwaysFailCostNothingAndTheirNeighbourIsSearched() throws Exception {
        map.addCafes(map.addTown("Paphos", 78, 34.7, 32.4, "CY"), 2);
        stopRoute("job-admit");
        stopRoute("places-html");
        String params =
                "{\"searchTerms\": \"cafe\", \"location\": \"Paphos\", \"provider\": \"openstreetmap\", \"maxResults\": 5}";
        String unstartable = account.search(params);
        change("UPDATE job SET query = '{' WHERE 'job_' || id = ?", unstartable);
        String broken = account.search(params);
        startRoute("job-admit");
        await().atMost(LONG_ENOUGH)
                .pollInterval(POLL)
                .until(() -> account.job(broken).path("status").asText().equals("running"));
        change("UPDATE job SET query = '{', params = '{' WHERE 'job_' || id = ?", broken);
        send("bactrian.places.browser", "{\"job\": %s, \"lane\": 0, \"sequence\": 0}".formatted(broken.substring(4)));
        startRoute("places-html");
        String neighbour = account.search(params);

        await().atMost(LONG_ENOUGH).pollInterval(POLL).untilAsserted(() -> {
            recover();
            assertThat(account.job(unstartable).path("status").asText()).isEqualTo("failed");
            assertThat(account.job(broken).path("status").asText()).isEqualTo("failed");
            assertThat(account.job(neighbour).path("status").asText()).isEqualTo("completed");
        });
        assertThat(account.credits()).isEqualTo(100 - 2);
    }

    @Test
    void anEndpointAndAFileThatCannotBeServedAreGivenUp() throws Exception {
        for (String queue : List.of("bactrian.webhooks.deliver", "bactrian.webhooks.deliver-slow")) {
            Account owner = service.register();
            long endpoint = owner.post(
                            "/webhooks",
                            TaskRequest.parse(
                                    "{\"url\": \"https://93.184.215.14/hook\", \"events\": [\"task.completed\"]}"))
                    .expect(201)
                    .json()
                    .path("id")
                    .asLong();
            database.sql("UPDATE webhook_endpoint SET url = 'nowhere', slow = ? WHERE id = ?")
                    .params(queue.endsWith("slow"), endpoint)
                    .update();
            owner.awaitEnd(owner.create(TaskRequest.simple(site.url("/page"))));

            await(queue).atMost(LONG_ENOUGH).pollInterval(POLL).untilAsserted(() -> {
                recover();
                assertThat(database.sql("SELECT status FROM event_delivery WHERE endpoint_id = ?")
                                .param(endpoint)
                                .query(String.class)
                                .list())
                        .containsExactly("failed");
            });
        }
        long delivery =
                database.sql("""
                        INSERT INTO webhook_delivery
                               (account_id, subject, format, url, event, event_id, next_attempt_at, created_at)
                        SELECT id, 'job_1', 'csv', 'nowhere', 'export.csv', 'evt_poison', now(), now() FROM account
                         WHERE email = ? RETURNING id""").param(account.email()).query(Long.class).single();
        send("bactrian.exports.deliver", "{\"delivery\": %d, \"sequence\": 0}".formatted(delivery));
        await().atMost(LONG_ENOUGH).pollInterval(POLL).untilAsserted(() -> {
            recover();
            assertThat(database.sql("SELECT status FROM webhook_delivery WHERE id = ?")
                            .param(delivery)
                            .query(String.class)
                            .single())
                    .isEqualTo("failed");
        });
    }

    @Test
    void workThatFailsUntilAFaultIsMendedEndsAsIfNothingHadBeen() throws Exception {
        map.addCafes(map.addTown("Nicosia", 79, 35.2, 33.4, "CY"), 2);
        site.on("/sitemap.xml", Behaviours.answer("200 OK", Behaviours.utf8(site.url("/page?mapped"))));
        List<String> stopped = List.of(
                "task-admit",
                "task-sitemap",
                "task-end",
                "lane-html",
                "job-admit",
                "places-html",
                "job-end",
                "monitor-check",
                "monitor-checked",
                "search-run",
                "webhook-fan-out",
                "webhook-deliver");
        for (String route : stopped) {
            stopRoute(route);
        }
        String task = account.create(TaskRequest.simple(site.url("/page")));
        String mapped = account.create(TaskRequest.bulk(List.of(site.url("/page")))
                .config("sitemap_url", "\"" + site.url("/sitemap.xml") + "\""));
        Account watcher = service.register();
        String monitor = watcher.create(TaskRequest.monitoring(site.url("/page")));
        String job = account.search(
                "{\"searchTerms\": \"cafe\", \"location\": \"Nicosia\", \"provider\": \"openstreetmap\", \"maxResults\": 5}");
        // Everything that moves work on writes there.
        database.sql("ALTER TABLE outbox RENAME TO outbox_away").update();
        for (String route : stopped) {
            startRoute(route);
        }
        await().atMost(LONG_ENOUGH).pollInterval(POLL).until(() -> letters().size() >= 3);
        database.sql("ALTER TABLE outbox_away RENAME TO outbox").update();

        await().atMost(LONG_ENOUGH).pollInterval(POLL).untilAsserted(() -> {
            recover();
            assertThat(account.listed(task).path("status").asText()).isEqualTo("completed");
            assertThat(account.listed(mapped).path("status").asText()).isEqualTo("completed");
            assertThat(watcher.task(monitor).at("/monitoring/checks").asInt()).isOne();
            assertThat(account.job(job).path("status").asText()).isEqualTo("completed");
        });
        assertThat(account.rows(mapped))
                .hasSize(2)
                .allMatch(row -> row.path("error").isNull());
        assertThat(account.credits()).isEqualTo(100 - 2);
        watcher.delete("/tasks/" + monitor).expect(200);
    }

    private void assertFailed(String task) {
        assertThat(recovered(task).path("status").asText()).isEqualTo("failed");
        assertThat(database.sql("""
                                SELECT coalesce(sum(balance), 0) FROM credit_balance b JOIN account a ON a.id = b.account_id
                                 WHERE a.email = ? AND b.bucket = 'reserved'""").param(account.email()).query(Long.class).single())
                .isLessThanOrEqualTo(2L * RunningService.PAGE_UNITS * 2);
    }

    /** Looks for lost and failing work until a task has ended, and gives it. */
    private JsonNode recovered(String task) {
        return await().atMost(LONG_ENOUGH)
                .pollInterval(POLL)
                .until(
                        () -> {
                            recover();
                            return account.task(task);
                        },
                        found -> Set.of("completed", "failed")
                                .contains(found.path("status").asText()));
    }

    /** What the service does every minute. */
    private void recover() {
        context.getBean(Admission.class).reissueLostTokens();
        context.getBean(Admission.class).readmit();
        context.getBean(DueMonitors.class).reissueLost();
        context.getBean(JobAdmission.class).reissueLostTokens();
        context.getBean(JobAdmission.class).readmit();
        context.getBean(SearchRuns.class).resendLost();
        context.getBean(WebhookAttempts.class).resendLost();
        context.getBean(EndpointLanes.class).reissueLostTokens();
        routes.sendBody("direct:outbox-dispatch", "");
    }

    private void awaitStatus(String task, String status) {
        await().atMost(LONG_ENOUGH)
                .pollInterval(POLL)
                .until(() -> account.task(task).path("status").asText().equals(status));
    }

    private void change(String sql, String parameter) {
        assertThat(database.sql(sql).param(parameter).update()).isOne();
    }

    private void stopRoute(String id) throws Exception {
        camel.getRouteController().stopRoute(id);
    }

    private void startRoute(String id) throws Exception {
        camel.getRouteController().startRoute(id);
    }

    private void send(String queue, String body) {
        try (JMSContext session = broker.createContext()) {
            session.createProducer().send(session.createQueue(queue), body);
        }
    }

    private List<DeadLetter> letters() throws JMSException {
        List<DeadLetter> letters = new ArrayList<>();
        deadLetters.forEach(letters::add);
        return letters;
    }
}
