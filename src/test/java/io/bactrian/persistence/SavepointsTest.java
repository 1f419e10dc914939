package io.bactrian.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.TestDatabase;
import io.bactrian.TestPersistence;
import java.util.Objects;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** What is done within a savepoint of the service's transactions stays or goes for itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavepointsTest {
    private final TestDatabase database = TestDatabase.create();
    private final GenericApplicationContext context = new GenericApplicationContext();
    private final TransactionTemplate transactions;
    private final TransactionTemplate savepoints;

    SavepointsTest() {
        context.registerBean(DataSource.class, database::dataSource);
        TestPersistence.register(context);
        context.refresh();
        transactions = context.getBean(TransactionTemplate.class);
        savepoints = new TransactionTemplate(Objects.requireNonNull(transactions.getTransactionManager()));
        savepoints.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        database.jdbc().sql("CREATE TABLE note (text text NOT NULL)").update();
    }

    @AfterAll
    void close() {
        context.close();
        database.close();
    }

    @BeforeEach
    void empty() {
        database.jdbc().sql("TRUNCATE note").update();
    }

    private void write(String text) {
        database.jdbc().sql("INSERT INTO note VALUES (?)").param(text).update();
    }

    @Test
    void whatFailsWithinASavepointGoesAloneAndTheTransactionGoesOn() {
        transactions.executeWithoutResult(status -> {
            write("before");
            assertThatThrownBy(() -> savepoints.executeWithoutResult(nested -> {
                        write("within");
                        database.jdbc().sql("INSERT INTO note VALUES (NULL)").update();
                    }))
                    .isInstanceOf(DataAccessException.class);
            write("after");
        });

        assertThat(notes()).isEqualTo("before, after");
    }

    @Test
    void aPartThatFailsWithinASavepointDoesNotDoomTheWhole() {
        transactions.executeWithoutResult(status -> {
            write("before");
            assertThatThrownBy(() ->
                            savepoints.executeWithoutResult(nested -> transactions.executeWithoutResult(participant -> {
                                write("within");
                                throw new IllegalStateException("it fails");
                            })))
                    .isInstanceOf(IllegalStateException.class);
            write("after");
        });

        assertThat(notes()).isEqualTo("before, after");
    }

    @Test
    void whatSucceedsWithinASavepointGoesWithItsTransaction() {
        assertThatThrownBy(() -> transactions.executeWithoutResult(status -> {
                    savepoints.executeWithoutResult(nested -> write("within"));
                    throw new IllegalStateException("it fails");
                }))
                .isInstanceOf(IllegalStateException.class);
        transactions.executeWithoutResult(status -> savepoints.executeWithoutResult(nested -> write("again")));

        assertThat(notes()).isEqualTo("again");
    }

    private String notes() {
        return database.jdbc()
                .sql("SELECT coalesce(string_agg(text, ', '), '') FROM note")
                .query(String.class)
                .single();
    }
}
