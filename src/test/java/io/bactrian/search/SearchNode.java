package io.bactrian.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.TestFork;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.MapscraperPlan;
import io.bactrian.billing.Plan;
import io.bactrian.billing.Plans;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.job.JobEnd;
import io.bactrian.places.PlaceContacts;
import io.bactrian.places.PlaceQuery;
import io.bactrian.places.PlacesProperties;
import io.bactrian.places.PlacesProperties.GoogleMaps;
import io.bactrian.places.PlacesProperties.Openstreetmap;
import io.bactrian.places.PlacesProvider;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.places.VisitRequest;
import io.bactrian.recovery.RecoveryRoom;
import io.bactrian.task.AdmissionTurns;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.converter.json.Jackson2ObjectMapperBuilder;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The room and what it stands on, as one node of the service has them, on a database that other nodes may share. There is no
 * broker, so messages stay in the outbox; and the test says what jobs have found.
 */
final class SearchNode implements AutoCloseable {
    static final int CREDITS = 1_000;
    static final int MOST = 400;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestDatabase database;
    private final SettableClock clock;
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    /** Whether no browser starts on this node. */
    boolean browserless;

    /** Beans that nothing here asks for are not made. */
    @EnableTransactionManagement
    @ConfigurationPropertiesScan({"io.bactrian.account", "io.bactrian.job", "io.bactrian.mail", "io.bactrian.search"})
    @ComponentScan({
        "io.bactrian.account",
        "io.bactrian.credit",
        "io.bactrian.event",
        "io.bactrian.idempotency",
        "io.bactrian.job",
        "io.bactrian.mail",
        "io.bactrian.outbox",
        "io.bactrian.search"
    })
    static class Rooms {}

    private final class Atlas implements PlacesProvider {
        @Override
        public String name() {
            return "atlas";
        }

        @Override
        public boolean hasRatings() {
            return true;
        }

        @Override
        public boolean needsBrowser() {
            return true;
        }

        @Override
        public boolean available() {
            return !browserless;
        }

        @Override
        public List<Visit> begin(PlaceQuery query) {
            return List.of();
        }

        @Override
        public VisitOutcome visit(VisitRequest request) {
            throw new IllegalStateException("The test says what jobs have found.");
        }
    }

    private static final class Websites implements PlaceContacts {
        @Override
        public Visit begin(String placeId, String website) {
            throw new IllegalStateException("The test says what jobs have found.");
        }

        @Override
        public VisitOutcome visit(VisitRequest request) {
            throw new IllegalStateException("The test says what jobs have found.");
        }
    }

    SearchNode(TestDatabase database, SettableClock clock) {
        this.database = database;
        this.clock = clock;
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "test",
                        Map.of(
                                "bactrian.data-directory",
                                TestFork.directory("search").toString(),
                                "bactrian.searches.max-per-account",
                                MOST)));
        context.registerBean(Clock.class, () -> clock);
        // The database outlives this node.
        context.registerBean(DataSource.class, database::dataSource, definition -> definition.setDestroyMethodName(""));
        context.registerBean(JdbcClient.class, database::jdbc);
        context.registerBean(JdbcTemplate.class, () -> new JdbcTemplate(database.dataSource()));
        context.registerBean("transactionManager", JdbcTransactionManager.class, database::transactionManager);
        context.registerBean(TransactionTemplate.class, database::transactions);
        context.registerBean(
                ObjectMapper.class,
                () -> Jackson2ObjectMapperBuilder.json()
                        .featuresToDisable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                        .build());
        context.registerBean(
                Plans.class,
                () -> new Plans(
                        Map.of(
                                "free",
                                new Plan(
                                        "Free",
                                        "free",
                                        BigDecimal.ZERO,
                                        1_000,
                                        2,
                                        10,
                                        false,
                                        BillingInterval.MONTHLY,
                                        List.of())),
                        Map.of(
                                "free",
                                new MapscraperPlan("Free", BigDecimal.ZERO, 0, 2, BillingInterval.MONTHLY, List.of())),
                        Map.of(),
                        CREDITS));
        context.registerBean(
                PlacesProperties.class,
                () -> new PlacesProperties(
                        "atlas",
                        new GoogleMaps(URI.create("http://127.0.0.1"), Path.of("none"), true, null),
                        new Openstreetmap(URI.create("http://127.0.0.1"), URI.create("http://127.0.0.1"), 1, 1)));
        context.registerBean(PlacesProvider.class, Atlas::new);
        context.registerBean(PlaceContacts.class, Websites::new);
        RecoveryRoom.register(context);
        context.register(Rooms.class, AdmissionTurns.class);
        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
        context.refresh();
    }

    <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    /** A new account with credits. */
    UUID account(int credits) {
        UUID id = UUID.randomUUID();
        database.transactions().executeWithoutResult(transaction -> {
            Timestamp now = Timestamp.from(clock.instant());
            database.jdbc()
                    .sql("INSERT INTO account (id, email, created_at, updated_at) VALUES (?, ?, ?, ?)")
                    .params(id, id + "@example.com", now, now)
                    .update();
            if (credits > 0) {
                get(Ledger.class).grant(id, Currency.CREDITS, credits, "sign-up", "Welcome");
            }
        });
        return id;
    }

    static SearchDefinition definition(String schedule) {
        ObjectNode params = JSON.createObjectNode()
                .put("searchTerms", "coffee")
                .put("location", "Here")
                .put("maxResults", 2);
        return new SearchDefinition("Leads", params, schedule, "UTC", true, true, true, true, null);
    }

    SavedSearch save(UUID account, String schedule) {
        return get(SavedSearches.class).create(account, definition(schedule), false);
    }

    List<SearchRun> history(SavedSearch search) {
        return get(SavedSearches.class).history(search.accountId(), search.id(), 50);
    }

    SavedSearch now(SavedSearch search) {
        return get(SavedSearches.class).find(search.accountId(), search.id());
    }

    /** Sets the clock, of all nodes that share it. */
    void at(String time) {
        clock.advance(Duration.between(clock.instant(), Instant.parse(time)));
    }

    /** Claims what is due, and gives how many searches that were. */
    int claimAll() {
        int all = 0;
        for (int some = get(DueSearches.class).claim();
                some > 0;
                some = get(DueSearches.class).claim()) {
            all += some;
        }
        return all;
    }

    /** Makes the jobs of all runs that were asked for, and takes the messages off the outbox. */
    void startRuns() throws JsonProcessingException {
        for (String message : messages("SEARCHES_RUN")) {
            get(SearchRuns.class).start(message);
        }
        forget("SEARCHES_RUN");
    }

    /** Claims what is due and makes the jobs. */
    void fire() throws JsonProcessingException {
        claimAll();
        startRuns();
    }

    List<String> messages(String destination) {
        return database.jdbc()
                .sql("SELECT body FROM outbox WHERE destination = ? ORDER BY created_at, id")
                .param(destination)
                .query(String.class)
                .list();
    }

    /** The messages to that destination, which are taken off the outbox. */
    List<JsonNode> taken(String destination) throws JsonProcessingException {
        List<JsonNode> taken = JSON.readValue(
                messages(destination).toString(),
                JSON.getTypeFactory().constructCollectionType(List.class, JsonNode.class));
        forget(destination);
        return taken;
    }

    private void forget(String destination) {
        database.jdbc()
                .sql("DELETE FROM outbox WHERE destination = ?")
                .param(destination)
                .update();
    }

    /** Lets the job of the search's latest run find places, and end. */
    void end(SavedSearch search, String... placeIds) throws JsonProcessingException {
        long job = jobOf(search);
        Timestamp now = Timestamp.from(clock.instant());
        for (int position = 0; position < placeIds.length; position++) {
            String place = "{\"placeName\": \"Place %s\", \"placeId\": \"%s\", \"reviews\": [], \"images\": []}"
                    .formatted(placeIds[position], placeIds[position]);
            database.jdbc()
                    .sql("INSERT INTO job_place (job_id, position, place_id, place) VALUES (?, ?, ?, ?)")
                    .params(job, position, placeIds[position], place)
                    .update();
        }
        database.jdbc()
                .sql("UPDATE job SET status = 'running', started_at = ?, result_count = ? WHERE id = ?")
                .params(now, placeIds.length, job)
                .update();
        get(JobEnd.class).end("{\"job\": %d}".formatted(job));
    }

    /** The number of the job of the search's latest run. */
    long jobOf(SavedSearch search) {
        return database.jdbc()
                .sql("SELECT job_id FROM saved_search_run WHERE search_id = ? ORDER BY scheduled_for DESC LIMIT 1")
                .param(search.id())
                .query(Long.class)
                .single();
    }

    @Override
    public void close() {
        context.close();
    }
}
