import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What must hold when the load has stopped and work has ended; each check is a sentence, and what speaks against it. */
final class SoakChecks {
    private static final int SHOWN = 4;
    private static final String ENDED = "('completed', 'failed', 'cancelled')";
    private static final String OPEN_RESERVATIONS = """
            SELECT reference || ' ' || sum(CASE kind WHEN 'reserve' THEN amount ELSE -amount END)
              FROM credit_transfer WHERE kind IN ('reserve', 'settle', 'release') GROUP BY account_id, currency, reference
            HAVING sum(CASE kind WHEN 'reserve' THEN amount ELSE -amount END) <> 0""";

    /** Dead letters that work with a broken configuration may leave, in each of the queues that it passes. */
    private static final int DEAD_LETTERS_OF_BROKEN_WORK = 12;

    final Map<String, List<String>> results = new LinkedHashMap<>();

    private final SoakBackends backends;
    private final SoakLoad load;
    private final SoakPoison poison;
    private final SoakSite.Receiver healthy;
    private final Map<String, String> pathsByAccount = new TreeMap<>();

    SoakChecks(SoakBackends backends, SoakLoad load, SoakPoison poison, SoakSite.Receiver healthy) {
        this.backends = backends;
        this.load = load;
        this.poison = poison;
        this.healthy = healthy;
        for (SoakClient.Account account : load.accounts()) {
            backends.texts("SELECT id::text FROM account WHERE email = ?", account.name() + "@example.com")
                    .forEach(id -> pathsByAccount.put(id, "/" + account.name()));
        }
    }

    /** Work that has not ended, as one line; empty when all has. */
    String open() {
        Map<String, Long> open = new TreeMap<>();
        open.put("tasks", backends.count("SELECT count(*) FROM task WHERE status NOT IN " + ENDED));
        open.put("jobs", backends.count("SELECT count(*) FROM job WHERE status NOT IN " + ENDED));
        open.put("runs", backends.count("SELECT count(*) FROM saved_search_run WHERE status = 'queued'"));
        open.put("events", backends.count("SELECT count(*) FROM event_delivery WHERE status = 'pending'"));
        open.put("files", backends.count("SELECT count(*) FROM webhook_delivery WHERE status = 'pending'"));
        for (String table : List.of("task_lane", "task_cursor", "task_check", "job_lane", "job_visit")) {
            open.put(table, backends.count("SELECT count(*) FROM " + table));
        }
        open.put("webhook_lane", backends.count("SELECT count(*) FROM webhook_lane WHERE due_at IS NOT NULL"));
        open.put("outbox", backends.count("SELECT count(*) FROM outbox") - poison.outboxRows.size());
        open.put("answers", load.sent.keySet().stream().filter(id -> !load.answers.containsKey(id)).count());
        backends.filledQueues().forEach((queue, depth) -> open.put(queue, depth.all()));
        open.values().removeIf(count -> count <= 0);
        return open.isEmpty() ? "" : open.toString();
    }

    void run() {
        work();
        money();
        schedules();
        events();
        messages();
        poison();
        bounds();
    }

    /** Notes a check, which holds where nothing speaks against it. */
    void check(String sentence, List<String> against) {
        results.put(sentence, List.copyOf(against));
    }

    private void work() {
        List<String> absent = new ArrayList<>();
        for (String type : List.of("simple_scraping", "bulk_scraping", "advanced_scraping")) {
            if (backends.count("SELECT count(*) FROM task WHERE status = 'completed' AND task_type = ?", type) == 0) {
                absent.add(type);
            }
        }
        for (String kind : List.of("follow", "sitemap", "cancelled")) {
            if (load.tasks.values().stream().noneMatch(task -> task.kind().equals(kind))) {
                absent.add(kind);
            }
        }
        for (String table : List.of("monitor_row", "monitor_change", "saved_search_run", "webhook_delivery", "event_attempt")) {
            if (backends.count("SELECT count(*) FROM " + table) == 0) {
                absent.add(table);
            }
        }
        for (String provider : List.of("google-maps", "openstreetmap")) {
            if (backends.count("SELECT count(*) FROM job WHERE status = 'completed' AND provider = ?", provider) == 0) {
                absent.add("jobs of " + provider);
            }
        }
        check("Work of every kind was done", absent);
        String broken = brokenIds();
        check("Each task but the broken ones has ended",
                backends.texts("SELECT id || ' ' || task_type || ' ' || status || ' ' || name FROM task WHERE status NOT IN " + ENDED + broken));
        check("Each job but the broken ones has ended", backends.texts("SELECT 'job_' || id || ' ' || status FROM job WHERE status NOT IN " + ENDED).stream()
                .filter(job -> poison.brokenJobs.keySet().stream().noneMatch(id -> job.startsWith("job_" + id + " "))).toList());
        check("Each ended task has exactly one row for each page", backends.texts("""
                SELECT t.id || ' ' || t.name || ': ' || count(r.position) || ' rows of ' || t.pages_total
                  FROM task t LEFT JOIN task_row r ON r.task_id = t.id
                 WHERE t.task_type <> 'monitoring' AND t.status IN ('completed', 'failed')%s
                 GROUP BY t.id HAVING count(r.position) <> t.pages_total""".formatted(broken.replace("id", "t.id"))));
        List<String> wrong = new ArrayList<>();
        load.tasks.forEach((id, expected) -> {
            List<String> status = backends.texts("SELECT status FROM task WHERE id = ?::uuid", id);
            long rows = backends.count("SELECT count(*) FROM task_row WHERE task_id = ?::uuid", id);
            long withData = backends.count("SELECT count(*) FROM task_row WHERE task_id = ?::uuid AND data IS NOT NULL", id);
            if (status.isEmpty()) {
                wrong.add(id + " " + expected.kind() + " is not there");
            } else if (Set.of("completed", "failed").contains(status.getFirst())
                    && (rows != expected.pages() || expected.withData() >= 0 && withData != expected.withData())) {
                wrong.add(id + " " + expected + " has " + rows + " rows, " + withData + " with data");
            }
        });
        check("Each task has the pages that its site gives", wrong);
        check("No repeated creation made a second task", backends.texts(
                "SELECT name || ': ' || count(*) FROM task WHERE name ~ ' (soak|message)-[0-9]+$' GROUP BY name HAVING count(*) > 1"));
    }

    private String brokenIds() {
        return poison.brokenTasks.isEmpty() ? "" : poison.brokenTasks.keySet().stream().collect(Collectors.joining("', '", " AND id NOT IN ('", "')"));
    }

    private void money() {
        check("Each ended task costs its pages with data", backends.texts("""
                SELECT t.id || ' ' || t.status || ': ' || t.units_consumed || ' units for ' || count(r.data) || ' pages'
                  FROM task t LEFT JOIN task_row r ON r.task_id = t.id
                 WHERE t.task_type <> 'monitoring' AND t.status IN %s
                 GROUP BY t.id HAVING t.units_consumed <> t.unit_price * count(r.data)""".formatted(ENDED)));
        check("What each task costs is settled in the ledger", backends.texts("""
                SELECT t.id || ': ' || t.units_consumed || ' used, ' || coalesce(s.amount, 0) || ' settled'
                  FROM task t LEFT JOIN (SELECT left(reference, 41) AS reference, sum(amount) AS amount FROM credit_transfer
                                          WHERE kind = 'settle' AND currency = 'compute_units' GROUP BY 1) s ON s.reference = 'task:' || t.id
                 WHERE t.status IN %s AND t.units_consumed <> coalesce(s.amount, 0)""".formatted(ENDED)));
        check("Each ended job costs its places, and a failed one nothing", backends.texts("""
                SELECT 'job_' || j.id || ' ' || j.status || ': ' || j.credits_used || ' credits, ' || j.result_count || ' results, '
                       || count(p.position) || ' places, ' || coalesce(min(s.amount), 0) || ' settled'
                  FROM job j LEFT JOIN job_place p ON p.job_id = j.id
                  LEFT JOIN credit_transfer s ON s.reference = 'job:' || j.id AND s.kind = 'settle'
                 WHERE j.status IN %s GROUP BY j.id
                HAVING j.credits_used <> CASE j.status WHEN 'failed' THEN 0 ELSE count(p.position) END
                    OR j.credits_used <> coalesce(min(s.amount), 0) OR j.result_count <> count(p.position)""".formatted(ENDED)));
        check("Nothing is reserved any more", backends.texts(OPEN_RESERVATIONS));
    }

    private void schedules() {
        check("Each run of a saved search has one job", backends.texts("""
                SELECT 'search ' || r.search_id || ' at ' || r.scheduled_for || ': ' || r.status || ' ' || coalesce(r.error, 'without a job')
                  FROM saved_search_run r LEFT JOIN job j ON j.id = r.job_id WHERE j.id IS NULL"""));
        List<String> doubled = new ArrayList<>();
        for (int i = 0; i < load.searches.size(); i++) {
            long runs = backends.count("SELECT count(*) FROM saved_search_run WHERE search_id = ? AND job_id IS NOT NULL", load.searches.get(i));
            long jobs = backends.count("SELECT count(*) FROM job WHERE params LIKE '%' || ? || '\"%'", SoakLoad.CITY + " search " + i);
            if (runs != jobs) {
                doubled.add("search " + load.searches.get(i) + ": " + runs + " runs and " + jobs + " jobs");
            }
        }
        check("No scheduled run made a second job", doubled);
        check("No minute of a saved search was left out", backends.texts("""
                SELECT 'search ' || search_id || ': ' || count(*) || ' runs in '
                       || round(extract(epoch FROM max(scheduled_for) - min(scheduled_for)) / 60) + 1 || ' minutes'
                  FROM saved_search_run GROUP BY search_id
                HAVING count(*) <> round(extract(epoch FROM max(scheduled_for) - min(scheduled_for)) / 60) + 1"""));
        check("Each check of a monitoring task ended once, with a row for each page", backends.texts("""
                SELECT m.task_id || ' check ' || m.check_number || ': ' || count(*) || ' rows' FROM monitor_row m JOIN task t ON t.id = m.task_id
                 GROUP BY m.task_id, m.check_number, t.pages_total HAVING count(*) <> t.pages_total
                UNION ALL
                SELECT task_id || ' ' || split_part(message, ':', 1) || ' ended ' || count(*) || ' times' FROM task_log
                 WHERE step = 'check' AND message LIKE 'Check %:%compute units consumed' GROUP BY task_id, split_part(message, ':', 1)
                HAVING count(*) > 1"""));
        check("Monitoring tasks were checked about each minute", backends.texts("""
                SELECT t.id || ': ' || count(DISTINCT m.check_number) || ' checks in ' || round(extract(epoch FROM t.completed_at - t.created_at) / 60) || ' minutes'
                  FROM task t LEFT JOIN monitor_row m ON m.task_id = t.id WHERE t.task_type = 'monitoring' AND t.completed_at IS NOT NULL
                 GROUP BY t.id HAVING count(DISTINCT m.check_number) < 0.7 * extract(epoch FROM t.completed_at - t.created_at) / 60 - 1"""));
    }

    private void events() {
        List<String> missing = new ArrayList<>();
        List<String> unpublished = new ArrayList<>();
        pathsByAccount.forEach((account, path) -> {
            List<String> expected = new ArrayList<>(backends.texts("SELECT 'task.' || status || ' ' || id FROM task WHERE account_id = ?::uuid AND status IN " + ENDED, account));
            expected.addAll(backends.texts("SELECT 'job.' || status || ' job_' || id FROM job WHERE account_id = ?::uuid AND status IN ('completed', 'failed')", account));
            expected.stream().filter(key -> !load.published.containsKey(key)).forEach(unpublished::add);
            expected.addAll(backends.texts("""
                    SELECT 'search.completed ' || r.search_id || ' job_' || r.job_id FROM saved_search_run r JOIN saved_search s ON s.id = r.search_id
                     WHERE s.account_id = ?::uuid AND r.status = 'completed'""", account));
            expected.stream().filter(key -> !healthy.events.containsKey(path + " " + key)).forEach(key -> missing.add(path + " " + key));
            backends.texts("SELECT 'task.' || status || ' ' || id FROM task WHERE account_id = ?::uuid AND config LIKE '%/one-off/%' AND status IN " + ENDED, account)
                    .stream().filter(key -> !healthy.events.containsKey("/one-off" + path + " " + key)).forEach(key -> missing.add("/one-off" + path + " " + key));
        });
        long changes = backends.count("SELECT count(*) FROM monitor_change WHERE notified");
        long told = healthy.events.keySet().stream().filter(key -> key.startsWith("/monitoring monitor.changed")).count();
        if (changes != told) {
            missing.add(changes + " changes of monitored pages, " + told + " of them told");
        }
        check("The healthy receiver has each event", missing);
        check("The topic has each event", unpublished);
        // The topic's messages name their search or monitoring task, and not which run or check they are about.
        check("Each event has one id", Stream.concat(healthy.events.entrySet().stream(),
                        load.published.entrySet().stream().filter(event -> event.getKey().matches("(?:task|job)\\..*")))
                .filter(event -> event.getValue().size() > 1).map(Object::toString).toList());
        check("All signatures are right", List.copyOf(healthy.badSignatures));
        check("Each delivery of an event has ended", backends.texts("""
                SELECT w.url || ': ' || count(*) || ' pending, the oldest since ' || min(d.created_at) FROM event_delivery d
                  JOIN webhook_endpoint w ON w.id = d.endpoint_id WHERE d.status = 'pending' GROUP BY w.url"""));
        List<String> files = new ArrayList<>();
        load.deliveries.forEach((id, well) -> backends.texts("SELECT status || ' ' || event_id FROM webhook_delivery WHERE id = ?", id).forEach(state -> {
            boolean arrived = healthy.files.contains(state.substring(state.indexOf(' ') + 1));
            if (!state.startsWith(well ? "delivered " : "failed ") || arrived != well) {
                files.add("delivery " + id + " to a " + (well ? "healthy" : "sick") + " receiver is " + state);
            }
        }));
        check("Each file was delivered, or given up where its receiver is sick", files);
    }

    private void messages() {
        List<String> wrong = new ArrayList<>();
        Set<String> deadLetters = backends.properties(SoakBackends.INBOX_DEAD_LETTERS, "JMSCorrelationID").stream()
                .filter(Objects::nonNull).map(Object::toString).collect(Collectors.toSet());
        load.sent.forEach((id, sent) -> {
            List<String> answers = load.answers.getOrDefault(id, List.of());
            if (answers.isEmpty()) {
                wrong.add(id + " has no answer");
            } else if (Set.copyOf(answers).size() > 1) {
                wrong.add(id + " has different answers: " + answers);
            } else if (!answers.getFirst().startsWith(sent.status() + " ")) {
                wrong.add(id + " was answered " + answers.getFirst() + " and not " + sent.status());
            }
            if (sent.broken() && !deadLetters.contains(id)) {
                wrong.add(id + " is broken and not in the dead letters of the inbox");
            }
        });
        check("Each message of the inbox has its one answer", wrong);
        check("Each dead letter of the inbox has a reason", backends.properties(SoakBackends.INBOX_DEAD_LETTERS, "error").stream()
                .filter(Objects::isNull).map(nothing -> "no property error").toList());
    }

    private void poison() {
        List<String> missing = new ArrayList<>();
        if (poison.has("task") && poison.brokenTasks.size() < 3) {
            missing.add("tasks: " + poison.brokenTasks);
        }
        if (poison.has("job") && poison.brokenJobs.size() < 2) {
            missing.add("jobs: " + poison.brokenJobs);
        }
        if (poison.told.size() < SoakPoison.KINDS.stream().filter(poison::has).count()) {
            missing.add("not all kinds: " + poison.told);
        }
        check("All poison was spread", missing);
        if (poison.has("task") || poison.has("job")) {
            brokenWork();
        }
        if (poison.has("page")) {
            check("The pages beside one that cannot be stored as it is are stored", backends.texts("""
                    SELECT t.id || ' ' || t.status || ' with data: ' || count(r.data) FROM task t LEFT JOIN task_row r ON r.task_id = t.id
                     WHERE t.id = ?::uuid GROUP BY t.id HAVING t.status <> 'completed' OR count(r.data) < 6""", poison.pageTask));
        }
        if (poison.has("outbox")) {
            check("The row of the outbox without a known destination waits, and is not lost",
                    backends.count("SELECT count(*) FROM outbox WHERE destination = 'NOWHERE'") == 1 ? List.of() : List.of("it is not there"));
        }
    }

    private void brokenWork() {
        List<String> left = new ArrayList<>();
        poison.brokenTasks.forEach((id, how) -> left.addAll(backends.texts("SELECT id || ' ' || status FROM task WHERE id = ?::uuid AND status NOT IN " + ENDED, id)
                .stream().map(task -> task + ", " + how).toList()));
        poison.brokenJobs.forEach((id, how) -> left.addAll(backends.texts("SELECT 'job_' || id || ' ' || status FROM job WHERE id = ? AND status NOT IN " + ENDED, id)
                .stream().map(job -> job + ", " + how).toList()));
        check("Broken work was abandoned: it has ended, and its place is free", left);
        List<String> reserved = backends.texts(OPEN_RESERVATIONS).stream()
                .filter(text -> poison.brokenTasks.keySet().stream().anyMatch(text::contains)
                        || poison.brokenJobs.keySet().stream().anyMatch(id -> text.contains("job:" + id + " ")))
                .toList();
        check("The units of broken work are released", reserved);
        check("What is beside broken work in its account has ended well", poison.neighbours.stream()
                .flatMap(id -> backends.texts("SELECT id || ' ' || name || ' ' || status FROM task WHERE id = ?::uuid AND status <> 'completed'", id).stream()).toList());
    }

    private void bounds() {
        Map<String, SoakBackends.Depth> filled = backends.filledQueues();
        check("All work queues are empty", filled.entrySet().stream().map(Object::toString).toList());
        List<String> rows = new ArrayList<>();
        for (String table : List.of("task_lane", "task_cursor", "task_check", "job_lane", "job_visit")) {
            long count = backends.count("SELECT count(*) FROM " + table);
            if (count > 0) {
                rows.add(table + " " + count);
            }
        }
        long outbox = backends.count("SELECT count(*) FROM outbox") - poison.outboxRows.size();
        if (outbox > 0) {
            rows.add("outbox " + outbox + " " + backends.texts("SELECT destination || ' ' || count(*) FROM outbox GROUP BY destination"));
        }
        check("The tables of open work are empty", rows);
        List<String> tooMany = new ArrayList<>();
        backends.deadLetters().forEach((queue, count) -> {
            int most = poison.has("messages") && !queue.equals(SoakBackends.INBOX) ? 1 : 0;
            most = queue.equals("null") && poison.has("messages") ? backends.workQueues.size() : most;
            most += poison.has("task") && queue.matches("bactrian\\.(tasks|lanes)\\..*") ? DEAD_LETTERS_OF_BROKEN_WORK : 0;
            most += poison.has("job") && queue.matches("bactrian\\.(jobs|places)\\..*") ? DEAD_LETTERS_OF_BROKEN_WORK : 0;
            if (count > most) {
                tooMany.add(queue + ": " + count + ", at most " + most + " by what was poisoned");
            }
        });
        check("The dead letters are those of the poison", tooMany);
    }

    /** Prints all checks, and gives how many do not hold. */
    int print(Consumer<String> out) {
        int failed = 0;
        for (Map.Entry<String, List<String>> result : results.entrySet()) {
            List<String> against = result.getValue();
            out.accept((against.isEmpty() ? "  holds   " : "  FAILED  ") + result.getKey() + (against.isEmpty() ? "" : " (" + against.size() + ")"));
            against.stream().limit(SHOWN).forEach(text -> out.accept("            " + text));
            failed += against.isEmpty() ? 0 : 1;
        }
        return failed;
    }
}
