import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.demo.SampleMap;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** A steady and modest load of every kind of work, and what is known of each piece of it. */
final class SoakLoad implements AutoCloseable {
    static final String CITY = "Nowhere";

    /** What tasks of a kind must come to: how many pages with data; -1 where kills and cancels may change that. */
    record Expected(String kind, int pages, int withData) {}

    /** What a message of the inbox must come to. */
    record Sent(int number, String body, boolean broken, int status) {}

    final Map<String, Expected> tasks = new ConcurrentHashMap<>();
    final Map<String, String> jobs = new ConcurrentHashMap<>();
    /** Keys under which creations were repeated until they were answered, with the ids that were answered. */
    final Map<String, Set<String>> created = new ConcurrentHashMap<>();
    final Map<String, Sent> sent = new ConcurrentHashMap<>();
    final Map<String, List<String>> answers = new ConcurrentHashMap<>();
    final Map<String, Set<String>> published = new ConcurrentHashMap<>();
    /** Deliveries of files that were asked for, and whether their receiver is healthy. */
    final Map<Long, Boolean> deliveries = new ConcurrentHashMap<>();
    final List<String> monitors = new ArrayList<>();
    final List<Long> searches = new ArrayList<>();
    final Set<String> problems = ConcurrentHashMap.newKeySet();

    final SoakClient.Account pages;
    final SoakClient.Account browser;
    final SoakClient.Account places;
    final SoakClient.Account queue;
    final SoakClient.Account monitoring;
    final SoakClient.Account broken;

    private final SoakClient client;
    private final SoakSite site;
    private final SoakSite.Receiver healthy;
    private final SoakSite.Receiver failing;
    private final SoakSite.Receiver hanging;
    private final Connection connection;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicBoolean listening = new AtomicBoolean(true);
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();

    SoakLoad(SoakClient client, SoakBackends backends, SoakSite site, SoakSite.Receiver healthy, SoakSite.Receiver failing,
            SoakSite.Receiver hanging) throws Exception {
        this.client = client;
        this.site = site;
        this.healthy = healthy;
        this.failing = failing;
        this.hanging = hanging;
        pages = account("pages");
        browser = account("browser");
        places = account("places");
        queue = account("queue");
        monitoring = account("monitoring");
        broken = account("broken");
        for (SoakClient.Account account : List.of(pages, places)) {
            register(account, failing.url("/" + account.name()));
            register(account, hanging.url("/" + account.name()));
        }
        connection = new ActiveMQConnectionFactory(backends.brokerUrl + "?consumerWindowSize=0").createConnection();
        connection.start();
    }

    List<SoakClient.Account> accounts() {
        return List.of(pages, browser, places, queue, monitoring, broken);
    }

    private SoakClient.Account account(String name) throws Exception {
        SoakClient.Account account = client.register(name);
        String path = "/" + name;
        healthy.secrets.put(path, register(account, healthy.url(path)));
        String secret = SoakClient.require(200, client.call("GET", "/webhooks/signing-secret", null, account.token(), null)).path("secret").asText();
        healthy.secrets.put("/one-off" + path, secret);
        healthy.secrets.put("/file" + path, secret);
        return account;
    }

    private String register(SoakClient.Account account, String url) throws Exception {
        ObjectNode webhook = SoakClient.JSON.createObjectNode().put("url", url);
        ArrayNode events = webhook.putArray("events");
        List.of("job.completed", "job.failed", "task.completed", "task.failed", "task.cancelled", "monitor.changed", "monitor.failed", "search.completed")
                .forEach(events::add);
        return SoakClient.require(201, client.call("POST", "/webhooks", webhook, account.token(), null)).path("secret").asText();
    }

    interface Step {
        void run(int number) throws Exception;
    }

    /** Makes what runs by the clock, and starts the threads that ask for all else. */
    void start() throws Exception {
        for (int i = 0; i < 3; i++) {
            ObjectNode task = task("monitor " + i, "monitoring", List.of(site.url("/value/" + i), site.url("/ok/monitor/" + i)));
            ((ObjectNode) task.path("config")).put("schedule", "* * * * *");
            monitors.add(SoakClient.require(201, client.call("POST", "/tasks", task, monitoring.key(), "monitor-" + i)).path("id").asText());
        }
        for (int i = 0; i < 4; i++) {
            ObjectNode search = search("cafe", CITY + " search " + i, 3, "openstreetmap").put("name", "Search " + i).put("schedule", "* * * * *")
                    .put("notifyWebhook", true);
            searches.add(SoakClient.require(201, client.call("POST", "/scheduled/saved-searches", search, monitoring.token(), null)).path("id").asLong());
        }
        listen();
        every(Duration.ofMillis(2_500), number -> create("simple", pages, site("ok/a", number, "missing/a", "flaky/a"), 2));
        every(Duration.ofSeconds(6), this::bulk);
        every(Duration.ofSeconds(9), this::follow);
        every(Duration.ofSeconds(16), this::sitemap);
        every(Duration.ofSeconds(12), this::advanced);
        every(Duration.ofSeconds(14), this::cancelled);
        every(Duration.ofSeconds(11), number -> job("openstreetmap", "cafe", CITY + " " + number % 20, number % 6 == 5));
        every(Duration.ofSeconds(25), number -> job("google-maps", "coffee", SampleMap.CITY, number % 6 == 5));
        every(Duration.ofSeconds(15), this::deliverFile);
        every(Duration.ofMillis(2_500), this::sendMessage);
    }

    private void every(Duration period, Step step) {
        threads.add(Thread.ofVirtual().start(() -> {
            for (int number = 0; running.get(); number++) {
                long begun = System.nanoTime();
                try {
                    step.run(number);
                } catch (InterruptedException e) {
                    return;
                } catch (Exception e) {
                    if (running.get()) {
                        problems.add(String.valueOf(e));
                    }
                }
                while (running.get() && System.nanoTime() - begun < period.toNanos()) {
                    try {
                        Thread.sleep(100);
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            }
        }));
    }

    private List<String> site(String first, int number, String... others) {
        List<String> urls = new ArrayList<>(List.of(site.url("/" + first + "/" + number)));
        for (String other : others) {
            urls.add(site.url("/" + other + "/" + number));
        }
        return urls;
    }

    static ObjectNode task(String name, String type, List<String> urls) {
        ObjectNode task = SoakClient.JSON.createObjectNode().put("name", name).put("task_type", type);
        ObjectNode config = task.putObject("config").put("timeout", 20);
        if (!urls.isEmpty()) {
            urls.forEach(config.putArray("urls")::add);
        }
        config.putObject("selectors").put("title", "h1");
        return task;
    }

    static ObjectNode search(String terms, String location, int most, String provider) {
        return SoakClient.JSON.createObjectNode().put("searchTerms", terms).put("location", location).put("maxResults", most)
                .put("reviews", false).put("provider", provider);
    }

    private String create(String kind, SoakClient.Account account, List<String> urls, int withData) throws Exception {
        ObjectNode task = task(kind, kind.startsWith("simple") ? "simple_scraping" : "bulk_scraping", urls);
        return create(kind, account, task, urls.size(), withData);
    }

    /** Creates a task under a key of its own; null where the service refuses it. */
    String create(String kind, SoakClient.Account account, ObjectNode task, int pages, int withData) throws Exception {
        int number = numbers.incrementAndGet();
        if (number % 5 == 0 && !task.path("config").has("webhook_url")) {
            ((ObjectNode) task.path("config")).put("webhook_url", healthy.url("/one-off/" + account.name()));
        }
        String key = "soak-" + number;
        task.put("name", kind + " " + key);
        SoakClient.Answer answer = client.call("POST", "/tasks", task, account.key(), key);
        if (answer.status() != 201) {
            problems.add("A task of the kind " + kind + " was answered " + answer.status() + ": " + answer.body());
            return null;
        }
        String id = answer.body().path("id").asText();
        created.computeIfAbsent(kind + " " + key, any -> ConcurrentHashMap.newKeySet()).add(id);
        tasks.put(id, new Expected(kind, pages, withData));
        return id;
    }

    private void bulk(int number) throws Exception {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            urls.add(site.url((i == 7 ? "/missing" : i == 9 ? "/flaky" : "/ok") + "/bulk/" + number + "/" + i));
        }
        urls.add("http://10.11.12.13/" + number);
        create("bulk", pages, urls, 14);
    }

    private void follow(int number) throws Exception {
        List<String> urls = List.of(site.url("/follow/" + number + "/a/1"), site.url("/follow/" + number + "/b/1"));
        ObjectNode task = task("follow", "bulk_scraping", urls);
        ((ObjectNode) task.path("config")).putObject("follow").put("next", "a.next").put("max_pages", SoakSite.FOLLOW_PAGES + 2);
        create("follow", pages, task, 2 * SoakSite.FOLLOW_PAGES, 2 * SoakSite.FOLLOW_PAGES);
    }

    private void sitemap(int number) throws Exception {
        ObjectNode task = task("sitemap", "bulk_scraping", List.of());
        ((ObjectNode) task.path("config")).put("sitemap_url", site.url("/sitemap/" + number + ".xml")).put("sitemap_limit", SoakSite.SITEMAP_PAGES + 4);
        create("sitemap", pages, task, SoakSite.SITEMAP_PAGES, SoakSite.SITEMAP_PAGES);
    }

    private void advanced(int number) throws Exception {
        ObjectNode task = task("advanced", "advanced_scraping", site("script/a", number, "script/b"));
        ((ObjectNode) task.path("config")).put("wait_ms", 1_500).put("screenshot", number % 3 == 0);
        create("advanced", browser, task, 2, -1);
    }

    private void cancelled(int number) throws Exception {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            urls.add(site.url("/step/" + number + "/" + i));
        }
        String id = create("cancelled", pages, urls, -1);
        Thread.sleep(number % 2 == 0 ? 3_000 : 20);
        if (id != null) {
            cancel("/tasks/" + id, pages.key());
        }
    }

    /** Cancels what has not ended; asks for its state first, for to delete what was cancelled before deletes it for good. */
    private void cancel(String path, String credential) throws Exception {
        JsonNode state = client.call("GET", path, null, credential, null).body();
        if (Set.of("pending", "queued", "running").contains(state.path("status").asText())) {
            client.call("DELETE", path, null, credential, null);
        }
    }

    private void job(String provider, String terms, String location, boolean cancelled) throws Exception {
        String key = "soak-" + numbers.incrementAndGet();
        SoakClient.Answer answer = client.call("POST", "/scrape", search(terms, location, 4, provider), places.token(), key);
        if (answer.status() != 201) {
            problems.add("A search at " + provider + " was answered " + answer.status() + ": " + answer.body());
            return;
        }
        String id = answer.body().path("jobId").asText();
        jobs.put(id, cancelled ? "cancelled" : provider);
        if (cancelled) {
            Thread.sleep(1_500);
            cancel("/scrape/jobs/" + id, places.token());
        }
    }

    private void deliverFile(int number) throws Exception {
        JsonNode list = client.call("GET", "/scrape/jobs?status=completed&limit=5", null, places.token(), null).body().path("jobs");
        if (list.isEmpty()) {
            return;
        }
        boolean well = number % 4 != 3;
        SoakSite.Receiver receiver = well ? healthy : number % 8 == 3 ? failing : hanging;
        ObjectNode body = SoakClient.JSON.createObjectNode().put("url", receiver.url("/file/" + places.name()));
        String format = number % 2 == 0 ? "csv" : "json";
        SoakClient.Answer answer = client.call("POST", "/scrape/jobs/" + list.get(0).path("id").asText() + "/export/" + format + "/deliver", body, places.token(), null);
        if (answer.status() == 200) {
            deliveries.put(answer.body().path("deliveryId").asLong(), well);
        } else {
            problems.add("The delivery of a file was answered " + answer.status() + ": " + answer.body());
        }
    }

    /** JSON and CSV, some broken, and some sent twice under one id. */
    private void sendMessage(int number) throws Exception {
        try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            MessageProducer producer = session.createProducer(session.createQueue(SoakBackends.INBOX));
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            String id = "message-" + number;
            boolean broken = number % 10 == 9;
            boolean stranger = number % 10 == 4;
            boolean csv = number % 5 == 2;
            String body = broken ? "{\"name\": \"order " + number
                    : csv ? "url\n" + site.url("/ok/csv/" + number + "/0") + "\n" + site.url("/ok/csv/" + number + "/1") + "\n"
                    : number % 10 == 6 ? search("cafe", CITY + " " + number % 20, 2, "openstreetmap").toString()
                    : task("queue " + id, "simple_scraping", site("ok/queue", number)).toString();
            TextMessage message = session.createTextMessage(body);
            message.setStringProperty("api_key", stranger ? "sk_prod_nobody" : queue.key());
            if (csv) {
                message.setStringProperty("content_type", "text/csv");
                message.setStringProperty("task_name", "queue " + id);
                message.setStringProperty("selectors", "{\"title\": \"h1\"}");
            }
            message.setStringProperty("_AMQ_DUPL_ID", id);
            message.setJMSReplyTo(session.createQueue("bactrian.replies.soak"));
            message.setJMSCorrelationID(id);
            sent.put(id, new Sent(number, body, broken, broken ? 400 : stranger ? 401 : 201));
            producer.send(message);
            if (number % 7 == 0) {
                producer.send(message);
            }
        }
    }

    /** Collects the answers to messages, and the events of the topic. */
    private void listen() throws Exception {
        // Made before the first answer, for a queue that is made by a message goes when nobody reads it.
        receive(session -> session.createConsumer(queue(session)), message -> answers.computeIfAbsent(message.getJMSCorrelationID(), any -> new ArrayList<>())
                .add(message.getIntProperty("status") + " " + id(message.getBody(String.class))));
        receive(session -> session.createConsumer(session.createTopic("bactrian.tasks.events")), message -> published
                .computeIfAbsent(message.getStringProperty("type") + " " + message.getStringProperty("task_id"), any -> ConcurrentHashMap.newKeySet())
                .add(message.getStringProperty("event_id")));
    }

    private static Queue queue(Session session) throws Exception {
        return session.createQueue("bactrian.replies.soak");
    }

    private static String id(String body) throws Exception {
        JsonNode answer = SoakClient.JSON.readTree(body);
        return answer.hasNonNull("id") ? answer.path("id").asText() : answer.path("jobId").asText();
    }

    interface Source {
        MessageConsumer open(Session session) throws Exception;
    }

    interface Sink {
        void take(Message message) throws Exception;
    }

    private void receive(Source source, Sink sink) throws Exception {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = source.open(session);
        Thread.ofVirtual().start(() -> {
            while (listening.get()) {
                try {
                    Message message = consumer.receive(500);
                    if (message != null) {
                        sink.take(message);
                    }
                } catch (Exception e) {
                    if (listening.get()) {
                        problems.add("A message could not be read: " + e);
                    }
                    return;
                }
            }
        });
    }

    /** Asks for no more work, and ends what runs by the clock. */
    void stop() throws Exception {
        running.set(false);
        for (Thread thread : threads) {
            thread.join(Duration.ofSeconds(130));
        }
        for (long search : searches) {
            client.call("PUT", "/scheduled/saved-searches/" + search, SoakClient.JSON.createObjectNode().put("isActive", false), monitoring.token(), null);
        }
        for (String monitor : monitors) {
            cancel("/tasks/" + monitor, monitoring.key());
        }
    }

    /** One line of what was asked for. */
    String done() {
        Map<String, Integer> kinds = new TreeMap<>();
        tasks.values().forEach(task -> kinds.merge(task.kind(), 1, Integer::sum));
        jobs.values().forEach(kind -> kinds.merge("job " + kind, 1, Integer::sum));
        kinds.put("messages", sent.size());
        kinds.put("answers", answers.size());
        kinds.put("files", deliveries.size());
        return kinds.toString();
    }


    @Override
    public void close() throws Exception {
        running.set(false);
        listening.set(false);
        connection.close();
    }
}
