package io.bactrian.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;

/** Which failures are the work's own, by what PostgreSQL says of them and Spring makes of that. */
class RecoveryTest {

    @ParameterizedTest
    @ValueSource(strings = {"54000", "54001", "22021", "23505"})
    void whatTheDatabaseCanNeverTakeIsTheWorksOwn(String state) {
        assertThat(Recovery.isTheWorks(inState(state))).isTrue();
        assertThat(Recovery.passes(inState(state))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"08006", "53300", "57P01", "57014", "58030", "40001", "40P01"})
    void outagesAndConflictsPass(String state) {
        assertThat(Recovery.isTheWorks(inState(state))).isFalse();
        assertThat(Recovery.passes(inState(state))).isTrue();
    }

    @Test
    void aTableThatIsMissingIsNobodysAndDoesNotPass() {
        assertThat(Recovery.isTheWorks(inState("42P01"))).isFalse();
        assertThat(Recovery.passes(inState("42P01"))).isFalse();
    }

    @Test
    void aPoolThatIsClosedPasses() {
        RuntimeException closed = new CannotGetJdbcConnectionException(
                "There is no connection.", new SQLException("The pool has been closed."));

        assertThat(Recovery.isTheWorks(closed)).isFalse();
        assertThat(Recovery.passes(closed)).isTrue();
    }

    private static RuntimeException inState(String state) {
        return Objects.requireNonNull(new SQLExceptionSubclassTranslator()
                .translate("a step", null, new SQLException("It failed, in the test.", state)));
    }
}
