package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.account.Permission;
import io.bactrian.account.PermissionDeniedException;
import io.bactrian.billing.Plan;
import io.bactrian.billing.Plans;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.idempotency.IdempotencyKeys;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.scrape.ProxyRotation;
import io.bactrian.scrape.Scraper;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.task.TaskLog.Level;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** What clients do with tasks: submit, look at, change, cancel and delete them. */
@Service
public class Tasks {
    /** How many URLs a task that was made with a test key may have. */
    private static final int TEST_KEY_URLS = 3;

    private final TaskStore store;
    private final TaskLog log;
    private final TaskEnd end;
    private final Lanes lanes;
    private final TaskChecks checks;
    private final MonitoringTasks monitoring;
    private final Ledger ledger;
    private final Outbox outbox;
    private final Plans plans;
    private final TaskPrices prices;
    private final Scraper browser;
    private final Proxies proxies;
    private final IdempotencyKeys keys;
    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    Tasks(
            TaskStore store,
            TaskLog log,
            TaskEnd end,
            Lanes lanes,
            TaskChecks checks,
            MonitoringTasks monitoring,
            Ledger ledger,
            Outbox outbox,
            Plans plans,
            TaskPrices prices,
            @Qualifier("browserScraper") Scraper browser,
            Proxies proxies,
            IdempotencyKeys keys,
            JdbcClient database,
            ObjectMapper json,
            Clock clock) {
        this.store = store;
        this.log = log;
        this.end = end;
        this.lanes = lanes;
        this.checks = checks;
        this.monitoring = monitoring;
        this.ledger = ledger;
        this.outbox = outbox;
        this.plans = plans;
        this.prices = prices;
        this.browser = browser;
        this.proxies = proxies;
        this.keys = keys;
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /**
     * Accepts a task: it is {@code pending} until its account has a free place, with its compute units reserved.
     *
     * @return the task as it was accepted; for a repeated idempotency key, as it was accepted the first time
     * @throws InvalidInputException when the config cannot be carried out
     * @throws AdvancedScrapingNotIncludedException when the plan has basic scraping only
     * @throws PermissionDeniedException when a test key asks for a monitoring task
     * @throws MonitorLimitException when the account has as many monitoring tasks as its plan includes
     * @throws BrowserUnavailableException when the task needs a browser, this node has none, and the task is not to wait for one
     * @throws io.bactrian.credit.InsufficientCreditsException when the pages may cost more than the account has
     * @throws io.bactrian.idempotency.IdempotencyConflictException when the key was used for another request
     */
    @Transactional
    public Task submit(TaskSubmission submission) {
        Plan plan = plans.selextract(submission.planId());
        if (submission.type() == TaskType.ADVANCED_SCRAPING && !plan.advanced()) {
            throw new AdvancedScrapingNotIncludedException(plan.name());
        }
        boolean monitored = submission.type() == TaskType.MONITORING;
        if (monitored && submission.test()) {
            throw new PermissionDeniedException(
                    Permission.TASKS_CREATE,
                    "A test key cannot create monitoring tasks: use a production key, or another task_type.");
        }
        if (submission.type() == TaskType.ADVANCED_SCRAPING && !submission.waitsForBrowser() && !browser.available()) {
            throw new BrowserUnavailableException();
        }
        List<String> urls = TaskConfiguration.urls(submission.config());
        TaskConfiguration configuration = TaskConfiguration.read(submission.type(), submission.config());
        if (submission.test() && urls.size() > TEST_KEY_URLS) {
            throw new InvalidInputException(
                    "config.urls",
                    "must have at most %d URLs when the task is made with a test key".formatted(TEST_KEY_URLS));
        }
        int ownPages = urls.size()
                + configuration.sitemapPages(
                        urls.size(),
                        submission.test() ? TEST_KEY_URLS : submission.type().mostUrls());
        int pages = ownPages * configuration.pagesOfUrl();
        if (submission.test() && pages > TEST_KEY_URLS) {
            throw new InvalidInputException(
                    "config.follow.max_pages",
                    "must be at most %d, for a task that is made with a test key has at most %d pages"
                            .formatted(Math.max(1, TEST_KEY_URLS / ownPages), TEST_KEY_URLS));
        }
        int unitPrice = submission.test() ? 0 : prices.of(submission.type());
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        if (monitored) {
            monitoring.check(submission.config(), now);
        }
        ObjectNode config = submission.config().deepCopy();
        config.remove("urls");
        ObjectNode secrets = TaskSecrets.take(config);
        Task task = new Task(
                UUID.randomUUID(),
                submission.accountId(),
                submission.name(),
                submission.description(),
                submission.type(),
                TaskStatus.PENDING,
                submission.priority(),
                config,
                urls,
                pages,
                0,
                (long) unitPrice * pages,
                0,
                null,
                now,
                now,
                null,
                null);
        Optional<String> earlier =
                keys.earlier(submission.accountId(), submission.idempotency(), write(task.withUrls(List.of())));
        if (earlier.isPresent()) {
            return read(earlier.get()).withUrls(urls);
        }
        store.insert(task, secrets, submission.planId(), unitPrice);
        log.write(
                task.id(),
                Level.INFO,
                "initialization",
                "Task accepted with %s%d %s, %d compute units reserved"
                        .formatted(
                                pages > urls.size() ? "up to " : "",
                                pages,
                                pages == 1 ? "page" : "pages",
                                task.unitsEstimated()),
                Map.of("pages", pages, "compute_units", task.unitsEstimated()));
        if (!goesThroughProxies(configuration.options().proxies())) {
            warn(task, "No proxies are configured: proxy_rotation is ignored and pages are fetched directly");
        }
        if (monitored) {
            monitoring.accepted(task, plan.monitors());
            checks.request(task, 1);
        } else {
            outbox.write(Destination.TASKS_ADMIT, new AdmissionRequest(task.accountId()), Map.of(), null);
            // Last, because the account's other tasks wait for the balance until this transaction ends.
            ledger.reserve(
                    task.accountId(),
                    Currency.COMPUTE_UNITS,
                    task.unitsEstimated(),
                    reference(task.id()),
                    "Task " + task.id());
        }
        return task;
    }

    /**
     * Whether a task that wants proxies gets any; true too for one that wants none.
     *
     * @throws InvalidInputException when it names a pool that there is not
     */
    private boolean goesThroughProxies(@Nullable ProxyRotation wanted) {
        if (wanted == null || proxies.configured(wanted.pool())) {
            return true;
        }
        if (wanted.pool() != null) {
            throw new InvalidInputException("config.proxy_rotation.pool", "is not the name of a pool of this service");
        }
        return false;
    }

    /**
     * The account's task of that id.
     *
     * @throws io.bactrian.NotFoundException when there is none, or it is another account's
     */
    @Transactional(readOnly = true)
    public Task find(UUID accountId, UUID id) {
        return store.require(accountId, id);
    }

    /** One page of the account's tasks that match a filter. */
    @Transactional(readOnly = true)
    public TaskPage list(UUID accountId, TaskFilter filter) {
        return store.list(accountId, filter);
    }

    /** The ids of all the account's tasks, oldest first. */
    @Transactional(readOnly = true)
    public List<UUID> ids(UUID accountId) {
        return database.sql("SELECT id FROM task WHERE account_id = ? ORDER BY created_at, id")
                .param(accountId)
                .query(UUID.class)
                .list();
    }

    /**
     * Changes what can still be changed of a task; null leaves a value as it is.
     *
     * @param descriptionGiven whether the description changes, be it to null
     * @throws io.bactrian.NotFoundException when there is no such task, or it is another account's
     * @throws TaskStateException when the task has ended
     */
    @Transactional
    public Task update(
            UUID accountId,
            UUID id,
            @Nullable String name,
            boolean descriptionGiven,
            @Nullable String description,
            @Nullable Integer priority) {
        Task task = store.lock(accountId, id);
        if (task.status().ended()) {
            throw new TaskStateException("This task is %s and can no longer be changed. Create another one."
                    .formatted(task.status().code()));
        }
        database.sql("""
                        UPDATE task SET name = coalesce(?, name), description = CASE WHEN ? THEN ? ELSE description END,
                            priority = coalesce(?, priority), updated_at = ? WHERE id = ?""")
                .params(name, descriptionGiven, description, priority, Timestamp.from(clock.instant()), id)
                .update();
        if (priority != null && task.type() == TaskType.MONITORING) {
            checks.prioritize(id, priority);
        }
        return store.require(accountId, id);
    }

    /**
     * Cancels a task that is pending or running, deletes one that has ended, or that was cancelled and still has steps under
     * way: what they have not stored is then lost.
     *
     * @return whether it was cancelled; otherwise it is gone, with its results
     * @throws io.bactrian.NotFoundException when there is no such task, or it is another account's
     */
    @Transactional
    public boolean cancelOrDelete(UUID accountId, UUID id) {
        Task task = store.lock(accountId, id);
        boolean monitored = task.type() == TaskType.MONITORING;
        if (task.status().ended()) {
            end.endCancelled(task);
            if (monitored) {
                monitoring.deleted(id);
            }
            store.delete(id);
            return false;
        }
        if (monitored) {
            monitoring.cancelled(task);
        }
        end.cancel(task);
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                lanes.stop(id);
            }
        });
        return true;
    }

    private void warn(Task task, String message) {
        log.write(task.id(), Level.WARNING, "initialization", message, Map.of());
    }

    static String reference(UUID taskId) {
        return "task:" + taskId;
    }

    private String write(Task task) {
        try {
            return json.writeValueAsString(task);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A task cannot be written as JSON.", e);
        }
    }

    private Task read(String text) {
        try {
            Task task = json.readValue(text, Task.class);
            // Answers of earlier versions have them in the clear.
            TaskSecrets.take(task.config());
            return task;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored answer cannot be read.", e);
        }
    }
}
