package io.bactrian.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.NotFoundException;
import io.bactrian.account.Account;
import io.bactrian.account.AccountEmails;
import io.bactrian.account.Accounts;
import io.bactrian.account.ApiKeys;
import io.bactrian.account.MapKey;
import io.bactrian.account.Profile;
import io.bactrian.billing.Invoices;
import io.bactrian.billing.PlanApi;
import io.bactrian.billing.Subscriptions;
import io.bactrian.credit.Transfers;
import io.bactrian.job.Job;
import io.bactrian.job.JobPlaces;
import io.bactrian.job.Jobs;
import io.bactrian.monitor.MonitorHistory;
import io.bactrian.search.SavedSearch;
import io.bactrian.search.SavedSearches;
import io.bactrian.search.SearchRun;
import io.bactrian.task.Screenshots;
import io.bactrian.task.Task;
import io.bactrian.task.TaskLog;
import io.bactrian.task.TaskType;
import io.bactrian.task.Tasks;
import io.bactrian.webhook.Delivery;
import io.bactrian.webhook.DeliveryPage;
import io.bactrian.webhook.EndpointDeliveries;
import io.bactrian.webhook.EventReceiver;
import io.bactrian.webhook.FileDeliveries;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.stereotype.Component;

/**
 * The operation that gives an account's owner everything that is stored of it, as one ZIP archive.
 *
 * <p>The archive is written while it is read from the database, a few rows at a time. Secrets are left out: an archive is
 * kept and passed on, and a key in it would still work.
 */
@Component
public class AccountExport {
    private static final int LOG_PAGE = 500;
    private static final int RUNS = 1_000;
    private static final String CONTENTS = """
            account.json             the profile
            api-keys.json            the sk_ and msk_ keys, without their secrets
            billing.json             what was subscribed to, and the invoices
            ledger.jsonl             every movement of credits and compute units, oldest first
            webhooks.jsonl           where events were sent, without the secrets
            webhooks/ID/sent.jsonl   what was sent there within 30 days, and what came of it
            jobs/ID/job.json         a search for places as the API shows it
            jobs/ID/places.jsonl     what it has found, if it has ended
            jobs/ID/sent.jsonl       where its files were sent, and what came of it
            searches/ID/search.json  a saved search
            searches/ID/runs.jsonl   its latest runs, newest first
            tasks/ID/task.json       a task as the API shows it
            tasks/ID/rows.jsonl      its results, if it has ended or is a monitoring task
            tasks/ID/changes.jsonl   what its checks have seen change, if it is a monitoring task
            tasks/ID/screenshots/    the pictures of its pages, by their numbers
            tasks/ID/log.jsonl       what happened to it
            """;

    private final Accounts accounts;
    private final AccountEmails emails;
    private final ApiKeys keys;
    private final Subscriptions subscriptions;
    private final Invoices invoices;
    private final Transfers transfers;
    private final Jobs jobs;
    private final JobPlaces places;
    private final FileDeliveries deliveries;
    private final EndpointDeliveries events;
    private final SavedSearches searches;
    private final Tasks tasks;
    private final TaskResults results;
    private final TaskViews views;
    private final MonitorHistory history;
    private final Screenshots screenshots;
    private final TaskLog log;
    private final Downloads downloads;
    private final ObjectMapper json;

    AccountExport(
            Accounts accounts,
            AccountEmails emails,
            ApiKeys keys,
            Subscriptions subscriptions,
            Invoices invoices,
            Transfers transfers,
            Jobs jobs,
            JobPlaces places,
            FileDeliveries deliveries,
            EndpointDeliveries events,
            SavedSearches searches,
            Tasks tasks,
            TaskResults results,
            TaskViews views,
            MonitorHistory history,
            Screenshots screenshots,
            TaskLog log,
            Downloads downloads,
            ObjectMapper json) {
        this.accounts = accounts;
        this.emails = emails;
        this.keys = keys;
        this.subscriptions = subscriptions;
        this.invoices = invoices;
        this.transfers = transfers;
        this.jobs = jobs;
        this.places = places;
        this.deliveries = deliveries;
        this.events = events;
        this.searches = searches;
        this.tasks = tasks;
        this.results = results;
        this.views = views;
        this.history = history;
        this.screenshots = screenshots;
        this.log = log;
        this.downloads = downloads;
        this.json = json;
    }

    public Answer export(ApiCall call) {
        UUID account = call.accountId();
        return new Answer(
                200,
                Map.of("Content-Disposition", "attachment; filename=\"account-" + account + ".zip\""),
                downloads.of(account, "application/zip", output -> write(account, output)));
    }

    private void write(UUID accountId, OutputStream output) throws IOException {
        ZipOutputStream archive = new ZipOutputStream(output, StandardCharsets.UTF_8);
        Profile profile = accounts.profile(accountId);
        entry(archive, "CONTENTS.txt", content -> content.write(CONTENTS.getBytes(StandardCharsets.UTF_8)));
        value(
                archive,
                "account.json",
                account(profile.account(), emails.find(accountId).verified()));
        value(archive, "api-keys.json", keys(accountId, profile.mapKeys()));
        value(archive, "billing.json", billing(accountId));
        entry(archive, "ledger.jsonl", content -> transfers.read(accountId, transfer -> line(content, transfer)));
        entry(archive, "webhooks.jsonl", content -> readReceivers(accountId, receiver -> line(content, receiver)));
        readReceivers(accountId, receiver -> writeSent(archive, receiver));
        for (long number : jobs.numbers(accountId)) {
            writeJob(archive, jobs.find(accountId, number));
        }
        for (SavedSearch search : searches.list(accountId)) {
            writeSearch(archive, search);
        }
        for (UUID task : tasks.ids(accountId)) {
            writeTask(archive, tasks.find(accountId, task));
        }
        archive.finish();
    }

    private static Map<String, Object> account(Account account, boolean emailVerified) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("id", account.id());
        values.put("number", account.number());
        values.put("email", account.email());
        values.put("email_verified", emailVerified);
        values.put("full_name", account.name());
        values.put("avatar_url", account.avatarUrl());
        values.put("subscription_tier", account.selextractPlan());
        values.put("plan", account.mapscraperPlan());
        values.put("created_at", account.createdAt());
        values.put("updated_at", account.updatedAt());
        return values;
    }

    private Map<String, Object> billing(UUID accountId) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("subscriptions", subscriptions.all(accountId));
        values.put(
                "invoices",
                Stream.of(PlanApi.values())
                        .flatMap(api -> invoices.list(accountId, api).stream())
                        .toList());
        return values;
    }

    private List<Object> keys(UUID accountId, List<MapKey> mapKeys) {
        List<Object> all = new ArrayList<>(
                keys.list(accountId).stream().map(KeyApi.KeyView::of).toList());
        for (MapKey key : mapKeys) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("id", key.id());
            values.put("name", key.name());
            values.put("created_at", key.createdAt());
            values.put("last_used_at", key.lastUsedAt());
            values.put("is_active", key.active());
            all.add(values);
        }
        return all;
    }

    private void writeJob(ZipOutputStream archive, Job job) throws IOException {
        String directory = "jobs/" + job.id() + "/";
        value(archive, directory + "job.json", JobView.of(job, null));
        entry(archive, directory + "sent.jsonl", content -> writeDeliveries(job, content));
        if (job.status().ended()) {
            entry(
                    archive,
                    directory + "places.jsonl",
                    content -> places.read(job, place -> {
                        content.write(place.getBytes(StandardCharsets.UTF_8));
                        content.write('\n');
                    }));
        }
    }

    private void writeDeliveries(Job job, OutputStream content) throws IOException {
        for (int number = 1; ; number++) {
            DeliveryPage page = deliveries.list(job.accountId(), job.id(), number, LOG_PAGE);
            for (Delivery delivery : page.deliveries()) {
                line(content, delivery);
            }
            if (!page.hasMore()) {
                return;
            }
        }
    }

    private interface ReceiverReader {
        void receiver(EventReceiver receiver) throws IOException;
    }

    private void readReceivers(UUID accountId, ReceiverReader reader) throws IOException {
        List<EventReceiver> some = events.receivers(accountId, 0);
        while (!some.isEmpty()) {
            for (EventReceiver receiver : some) {
                reader.receiver(receiver);
            }
            some = events.receivers(accountId, some.getLast().id());
        }
    }

    private void writeSent(ZipOutputStream archive, EventReceiver receiver) throws IOException {
        entry(archive, "webhooks/" + receiver.id() + "/sent.jsonl", content -> {
            List<Delivery> some = events.some(receiver.id(), Long.MAX_VALUE);
            while (!some.isEmpty()) {
                for (Delivery delivery : some) {
                    line(content, delivery);
                }
                some = events.some(receiver.id(), some.getLast().id());
            }
        });
    }

    private void writeSearch(ZipOutputStream archive, SavedSearch search) throws IOException {
        String directory = "searches/" + search.id() + "/";
        value(archive, directory + "search.json", SearchApi.view(search));
        List<SearchRun> runs = runs(search);
        entry(archive, directory + "runs.jsonl", content -> {
            for (SearchRun run : runs) {
                line(content, run);
            }
        });
    }

    private List<SearchRun> runs(SavedSearch search) {
        try {
            return searches.history(search.accountId(), search.id(), RUNS);
        } catch (NotFoundException deleted) {
            return List.of();
        }
    }

    private void writeTask(ZipOutputStream archive, Task task) throws IOException {
        String directory = "tasks/" + task.id() + "/";
        value(archive, directory + "task.json", views.of(task));
        if (task.type() == TaskType.MONITORING) {
            entry(archive, directory + "changes.jsonl", content -> writeChanges(task.id(), content));
        }
        if (task.status().ended() || task.type() == TaskType.MONITORING) {
            entry(archive, directory + "rows.jsonl", content -> results.copyAll(task, content));
        }
        for (int page : screenshots.pages(task.id())) {
            entry(
                    archive,
                    directory + "screenshots/" + page + ".png",
                    content -> content.write(screenshots.find(task.id(), page)));
        }
        entry(archive, directory + "log.jsonl", content -> writeLog(task.id(), content));
    }

    private void writeChanges(UUID task, OutputStream content) throws IOException {
        MonitorHistory.ChangePage page = history.changes(task, 1, LOG_PAGE);
        for (int number = 2; !page.changes().isEmpty(); number++) {
            for (MonitorHistory.Change change : page.changes()) {
                line(content, change);
            }
            page = history.changes(task, number, LOG_PAGE);
        }
    }

    private void writeLog(UUID task, OutputStream content) throws IOException {
        TaskLog.Page page = log.read(task, 1, LOG_PAGE);
        for (int number = 2; !page.entries().isEmpty(); number++) {
            for (TaskLog.Entry entry : page.entries()) {
                line(content, entry);
            }
            page = log.read(task, number, LOG_PAGE);
        }
    }

    private void value(ZipOutputStream archive, String name, Object value) throws IOException {
        entry(
                archive,
                name,
                content -> content.write(json.writerWithDefaultPrettyPrinter().writeValueAsBytes(value)));
    }

    private void line(OutputStream content, Object value) throws IOException {
        content.write(json.writeValueAsBytes(value));
        content.write('\n');
    }

    private static void entry(ZipOutputStream archive, String name, Answer.Writer writer) throws IOException {
        archive.putNextEntry(new ZipEntry(name));
        writer.writeTo(archive);
        archive.closeEntry();
    }
}
