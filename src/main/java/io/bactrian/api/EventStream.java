package io.bactrian.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Streams the progress of something as Server-Sent Events (HTML Living Standard, section 9.2), until it has ended. */
@Component
final class EventStream {
    private static final Duration LOOK = Duration.ofMillis(250);

    /** How long the stream may be silent before a comment keeps proxies from closing it. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final ObjectMapper json;

    EventStream(ObjectMapper json) {
        this.json = json;
    }

    /**
     * A stream with {@code progress} at once and after each change, and {@code end} at last.
     *
     * @param look takes a snapshot, equal to the last one as long as nothing has changed
     * @param ended whether a snapshot is the last one
     * @param progress the data of {@code progress}
     * @param end the data of {@code end}
     */
    <T> Answer of(Supplier<T> look, Predicate<T> ended, Function<T, Object> progress, Supplier<Object> end) {
        return new Answer(
                200,
                Map.of("Cache-Control", "no-store", "X-Accel-Buffering", "no"),
                new Answer.Stream(
                        "text/event-stream;charset=UTF-8", output -> follow(look, ended, progress, end, output)));
    }

    private <T> void follow(
            Supplier<T> look,
            Predicate<T> ended,
            Function<T, Object> progress,
            Supplier<Object> end,
            OutputStream output)
            throws IOException {
        @Nullable T last = null;
        long lastWrite = System.nanoTime();
        while (true) {
            T now = look.get();
            if (!now.equals(last)) {
                send(output, "progress", progress.apply(now));
                last = now;
                lastWrite = System.nanoTime();
            }
            if (ended.test(now)) {
                send(output, "end", end.get());
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
