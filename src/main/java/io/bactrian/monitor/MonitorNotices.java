package io.bactrian.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.event.Event;
import io.bactrian.event.EventType;
import io.bactrian.event.Events;
import io.bactrian.mail.EmailDecision;
import io.bactrian.mail.Mail;
import io.bactrian.mail.Mails;
import io.bactrian.task.Task;
import io.bactrian.task.TaskChecks;
import io.bactrian.task.TaskLog.Level;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What owners are told of their checks: an event for each URL, and one letter for all of them. */
@Component
final class MonitorNotices {
    private static final int MOST_IN_CELL = 300;
    private static final int MOST_IN_LETTER = 200;

    private final Events events;
    private final Mails mails;
    private final TaskChecks checks;

    MonitorNotices(Events events, Mails mails, TaskChecks checks) {
        this.events = events;
        this.mails = mails;
        this.checks = checks;
    }

    /** The values of a page that have changed. */
    record Changed(String url, List<ValueChange> changes) {}

    /**
     * Why a page has not been seen as it should.
     *
     * @param url null where it concerns all of the task's pages
     * @param checks how many checks in a row have failed
     */
    record Failed(@Nullable String url, List<PageError> errors, int checks) {}

    private record ChangedData(UUID taskId, UUID userId, String url, List<ValueChange> changes, Instant checkedAt) {}

    private record FailedData(
            UUID taskId,
            UUID userId,
            @Nullable String url,
            List<PageError> errors,
            int failedChecks,
            Instant checkedAt) {}

    /** Tells of a check, with the transaction that ends it. */
    void send(
            Task task,
            MonitorConfiguration configuration,
            Instant checkedAt,
            List<Changed> changed,
            List<Failed> failed) {
        for (Changed page : changed) {
            publish(
                    task,
                    configuration,
                    EventType.MONITOR_CHANGED,
                    new ChangedData(task.id(), task.accountId(), page.url(), page.changes(), checkedAt));
        }
        for (Failed page : failed) {
            publish(
                    task,
                    configuration,
                    EventType.MONITOR_FAILED,
                    new FailedData(task.id(), task.accountId(), page.url(), page.errors(), page.checks(), checkedAt));
        }
        String email = configuration.email();
        if (email != null && !changed.isEmpty()) {
            send(task, changes(email, task, checkedAt, changed));
        }
        if (email != null && !failed.isEmpty()) {
            send(task, errors(email, task, checkedAt, failed));
        }
    }

    /** Sends an e-mail; the task's log tells its owner of one that is held back. */
    private void send(Task task, Mail mail) {
        EmailDecision decision = mails.send(task.accountId(), mail);
        if (decision != EmailDecision.SENT) {
            checks.note(
                    task.id(),
                    Level.WARNING,
                    "The e-mail to %s was not sent. %s".formatted(mail.to(), decision.reason()),
                    Map.of("email", mail.to()));
        }
    }

    private void publish(Task task, MonitorConfiguration configuration, EventType type, Object data) {
        events.publish(new Event(
                task.accountId(), type, task.id().toString(), task.status().code(), data, configuration.webhookUrl()));
    }

    private static Mail changes(String to, Task task, Instant checkedAt, List<Changed> pages) {
        boolean several = task.pagesTotal() > 1;
        List<List<String>> rows = new ArrayList<>();
        int all = 0;
        for (Changed page : pages) {
            for (ValueChange change : page.changes()) {
                all++;
                List<String> cells = new ArrayList<>(several ? List.of(cut(page.url())) : List.of());
                cells.add(change.selector());
                cells.add(cell(change.old()));
                cells.add(cell(change.current()));
                cells.add(percent(change.difference()));
                rows.add(cells);
            }
        }
        List<String> columns = new ArrayList<>(several ? List.of("Page") : List.of());
        columns.addAll(List.of("Selector", "Old", "New", "Difference"));
        List<String> paragraphs = new ArrayList<>();
        paragraphs.add("The monitoring task %s has seen %s change.".formatted(name(task), count(all, "value")));
        if (!several) {
            paragraphs.add("Page: " + cut(pages.getFirst().url()));
        }
        return letter(
                to,
                "%s changed: %s".formatted(count(all, "value"), name(task)),
                task,
                checkedAt,
                paragraphs,
                columns,
                rows);
    }

    private static Mail errors(String to, Task task, Instant checkedAt, List<Failed> pages) {
        List<List<String>> rows = new ArrayList<>();
        for (Failed page : pages) {
            for (PageError error : page.errors()) {
                rows.add(List.of(
                        page.url() == null ? "all" : cut(page.url()),
                        error.selector() == null ? "" : error.selector(),
                        cut(error.message()),
                        Integer.toString(page.checks())));
            }
        }
        return letter(
                to,
                "Checks fail: " + name(task),
                task,
                checkedAt,
                List.of(
                        "Checks of the monitoring task %s fail. They go on at their times; you hear of this again only if it happens again after a check without errors."
                                .formatted(name(task))),
                List.of("Page", "Selector", "Error", "Failed checks in a row"),
                rows);
    }

    private static Mail letter(
            String to,
            String subject,
            Task task,
            Instant checkedAt,
            List<String> paragraphs,
            List<String> columns,
            List<List<String>> rows) {
        List<String> all = new ArrayList<>(paragraphs);
        if (rows.size() > MOST_IN_LETTER) {
            all.add("The table shows the first %d of %d.".formatted(MOST_IN_LETTER, rows.size()));
        }
        all.add("Checked at %s. Task: %s".formatted(checkedAt, task.id()));
        return new Mail(
                to, subject, all, new Mail.Table(columns, rows.subList(0, Math.min(MOST_IN_LETTER, rows.size()))));
    }

    private static String name(Task task) {
        return Mail.quoted(PlainText.of(task.name()));
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String cell(JsonNode value) {
        return cut(value.isTextual() ? value.textValue() : value.toString());
    }

    private static String cut(String text) {
        return text.length() <= MOST_IN_CELL
                ? text
                : text.substring(0, text.offsetByCodePoints(0, MOST_IN_CELL / 2)) + "…";
    }

    private static String percent(@Nullable BigDecimal difference) {
        return difference == null
                ? ""
                : (difference.signum() > 0 ? "+" : "")
                        + difference
                                .movePointRight(2)
                                .setScale(2, RoundingMode.HALF_EVEN)
                                .stripTrailingZeros()
                                .toPlainString()
                        + " %";
    }
}
