package io.bactrian.outage;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;

/**
 * Keeps floods out of the log: one line for all that fails within ten seconds because the database or the broker is away, and
 * few of any other kind.
 *
 * <p>Every consumer, timer, request and pool notices an outage by itself and logs it with a stack trace. They are stopped here,
 * whoever writes them, and counted in the line that takes their place. Warnings and errors of one logger about one class of
 * exception are a kind; clients could cause any number of some.
 */
final class OutageLog extends TurboFilter {
    static final String NAME = "outages";

    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

    private static final int LINES_OF_A_KIND = 20;

    private static final String CLIENT = "org.apache.activemq.artemis.core.client";

    /** How the address of a connection within the process begins. */
    private static final String IN_PROCESS = "invm:";

    /** Is set while a broker runs in this process. */
    private static final String EMBEDDED_BROKER = "bactrian.broker.data";

    /** Loggers that tell in words alone that a connection has broken. */
    private static final Map<String, Outage> CONNECTIONS = Map.of(
            "com.zaxxer.hikari",
            Outage.DATABASE,
            "org.apache.camel.component.jms.DefaultJmsMessageListenerContainer",
            Outage.BROKER,
            "org.springframework.jms.listener",
            Outage.BROKER,
            "org.messaginghub.pooled.jms",
            Outage.BROKER,
            CLIENT,
            Outage.BROKER);

    private final org.slf4j.Logger line = LoggerFactory.getLogger(OutageLog.class);
    private final Map<Outage, LogWindow> windows = new EnumMap<>(Outage.class);
    private final Map<Kind, LogWindow> kinds = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    /** What lines have in common that are told a few times only. */
    private record Kind(
            String logger, Level level, @Nullable Class<?> failure) {}

    OutageLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        for (Outage outage : Outage.values()) {
            windows.put(outage, new LogWindow(1, BETWEEN_LINES));
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
        if (outage == Outage.BROKER && isOfAProducer(logger, parameters)) {
            outage = null;
        }
        if (outage == null) {
            return level.isGreaterOrEqual(logger.getEffectiveLevel())
                    ? few(new Kind(logger.getName(), level, cause == null ? null : cause.getClass()))
                    : FilterReply.NEUTRAL;
        }
        LogWindow window = windows.get(outage);
        if (window != null && window.opens(nanoTime.getAsLong())) {
            line.warn(
                    "{} is away ({}): {} failures since the last line like this one",
                    outage.title(),
                    cause == null
                            ? MessageFormatter.arrayFormat(format, parameters).getMessage()
                            : deepest(cause),
                    window.leftOut() + 1);
        }
        return FilterReply.DENY;
    }

    private FilterReply few(Kind kind) {
        LogWindow window = kinds.computeIfAbsent(kind, first -> new LogWindow(LINES_OF_A_KIND, BETWEEN_LINES));
        if (!window.opens(nanoTime.getAsLong())) {
            return FilterReply.DENY;
        }
        long leftOut = window.leftOut();
        if (leftOut > 0) {
            line.warn("{} more lines of {} were left out, all of one kind with the next one", leftOut, kind.logger());
        }
        return FilterReply.NEUTRAL;
    }

    /** The embedded broker tells of its producers' connections by the logger of clients; this service's own are within the process. */
    private static boolean isOfAProducer(Logger logger, Object @Nullable [] parameters) {
        return logger.getName().startsWith(CLIENT)
                && System.getProperty(EMBEDDED_BROKER) != null
                && parameters != null
                && parameters.length > 0
                && Arrays.stream(parameters)
                        .noneMatch(parameter -> String.valueOf(parameter).startsWith(IN_PROCESS));
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
}
