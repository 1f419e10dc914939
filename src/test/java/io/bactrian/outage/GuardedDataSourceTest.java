package io.bactrian.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.Relay;
import io.bactrian.TestDatabase;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardedDataSourceTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    private final Relay relay =
            new Relay(URI.create(DATABASE.url().substring("jdbc:".length())).getPort());
    private final HikariDataSource pool = pool();
    private final GuardedDataSource guarded = new GuardedDataSource(pool, System::nanoTime);

    @AfterEach
    void close() {
        pool.close();
        relay.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    private HikariDataSource pool() {
        HikariConfig configuration = new HikariConfig();
        configuration.setJdbcUrl(DATABASE.url().replaceFirst(":\\d+/", ":" + relay.port() + "/"));
        configuration.setMaximumPoolSize(2);
        configuration.setConnectionTimeout(1000);
        configuration.setValidationTimeout(500);
        configuration.addDataSourceProperty("loginTimeout", "6");
        return new HikariDataSource(configuration);
    }

    @ParameterizedTest
    @CsvSource({"message-1, request-1", "request-1, message-1", "message-1, health-database"})
    void neitherRequestsNorOtherWorkTakeTheConnectionsOfTheOthers(String busy, String other) throws Exception {
        Connection ofFirst = connecting(busy).get();
        CompletableFuture<Connection> second = connecting(busy);

        connecting(other).get().close();
        assertThat(second).isNotDone();
        ofFirst.close();
        ofFirst.close();
        second.get().close();
    }

    private CompletableFuture<Connection> connecting(String thread) {
        CompletableFuture<Connection> connection = new CompletableFuture<>();
        Thread.ofVirtual().name(thread).start(() -> {
            try {
                connection.complete(guarded.getConnection());
            } catch (SQLException e) {
                connection.completeExceptionally(e);
            }
        });
        return connection;
    }

    @Test
    void callersAreRefusedAtOnceWhileNoConnectionCanBeMadeAndServedWhenOneCan() throws SQLException {
        guarded.getConnection().close();
        relay.cut();
        await().atMost(Duration.ofSeconds(20)).until(() -> !answers() && guarded.isAway());

        long begun = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(guarded::getConnection)
                    .satisfies(failure -> assertThat(Outage.of(failure)).isEqualTo(Outage.DATABASE));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .as("a hundred callers, of whom those that try again wait")
                .isLessThan(Duration.ofSeconds(5));

        relay.mend();
        await().atMost(Duration.ofSeconds(30)).until(this::answers);
        assertThat(guarded.isAway()).isFalse();
    }

    @Test
    void whileConnectionsAreBusyCallersWaitLongerThanThePool() throws Exception {
        Connection one = guarded.getConnection();
        CompletableFuture<Connection> second = connecting("message-1");
        long begun = System.nanoTime();
        await("the pool's own limit has passed")
                .atMost(Duration.ofSeconds(20))
                .until(() -> System.nanoTime() - begun > Duration.ofMillis(2500).toNanos());

        one.close();

        second.get().close();
        assertThat(guarded.isAway()).isFalse();
    }

    @Test
    void aDatabaseThatIsSlowToLetConnectionsInIsNotAway() throws Exception {
        try (Connection busy = guarded.getConnection()) {
            relay.delay(Duration.ofMillis(1500));
            pool.getHikariPoolMXBean().softEvictConnections();

            connecting("request-1").get().close();

            assertThat(guarded.isAway()).isFalse();
            assertThat(busy.isValid(5)).isTrue();
        }
    }

    private boolean answers() {
        try (Connection connection = guarded.getConnection()) {
            connection.createStatement().execute("SELECT 1");
            return true;
        } catch (SQLException away) {
            return false;
        }
    }
}
