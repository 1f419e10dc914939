package io.bactrian.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import org.springframework.stereotype.Component;

/**
 * The files that this node is sending to readers who asked for them, and the bounds on their number.
 *
 * <p>Each holds a row in memory for as long as its reader takes, however slow that is.
 */
@Component
final class Downloads {
    private final SharedBudget places;

    Downloads(DownloadProperties properties) {
        this.places = new SharedBudget(properties.atOnce(), properties.perAccount());
    }

    /**
     * The same file, sent when there is a place for it.
     *
     * @throws TooManyDownloadsException where there is none; the file's writer does so too, before its first byte, where another
     *     was quicker
     */
    Answer.Stream of(UUID accountId, String mediaType, Answer.Writer writer) {
        if (!places.has(accountId.toString(), 1)) {
            throw new TooManyDownloadsException();
        }
        return new Answer.Stream(mediaType, output -> send(accountId.toString(), writer, output));
    }

    private void send(String account, Answer.Writer writer, OutputStream output) throws IOException {
        if (!places.take(account, 1)) {
            throw new TooManyDownloadsException();
        }
        try {
            writer.writeTo(output);
        } finally {
            places.give(account, 1);
        }
    }
}
