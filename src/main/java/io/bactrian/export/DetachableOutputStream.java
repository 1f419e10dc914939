package io.bactrian.export;

import java.io.IOException;
import java.io.OutputStream;

/**
 * The caller's stream, guarded: the libraries that write documents can neither close nor flush it, and reach it no more
 * once it is detached.
 */
final class DetachableOutputStream extends OutputStream {
    private final OutputStream out;
    private boolean attached = true;

    DetachableOutputStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
        if (attached) {
            out.write(value);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (attached) {
            out.write(bytes, offset, length);
        }
    }

    /** From now on what is written is dropped. */
    void detach() {
        attached = false;
    }

    void flushThrough() throws IOException {
        out.flush();
    }
}
