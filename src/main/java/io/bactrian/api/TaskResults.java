package io.bactrian.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.export.ExportFormat;
import io.bactrian.export.ExportLayout;
import io.bactrian.export.ExportRow;
import io.bactrian.export.RowSink;
import io.bactrian.monitor.MonitorHistory;
import io.bactrian.task.Screenshots;
import io.bactrian.task.Task;
import io.bactrian.task.TaskRows;
import io.bactrian.task.TaskType;
import io.bactrian.task.Tasks;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Downloads: a task's rows, in a format, as a stream. */
@Component
public class TaskResults {
    private static final Pattern SCREENSHOT = Pattern.compile("\"" + Screenshots.URL + "\":\"([^\"]+)\"");

    private final Tasks tasks;
    private final TaskRows rows;
    private final MonitorHistory history;
    private final Screenshots screenshots;
    private final Downloads downloads;

    TaskResults(Tasks tasks, TaskRows rows, MonitorHistory history, Screenshots screenshots, Downloads downloads) {
        this.tasks = tasks;
        this.rows = rows;
        this.history = history;
        this.screenshots = screenshots;
        this.downloads = downloads;
    }

    /**
     * The rows of a task that has ended, or of the checks of a monitoring task that are over, in the format that is asked for
     * or else configured.
     *
     * @throws InvalidInputException when a task of another type has not ended
     */
    public Answer download(ApiCall call) {
        UUID id = TaskApi.taskId(call);
        Task task = tasks.find(call.accountId(), id);
        boolean monitored = task.type() == TaskType.MONITORING;
        if (!monitored && !task.status().ended()) {
            throw new InvalidInputException(
                    "status",
                    "is %s: a task can be downloaded when it is completed, failed or cancelled"
                            .formatted(task.status().code()));
        }
        ObjectNode config = task.config();
        String asked = call.parameters().text("format");
        ExportFormat format = ExportFormat.of(
                asked != null ? asked : config.path("output_format").asText("json"));
        ExportLayout layout = layout(task, config.path("include_metadata").asBoolean(false));
        boolean archive = config.path("export_individual_files").asBoolean(false);
        String file = "task-%s.%s".formatted(id, archive ? "zip" : format.extension());
        return new Answer(
                200,
                Map.of("Content-Disposition", "attachment; filename=\"" + file + "\""),
                downloads.of(call.accountId(), archive ? "application/zip" : format.mediaType(), output -> {
                    RowSink sink = archive
                            ? RowSink.individualFiles(format, layout, output)
                            : RowSink.open(format, layout, output);
                    copy(task, layout, sink);
                }));
    }

    /**
     * The screenshot of a page.
     *
     * @throws NotFoundException when the task has none of that page
     */
    public Answer screenshot(ApiCall call) {
        UUID task = TaskApi.taskId(call);
        tasks.find(call.accountId(), task);
        long page = call.number("page");
        byte[] png = screenshots.find(task, page);
        return new Answer(
                200,
                Map.of("Content-Disposition", "inline; filename=\"task-%s-%d.png\"".formatted(task, page)),
                downloads.of(call.accountId(), "image/png", output -> output.write(png)));
    }

    /** Everything that is stored of a task's results, one JSON object a line. */
    void copyAll(Task task, OutputStream output) throws IOException {
        ExportLayout layout = layout(task, true);
        copy(task, layout, RowSink.open(ExportFormat.JSONL, layout, output));
    }

    private static ExportLayout layout(Task task, boolean includeMetadata) {
        ObjectNode config = task.config();
        List<String> selectors = new ArrayList<>();
        config.path("selectors").fieldNames().forEachRemaining(selectors::add);
        List<String> metadata = new ArrayList<>(includeMetadata ? ExportLayout.FETCH : List.of());
        if (includeMetadata && config.hasNonNull("max_age")) {
            metadata.add("cached");
        }
        if (config.path("screenshot").asBoolean(false)) {
            metadata.add(Screenshots.URL);
        }
        return new ExportLayout(selectors, metadata, task.type() == TaskType.MONITORING);
    }

    /** What a row shows of its page's metadata: all of it, or only where its screenshot is. */
    private static @Nullable String metadata(ExportLayout layout, @Nullable String stored) {
        if (stored == null || layout.metadata().size() != 1) {
            return stored;
        }
        Matcher path = SCREENSHOT.matcher(stored);
        return path.find() ? "{" + path.group() + "}" : "{}";
    }

    /** Writes every row of a task, and closes the sink; what fails half way is left visibly incomplete. */
    private void copy(Task task, ExportLayout layout, RowSink sink) throws IOException {
        try (sink) {
            try {
                if (layout.checked()) {
                    copyChecks(task, layout, sink);
                    return;
                }
                rows.read(
                        task.id(),
                        task.pagesOfUrl(),
                        row -> sink.write(new ExportRow(
                                row.position(),
                                row.url(),
                                row.data(),
                                row.errorCode(),
                                row.errorMessage(),
                                metadata(layout, row.metadata()))));
            } catch (IOException | RuntimeException failed) {
                sink.abandon();
                throw failed;
            }
        }
    }

    private void copyChecks(Task task, ExportLayout layout, RowSink sink) throws IOException {
        AtomicInteger number = new AtomicInteger();
        history.read(
                task.id(),
                row -> sink.write(new ExportRow(
                        number.getAndIncrement(),
                        row.url(),
                        row.data(),
                        row.errorCode(),
                        row.errorMessage(),
                        metadata(layout, row.metadata()),
                        row.checkedAt())));
    }
}
