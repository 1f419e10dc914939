package io.bactrian.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.bactrian.monitor.Comparison.Result;
import io.bactrian.monitor.MonitorStore.Failure;
import io.bactrian.monitor.MonitorStore.Known;
import io.bactrian.monitor.MonitorStore.Monitor;
import io.bactrian.monitor.MonitorStore.Row;
import io.bactrian.task.Task;
import io.bactrian.task.TaskChecks;
import io.bactrian.task.TaskLog.Level;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * What is made of a check that has had its pages: its values are compared with those that the owner was told last, what has
 * changed is told, its units are settled, and its rows become history.
 *
 * <p>All in one transaction under the task's lock, page by page, so that a check counts once and takes little memory.
 */
@Service
public class MonitorChecks {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorChecks.class);

    /** Characters of a value as JSON that are told at most; comparisons see all of it. */
    static final int MOST_SHOWN = 4_000;

    /** What {@code error.code} is where a selector has found nothing. */
    static final String MISSING = "missing";

    static final String WITHOUT_UNITS = "insufficient_credits";
    static final String INTERNAL_ERROR = "internal_error";

    private final MonitorStore store;
    private final MonitorNotices notices;
    private final TaskChecks checks;
    private final MonitorProperties properties;
    private final ObjectMapper json;
    private final Clock clock;

    MonitorChecks(
            MonitorStore store,
            MonitorNotices notices,
            TaskChecks checks,
            MonitorProperties properties,
            ObjectMapper json,
            Clock clock) {
        this.store = store;
        this.notices = notices;
        this.checks = checks;
        this.properties = properties;
        this.json = json;
        this.clock = clock;
    }

    /** A check while it is looked at. */
    private record Check(Task task, MonitorConfiguration configuration, int number, Instant at, Notice notice) {}

    /** What the owner is told of a check, gathered. */
    private record Notice(List<MonitorNotices.Changed> changes, List<MonitorNotices.Failed> failures) {}

    /**
     * Ends a check whose pages have all been had, or failed.
     *
     * <p>A repeated message, or one of a check that was cancelled, changes nothing.
     */
    @Transactional
    public void end(String message) throws JsonProcessingException {
        TaskChecks.Done done = json.readValue(message, TaskChecks.Done.class);
        TaskChecks.Ended ended = checks.end(done).orElse(null);
        if (ended == null) {
            return;
        }
        Task task = ended.task();
        Check check = new Check(
                task,
                MonitorConfiguration.read(task.config(), task.createdAt()),
                done.number(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                new Notice(new ArrayList<>(), new ArrayList<>()));
        List<String> urls = checks.urls(task.id());
        boolean failed = false;
        for (int position = 0; position < urls.size(); position++) {
            failed |= look(check, position, urls.get(position));
        }
        store.keepRows(task.id(), check.number(), check.at());
        store.forgetChecks(task.id(), check.number() - properties.historyChecks());
        store.checked(task.id(), check.number(), check.at(), failed, false);
        notices.send(
                task,
                check.configuration(),
                check.at(),
                check.notice().changes(),
                check.notice().failures());
        checks.settle(ended);
    }

    /** Records a check that could not be paid for; its owner is told of the first one in a row. */
    @Transactional(propagation = Propagation.MANDATORY)
    void withoutUnits(Task task, Monitor monitor) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        String reason = "The check needs %d compute units, and the account has less.".formatted(task.unitsEstimated());
        store.insertRows(task.id(), monitor.number(), now, task.pagesTotal(), WITHOUT_UNITS, reason);
        store.forgetChecks(task.id(), monitor.number() - properties.historyChecks());
        store.checked(task.id(), monitor.number(), now, true, true);
        checks.note(
                task.id(),
                Level.ERROR,
                "Check %d was not made: %s".formatted(monitor.number(), reason),
                Map.of("check", monitor.number()));
        if (!monitor.toldOfUnits()) {
            notices.send(
                    task,
                    MonitorConfiguration.read(task.config(), task.createdAt()),
                    now,
                    List.of(),
                    List.of(new MonitorNotices.Failed(
                            null,
                            List.of(new PageError(null, WITHOUT_UNITS, reason)),
                            monitor.status().failedChecks() + 1)));
        }
    }

    /** Records a check that the service has failed to begin again and again. */
    @Transactional(propagation = Propagation.MANDATORY)
    void notBegun(Task task, Monitor monitor) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        String reason = "The service failed to begin the check again and again, and gave it up.";
        store.insertRows(task.id(), monitor.number(), now, task.pagesTotal(), INTERNAL_ERROR, reason);
        store.forgetChecks(task.id(), monitor.number() - properties.historyChecks());
        store.checked(task.id(), monitor.number(), now, true, monitor.toldOfUnits());
        checks.note(
                task.id(),
                Level.ERROR,
                "Check %d was not made: %s".formatted(monitor.number(), reason),
                Map.of("check", monitor.number()));
    }

    /** Looks at what the check has of a URL; says whether there was an error. */
    private boolean look(Check check, int position, String url) {
        Row row = store.row(check.task().id(), position);
        List<PageError> errors = new ArrayList<>();
        if (row.data() == null) {
            errors.add(new PageError(null, String.valueOf(row.errorCode()), String.valueOf(row.errorMessage())));
        } else {
            JsonNode data = readRow(row.data());
            if (data == null) {
                errors.add(
                        new PageError(null, "extraction_failed", "The values of this page are too large to compare."));
            } else {
                compare(check, position, url, data, errors);
            }
        }
        remember(check, position, url, errors);
        return !errors.isEmpty();
    }

    private void compare(Check check, int position, String url, JsonNode data, List<PageError> errors) {
        Comparison comparison = new Comparison(
                check.configuration().threshold(), check.configuration().asSets());
        Map<String, Known> known = store.values(check.task().id(), position);
        List<ValueChange> changed = new ArrayList<>();
        List<ValueChange> small = new ArrayList<>();
        Iterator<String> selectors = check.task().config().path("selectors").fieldNames();
        while (selectors.hasNext()) {
            String selector = selectors.next();
            JsonNode value = data.path(selector);
            if (Comparison.isMissing(value)) {
                errors.add(new PageError(selector, MISSING, "The selector found nothing on the page."));
                continue;
            }
            Known before = known.get(selector);
            Known after = compare(comparison, selector, before, value, changed, small);
            if (!after.equals(before)) {
                store.remember(check.task().id(), position, selector, after);
            }
        }
        record(check, position, url, changed, true);
        record(check, position, url, small, false);
        if (!changed.isEmpty()) {
            check.notice().changes().add(new MonitorNotices.Changed(url, changed));
        }
    }

    /**
     * Compares a value with what is known of its selector.
     *
     * @param known null where no check before had a value; then this one is what later ones are compared with
     * @return what is known from now on
     */
    private Known compare(
            Comparison comparison,
            String selector,
            @Nullable Known known,
            JsonNode value,
            List<ValueChange> changed,
            List<ValueChange> small) {
        if (known == null) {
            return new Known(value.toString(), null);
        }
        JsonNode notified = read(known.notified());
        Result result = comparison.compare(notified, value);
        return switch (result.verdict()) {
            case SAME -> new Known(known.notified(), null);
            case CHANGED -> {
                changed.add(change(selector, notified, value, result.difference()));
                yield new Known(value.toString(), null);
            }
            case SMALL -> {
                JsonNode last = known.seen() == null ? notified : read(known.seen());
                if (comparison.compare(last, value).verdict() != Comparison.Verdict.SAME) {
                    small.add(change(selector, notified, value, result.difference()));
                }
                yield new Known(known.notified(), value.toString());
            }
        };
    }

    private static ValueChange change(
            String selector, JsonNode old, JsonNode current, @Nullable BigDecimal difference) {
        return new ValueChange(selector, shown(old), shown(current), difference);
    }

    /** The value, or where it is very long the beginning of its text. */
    private static JsonNode shown(JsonNode value) {
        String text = value.isTextual() ? value.textValue() : value.toString();
        return text.length() <= MOST_SHOWN
                ? value
                : TextNode.valueOf(text.substring(0, text.offsetByCodePoints(0, MOST_SHOWN / 2)) + "…");
    }

    private void record(Check check, int position, String url, List<ValueChange> changes, boolean notified) {
        if (!changes.isEmpty()) {
            store.insertChange(check.task().id(), check.number(), position, url, write(changes), notified, check.at());
        }
    }

    /** Counts errors in a row; when there have been so many that the owner is told, and once until there is none. */
    private void remember(Check check, int position, String url, List<PageError> errors) {
        Failure before = store.failure(check.task().id(), position);
        if (errors.isEmpty()) {
            if (before.checks() > 0) {
                store.forgetFailure(check.task().id(), position);
            }
            return;
        }
        int inARow = before.checks() + 1;
        boolean tell = !before.told() && inARow >= check.configuration().errorThreshold();
        store.remember(check.task().id(), position, new Failure(inARow, before.told() || tell));
        if (tell) {
            check.notice().failures().add(new MonitorNotices.Failed(url, errors, inARow));
        }
    }

    /** What a page gave, or null where it is beyond what is read as JSON, such as a number of thousands of digits. */
    private @Nullable JsonNode readRow(String data) {
        try {
            return json.readTree(data);
        } catch (JsonProcessingException e) {
            LOG.debug("A row cannot be compared", e);
            return null;
        }
    }

    private JsonNode read(String text) {
        try {
            return json.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored value cannot be read.", e);
        }
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A change cannot be written as JSON.", e);
        }
    }
}
