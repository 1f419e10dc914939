package io.bactrian.outage;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;

/**
 * Writes one line for all that fails within ten seconds because the database or the broker is away.
 *
 * <p>Every consumer, timer, request and pool notices an outage by itself and logs it with a stack trace. They are stopped here,
 * whoever writes them, and counted in the line that takes their place.
 */
final class OutageLog extends TurboFilter {
    static final String NAME = "outages";

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

    /** Loggers that tell in words alone that a connection has broken. */
    private static final Map<String, Outage> CONNECTIONS = Map.of(
            "com.zaxxer.hikari", Outage.DATABASE,
            "org.apache.camel.component.jms.DefaultJmsMessageListenerContainer", Outage.BROKER,
            "org.springframework.jms.listener", Outage.BROKER,
            "org.messaginghub.pooled.jms", Outage.BROKER,
            "org.apache.activemq.artemis.core.client", Outage.BROKER);

    private final org.slf4j.Logger line = LoggerFactory.getLogger(OutageLog.class);
    private final Map<Outage, Window> windows = new EnumMap<>(Outage.class);
    private final LongSupplier nanoTime;

    OutageLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        for (Outage outage : Outage.values()) {
            windows.put(outage, new Window());
        }
        setName(NAME);
    }

    /** Makes every logger of the process use it, once. */
    static void install(LoggerContext loggers) {
        if (loggers.getTurboFilterList().stream().noneMatch(filter -> NAME.equals(filter.getName()))) {
            OutageLog filter = new OutageLog(System::nanoTime);
            filter.start();
            loggers.addTurboFilter(filter);
        }
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] parameters,
            @Nullable Throwable given) {
        if (format == null
                || !level.isGreaterOrEqual(Level.WARN)
                || logger.getName().equals(line.getName())) {
            return FilterReply.NEUTRAL;
        }
        Throwable cause =
                given == null && parameters != null ? MessageFormatter.getThrowableCandidate(parameters) : given;
        Outage outage = cause == null ? inWords(logger.getName()) : Outage.of(cause);
        if (outage == null) {
            return FilterReply.NEUTRAL;
        }
        Window window = windows.get(outage);
        if (window != null && window.opens(nanoTime.getAsLong())) {
            line.warn(
                    "{} is away ({}): {} failures since the last line like this one",
                    outage.title(),
                    cause == null
                            ? MessageFormatter.arrayFormat(format, parameters).getMessage()
                            : deepest(cause),
                    window.failures());
        }
        return FilterReply.DENY;
    }

    private static @Nullable Outage inWords(String logger) {
        for (Map.Entry<String, Outage> entry : CONNECTIONS.entrySet()) {
            if (logger.startsWith(entry.getKey())) {
                return entry.getValue();
            }
        }
        return null;
    }

    private static String deepest(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    /** The time in which only its first failure is told. */
    private static final class Window {
        private long failures;
        private long told;
        private long end;
        private boolean begun;

        synchronized boolean opens(long now) {
            failures++;
            if (begun && now - end < 0) {
                return false;
            }
            begun = true;
            end = now + BETWEEN_LINES.toNanos();
            return true;
        }

        /** Those since the last time that this was asked. */
        synchronized long failures() {
            long since = failures - told;
            told = failures;
            return since;
        }
    }
}
