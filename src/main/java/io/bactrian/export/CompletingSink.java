package io.bactrian.export;

import java.io.Closeable;
import java.io.IOException;

/**
 * The life of a sink: it completes its document exactly once, and only if every row was written.
 *
 * @param <R> what a row is
 */
class CompletingSink<R> implements Closeable {
    /** Of the results of a task. */
    static final class OfRows extends CompletingSink<ExportRow> implements RowSink {
        OfRows(Document<ExportRow> document, DetachableOutputStream target) {
            super(document, target);
        }
    }

    /** Of the places of a job. */
    static final class OfPlaces extends CompletingSink<String> implements PlaceSink {
        OfPlaces(Document<String> document, DetachableOutputStream target) {
            super(document, target);
        }
    }

    private enum State {
        OPEN,
        ABANDONED,
        CLOSED
    }

    private final Document<R> document;
    private final DetachableOutputStream target;
    private State state = State.OPEN;

    private CompletingSink(Document<R> document, DetachableOutputStream target) {
        this.document = document;
        this.target = target;
    }

    public void write(R row) throws IOException {
        if (state != State.OPEN) {
            throw new IllegalStateException("No row can be written any more: the export is "
                    + (state == State.CLOSED ? "closed." : "abandoned."));
        }
        boolean written = false;
        try {
            document.write(row);
            written = true;
        } finally {
            if (!written) {
                abandon();
            }
        }
    }

    public void abandon() {
        if (state == State.OPEN) {
            state = State.ABANDONED;
            target.detach();
        }
    }

    @Override
    public void close() throws IOException {
        State before = state;
        state = State.CLOSED;
        switch (before) {
            case OPEN -> {
                document.close();
                target.flushThrough();
            }
            case ABANDONED -> release();
            case CLOSED -> {}
        }
    }

    /** Frees what the document holds, such as native memory of a compressor; nothing reaches the caller's stream. */
    private void release() {
        try {
            document.close();
        } catch (IOException | RuntimeException ignored) {
            // The document is broken on purpose, and the failure that broke it has been thrown already: a caller with a
            // plain finally block must not see this one instead.
        }
    }
}
