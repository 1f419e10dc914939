package io.bactrian.egress;

import java.io.IOException;

/** The memory that a body grows in while it is read. */
@FunctionalInterface
public interface BodyMemory {
    /** Memory that nobody counts. */
    BodyMemory UNCOUNTED = bytes -> {};

    /**
     * Waits until there are so many bytes more.
     *
     * @throws IOException if there are none in time
     */
    void grow(int bytes) throws IOException;
}
