package io.bactrian.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.export.ExportFormat;
import io.bactrian.export.ExportLayout;
import io.bactrian.export.ExportRow;
import io.bactrian.export.RowSink;
import io.bactrian.task.Task;
import io.bactrian.task.TaskRows;
import io.bactrian.task.Tasks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Downloads: a task's rows, in a format, as a stream. */
@Component
public class TaskResults {
    private final Tasks tasks;
    private final TaskRows rows;

    TaskResults(Tasks tasks, TaskRows rows) {
        this.tasks = tasks;
        this.rows = rows;
    }

    /**
     * The rows of a task that has ended, in the format that is asked for or else configured.
     *
     * @throws InvalidInputException when the task has not ended
     */
    public Answer download(ApiCall call) {
        UUID id = TaskApi.taskId(call);
        Task task = tasks.find(call.accountId(), id);
        if (!task.status().ended()) {
            throw new InvalidInputException(
                    "status",
                    "is %s: a task can be downloaded when it is completed, failed or cancelled"
                            .formatted(task.status().code()));
        }
        ObjectNode config = task.config();
        String asked = call.parameters().text("format");
        ExportFormat format = ExportFormat.of(
                asked != null ? asked : config.path("output_format").asText("json"));
        List<String> names = new ArrayList<>();
        config.path("selectors").fieldNames().forEachRemaining(names::add);
        ExportLayout layout = new ExportLayout(
                names,
                config.path("include_metadata").asBoolean(false),
                config.hasNonNull("max_age") ? List.of("cached") : List.of());
        boolean archive = config.path("export_individual_files").asBoolean(false);
        String file = "task-%s.%s".formatted(id, archive ? "zip" : format.extension());
        return new Answer(
                200,
                Map.of("Content-Disposition", "attachment; filename=\"" + file + "\""),
                new Answer.Stream(archive ? "application/zip" : format.mediaType(), output -> {
                    RowSink sink = archive
                            ? RowSink.individualFiles(format, layout, output)
                            : RowSink.open(format, layout, output);
                    copy(task, sink);
                }));
    }

    /** Writes every row of a task that has ended, and closes the sink; what fails half way is left visibly incomplete. */
    void copy(Task task, RowSink sink) throws IOException {
        try (sink) {
            try {
                rows.read(
                        task.id(),
                        row -> sink.write(new ExportRow(
                                row.position(),
                                row.url(),
                                row.data(),
                                row.errorCode(),
                                row.errorMessage(),
                                row.metadata())));
            } catch (IOException | RuntimeException failed) {
                sink.abandon();
                throw failed;
            }
        }
    }
}
