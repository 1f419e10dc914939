package io.bactrian.webhook;

import java.util.Optional;
import java.util.UUID;

/** Where the files come from that are delivered; every bean of this type is asked, and the first that knows the file gives it. */
public interface FileSource {
    /**
     * The file that a delivery is to send, or empty where there is none, or no longer.
     *
     * @param subject what it is about, such as {@code job_123}
     * @param format of the file, such as {@code csv}
     */
    Optional<DeliverableFile> open(UUID accountId, String subject, String format);
}
