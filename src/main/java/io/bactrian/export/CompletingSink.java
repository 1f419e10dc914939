package io.bactrian.export;

import java.io.IOException;

/** The life of a sink: it completes its document exactly once, and only if every row was written. */
final class CompletingSink implements RowSink {
    private enum State {
        OPEN,
        ABANDONED,
        CLOSED
    }

    private final RowDocument document;
    private final DetachableOutputStream target;
    private State state = State.OPEN;

    CompletingSink(RowDocument document, DetachableOutputStream target) {
        this.document = document;
        this.target = target;
    }

    @Override
    public void write(ExportRow row) throws IOException {
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

    @Override
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
