package io.bactrian.webhook;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that can be sent to a receiver.
 *
 * @param fileName what the receiver may save it as, such as {@code job_1.csv}
 * @param mediaType its {@code Content-Type}, with the charset where it is text
 * @param writer writes it, each time the same
 */
public record DeliverableFile(String fileName, String mediaType, Writer writer) {

    /** Writes the bytes of a file; called once for each attempt to deliver it. */
    @FunctionalInterface
    public interface Writer {
        void writeTo(OutputStream output) throws IOException;
    }
}
