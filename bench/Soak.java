import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.bactrian.demo.SampleMap;
import io.bactrian.origin.OpenstreetmapOrigin;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * A soak: nodes under a steady load of every kind of work, one broken thing of each kind, and nodes and browsers that are
 * killed at random, on one real PostgreSQL and one real Artemis outside of the nodes.
 *
 * <p>A table is printed each minute. When the time is over, the load stops, work is given a bounded time to end, and the checks
 * of {@link SoakChecks} are made; the status is 1 where one of them does not hold. What takes minutes and hours in life is made
 * shorter in three places: the settings below, {@link #AGEING} if asked for, and the redeliveries in {@link SoakBackends}. Traffic goes
 * to loopback only. {@code bench/run-soak} says what can be chosen.
 */
public final class Soak {
    private static final int TASKS_AT_ONCE = 8;
    private static final int JOBS_AT_ONCE = 3;
    private static final Duration LONGEST_STOP = Duration.ofSeconds(45);
    private static final Duration LONGEST_UNHEALTHY = Duration.ofSeconds(15);
    private static final long MOST_RESIDENT_MEGABYTES = 1_200;
    private static final long MOST_THREADS = 700;
    private static final long MOST_IN_A_QUEUE = 500;
    private static final long MOST_IN_THE_OUTBOX = 500;

    /** What an idle node may take of one processor: more is a thread that never ends. */
    private static final double MOST_IDLE_PROCESSOR = 0.6;

    /** What the nodes share. */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("BACTRIAN_SECRETS_MASTERKEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
            Map.entry("BACTRIAN_RATELIMIT_ENABLED", "false"),
            Map.entry("BACTRIAN_EGRESS_ALLOW", "127.0.0.0/8"),
            Map.entry("BACTRIAN_EGRESS_WEBHOOKS_ALLOW", "127.0.0.0/8"),
            Map.entry("BACTRIAN_PLANS_SIGNUPCREDITS", "1000000"),
            Map.entry("BACTRIAN_PLANS_SELEXTRACT_FREE_COMPUTEUNITSLIMIT", "100000000"),
            Map.entry("BACTRIAN_PLANS_SELEXTRACT_FREE_CONCURRENTTASKS", Integer.toString(TASKS_AT_ONCE)),
            Map.entry("BACTRIAN_PLANS_SELEXTRACT_FREE_ADVANCED", "true"),
            Map.entry("BACTRIAN_PLANS_MAPSCRAPER_FREE_CONCURRENTJOBS", Integer.toString(JOBS_AT_ONCE)),
            Map.entry("BACTRIAN_BROWSER_BROWSERS", "1"),
            Map.entry("BACTRIAN_LANES_CONSUMERS", "16"),
            Map.entry("BACTRIAN_WEBHOOKS_CONSUMERS", "16"),
            Map.entry("BACTRIAN_WEBHOOKS_SLOWCONSUMERS", "8"),
            // A hanging receiver is given up after ten seconds in all, a failing one after five.
            Map.entry("BACTRIAN_EGRESS_WEBHOOKS_TIMEOUT", "1s"),
            Map.entry("BACTRIAN_WEBHOOKS_RETRYDELAYS", "1s,2s,2s"));

    /** Settings that make what is lost be found soon, and what cannot be done be given up soon; names that a version lacks do nothing. */
    private static final Map<String, String> SOON = Map.of(
            "BACTRIAN_RECOVERY_LOSTAFTER", "30s",
            "BACTRIAN_RECOVERY_REISSUES", "3");

    private static final String OVERDUE = "BETWEEN now() - interval '12 hours' AND now() - ? * interval '1 second'";

    /**
     * Statements that make overdue work look a day older, so that a version without the settings above takes it for lost at its
     * next look; only with {@code --age}. They wait for no lock, so that they disturb nothing.
     */
    private static final List<String> AGEING = List.of(
            aged("task_lane", "task_id, lane", "due_at", "NOT retired"),
            aged("job_lane", "job_id, lane", "due_at", "NOT retired"),
            aged("webhook_lane", "endpoint_id, lane", "due_at", "true"),
            aged("webhook_delivery", "id", "next_attempt_at", "status = 'pending'"),
            aged("event_delivery", "id", "next_attempt_at", "status = 'pending'"),
            aged("saved_search_run", "id", "asked_at", "job_id IS NULL AND completed_at IS NULL"),
            aged("monitor", "task_id", "fired_at", "NOT EXISTS (SELECT 1 FROM task_check c WHERE c.task_id = t.task_id)"),
            aged("task_check", "task_id", "requested_at", "begun_at IS NULL"),
            aged("task", "id", "created_at", "status = 'pending'"),
            aged("task", "id", "updated_at", "(status = 'running' OR EXISTS (SELECT 1 FROM task_lane l WHERE l.task_id = t.id))"
                    + " AND NOT EXISTS (SELECT 1 FROM task_lane l WHERE l.task_id = t.id AND NOT l.retired)"),
            aged("job", "id", "created_at", "status = 'queued'"),
            aged("job", "id", "updated_at", "status = 'running' AND NOT EXISTS (SELECT 1 FROM job_lane l WHERE l.job_id = t.id AND NOT l.retired)"));

    private static String aged(String table, String key, String column, String condition) {
        return "UPDATE %1$s SET %3$s = %3$s - interval '1 day' WHERE (%2$s) IN (SELECT %2$s FROM %1$s t WHERE %4$s AND %3$s %5$s FOR NO KEY UPDATE OF t SKIP LOCKED)"
                .formatted(table, key, column, condition, OVERDUE);
    }

    private final Map<String, String> options = new HashMap<>(Map.of("minutes", "20", "drain", "10", "nodes", "2",
            "kill-every", "60s", "browser-kill-every", "20s", "age", "0s", "poison", "all", "port", "21700", "seed", "1"));
    private final Path work = Path.of("target", "soak").toAbsolutePath();
    private final List<SoakNode> nodes = new ArrayList<>();
    private final AtomicBoolean watching = new AtomicBoolean(true);
    private final Map<String, Long> deepest = new ConcurrentHashMap<>();
    private final Map<Integer, Long> unhealthySince = new ConcurrentHashMap<>();
    private volatile long longestUnhealthy;
    private volatile double longestOverdue;
    private volatile long mostResident;
    private volatile long mostThreads;
    private volatile long mostInOutbox;
    private PrintWriter report;

    public static void main(String[] arguments) throws Exception {
        // The broker of this process logs each session otherwise.
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        // Threads of clients and servers may still wait for something.
        System.exit(new Soak().run(arguments));
    }

    private int run(String[] arguments) throws Exception {
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            if (options.replace(arguments[i].replaceFirst("^--", ""), arguments[i + 1]) == null) {
                throw new IllegalArgumentException("Unknown option " + arguments[i] + "; there are " + options.keySet());
            }
        }
        Duration length = Duration.ofSeconds((long) (Double.parseDouble(options.get("minutes")) * 60));
        Duration drain = Duration.ofSeconds((long) (Double.parseDouble(options.get("drain")) * 60));
        int port = Integer.parseInt(options.get("port"));
        deleteRecursively(work);
        Files.createDirectories(work);
        report = new PrintWriter(Files.newBufferedWriter(work.resolve("report.txt")), true);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> nodes.forEach(SoakNode::close)));
        say("A soak of %s with %s nodes: nodes killed each %s, browsers each %s, poison %s, seed %s", length, options.get("nodes"),
                options.get("kill-every"), options.get("browser-kill-every"), options.get("poison"), options.get("seed"));
        try (SoakBackends backends = new SoakBackends(work, port + 90, port + 91);
                SoakSite site = new SoakSite();
                SampleMap map = SampleMap.open(0);
                OpenstreetmapOrigin openstreetmap = towns();
                SoakSite.Receiver healthy = new SoakSite.Receiver("127.0.7.1", "healthy");
                SoakSite.Receiver failing = new SoakSite.Receiver("127.0.7.2", "failing");
                SoakSite.Receiver hanging = new SoakSite.Receiver("127.0.7.3", "hanging")) {
            Map<String, String> settings = new HashMap<>(SETTINGS);
            settings.putAll(SOON);
            settings.put("SPRING_DATASOURCE_URL", backends.databaseUrl);
            settings.put("SPRING_ARTEMIS_BROKER_URL", backends.brokerUrl + "?consumerWindowSize=0");
            settings.put("BACTRIAN_PLACES_GOOGLEMAPS_BASEURL", map.address().toString());
            settings.put("BACTRIAN_PLACES_OPENSTREETMAP_NOMINATIMURL", openstreetmap.nominatimUrl().toString());
            settings.put("BACTRIAN_PLACES_OPENSTREETMAP_OVERPASSURL", openstreetmap.overpassUrl().toString());
            for (int i = 0; i < Integer.parseInt(options.get("nodes")); i++) {
                nodes.add(new SoakNode(i + 1, work, port + 10 * i, settings));
            }
            for (SoakNode node : nodes) {
                // One after the other: the first makes the tables.
                node.start();
                if (node.awaitReady() < 0) {
                    say("Node %d did not start; see %s", node.number, work);
                    return 1;
                }
            }
            try (SoakClient client = new SoakClient(nodes);
                    SoakLoad load = new SoakLoad(client, backends, site, healthy, failing, hanging)) {
                return soak(length, drain, backends, site, healthy, client, load);
            }
        } finally {
            watching.set(false);
            nodes.forEach(SoakNode::close);
            report.close();
        }
    }

    private int soak(Duration length, Duration drain, SoakBackends backends, SoakSite site, SoakSite.Receiver healthy, SoakClient client, SoakLoad load)
            throws Exception {
        Set<String> kinds = switch (options.get("poison")) {
            case "all" -> new LinkedHashSet<>(SoakPoison.KINDS);
            case "none" -> Set.of();
            default -> new LinkedHashSet<>(Arrays.asList(options.get("poison").split(",")));
        };
        if (!SoakPoison.KINDS.containsAll(kinds)) {
            throw new IllegalArgumentException("Unknown poison in " + kinds + "; there are " + SoakPoison.KINDS);
        }
        SoakPoison poison = new SoakPoison(kinds, client, backends, load, site, healthy, TASKS_AT_ONCE);
        SoakFaults faults = new SoakFaults(nodes, Long.parseLong(options.get("seed")));
        SoakChecks checks = new SoakChecks(backends, load, poison, healthy);
        Map<String, Long> first = backends.tables();
        long begun = System.nanoTime();
        Thread watch = Thread.ofPlatform().daemon().start(() -> watch(backends));
        load.start();
        faults.start(duration("kill-every"), duration("browser-kill-every"));
        long poisonAt = Math.min(30, length.toSeconds() / 8);
        Thread poisoner = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(Duration.ofSeconds(poisonAt));
                poison.spread();
            } catch (Exception e) {
                load.problems.add("Not all poison was spread: " + e);
            }
        });
        for (long minute = 1; System.nanoTime() - begun < length.toNanos(); ) {
            Thread.sleep(500);
            if (System.nanoTime() - begun > Duration.ofMinutes(minute).toNanos()) {
                table("minute " + minute++, backends, load, faults, checks);
            }
        }
        poisoner.join(Duration.ofMinutes(3));
        poison.told.forEach(text -> say("poison: %s", text));

        faults.stopKilling();
        load.stop();
        say("The load has stopped.");
        long stopped = System.nanoTime();
        String open = checks.open();
        for (long report = stopped; !open.isEmpty() && System.nanoTime() - stopped < drain.toNanos(); open = checks.open()) {
            Thread.sleep(2_000);
            if (System.nanoTime() - report > Duration.ofMinutes(1).toNanos()) {
                report = System.nanoTime();
                table("ending", backends, load, faults, checks);
            }
        }
        say("%s after %d s", open.isEmpty() ? "All work has ended" : "Still open: " + open, (System.nanoTime() - stopped) / 1_000_000_000);
        // What is answered or told twice would come now.
        Thread.sleep(5_000);
        idle(checks);
        table("end", backends, load, faults, checks);
        checks.run();
        health(checks, client, load, faults);
        Map.Entry<Integer, String> ledger = nodes.getFirst().command("ledger", "check");
        checks.check("./bactrian ledger check is clean", ledger.getKey() == 0 ? List.of() : ledger.getValue().lines().limit(5).toList());
        watching.set(false);
        watch.join(Duration.ofSeconds(10));
        faults.stop();
        stop(checks);
        figures(backends, load, faults, healthy, client, first);
        say("");
        int failed = checks.print(text -> say("%s", text));
        say("");
        say("%s: %d of %d checks hold", failed == 0 ? "The soak is passed" : "THE SOAK IS NOT PASSED", checks.results.size() - failed, checks.results.size());
        return failed == 0 ? 0 : 1;
    }

    private Duration duration(String option) {
        return Duration.ofSeconds(Long.parseLong(options.get(option).replaceFirst("s$", "")));
    }

    private static OpenstreetmapOrigin towns() {
        OpenstreetmapOrigin map = OpenstreetmapOrigin.start(Clock.systemUTC());
        for (int i = 0; i < 20; i++) {
            map.addCafes(map.addTown(SoakLoad.CITY + " " + i, 100 + i, -60 + 2 * i, 10, "de"), 5);
        }
        for (int i = 0; i < 4; i++) {
            map.addCafes(map.addTown(SoakLoad.CITY + " search " + i, 200 + i, 40 + 2 * i, 40, "de"), 3);
        }
        return map;
    }

    /** Each second: is each node healthy that should be, how deep are the queues, how late is the latest lane? */
    private void watch(SoakBackends backends) {
        for (long round = 0; watching.get(); round++) {
            try {
                Thread.sleep(1_000);
                for (SoakNode node : nodes) {
                    watch(node);
                }
                backends.workQueues.forEach(queue -> deepest.merge(queue, backends.depth(queue).all(), Math::max));
                mostInOutbox = Math.max(mostInOutbox, backends.count("SELECT count(*) FROM outbox"));
                Double overdue = backends.sql.sql("""
                                SELECT coalesce(extract(epoch FROM max(now() - due_at)), 0) FROM (
                                    SELECT due_at FROM task_lane WHERE NOT retired UNION ALL SELECT due_at FROM job_lane WHERE NOT retired) l
                                 WHERE due_at > now() - interval '12 hours'""").query(Double.class).single();
                longestOverdue = Math.max(longestOverdue, overdue);
                if (round % 5 == 0 && duration("age").isPositive()) {
                    AGEING.forEach(statement -> age(backends, statement));
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (watching.get()) {
                    say("The watch missed a look: %s", e.getMessage());
                }
            }
        }
    }

    private void age(SoakBackends backends, String statement) {
        try {
            backends.sql.sql(statement).param(duration("age").toSeconds()).update();
        } catch (RuntimeException e) {
            // Tables change with the service; what cannot be aged is said once.
            if (deepest.put("ageing " + statement, 1L) == null) {
                say("Not aged: %s", String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
        }
    }

    private void watch(SoakNode node) {
        if (!node.isUp()) {
            unhealthySince.remove(node.number);
            return;
        }
        mostResident = Math.max(mostResident, node.residentMegabytes());
        mostThreads = Math.max(mostThreads, node.threads());
        int status = node.status("/health", Duration.ofSeconds(5));
        if (status == 200 || !node.isUp()) {
            unhealthySince.remove(node.number);
        } else {
            long since = unhealthySince.computeIfAbsent(node.number, any -> System.nanoTime());
            longestUnhealthy = Math.max(longestUnhealthy, (System.nanoTime() - since) / 1_000_000_000);
        }
    }

    private void table(String name, SoakBackends backends, SoakLoad load, SoakFaults faults, SoakChecks checks) {
        StringBuilder nodesLine = new StringBuilder();
        for (SoakNode node : nodes) {
            nodesLine.append(node.isUp()
                    ? "  node %d: %d MB, %d threads, health %s;".formatted(node.number, node.residentMegabytes(), node.threads(), node.status("/health", Duration.ofSeconds(5)))
                    : "  node %d: starting;".formatted(node.number));
        }
        say("");
        say("== %s, %s", name, LocalTime.now().truncatedTo(ChronoUnit.SECONDS));
        say("  asked  %s", load.done());
        say("  ended  %s", backends.texts("SELECT task_type || ' ' || status || ' ' || count(*) FROM task GROUP BY task_type, status ORDER BY 1")
                + " " + backends.texts("SELECT 'job ' || status || ' ' || count(*) FROM job GROUP BY status ORDER BY 1"));
        say("  open   %s", checks.open());
        say("  faults %d kills of nodes, %d of browsers, %d exits;%s", faults.nodeKills, faults.browserKills, faults.exits, nodesLine);
        Map<String, String> queues = new TreeMap<>();
        backends.filledQueues().forEach((queue, depth) -> queues.put(queue, "%d (%d under way, %d later)".formatted(depth.all(), depth.delivering(), depth.scheduled())));
        say("  queues %s; dead letters %s", queues, backends.deadLetters());
        Map<String, Long> tables = backends.tables();
        tables.values().removeIf(rows -> rows == 0);
        say("  rows   %s", tables);
    }

    private void idle(SoakChecks checks) throws InterruptedException {
        Map<Integer, Double> before = new HashMap<>();
        nodes.forEach(node -> before.put(node.number, node.processorSeconds()));
        Thread.sleep(10_000);
        List<String> busy = new ArrayList<>();
        for (SoakNode node : nodes) {
            double load = (node.processorSeconds() - before.get(node.number)) / 10;
            say("Node %d takes %.0f %% of a processor after all work has ended.", node.number, load * 100);
            if (load > MOST_IDLE_PROCESSOR) {
                busy.add("node %d takes %.0f %% of a processor".formatted(node.number, load * 100));
            }
        }
        checks.check("No node is busy with nothing", busy);
    }

    private void health(SoakChecks checks, SoakClient client, SoakLoad load, SoakFaults faults) {
        checks.check("Each node is healthy in the end", nodes.stream().filter(node -> node.status("/health", Duration.ofSeconds(5)) != 200)
                .map(node -> "node " + node.number).toList());
        checks.check("No node that served was unhealthy for more than " + LONGEST_UNHEALTHY.toSeconds() + " s",
                longestUnhealthy > LONGEST_UNHEALTHY.toSeconds() ? List.of("for " + longestUnhealthy + " s") : List.of());
        checks.check("Nodes and browsers came and went as they should", List.copyOf(faults.problems));
        List<String> spared = new ArrayList<>();
        if (duration("kill-every").isPositive() && faults.nodeKills == 0) {
            spared.add("no node was killed");
        }
        if (duration("browser-kill-every").isPositive() && faults.browserKills == 0) {
            spared.add("no browser was killed");
        }
        checks.check("Faults were injected", spared);
        checks.check("Nodes that were up answered each call, and none by 5xx", client.troubles.entrySet().stream().map(Object::toString).toList());
        checks.check("All that was asked for was accepted", List.copyOf(load.problems));
        List<String> large = new ArrayList<>();
        if (mostResident > MOST_RESIDENT_MEGABYTES) {
            large.add(mostResident + " MB resident");
        }
        if (mostThreads > MOST_THREADS) {
            large.add(mostThreads + " threads");
        }
        deepest.forEach((queue, depth) -> {
            if (depth > MOST_IN_A_QUEUE) {
                large.add(queue + " was " + depth + " deep");
            }
        });
        if (mostInOutbox > MOST_IN_THE_OUTBOX) {
            large.add("the outbox was " + mostInOutbox + " deep");
        }
        checks.check("Memory, threads, queues and outbox stayed within bounds", large);
    }

    private void stop(SoakChecks checks) throws InterruptedException {
        List<String> slow = new ArrayList<>();
        for (SoakNode node : nodes) {
            if (!node.isAlive()) {
                slow.add("node " + node.number + " was not there");
            } else if (node.terminate(LONGEST_STOP) < 0) {
                slow.add("node " + node.number + " did not stop within " + LONGEST_STOP.toSeconds() + " s");
            }
        }
        checks.check("Each node stops when it is asked to", slow);
    }

    private void figures(SoakBackends backends, SoakLoad load, SoakFaults faults, SoakSite.Receiver healthy, SoakClient client, Map<String, Long> first)
            throws IOException {
        List<Long> recoveries = faults.recoveries.stream().sorted().toList();
        say("");
        say("== figures");
        say("  %d kills of nodes; until a killed node served again: %s", faults.nodeKills, recoveries.isEmpty() ? "-"
                : "median %.1f s, longest %.1f s".formatted(recoveries.get(recoveries.size() / 2) / 1e3, recoveries.getLast() / 1e3));
        say("  %d kills of browsers; the latest lane was %.1f s late", faults.browserKills, longestOverdue);
        say("  %d calls, the slowest took %d ms; the healthy receiver took %d webhooks", client.calls.get(), client.slowest.get(), healthy.requests.get());
        say("  %d messages to the inbox, %d answers more than messages", load.sent.size(),
                load.answers.values().stream().mapToInt(List::size).sum() - load.answers.size());
        say("  at most %d MB resident, %d threads, %d rows in the outbox; deepest queues %s", mostResident, mostThreads, mostInOutbox,
                new TreeMap<>(deepest).entrySet().stream().filter(queue -> !queue.getKey().startsWith("ageing") && queue.getValue() > 0).toList());
        for (SoakNode node : nodes) {
            say("  node %d wrote %d lines of log", node.number, node.logged());
        }
        say("  seconds from creation to end, by type: %s", backends.texts("""
                SELECT task_type || ': median ' || round(percentile_cont(0.5) WITHIN GROUP (ORDER BY s)::numeric, 1) || ', 99 %% '
                       || round(percentile_cont(0.99) WITHIN GROUP (ORDER BY s)::numeric, 1) || ', longest ' || round(max(s)::numeric, 1)
                  FROM (SELECT task_type, extract(epoch FROM completed_at - created_at) AS s FROM task
                         WHERE completed_at IS NOT NULL AND task_type <> 'monitoring'
                        UNION ALL SELECT 'job ' || provider, extract(epoch FROM completed_at - created_at) FROM job WHERE completed_at IS NOT NULL) t
                 WHERE s < 43200 GROUP BY task_type""".replace("%%", "%")));
        say("  row errors: %s", backends.texts("SELECT error_code || ' ' || count(*) FROM task_row WHERE error_code IS NOT NULL GROUP BY error_code ORDER BY 1"));
        Map<String, String> rows = new TreeMap<>();
        backends.tables().forEach((table, count) -> {
            if (count > 0) {
                rows.put(table, first.getOrDefault(table, 0L) + " to " + count);
            }
        });
        say("  rows of tables: %s", rows);
    }

    private synchronized void say(String format, Object... values) {
        String line = format.formatted(values);
        System.out.println(line);
        report.println(line);
    }

    private static void deleteRecursively(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
