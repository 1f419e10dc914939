package io.bactrian.recovery;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Blameless;
import io.bactrian.OutsideText;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.TransactionException;

/** The last failure of each piece of work whose message went back to its queue, by the name of the work. */
@Service
public class FailedWork {
    private static final Logger LOG = LoggerFactory.getLogger(FailedWork.class);

    private static final int LONGEST_CAUSE = 1_000;

    /** As long as dead letters are kept. */
    private static final Duration KEPT = Duration.ofDays(30);

    private static final int FORGOTTEN_AT_ONCE = 1_000;

    private final JdbcClient database;
    private final ObjectMapper json;
    private final Clock clock;

    FailedWork(JdbcClient database, ObjectMapper json, Clock clock) {
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /**
     * Notes and logs that a message's work failed; the message goes back to its queue. What is not the work's own is not noted,
     * and logged only where nothing else tells of it.
     */
    public void note(String queue, @Nullable String message, Throwable failure) {
        boolean blameless = own(failure) instanceof Blameless;
        if (!blameless && !Recovery.isTheWorks(own(failure))) {
            return;
        }
        String work = WorkName.of(message, json).orElse(null);
        String cause = cause(failure);
        LOG.warn("{} failed in {}: {}", work == null ? "A message that names no work" : work, queue, cause);
        if (work == null || blameless) {
            return;
        }
        try {
            database.sql("""
                            INSERT INTO work_failure (work, queue, cause, failed_at) VALUES (:work, :queue, :cause, :now)
                            ON CONFLICT (work) DO UPDATE SET queue = excluded.queue, cause = excluded.cause,
                                failures = work_failure.failures + 1, failed_at = excluded.failed_at""")
                    .param("work", work)
                    .param("queue", queue)
                    .param("cause", cause)
                    .param("now", Timestamp.from(clock.instant()))
                    .update();
        } catch (DataAccessException | TransactionException e) {
            // Without the database everything fails, and nothing of it is this work's.
            LOG.warn("The failure of {} could not be noted: {}", work, e.getMessage());
        }
    }

    /** What the bean has thrown, without what Camel has wrapped around it. */
    private static Throwable own(Throwable failure) {
        Throwable own = failure;
        Throwable cause = own.getCause();
        while (cause != null && own.getClass().getName().startsWith("org.apache.camel.")) {
            own = cause;
            cause = own.getCause();
        }
        return own;
    }

    private static String cause(Throwable failure) {
        Throwable own = own(failure);
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        String text = root.equals(own) ? describe(own) : describe(own) + " Cause: " + describe(root);
        return OutsideText.clean(text.replace('\n', ' '), LONGEST_CAUSE);
    }

    private static String describe(Throwable failure) {
        return failure.getClass().getSimpleName() + ": " + failure.getMessage();
    }

    /**
     * Forgets some of the failures of more than 30 days ago.
     *
     * @return whether there may be more
     */
    public boolean forgetOld() {
        return database.sql("""
                        DELETE FROM work_failure WHERE work IN (
                            SELECT work FROM work_failure WHERE failed_at < ?
                             ORDER BY failed_at LIMIT ? FOR UPDATE SKIP LOCKED)""")
                        .params(Timestamp.from(clock.instant().minus(KEPT)), FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }
}
