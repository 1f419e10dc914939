import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.demo.SampleMap;
import jakarta.jms.Connection;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** One broken thing of each kind, put among the load; what is beside it must not notice. */
final class SoakPoison {
    static final List<String> KINDS = List.of("messages", "task", "job", "page", "outbox", "webhook");

    private static final String UNREADABLE = "{\"broken";

    /** Tasks and jobs whose stored configuration was broken, and how; and the neighbours that must end well. */
    final Map<String, String> brokenTasks = new LinkedHashMap<>();

    final Map<Long, String> brokenJobs = new LinkedHashMap<>();
    final List<String> neighbours = new ArrayList<>();
    final List<UUID> outboxRows = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    /** A task with a page whose text cannot be stored as it is. */
    String pageTask = "";
    /** Whether a task was accepted whose webhook_url is as long as may be. */
    boolean longUrlAccepted;

    private final Set<String> kinds;
    private final SoakClient client;
    private final SoakBackends backends;
    private final SoakLoad load;
    private final SoakSite site;
    private final SoakSite.Receiver healthy;
    private final int places;

    /** @param places how many tasks one account may have running */
    SoakPoison(Set<String> kinds, SoakClient client, SoakBackends backends, SoakLoad load, SoakSite site, SoakSite.Receiver healthy, int places) {
        this.kinds = kinds;
        this.client = client;
        this.backends = backends;
        this.load = load;
        this.site = site;
        this.healthy = healthy;
        this.places = places;
    }

    boolean has(String kind) {
        return kinds.contains(kind);
    }

    void spread() throws Exception {
        if (has("messages")) {
            messages();
        }
        if (has("page")) {
            page();
        }
        if (has("webhook")) {
            webhook();
        }
        if (has("outbox")) {
            outbox();
        }
        if (has("task")) {
            tasks();
        }
        if (has("job")) {
            jobs();
        }
        // Behind all that is broken, in the same account.
        if (has("task")) {
            neighbour();
        }
    }

    /** All but the inbox's go through the outbox, so that they are the service's own messages in all but their bodies. */
    private void messages() throws Exception {
        List<UUID> rows = new ArrayList<>();
        for (String queue : backends.workQueues) {
            if (queue.equals(SoakBackends.INBOX)) {
                try (Connection connection = new ActiveMQConnectionFactory(backends.brokerUrl).createConnection();
                        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
                    session.createProducer(session.createQueue(queue)).send(session.createTextMessage(UNREADABLE));
                }
            } else {
                rows.add(row(queue.substring("bactrian.".length()).toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'), UNREADABLE));
            }
        }
        await(() -> rows.stream().allMatch(row -> backends.count("SELECT count(*) FROM outbox WHERE id = ?", row) == 0));
        told.add("a message that cannot be read into each of " + backends.workQueues.size() + " queues");
    }

    /** Writes a row of the outbox that a process that died has left behind. */
    private UUID row(String destination, String body) {
        UUID id = UUID.randomUUID();
        backends.sql.sql("""
                        INSERT INTO outbox (id, destination, body, properties, created_at)
                        VALUES (?, ?, ?, '{}', now() - interval '1 minute')""").params(id, destination, body).update();
        return id;
    }

    private void page() throws Exception {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            urls.add(site.url((i == 3 ? "/nul/" : i == 5 ? "/escaped-nul/" : "/json/") + i));
        }
        ObjectNode task = SoakLoad.task("page", "bulk_scraping", urls);
        ((ObjectNode) task.path("config")).putObject("selectors").putObject("a").put("selector", "$.a").put("type", "jsonpath");
        pageTask = String.valueOf(load.create("page with NUL", load.broken, task, 8, -1));
        told.add("a page with NUL in task " + pageTask);
    }

    private void webhook() throws Exception {
        String start = healthy.url("/long/");
        ObjectNode task = SoakLoad.task("long", "simple_scraping", List.of(site.url("/ok/long")));
        ((ObjectNode) task.path("config")).put("webhook_url", start + "ü".repeat(2_048 - start.length()));
        SoakClient.Answer answer = client.call("POST", "/tasks", task, load.broken.key(), "long-url");
        longUrlAccepted = answer.status() == 201;
        if (longUrlAccepted) {
            neighbours.add(answer.body().path("id").asText());
        }
        told.add("a webhook_url of 2048 characters, answered " + answer.status());
    }

    private void outbox() {
        outboxRows.add(row("NOWHERE", "{}"));
        told.add("an outbox row without a known destination");
    }

    private void tasks() throws Exception {
        SoakClient.Account account = load.broken;
        String running = create("broken while it runs", steps("running", 40));
        await(() -> backends.count("SELECT count(*) FROM task_row WHERE task_id = ?::uuid", running) > 3);
        breakTask(running, UNREADABLE, "unreadable while it ran");
        // Fills all places, so that what follows is pending for long enough to be broken.
        for (int i = 0; i < places; i++) {
            neighbours.add(create("blocker", List.of(site.url("/slow/" + i))));
        }
        for (Map.Entry<String, String> kind : Map.of("unreadable", UNREADABLE, "empty", "{}").entrySet()) {
            String pending = create("broken while it waits", List.of(site.url("/ok/pending")));
            breakTask(pending, kind.getValue(), kind.getKey() + " while it was " + backends.texts("SELECT status FROM task WHERE id = ?::uuid", pending));
        }
        for (int i = 0; i < 3; i++) {
            neighbour();
        }
        told.add("tasks of " + account.name() + " with a broken config: " + brokenTasks);
    }

    private void neighbour() throws Exception {
        neighbours.add(create("neighbour", List.of(site.url("/ok/neighbour"))));
    }

    private String create(String kind, List<String> urls) throws Exception {
        ObjectNode task = SoakLoad.task(kind, urls.size() == 1 ? "simple_scraping" : "bulk_scraping", urls);
        return String.valueOf(load.create(kind, load.broken, task, urls.size(), -1));
    }

    private List<String> steps(String name, int count) {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            urls.add(site.url("/step/" + name + "/" + i));
        }
        return urls;
    }

    private void breakTask(String id, String config, String how) {
        backends.sql.sql("UPDATE task SET config = ? WHERE id = ?::uuid AND completed_at IS NULL").params(config, id).update();
        brokenTasks.put(id, how);
        load.tasks.remove(id);
    }

    private void jobs() throws Exception {
        // The one that runs comes first, for a queued one may keep all others from running.
        for (int i = 0; i < 5 && brokenJobs.isEmpty(); i++) {
            long id = job("google-maps", "coffee", SampleMap.CITY);
            await(() -> backends.count("SELECT count(*) FROM job WHERE id = ? AND status <> 'queued'", id) > 0);
            String statement = "UPDATE job SET params = ?, query = ? WHERE id = ? AND status = 'running'";
            if (backends.sql.sql(statement).params(UNREADABLE, UNREADABLE, id).update() > 0) {
                brokenJobs.put(id, "params and query unreadable while it ran");
            }
        }
        // The account's places are taken first, so that a later job is queued.
        for (int i = 0; i < 12 && brokenJobs.size() < 2; i++) {
            long id = job("openstreetmap", "cafe", SoakLoad.CITY + " " + i);
            if (i > 2 && backends.sql.sql("UPDATE job SET params = ? WHERE id = ? AND status = 'queued'").params(UNREADABLE, id).update() > 0) {
                brokenJobs.put(id, "params unreadable while it was queued");
            }
        }
        job("openstreetmap", "cafe", SoakLoad.CITY + " 1");
        told.add("jobs with broken params: " + brokenJobs);
    }

    private long job(String provider, String terms, String location) throws Exception {
        SoakClient.Answer answer = client.call("POST", "/scrape", SoakLoad.search(terms, location, 4, provider), load.broken.token(), null);
        return Long.parseLong(SoakClient.require(201, answer).path("jobId").asText().substring("job_".length()));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.sleep(100);
        }
    }
}
