package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.task.TaskProgress;
import io.bactrian.task.Tasks;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The operation that streams a task's progress as Server-Sent Events (HTML Living Standard, section 9.2). */
@Component
public class TaskEvents {
    private static final Duration LOOK = Duration.ofMillis(250);

    /** How long the stream may be silent before a comment keeps proxies from closing it. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final Tasks tasks;
    private final TaskProgress progress;
    private final ObjectMapper json;

    TaskEvents(Tasks tasks, TaskProgress progress, ObjectMapper json) {
        this.tasks = tasks;
        this.progress = progress;
        this.json = json;
    }

    private record Progress(
            @JsonProperty("task_id") UUID taskId,
            String status,
            int progress,
            @JsonProperty("pages_done") int pagesDone,
            @JsonProperty("pages_total") int pagesTotal) {}

    public Answer stream(ApiCall call) {
        UUID accountId = call.accountId();
        UUID id = TaskApi.taskId(call);
        progress.of(accountId, id);
        return new Answer(
                200,
                Map.of("Cache-Control", "no-store", "X-Accel-Buffering", "no"),
                new Answer.Stream("text/event-stream;charset=UTF-8", output -> follow(accountId, id, output)));
    }

    private void follow(UUID accountId, UUID id, OutputStream output) throws IOException {
        TaskProgress.@Nullable Snapshot last = null;
        long lastWrite = System.nanoTime();
        while (true) {
            TaskProgress.Snapshot now = progress.of(accountId, id);
            if (!now.equals(last)) {
                send(
                        output,
                        "progress",
                        new Progress(id, now.status().code(), now.percent(), now.pagesDone(), now.pagesTotal()));
                last = now;
                lastWrite = System.nanoTime();
            }
            if (now.status().ended()) {
                send(output, "end", TaskView.of(tasks.find(accountId, id)));
                return;
            }
            if (System.nanoTime() - lastWrite > SILENCE.toNanos()) {
                output.write(": still here\n\n".getBytes(StandardCharsets.UTF_8));
                output.flush();
                lastWrite = System.nanoTime();
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("The event stream was interrupted.", e));
        }
    }

    private void send(OutputStream output, String event, Object data) throws IOException {
        String text = "event: " + event + "\ndata: " + json.writeValueAsString(data) + "\n\n";
        output.write(text.getBytes(StandardCharsets.UTF_8));
        output.flush();
    }
}
