package io.bactrian.places;

import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostPace;
import io.bactrian.scrape.polite.Turn;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes steps of searches in their turn at the clock of a host. */
public final class HostTurns {
    private HostTurns() {}

    /**
     * Makes a step if its turn has come, and says so at the clock when it is over; else tells when it comes.
     *
     * @param pace of the host, or null where nobody will be asked
     * @param booked whether the step comes on a slot that was booked for it
     * @param timeout how long the step takes at most
     */
    public static VisitOutcome inTurn(
            HostClock hosts, @Nullable HostPace pace, boolean booked, Duration timeout, Supplier<VisitOutcome> step) {
        if (pace == null || !pace.limited()) {
            return step.get();
        }
        return switch (hosts.take(pace, booked, timeout)) {
            case Turn.Later later -> new VisitOutcome.Later(later.slot(), true);
            case Turn.Now now -> {
                @Nullable String lease = now.lease();
                try {
                    yield step.get();
                } finally {
                    if (lease != null) {
                        hosts.release(pace, lease);
                    }
                }
            }
        };
    }
}
