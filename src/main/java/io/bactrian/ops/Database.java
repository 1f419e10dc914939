package io.bactrian.ops;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.stereotype.Component;

/** PostgreSQL, as it answers a connection that any request could have been given. */
@Component
final class Database {
    /** A server that hangs breaks one connection for each question, not the thread that asked. */
    private static final int ANSWERS_WITHIN = (int) Duration.ofSeconds(3).toMillis();

    private final DataSource connections;

    Database(DataSource connections) {
        this.connections = connections;
    }

    /**
     * Asks for an answer, whatever it is.
     *
     * @throws SQLException when there is none
     */
    void check() throws SQLException {
        try (Connection connection = connections.getConnection()) {
            // The pool takes the limit back when the connection is returned.
            connection.setNetworkTimeout(Runnable::run, ANSWERS_WITHIN);
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT 1")) {
                rows.next();
            }
        }
    }
}
