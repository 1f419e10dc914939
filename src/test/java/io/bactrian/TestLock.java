package io.bactrian;

import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A lock that a test holds by a connection of its own, to stop a transaction at the statement that needs it. */
public final class TestLock implements AutoCloseable {
    private final Connection connection;
    private final JdbcClient database;

    private TestLock(Connection connection, JdbcClient database) {
        this.connection = connection;
        this.database = database;
    }

    /** Holds what a query locks, until it is closed. */
    public static TestLock hold(DataSource dataSource, String query, Object... parameters) throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            if (!statement.executeQuery().next()) {
                throw new IllegalStateException("There is no row to lock: " + query);
            }
        }
        return new TestLock(connection, JdbcClient.create(dataSource));
    }

    /** Waits until that many sessions of the database wait for locks. */
    public void awaitWaiting(int sessions) {
        await().until(() -> waiting() == sessions);
    }

    /** How many sessions of the database wait for locks. */
    public int waiting() {
        return database.sql("""
                        SELECT count(*) FROM pg_stat_activity
                         WHERE datname = current_database() AND wait_event_type = 'Lock'""").query(Integer.class).single();
    }

    @Override
    public void close() throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
        connection.close();
    }
}
