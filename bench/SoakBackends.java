import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.FileDeploymentManager;
import org.apache.activemq.artemis.core.config.impl.FileConfiguration;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.utils.collections.LinkedListIterator;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One PostgreSQL and one Artemis, outside of the nodes so that these can be killed, and what can be read of both. */
final class SoakBackends implements AutoCloseable {
    /** Redeliveries of life take minutes and hours; these take seconds and minutes. */
    static final long LONGEST_REDELIVERY_DELAY = 5_000;

    static final int MOST_DELIVERIES = 30;

    static final String INBOX = "bactrian.tasks.inbox";
    static final String INBOX_DEAD_LETTERS = "bactrian.tasks.inbox.dlq";
    static final String DEAD_LETTERS = "bactrian.dead-letters";
    static final String REPLIES = "bactrian.replies";

    private static final Pattern QUEUE = Pattern.compile("<queue name=\"([^\"]+)\"");

    final String databaseUrl;
    final String brokerUrl;
    final JdbcClient sql;
    /** The queues of config/broker.xml from which the service takes work. */
    final List<String> workQueues;

    private final EmbeddedPostgres postgres;
    private final EmbeddedActiveMQ broker;
    private final HikariDataSource connections;

    SoakBackends(Path work, int databasePort, int brokerPort) throws Exception {
        Path log = work.resolve("postgres.log");
        Path binaries = Files.createDirectories(work.resolve("postgres-binaries"));
        postgres = EmbeddedPostgres.builder()
                .setDataDirectory(work.resolve("postgres"))
                .setOverrideWorkingDirectory(binaries.toFile())
                .setPort(databasePort)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_connections", "100")
                .setServerConfig("shared_buffers", "128MB")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setPGStartupWait(Duration.ofSeconds(60))
                .setErrorRedirector(Redirect.appendTo(log.toFile()))
                .setOutputRedirector(Redirect.appendTo(log.toFile()))
                .start();
        try (Connection connection = postgres.getPostgresDatabase().getConnection(); Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE bactrian");
        }
        databaseUrl = "jdbc:postgresql://127.0.0.1:" + databasePort + "/bactrian?user=postgres";
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(databaseUrl);
        pool.setMaximumPoolSize(4);
        connections = new HikariDataSource(pool);
        sql = JdbcClient.create(connections);

        System.setProperty("bactrian.broker.data", work.resolve("artemis").toAbsolutePath().toString());
        System.setProperty("bactrian.broker.port", Integer.toString(brokerPort));
        System.setProperty("bactrian.intake.max-body-size", "16777216");
        Path file = Path.of("config", "broker.xml");
        FileConfiguration configuration = new FileConfiguration();
        new FileDeploymentManager(file.toUri().toString()).addDeployable(configuration).readConfiguration();
        configuration.setSecurityEnabled(false);
        for (AddressSettings settings : configuration.getAddressSettings().values()) {
            if (settings.getMaxRedeliveryDelay() > LONGEST_REDELIVERY_DELAY) {
                settings.setMaxRedeliveryDelay(LONGEST_REDELIVERY_DELAY);
            }
            if (settings.getMaxDeliveryAttempts() > MOST_DELIVERIES) {
                settings.setMaxDeliveryAttempts(MOST_DELIVERIES);
            }
        }
        broker = new EmbeddedActiveMQ();
        broker.setConfiguration(configuration);
        broker.start();
        brokerUrl = "tcp://127.0.0.1:" + brokerPort;

        List<String> queues = new ArrayList<>();
        Matcher names = QUEUE.matcher(Files.readString(file));
        while (names.find()) {
            queues.add(names.group(1));
        }
        queues.removeAll(List.of(INBOX_DEAD_LETTERS, DEAD_LETTERS, REPLIES));
        workQueues = List.copyOf(queues);
    }

    /** What is in a queue: waiting, under way, and scheduled for later. */
    record Depth(long all, long delivering, long scheduled) {}

    Depth depth(String name) {
        Queue queue = broker.getActiveMQServer().locateQueue(SimpleString.of(name));
        return queue == null ? new Depth(0, 0, 0) : new Depth(queue.getMessageCount(), queue.getDeliveringCount(), queue.getScheduledCount());
    }

    /** The work queues that are not empty. */
    Map<String, Depth> filledQueues() {
        Map<String, Depth> filled = new TreeMap<>();
        for (String queue : workQueues) {
            Depth depth = depth(queue);
            if (depth.all() > 0) {
                filled.put(queue, depth);
            }
        }
        return filled;
    }

    /** How many messages in the dead letters came from each queue; null where they do not say. */
    Map<String, Integer> deadLetters() {
        Map<String, Integer> origins = new TreeMap<>();
        for (Object origin : properties(DEAD_LETTERS, "_AMQ_ORIG_QUEUE")) {
            origins.merge(String.valueOf(origin), 1, Integer::sum);
        }
        return origins;
    }

    /** A property of each message in a queue; null where a message does not have it. */
    List<Object> properties(String name, String property) {
        List<Object> values = new ArrayList<>();
        Queue queue = broker.getActiveMQServer().locateQueue(SimpleString.of(name));
        if (queue == null) {
            return values;
        }
        try (LinkedListIterator<MessageReference> messages = queue.browserIterator()) {
            while (messages.hasNext()) {
                Object value = messages.next().getMessage().getObjectProperty(property);
                values.add(value == null ? null : value.toString());
            }
        }
        return values;
    }

    long count(String query, Object... parameters) {
        Long count = sql.sql(query).params(parameters).query(Long.class).single();
        return count == null ? 0 : count;
    }

    List<String> texts(String query, Object... parameters) {
        return sql.sql(query).params(parameters).query(String.class).list();
    }

    /** The rows of each table, by its name. */
    Map<String, Long> tables() {
        Map<String, Long> rows = new TreeMap<>();
        for (String table : texts("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")) {
            if (!table.startsWith("quartz_") && !table.startsWith("flyway_")) {
                rows.put(table, count("SELECT count(*) FROM " + table));
            }
        }
        return rows;
    }

    @Override
    public void close() throws Exception {
        connections.close();
        broker.stop();
        postgres.close();
    }
}
