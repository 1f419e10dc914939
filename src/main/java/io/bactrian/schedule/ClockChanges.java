package io.bactrian.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.List;

/** When a local time is, where clocks are put forward and back; as Debian's cron(8) decides it. */
final class ClockChanges {
    /** Clocks that change by more than this are corrected, and no time of theirs is made up for or held back. */
    private static final Duration CORRECTION = Duration.ofHours(3);

    private ClockChanges() {}

    /**
     * The instants at which something is due that is to run at a local time: none, one or two.
     *
     * @param elapsed whether it runs on elapsed time, so that nothing is made up for or held back
     */
    static List<Instant> instants(LocalDateTime time, ZoneId zone, boolean elapsed) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
        if (offsets.size() == 1) {
            return List.of(time.toInstant(offsets.getFirst()));
        }
        ZoneOffsetTransition change = zone.getRules().getTransition(time);
        boolean asIs = elapsed || change.getDuration().abs().compareTo(CORRECTION) > 0;
        if (offsets.isEmpty()) {
            return asIs ? List.of() : List.of(change.getInstant());
        }
        Instant first = time.toInstant(change.getOffsetBefore());
        return asIs ? List.of(first, time.toInstant(change.getOffsetAfter())) : List.of(first);
    }
}
