package io.bactrian.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.unit.DataSize;

/**
 * Starts a PostgreSQL and an Artemis broker for this node alone, each where the configuration names none.
 *
 * <p>Both keep their state under {@code bactrian.data-directory} over restarts. They start before the application context,
 * side by side, and stop after its last bean. {@code spring.datasource.url} and {@code spring.artemis.broker-url} name
 * servers to use instead. When one of them ends by itself, the process ends, so that whoever supervises it starts both again. With {@code bactrian.postgres.join}, a PostgreSQL that runs on the data already is used as it is.
 */
final class EmbeddedServers implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);
    private static final String DATABASE = "bactrian";
    private static final String BROKER_URL = "spring.artemis.broker-url";

    /** Threads with the application's class loader, which those of the common pool lack. */
    private static final Executor STARTER = task -> new Thread(task, "embedded-servers").start();

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        boolean ownDatabase = !environment.containsProperty("spring.datasource.url");
        boolean ownBroker = !environment.containsProperty(BROKER_URL);
        Path directory = Path.of(environment.getRequiredProperty("bactrian.data-directory"));
        if (environment.getProperty("bactrian.postgres.join", Boolean.class, false)
                && (!ownDatabase || joined(environment, directory))) {
            if (ownBroker) {
                joinBroker(environment, directory);
            }
            return;
        }
        DataDirectory data = DataDirectory.take(directory);
        Running running = new Running(data);
        try {
            requireFreePorts(environment, data, ownDatabase, ownBroker);
            if (ownDatabase
                    && !ownBroker
                    && !environment.getRequiredProperty(BROKER_URL).startsWith("vm:")) {
                LOG.warn(
                        "This node has a database of its own and a message broker that others may use. If other nodes do, give all of them one database (SPRING_DATASOURCE_URL): otherwise a message of the inbox becomes a task in any of their databases.");
            }
            Map<String, Object> properties = new HashMap<>();
            var database = CompletableFuture.runAsync(
                    () -> {
                        if (ownDatabase) {
                            int port = environment.getRequiredProperty("bactrian.postgres.port", Integer.class);
                            running.postgres = startPostgres(
                                    data, Path.of(environment.getRequiredProperty("bactrian.postgres.binaries")), port);
                        }
                    },
                    STARTER);
            var broker = CompletableFuture.runAsync(
                    () -> {
                        if (ownBroker) {
                            String password = ProducerPassword.random();
                            running.broker = startBroker(environment, data, password, running.end);
                            new BrokerAccess(
                                            environment.getRequiredProperty("bactrian.broker.port", Integer.class),
                                            password)
                                    .write(data);
                            properties.put("spring.artemis.user", "bactrian");
                            properties.put("spring.artemis.password", password);
                            properties.put(BROKER_URL, "vm://0?consumerWindowSize=0");
                            properties.put("bactrian.broker.gated", "true");
                        }
                    },
                    STARTER);
            CompletableFuture.allOf(database, broker).join();
            EmbeddedPostgres postgres = running.postgres;
            if (postgres != null) {
                data.postgres().ifPresent(running.end::watch);
                properties.put("spring.datasource.url", postgres.getJdbcUrl("postgres", DATABASE));
            }
            environment.getPropertySources().addFirst(new MapPropertySource("embedded-servers", properties));
        } catch (CompletionException e) {
            running.close();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } catch (RuntimeException e) {
            running.close();
            throw e;
        }
        // Registered before any other bean, so destroyed after all of them.
        context.addBeanFactoryPostProcessor(factory ->
                ((DefaultSingletonBeanRegistry) factory).registerDisposableBean("embeddedServers", running::close));
    }

    /**
     * Uses the PostgreSQL that runs on the data already, as a command beside the service does, and leaves it running.
     *
     * @return false where none runs
     */
    private static boolean joined(ConfigurableEnvironment environment, Path directory) {
        OptionalInt port = DataDirectory.postgresPort(directory);
        if (port.isPresent()) {
            String url = "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres".formatted(port.getAsInt(), DATABASE);
            environment
                    .getPropertySources()
                    .addFirst(new MapPropertySource("embedded-servers", Map.of("spring.datasource.url", url)));
        }
        return port.isPresent();
    }

    /** Uses the broker of the service that runs on the data, as far as it has said how. */
    private static void joinBroker(ConfigurableEnvironment environment, Path directory) {
        BrokerAccess.read(directory)
                .ifPresent(access -> environment
                        .getPropertySources()
                        .addFirst(new MapPropertySource("embedded-broker", access.settings())));
    }

    private static void requireFreePorts(
            ConfigurableEnvironment environment, DataDirectory data, boolean ownDatabase, boolean ownBroker) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        DataDirectory.requireFree(
                "the public API",
                "SERVER_PORT",
                environment.getProperty("server.address", InetAddress.class, new InetSocketAddress(0).getAddress()),
                environment.getProperty("server.port", Integer.class, 0));
        DataDirectory.requireFree(
                "management",
                "MANAGEMENT_SERVER_PORT",
                loopback,
                environment.getProperty("management.server.port", Integer.class, 0));
        if (ownBroker) {
            DataDirectory.requireFree(
                    "the message broker",
                    "BACTRIAN_BROKER_PORT",
                    loopback,
                    environment.getRequiredProperty("bactrian.broker.port", Integer.class));
        }
        if (ownDatabase) {
            int port = environment.getRequiredProperty("bactrian.postgres.port", Integer.class);
            if (!data.hasPostgresOn(port)) {
                // One that was left behind on another port would keep the data from a second one.
                data.postgres().ifPresent(DataDirectoryCleaner::stop);
                DataDirectory.requireFree("the database", "BACTRIAN_POSTGRES_PORT", loopback, port);
            }
        }
    }

    private static EmbeddedPostgres startPostgres(DataDirectory data, Path binaries, int port) {
        try {
            Path log = data.resolve("postgres.log");
            Files.createDirectories(binaries);
            EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                    .setDataDirectory(data.resolve("postgres"))
                    .setOverrideWorkingDirectory(binaries.toFile())
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setPort(port)
                    // Its defaults are for throw-away test databases; this one keeps what it acknowledges.
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("max_connections", "100")
                    .setServerConfig("shared_buffers", "128MB")
                    .setServerConfig("max_wal_size", "2GB")
                    .setServerConfig("listen_addresses", "127.0.0.1")
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setErrorRedirector(Redirect.appendTo(log.toFile()))
                    .setOutputRedirector(Redirect.appendTo(log.toFile()))
                    .start();
            createDatabase(postgres);
            return postgres;
        } catch (IOException | SQLException | IllegalStateException e) {
            throw new StartupRefusedException(
                    "The embedded PostgreSQL did not start (%s). Read %s, or set SPRING_DATASOURCE_URL to a PostgreSQL of your own."
                            .formatted(e.getMessage(), data.resolve("postgres.log")),
                    e);
        }
    }

    private static void createDatabase(EmbeddedPostgres postgres) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            boolean exists = statement
                    .executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")
                    .next();
            if (!exists) {
                statement.execute("CREATE DATABASE " + DATABASE);
            }
        }
    }

    private static EmbeddedActiveMQ startBroker(
            ConfigurableEnvironment environment, DataDirectory data, String password, UnexpectedEnd end) {
        NoHttp.enable();
        // The broker's own file refers to these as ${…}.
        System.setProperty("bactrian.broker.data", data.resolve("artemis").toString());
        System.setProperty("bactrian.broker.port", environment.getRequiredProperty("bactrian.broker.port"));
        System.setProperty(
                "bactrian.intake.max-body-size",
                Long.toString(DataSize.parse(environment.getRequiredProperty("bactrian.intake.max-body-size"))
                        .toBytes()));
        System.setProperty(
                "bactrian.broker.accounts",
                Path.of(environment.getRequiredProperty("bactrian.broker.accounts"))
                        .toAbsolutePath()
                        .toString());
        BrokerUsers users = new BrokerUsers(
                Path.of(environment.getRequiredProperty("bactrian.broker.users")),
                Path.of(environment.getRequiredProperty("bactrian.broker.roles")),
                data.resolve("producer-password"),
                password);
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfigResourcePath(Path.of(environment.getRequiredProperty("bactrian.broker.configuration"))
                .toUri()
                .toString());
        broker.setSecurityManager(new ActiveMQJAASSecurityManager("bactrian", users));
        try {
            broker.start();
            ProducerBounds.bindAll(broker.getActiveMQServer());
            end.watch(broker.getActiveMQServer());
            return broker;
        } catch (StartupRefusedException refused) {
            throw refused;
        } catch (Exception e) {
            throw new StartupRefusedException(
                    "The embedded Artemis broker did not start (%s). Check %s, or set SPRING_ARTEMIS_BROKER_URL to a broker of your own."
                            .formatted(
                                    e.getMessage(), environment.getRequiredProperty("bactrian.broker.configuration")),
                    e);
        }
    }

    /** What was started, to be stopped in the opposite order. */
    static final class Running {
        private final UnexpectedEnd end = new UnexpectedEnd(UnexpectedEnd::exit);
        private final DataDirectory data;
        private volatile @Nullable EmbeddedPostgres postgres;
        private volatile @Nullable EmbeddedActiveMQ broker;

        Running(DataDirectory data) {
            this.data = data;
        }

        void close() {
            end.expect();
            try (data) {
                EmbeddedActiveMQ runningBroker = broker;
                if (runningBroker != null) {
                    runningBroker.stop();
                }
                EmbeddedPostgres runningPostgres = postgres;
                if (runningPostgres != null) {
                    runningPostgres.close();
                }
            } catch (Exception e) {
                throw new StartupRefusedException("The embedded servers did not stop cleanly: " + e.getMessage(), e);
            }
        }
    }
}
