package io.bactrian.api;

/** The body of a request that has come whole, and the room that it takes until it is closed. */
final class RequestBody implements AutoCloseable {
    private final byte[] bytes;
    private final Runnable giveBack;

    RequestBody(byte[] bytes, Runnable giveBack) {
        this.bytes = bytes;
        this.giveBack = giveBack;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Gives the room back; for one call. */
    @Override
    public void close() {
        giveBack.run();
    }
}
