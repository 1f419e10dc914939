package io.bactrian.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.NotFoundException;
import io.bactrian.account.Authenticator;
import io.bactrian.account.Caller;
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

/**
 * Streams the progress of something as Server-Sent Events (HTML Living Standard, section 9.2), until it has ended, or the caller's
 * credential has: it is looked at again every two seconds, so that a key or token that is revoked on any node reads no further.
 */
@Component
final class EventStream {
    private static final Duration LOOK = Duration.ofMillis(250);

    /** How long the stream may be silent before a comment keeps proxies from closing it. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /** How long a stream may outlive its credential. */
    private static final Duration RECHECK = Duration.ofSeconds(2);

    private final Authenticator authenticator;
    private final ObjectMapper json;

    EventStream(Authenticator authenticator, ObjectMapper json) {
        this.authenticator = authenticator;
        this.json = json;
    }

    /**
     * A stream with {@code progress} at once and after each change, and {@code end} at last.
     *
     * @param caller who reads it
     * @param look takes a snapshot, equal to the last one as long as nothing has changed
     * @param ended whether a snapshot is the last one
     * @param progress the data of {@code progress}
     * @param end the data of {@code end}
     */
    <T> Answer of(
            Caller caller, Supplier<T> look, Predicate<T> ended, Function<T, Object> progress, Supplier<Object> end) {
        return new Answer(
                200,
                Map.of("Cache-Control", "no-store", "X-Accel-Buffering", "no"),
                new Answer.Stream(
                        "text/event-stream;charset=UTF-8",
                        output -> follow(caller, look, ended, progress, end, output)));
    }

    private <T> void follow(
            Caller caller,
            Supplier<T> look,
            Predicate<T> ended,
            Function<T, Object> progress,
            Supplier<Object> end,
            OutputStream output)
            throws IOException {
        @Nullable T last = null;
        long lastWrite = System.nanoTime();
        long lastCheck = lastWrite;
        while (true) {
            if (System.nanoTime() - lastCheck > RECHECK.toNanos()) {
                if (!authenticator.isStillValid(caller)) {
                    comment(output, "the credential is no longer valid");
                    return;
                }
                lastCheck = System.nanoTime();
            }
            T now;
            try {
                now = look.get();
            } catch (NotFoundException deleted) {
                return;
            }
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
                comment(output, "still here");
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

    private static void comment(OutputStream output, String text) throws IOException {
        output.write((": " + text + "\n\n").getBytes(StandardCharsets.UTF_8));
        output.flush();
    }

    private void send(OutputStream output, String event, Object data) throws IOException {
        String text = "event: " + event + "\ndata: " + json.writeValueAsString(data) + "\n\n";
        output.write(text.getBytes(StandardCharsets.UTF_8));
        output.flush();
    }
}
