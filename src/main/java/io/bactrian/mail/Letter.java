package io.bactrian.mail;

import java.time.Instant;
import java.util.UUID;

/**
 * A {@link Mail} on its way to the mail server.
 *
 * @param id the same for all attempts; the letter's {@code Message-ID} is made of it
 * @param attempts how many have failed
 */
public record Letter(UUID id, Instant writtenAt, int attempts, Mail mail) {

    Letter afterFailure() {
        return new Letter(id, writtenAt, attempts + 1, mail);
    }
}
