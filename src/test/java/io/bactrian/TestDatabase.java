package io.bactrian;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A fresh database on a real PostgreSQL, with the service's whole schema and no rows, for one test class.
 *
 * <p>The server starts once for each JVM. The migrations run once too, into a template of which each database is a copy, so a
 * database costs some tens of milliseconds. Use it as
 *
 * <pre>{@code
 * private static final TestDatabase DATABASE = TestDatabase.create();
 *
 * @AfterAll
 * static void closeDatabase() {
 *     DATABASE.close();
 * }
 * }</pre>
 */
public final class TestDatabase implements AutoCloseable {
    private static final String USER = "postgres";
    private static final String TEMPLATE = "bactrian_template";
    private static final int CONNECTIONS = 16;
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final HikariDataSource dataSource;
    private final JdbcTransactionManager transactionManager;

    private TestDatabase(HikariDataSource dataSource) {
        this.dataSource = dataSource;
        this.transactionManager = new JdbcTransactionManager(dataSource);
    }

    /** A new database that nothing else uses. */
    public static TestDatabase create() {
        String name = "test_" + DATABASES.incrementAndGet();
        createDatabase(name, Server.TEMPLATE_READY);
        HikariConfig configuration = new HikariConfig();
        configuration.setJdbcUrl(Server.POSTGRES.getJdbcUrl(USER, name));
        configuration.setMaximumPoolSize(CONNECTIONS);
        configuration.setMinimumIdle(1);
        return new TestDatabase(new HikariDataSource(configuration));
    }

    /** A pool of up to 16 connections. */
    public DataSource dataSource() {
        return dataSource;
    }

    /** The URL with user, for code that makes its own connections. */
    public String url() {
        return dataSource.getJdbcUrl();
    }

    public JdbcClient jdbc() {
        return JdbcClient.create(dataSource);
    }

    public JdbcTransactionManager transactionManager() {
        return transactionManager;
    }

    /** Transactions that join the one already open on the thread, if any. */
    public TransactionTemplate transactions() {
        return new TransactionTemplate(transactionManager);
    }

    /** Closes the pool; the database itself goes with the server when the JVM ends. */
    @Override
    public void close() {
        dataSource.close();
    }

    private static void createDatabase(String name, String template) {
        JdbcClient.create(Server.POSTGRES.getPostgresDatabase())
                .sql("create database " + name + " template " + template)
                .update();
    }

    /** Starts the server when the first test asks for a database, and not before. */
    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();
        static final String TEMPLATE_READY = migrateTemplate();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.start();
            } catch (IOException e) {
                throw new UncheckedIOException("PostgreSQL for the tests did not start.", e);
            }
        }

        private static String migrateTemplate() {
            JdbcClient.create(POSTGRES.getPostgresDatabase())
                    .sql("create database " + TEMPLATE)
                    .update();
            Flyway.configure()
                    .dataSource(POSTGRES.getDatabase(USER, TEMPLATE))
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
            return TEMPLATE;
        }
    }
}
