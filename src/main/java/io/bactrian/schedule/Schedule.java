package io.bactrian.schedule;

import java.time.Instant;
import java.util.Optional;

/** The times at which something that is repeated is due. */
public interface Schedule {

    /** The first of them after that time, or empty where none comes any more. */
    Optional<Instant> next(Instant after);
}
