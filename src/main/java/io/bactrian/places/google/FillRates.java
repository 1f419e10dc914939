package io.bactrian.places.google;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often each field of a place is found: the counter {@code bactrian.places.fields}, and a warning when that collapses,
 * which mostly means that the site's pages have changed.
 *
 * <p>A field has collapsed when it is found in less than a quarter as many of the last 200 places as of all those before.
 * Safe for use by many threads.
 */
final class FillRates {
    private static final Logger LOG = LoggerFactory.getLogger(FillRates.class);

    static final int WINDOW = 200;
    private static final double COLLAPSE = 0.25;

    /** A field that was hardly ever there says nothing by its absence. */
    private static final double LEAST_RATE = 0.05;

    private static final Duration BETWEEN_WARNINGS = Duration.ofHours(1);

    private final String provider;
    private final Path file;
    private final MeterRegistry meters;
    private final Clock clock;
    private final Map<String, Rate> rates = new HashMap<>();

    FillRates(String provider, Path file, MeterRegistry meters, Clock clock) {
        this.provider = provider;
        this.file = file;
        this.meters = meters;
        this.clock = clock;
    }

    /** Counts the fields of a place. */
    void record(Map<String, Boolean> filled) {
        filled.forEach((field, there) -> {
            meters.counter("bactrian.places.fields", "provider", provider, "field", field, "filled", there.toString())
                    .increment();
            @Nullable String warning = warning(field, there);
            if (warning != null) {
                LOG.warn(warning);
            }
        });
    }

    private synchronized @Nullable String warning(String field, boolean there) {
        Rate rate = rates.computeIfAbsent(field, first -> new Rate());
        rate.add(there);
        return rate.hasCollapsed() && rate.mayWarn(clock.instant()) ? message(field, rate) : null;
    }

    private String message(String field, Rate rate) {
        String section = field.equals("hours") || field.equals("reviews") ? field : "fields." + field;
        return "The field %s was found in %d %% of the last %d places of %s, and in %d %% of those before: its pages may have"
                        .formatted(
                                field,
                                Math.round(100 * rate.lately()),
                                WINDOW,
                                provider,
                                Math.round(100 * rate.before()))
                + " changed. Mend %s in %s and restart.".formatted(section, file);
    }

    /** Of one field. */
    private static final class Rate {
        private final BitSet last = new BitSet(WINDOW);
        private long places;
        private long filledBefore;
        private @Nullable Instant warned;

        void add(boolean there) {
            int index = (int) (places % WINDOW);
            if (places >= WINDOW && last.get(index)) {
                filledBefore++;
            }
            last.set(index, there);
            places++;
        }

        double lately() {
            return (double) last.cardinality() / WINDOW;
        }

        double before() {
            return places <= WINDOW ? 0 : (double) filledBefore / (places - WINDOW);
        }

        boolean hasCollapsed() {
            return places >= 2 * WINDOW && before() >= LEAST_RATE && lately() < COLLAPSE * before();
        }

        boolean mayWarn(Instant now) {
            if (warned != null && now.isBefore(warned.plus(BETWEEN_WARNINGS))) {
                return false;
            }
            warned = now;
            return true;
        }
    }
}
