package io.bactrian.export;

import java.io.Closeable;
import java.io.IOException;

/**
 * A file of places in the making: places go in one by one, a document goes out to a stream.
 *
 * <p>A sink keeps no places, so a file may have any number of them. Failures of the stream reach the caller as they are;
 * after one the sink writes nothing more to that stream. Sinks flush the stream at the end and never close it: that is for
 * whoever opened it. A sink is for one thread at a time.
 */
public interface PlaceSink extends Closeable {

    /**
     * Adds a place.
     *
     * @param placeJson the place as a well-formed JSON object, as it is stored
     * @throws IllegalStateException if the sink was closed or abandoned, or an earlier place could not be written
     */
    void write(String placeJson) throws IOException;

    /** Gives the document up, so that {@link #close()} leaves it visibly incomplete, as {@link RowSink#abandon()} does. */
    void abandon();

    /** Completes the document, unless it was abandoned; a second call does nothing. */
    @Override
    void close() throws IOException;
}
