package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.scrape.html.Sitemap;
import io.bactrian.scrape.html.SitemapReader;
import io.bactrian.scrape.html.SitemapRequest;
import io.bactrian.task.TaskLog.Level;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The URLs of tasks that have a {@code sitemap_url}: read when the task is admitted, before its lanes are opened.
 *
 * <p>A running task without a cursor is one whose sitemap is still to be read. URLs, cursor, lanes and tokens are written in
 * one transaction under the task's lock, so a request that is delivered twice, or carried out twice at once, opens its lanes
 * once.
 */
@Service
public class SitemapIntake {
    private final SitemapReader reader;
    private final Admission admission;
    private final TaskEnd end;
    private final TaskStore store;
    private final TaskLog log;
    private final Outbox outbox;
    private final Retries retries;
    private final Shutdown shutdown;
    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final ObjectMapper json;
    private final Clock clock;
    private final RandomGenerator random = RandomGenerator.getDefault();

    SitemapIntake(
            SitemapReader reader,
            Admission admission,
            TaskEnd end,
            TaskStore store,
            TaskLog log,
            Outbox outbox,
            Retries retries,
            Shutdown shutdown,
            JdbcClient database,
            TransactionTemplate transactions,
            ObjectMapper json,
            Clock clock) {
        this.reader = reader;
        this.admission = admission;
        this.end = end;
        this.store = store;
        this.log = log;
        this.outbox = outbox;
        this.retries = retries;
        this.shutdown = shutdown;
        this.database = database;
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
    }

    /**
     * Asks for a task's sitemap to be read.
     *
     * @param attempt which attempt it is, from 1
     */
    record Request(UUID task, int attempt) {}

    private record Waiting(TaskType type, int pages) {}

    /** Reads the sitemap of a task that waits for it, and opens the task's lanes or, if it has no pages, ends it. */
    public void read(String message) throws JsonProcessingException {
        Request request = json.readValue(message, Request.class);
        @Nullable Waiting task = waiting(request.task());
        if (task == null) {
            return;
        }
        TaskConfiguration configuration = TaskConfiguration.read(task.type(), store.config(request.task()));
        SitemapSource source = Objects.requireNonNull(configuration.sitemap(), "Only such tasks have no cursor.");
        List<String> given = store.urls(request.task());
        Sitemap found = reader.read(new SitemapRequest(
                source.url(),
                task.pages() / configuration.pagesOfUrl() - given.size(),
                given,
                source.include(),
                configuration.options(),
                () -> !shutdown.begun() && waiting(request.task()) != null));
        if (shutdown.begun()) {
            throw new StoppingException("The process stops: the sitemap is read by the next one.");
        }
        transactions.executeWithoutResult(status -> store(request, configuration, given, found));
    }

    private @Nullable Waiting waiting(UUID id) {
        return database.sql("""
                        SELECT task_type, pages_total FROM task t WHERE id = ? AND status = 'running'
                           AND NOT EXISTS (SELECT 1 FROM task_cursor c WHERE c.task_id = t.id)""")
                .param(id)
                .query((row, number) -> new Waiting(TaskType.of(row.getString(1)), row.getInt(2)))
                .optional()
                .orElse(null);
    }

    private void store(Request request, TaskConfiguration configuration, List<String> given, Sitemap found) {
        UUID id = request.task();
        Task task = store.lock(id).orElse(null);
        if (task == null || waiting(id) == null) {
            return;
        }
        Instant now = clock.instant();
        log.write(
                id,
                found.problems().stream()
                        .map(problem -> log.entry(Level.WARNING, "sitemap", problem, Map.of()))
                        .toList());
        Sitemap.Failure failure = found.failure();
        if (failure != null && failure.retryable() && request.attempt() <= configuration.retryAttempts()) {
            database.sql("UPDATE task SET updated_at = ? WHERE id = ?")
                    .params(Timestamp.from(now), id)
                    .update();
            outbox.write(
                    Destination.TASKS_SITEMAP,
                    new Request(id, request.attempt() + 1),
                    Map.of(),
                    now.plus(retries.after(request.attempt(), failure.retryAfter(), random)));
            return;
        }
        if (failure != null && given.isEmpty()) {
            end.fail(task, failure.message());
            return;
        }
        if (failure != null && !found.problems().contains(failure.message())) {
            log.write(id, Level.WARNING, "sitemap", failure.message(), Map.of());
        }
        List<String> urls = new ArrayList<>(given);
        urls.addAll(found.urls());
        store.replaceUrls(id, urls);
        database.sql("UPDATE task SET pages_total = ?, updated_at = ?, asked_at = NULL, reissues = 0 WHERE id = ?")
                .params(urls.size() * configuration.pagesOfUrl(), Timestamp.from(now), id)
                .update();
        log.write(
                id,
                Level.INFO,
                "sitemap",
                "The sitemap has %d %s of the task, in %d %s"
                        .formatted(
                                found.urls().size(),
                                found.urls().size() == 1 ? "page" : "pages",
                                found.files(),
                                found.files() == 1 ? "file" : "files"),
                Map.of("pages", found.urls().size(), "files", found.files()));
        admission.openLanes(id, configuration, urls.size());
    }
}
