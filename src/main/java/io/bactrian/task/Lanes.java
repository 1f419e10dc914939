package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.Shares;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.outbox.OutboxMessage;
import io.bactrian.outbox.ReturnTime;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.task.TaskLog.Level;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The lanes of running tasks: a lane's token is taken, its step is carried out, and the step is stored with the next token.
 *
 * <p>A token can be delivered twice, and a process can die at any point. The lane's sequence decides: only the step that
 * finds the sequence of its token stores anything, and storing moves the sequence on. What a dead process had scraped and
 * not stored is scraped again.
 */
@Service
public class Lanes {
    private static final TypeReference<List<DeferredPage>> DEFERRED = new TypeReference<>() {};

    private final TaskStore store;
    private final Screenshots screenshots;
    private final TaskLog log;
    private final Outbox outbox;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final HostClock hosts;
    private final Clock clock;
    private final Shutdown shutdown;
    private final LaneShares shares;
    private final BrowserPlaces browsers;
    private final TransactionTemplate transactions;
    private final Cache<UUID, RunningTask> tasks = Caffeine.newBuilder()
            .maximumSize(1_000)
            .expireAfterAccess(Duration.ofMinutes(10))
            .build();
    private final Cache<UUID, Boolean> running = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofMillis(250))
            .build();

    Lanes(
            TaskStore store,
            Screenshots screenshots,
            TaskLog log,
            Outbox outbox,
            JdbcClient database,
            ObjectMapper json,
            HostClock hosts,
            Clock clock,
            Shutdown shutdown,
            LaneShares shares,
            BrowserPlaces browsers,
            TransactionTemplate transactions) {
        this.store = store;
        this.screenshots = screenshots;
        this.log = log;
        this.outbox = outbox;
        this.database = database;
        this.json = json;
        this.hosts = hosts;
        this.clock = clock;
        this.shutdown = shutdown;
        this.shares = shares;
        this.browsers = browsers;
        this.transactions = transactions;
    }

    private record Position(int next, int end, String deferred, Instant due) {}

    /**
     * Takes a token: claims a batch for the lane if it has none, and opens its step.
     *
     * <p>If its account has its share of this node's consumers or browsers, the step has no pages and the token comes back later.
     *
     * @return the step, or null when the token is a repetition or its task has ended
     */
    public @Nullable LaneStep take(String message) throws JsonProcessingException {
        LaneToken token = json.readValue(message, LaneToken.class);
        Position lane = transactions.execute(status -> position(token));
        if (lane == null) {
            return null;
        }
        RunningTask task = tasks.get(token.task(), this::load);
        List<String> urls = lane.next() < lane.end() ? store.urls(token.task(), lane.next(), lane.end()) : List.of();
        List<DeferredPage> deferred = deferred(lane);
        Runnable leave = place(task);
        Instant nextLook = leave == null ? shares.nextLook(task.account()) : null;
        return new LaneStep(
                token,
                task,
                lane.next(),
                lane.end(),
                lane.due(),
                urls,
                deferred,
                new LanePace(hosts, token.task(), task, deferred),
                shutdown::begun,
                leave,
                nextLook,
                () -> running.get(token.task(), this::isRunning),
                clock);
    }

    /** Takes a place of this node for a step; gives what leaves it, or null where the account has to wait. */
    private @Nullable Runnable place(RunningTask task) {
        if (task.type().queue() == Destination.LANES_BROWSER) {
            UUID account = task.account();
            return browsers.take(account) ? () -> browsers.leave(account) : null;
        }
        Shares.Share share = shares.take(task.account()).orElse(null);
        return share == null ? null : share::close;
    }

    /**
     * Where the token's lane stands, with a batch claimed if it had none.
     *
     * <p>The lane's row is locked: if a token is delivered twice at once, the second finds what the first has claimed, and
     * claims nothing of its own that nobody would scrape. The claim need not wait for the disk: if it is lost in a crash, so
     * is everything that was committed after it, and the batch is claimed again.
     */
    private @Nullable Position position(LaneToken token) {
        Position lane = database.sql("""
                        SELECT next_position, end_position, deferred, due_at FROM task_lane
                         WHERE task_id = ? AND lane = ? AND sequence = ? AND NOT retired FOR NO KEY UPDATE""")
                .params(token.task(), token.lane(), token.sequence())
                .query((row, number) -> new Position(
                        row.getInt(1),
                        row.getInt(2),
                        row.getString(3),
                        row.getTimestamp(4).toInstant()))
                .optional()
                .orElse(null);
        if (lane == null || lane.next() < lane.end() || deferred(lane).size() >= LaneStep.MOST_DEFERRED) {
            return lane;
        }
        return database.sql("""
                        WITH relaxed AS (SELECT set_config('synchronous_commit', 'off', true)),
                        claimed AS (
                            UPDATE task_cursor c SET next_batch = next_batch + 1 FROM relaxed
                             WHERE c.task_id = ? AND c.next_batch < c.batches
                            RETURNING (c.next_batch - 1) * c.batch_size AS first,
                                least(c.next_batch * c.batch_size, c.pages) AS last)
                        UPDATE task_lane l SET next_position = claimed.first, end_position = claimed.last
                          FROM claimed WHERE l.task_id = ? AND l.lane = ?
                        RETURNING l.next_position, l.end_position""")
                .params(token.task(), token.task(), token.lane())
                .query((row, number) -> new Position(row.getInt(1), row.getInt(2), lane.deferred(), lane.due()))
                .optional()
                .orElse(lane);
    }

    private List<DeferredPage> deferred(Position lane) {
        try {
            return json.readValue(lane.deferred(), DEFERRED);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A lane has unreadable deferred pages.", e);
        }
    }

    /**
     * Stores what a step has scraped and passes the lane's next token on; a lane with nothing left to do retires, and so does
     * that of a cancelled task. The last one asks for the task's end.
     */
    @Transactional
    public void store(LaneStep step) throws JsonProcessingException {
        LaneToken token = step.token();
        List<DeferredPage> deferred = step.remaining();
        boolean retires =
                step.cancelled() || (deferred.isEmpty() && step.next() >= step.end() && allClaimed(token.task()));
        Instant now = clock.instant();
        boolean workNow = hasWorkNow(step, deferred);
        Instant due = workNow ? now : earliest(deferred, now);
        Instant deliverAt = due;
        if (step.foundNothingToDo()) {
            ReturnTime back = step.returnTime(due);
            due = back.due();
            deliverAt = back.deliverAt();
        }
        if (retires || TaskEnd.isFarOff(due, now)) {
            // Whoever cancels the task waits for no token that is far off, so none may be sent behind their back.
            retires |= !lockTask(token.task());
        }
        int moved = database.sql("""
                        UPDATE task_lane SET sequence = sequence + 1, reissues = 0, next_position = ?, end_position = ?, deferred = ?,
                            pages_done = pages_done + ?, pages_had = pages_had + ?, pages_absent = pages_absent + ?, retired = ?, due_at = ?
                         WHERE task_id = ? AND lane = ? AND sequence = ? AND NOT retired""")
                .params(
                        step.next(),
                        step.end(),
                        json.writeValueAsString(deferred),
                        step.rows().size(),
                        step.rows().stream()
                                .filter(row -> row.outcome() instanceof Outcome.Scraped)
                                .count(),
                        step.absent(),
                        retires,
                        Timestamp.from(due),
                        token.task(),
                        token.lane(),
                        token.sequence())
                .update();
        if (moved == 0) {
            // Somebody else has carried out this step, or the task has ended: nothing of it may be stored again.
            return;
        }
        insert(step);
        log.write(token.task(), entries(step));
        if (!retires) {
            outbox.write(
                    step.task().type().queue(),
                    new LaneToken(token.task(), token.lane(), token.sequence() + 1),
                    Map.of(),
                    deliverAt.isAfter(now) ? deliverAt : null,
                    !workNow && bringsToASlot(deferred, due) ? OutboxMessage.URGENT : OutboxMessage.ORDINARY);
        } else if (isLast(token.task())) {
            askForEnd(step.task().type(), token.task());
        }
    }

    private void askForEnd(TaskType type, UUID task) {
        if (type == TaskType.MONITORING) {
            int check = database.sql("SELECT number FROM task_check WHERE task_id = ?")
                    .param(task)
                    .query(Integer.class)
                    .single();
            outbox.write(Destination.MONITORS_CHECKED, new TaskChecks.Done(task, check), Map.of(), null);
        } else {
            outbox.write(Destination.TASKS_END, new TaskEnd.Request(task), Map.of(), null);
        }
    }

    /** Whether the lane can go on at once, with pages that need not wait. */
    private boolean hasWorkNow(LaneStep step, List<DeferredPage> deferred) {
        return deferred.isEmpty()
                || (deferred.size() < LaneStep.MOST_DEFERRED
                        && (step.next() < step.end() || !allClaimed(step.token().task())));
    }

    private static Instant earliest(List<DeferredPage> deferred, Instant now) {
        Instant earliest = deferred.stream()
                .map(DeferredPage::notBefore)
                .min(Instant::compareTo)
                .orElse(now);
        return earliest.isBefore(now) ? now : earliest;
    }

    /** Whether the token's time is that of a booked slot, which it would miss in a long queue. */
    private static boolean bringsToASlot(List<DeferredPage> deferred, Instant due) {
        return deferred.stream()
                .anyMatch(page -> page.booked() != null && !page.notBefore().isAfter(due));
    }

    private boolean allClaimed(UUID task) {
        return database.sql("SELECT next_batch >= batches FROM task_cursor WHERE task_id = ?")
                .param(task)
                .query(Boolean.class)
                .optional()
                .orElse(true);
    }

    /**
     * Makes lanes that retire at once see one another, and whoever cancels the task; says whether it still runs. Whoever locks
     * a task and its lanes locks the task first.
     */
    private boolean lockTask(UUID task) {
        return database.sql("SELECT status = 'running' FROM task WHERE id = ? FOR NO KEY UPDATE")
                .param(task)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Whether no lane of the task is left. */
    private boolean isLast(UUID task) {
        return database.sql("SELECT count(*) = 0 FROM task_lane WHERE task_id = ? AND NOT retired")
                .param(task)
                .query(Boolean.class)
                .single();
    }

    private void insert(LaneStep step) throws JsonProcessingException {
        int size = step.rows().size();
        if (size == 0) {
            return;
        }
        Integer[] positions = new Integer[size];
        String[] data = new String[size];
        String[] codes = new String[size];
        String[] messages = new String[size];
        String[] metadata = new String[size];
        for (int i = 0; i < size; i++) {
            LaneStep.Row row = step.rows().get(i);
            positions[i] = row.position();
            metadata[i] = metadata(step.token().task(), row);
            switch (row.outcome()) {
                case Outcome.Scraped scraped -> {
                    data[i] = scraped.data();
                    if (scraped.screenshot() != null) {
                        screenshots.insert(step.token().task(), row.position(), scraped.screenshot());
                    }
                }
                case Outcome.Failed failed -> {
                    codes[i] = failed.code().code();
                    messages[i] = failed.message();
                }
                case Outcome.Unfinished unfinished ->
                    throw new IllegalStateException("A page that goes on has no row: " + unfinished);
                case Outcome.BrowserDied died ->
                    throw new IllegalStateException("A page whose browser died has no row: " + died);
            }
        }
        if (step.task().pagesOfUrl() > 1) {
            insertWithUrls(step, positions, data, codes, messages, metadata);
            return;
        }
        database.sql("""
                        INSERT INTO task_row (task_id, position, data, error_code, error_message, metadata)
                        SELECT ?, * FROM unnest(?::integer[], ?::text[], ?::text[], ?::text[], ?::text[])""")
                .params(step.token().task(), positions, data, codes, messages, metadata)
                .update();
    }

    /** Rows of next pages tell their URL; those of the task's own URLs find it by their position. */
    private void insertWithUrls(
            LaneStep step,
            Integer[] positions,
            @Nullable String[] data,
            @Nullable String[] codes,
            @Nullable String[] messages,
            String[] metadata) {
        int pages = step.task().pagesOfUrl();
        @Nullable
        String[] urls = step.rows().stream()
                .map(row -> row.position() % pages == 0 ? null : row.url())
                .toArray(String[]::new);
        database.sql("""
                        INSERT INTO task_row (task_id, position, data, error_code, error_message, metadata, url)
                        SELECT ?, * FROM unnest(?::integer[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])""")
                .params(step.token().task(), positions, data, codes, messages, metadata, urls)
                .update();
    }

    private String metadata(UUID task, LaneStep.Row row) throws JsonProcessingException {
        if (!(row.outcome() instanceof Outcome.Scraped scraped) || scraped.screenshot() == null) {
            return json.writeValueAsString(row.outcome().metadata());
        }
        ObjectNode metadata = json.valueToTree(scraped.metadata());
        return json.writeValueAsString(metadata.put(Screenshots.URL, Screenshots.path(task, row.position())));
    }

    private static String name(LaneStep step, LaneStep.Row row) {
        int pages = step.task().pagesOfUrl();
        return pages == 1
                ? "Page " + (row.position() + 1)
                : "Page %d of URL %d".formatted(row.position() % pages + 1, row.position() / pages + 1);
    }

    private List<TaskLog.Entry> entries(LaneStep step) {
        List<TaskLog.Entry> entries = new ArrayList<>();
        for (LaneStep.Row row : step.rows()) {
            if (row.outcome() instanceof Outcome.Failed failed) {
                entries.add(log.entry(
                        Level.WARNING,
                        "scraping",
                        "%s could not be had after %d %s: %s"
                                .formatted(
                                        name(step, row),
                                        row.attempt(),
                                        row.attempt() == 1 ? "attempt" : "attempts",
                                        failed.message()),
                        Map.of("url", row.url(), "error", failed.code().code())));
            }
        }
        int scraped = step.rows().size() - entries.size();
        if (scraped > 0) {
            entries.add(log.entry(
                    Level.INFO,
                    "scraping",
                    "Lane %d stored %d %s".formatted(step.token().lane(), scraped, scraped == 1 ? "page" : "pages"),
                    Map.of("lane", step.token().lane(), "pages", scraped)));
        }
        return entries;
    }

    /** Makes the lanes of a task that was just cancelled stop before their next page; those of other nodes look by themselves. */
    void stop(UUID task) {
        running.put(task, false);
    }

    private boolean isRunning(UUID task) {
        return database.sql("SELECT status = 'running' FROM task WHERE id = ?")
                .param(task)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    private RunningTask load(UUID id) {
        return database.sql("SELECT task_type, account_id, coalesce(urls_given, 0) FROM task WHERE id = ?")
                .param(id)
                .query((row, number) -> {
                    TaskType type = TaskType.of(row.getString(1));
                    TaskConfiguration configuration = TaskConfiguration.read(type, store.config(id));
                    SitemapSource sitemap = configuration.sitemap();
                    UUID account = row.getObject(2, UUID.class);
                    return new RunningTask(
                            account,
                            type,
                            configuration.plan(),
                            configuration.options(account),
                            configuration.retryAttempts(),
                            configuration.rateLimit(),
                            configuration.pagesOfUrl(),
                            sitemap == null ? null : sitemap.origin(),
                            row.getInt(3));
                })
                .single();
    }
}
