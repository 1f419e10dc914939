package io.bactrian.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.Blameless;
import io.bactrian.TestDatabase;
import java.sql.SQLException;
import java.time.Clock;
import org.apache.camel.RuntimeCamelException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

/** Which failures are noted, and so count. */
class FailedWorkTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private static final class NoTools extends IllegalStateException implements Blameless {
        private static final long serialVersionUID = 1L;
    }

    private final FailedWork failures = new FailedWork(DATABASE.jdbc(), new ObjectMapper(), Clock.systemUTC());
    private final Recovery recovery = RecoveryRoom.of(DATABASE.jdbc());

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void whatIsTooLargeForTheDatabaseIsNoted() {
        failures.note(
                "bactrian.some.queue",
                "{\"run\": 1}",
                new RuntimeCamelException(new DataAccessResourceFailureException(
                        "It failed.", new SQLException("index row size exceeds the maximum", "54000"))));

        assertThat(recovery.lastFailure("run:1"))
                .hasValueSatisfying(failure -> assertThat(failure).contains("index row size exceeds the maximum"));
    }

    @Test
    void whatSaysNothingAboutTheWorkIsNotNoted() {
        failures.note("bactrian.some.queue", "{\"run\": 3}", new RuntimeCamelException(new NoTools()));

        assertThat(recovery.lastFailure("run:3")).isEmpty();
    }

    @Test
    void anOutageIsNotNoted() {
        failures.note(
                "bactrian.some.queue",
                "{\"run\": 2}",
                new DataAccessResourceFailureException("It failed.", new SQLException("too many clients", "53300")));

        assertThat(recovery.lastFailure("run:2")).isEmpty();
    }
}
