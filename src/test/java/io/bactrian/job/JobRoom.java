package io.bactrian.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.TestPersistence;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.MapscraperPlan;
import io.bactrian.billing.Plan;
import io.bactrian.billing.Plans;
import io.bactrian.credit.Balance;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.credit.LedgerCheck;
import io.bactrian.event.Events;
import io.bactrian.idempotency.Idempotency;
import io.bactrian.idempotency.IdempotencyKeys;
import io.bactrian.outbox.Outbox;
import io.bactrian.places.Place;
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
import io.bactrian.task.Retries;
import io.bactrian.task.Shutdown;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.http.converter.json.Jackson2ObjectMapperBuilder;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The job room with its transactions on a real database, and no broker: messages stay in the outbox, and the test says what
 * came of each visit.
 */
final class JobRoom implements AutoCloseable {
    static final int CREDITS = 100;
    static final int LANES = 2;
    static final Visit FIRST = new Visit(Visit.Kind.SEARCH, "search", "everywhere");

    private final TestDatabase database = TestDatabase.create();
    private final SettableClock clock = new SettableClock();
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    @EnableTransactionManagement
    static class Transactions {}

    /** A provider whose searches begin with one page of results. */
    private record Atlas(String name, boolean hasRatings, boolean needsBrowser, boolean available)
            implements PlacesProvider {
        @Override
        public List<Visit> begin(PlaceQuery query) {
            return List.of(FIRST);
        }

        @Override
        public VisitOutcome visit(VisitRequest request) {
            throw new IllegalStateException("The test says what came of a visit.");
        }
    }

    private static final class Websites implements PlaceContacts {
        @Override
        public Visit begin(String placeId, String website) {
            return new Visit(Visit.Kind.CONTACT, "contact:" + placeId, website);
        }

        @Override
        public VisitOutcome visit(VisitRequest request) {
            throw new IllegalStateException("The test says what came of a visit.");
        }
    }

    JobRoom() {
        clock.advance(Duration.between(clock.instant(), clock.instant().truncatedTo(ChronoUnit.MILLIS)));
        context.registerBean(Clock.class, () -> clock);
        context.registerBean(DataSource.class, database::dataSource);
        context.registerBean(JdbcClient.class, database::jdbc);
        context.registerBean(JdbcTemplate.class, () -> new JdbcTemplate(database.dataSource()));
        TestPersistence.register(context);
        context.registerBean(
                ObjectMapper.class, () -> Jackson2ObjectMapperBuilder.json().build());
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
                Retries.class,
                () -> new Retries(Duration.ofSeconds(1), 2, Duration.ofMinutes(1), Duration.ofMinutes(10)));
        context.registerBean(JobProperties.class, () -> new JobProperties(LANES, 1, 2, 1));
        context.registerBean(
                PlacesProperties.class,
                () -> new PlacesProperties(
                        "atlas",
                        new GoogleMaps(URI.create("http://127.0.0.1"), Path.of("none"), true, null),
                        new Openstreetmap(URI.create("http://127.0.0.1"), URI.create("http://127.0.0.1"), 1, 1)));
        context.registerBean("atlas", PlacesProvider.class, () -> new Atlas("atlas", true, true, true));
        context.registerBean("unrated", PlacesProvider.class, () -> new Atlas("unrated", false, false, true));
        context.registerBean("browserless", PlacesProvider.class, () -> new Atlas("browserless", true, true, false));
        context.registerBean(PlaceContacts.class, Websites::new);
        RecoveryRoom.register(context);
        context.register(
                Transactions.class,
                Ledger.class,
                LedgerCheck.class,
                ReservedJobs.class,
                Outbox.class,
                Events.class,
                Shutdown.class,
                IdempotencyKeys.class,
                JobStore.class,
                JobVisits.class,
                JobWorkList.class,
                JobPlaces.class,
                JobEstimates.class,
                JobEnd.class,
                JobAbandonment.class,
                Jobs.class,
                AdmissionTurns.class,
                JobAdmission.class,
                JobLanes.class);
        context.refresh();
        context.start();
    }

    <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    SettableClock clock() {
        return clock;
    }

    UUID account() {
        UUID account = UUID.randomUUID();
        context.getBean(TransactionTemplate.class)
                .executeWithoutResult(transaction ->
                        get(Ledger.class).grant(account, Currency.CREDITS, CREDITS, "sign-up", "Welcome"));
        return account;
    }

    Balance balance(UUID account) {
        return get(Ledger.class).balance(account, Currency.CREDITS);
    }

    List<String> ledgerDifferences() {
        return get(LedgerCheck.class).differences();
    }

    AcceptedJob submit(UUID account, String params) {
        return submit(account, params, false, null);
    }

    AcceptedJob submit(UUID account, String params, boolean test, @Nullable Idempotency idempotency) {
        return get(Jobs.class).submit(new JobSubmission(account, "free", test, json(params), idempotency, false));
    }

    /** Submits a job, starts it, and gives its number. */
    long running(UUID account, String params) throws JsonProcessingException {
        long number = Long.parseLong(submit(account, params).id().substring("job_".length()));
        admit(account);
        return number;
    }

    void admit(UUID account) throws JsonProcessingException {
        get(JobAdmission.class).admit("{\"account\": \"" + account + "\"}");
    }

    Job job(UUID account, long number) {
        return get(Jobs.class).find(account, number);
    }

    /** The tokens that were sent since the last call, in the order of their lanes. */
    List<String> tokens() {
        List<String> tokens = new ArrayList<>();
        for (String destination : List.of("PLACES_BROWSER", "PLACES_HTML")) {
            tokens.addAll(messages(destination));
        }
        database.jdbc()
                .sql("DELETE FROM outbox WHERE destination LIKE 'PLACES%'")
                .update();
        return tokens;
    }

    List<String> messages(String destination) {
        return database.jdbc()
                .sql("SELECT body FROM outbox WHERE destination = ? ORDER BY body")
                .param(destination)
                .query(String.class)
                .list();
    }

    /** When the broker is to deliver the one token that is on its way. */
    Instant deliveryOfToken() {
        return database.jdbc()
                .sql("SELECT deliver_at FROM outbox WHERE destination LIKE 'PLACES%'")
                .query((row, number) -> row.getTimestamp(1).toInstant())
                .single();
    }

    @Nullable
    JobStep take(String token) throws JsonProcessingException {
        return get(JobLanes.class).take(token);
    }

    @Nullable
    JobStep store(JobStep step, VisitOutcome outcome) {
        return get(JobLanes.class).store(step, outcome);
    }

    /** Ends the jobs whose end was asked for. */
    void end() throws JsonProcessingException {
        for (String request : messages("JOBS_END")) {
            get(JobEnd.class).end(request);
        }
    }

    static Visit place(String id) {
        return new Visit(Visit.Kind.PLACE, "place:" + id, id);
    }

    static VisitOutcome.Found leadsTo(Visit... further) {
        return new VisitOutcome.Found(List.of(), List.of(further));
    }

    static VisitOutcome.Found found(Place... places) {
        return new VisitOutcome.Found(List.of(places), List.of());
    }

    Place cafe(String id) {
        return place(id, 4.5, "Café", null);
    }

    Place place(String id, @Nullable Double rating, @Nullable String category, @Nullable String website) {
        return new Place(
                "Place " + id,
                "https://map.example/" + id,
                category,
                rating,
                10,
                null,
                null,
                website,
                new Place.Address(null, null, null, null, null, null),
                new Place.Coordinates(1.0, 2.0),
                false,
                false,
                null,
                "US",
                id,
                clock.instant(),
                null,
                null,
                null,
                null,
                category == null ? List.of() : List.of(category, "Meeting point"),
                null,
                null);
    }

    static ObjectNode json(String text) {
        try {
            return (ObjectNode) new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        context.close();
        database.close();
    }
}
