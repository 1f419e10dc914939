package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.TestPersistence;
import io.bactrian.account.TestKeys;
import io.bactrian.account.Vault;
import io.bactrian.billing.BillingInterval;
import io.bactrian.billing.MapscraperPlan;
import io.bactrian.billing.Plan;
import io.bactrian.billing.Plans;
import io.bactrian.credit.Balance;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.credit.LedgerCheck;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.event.Events;
import io.bactrian.idempotency.IdempotencyKeys;
import io.bactrian.outbox.Outbox;
import io.bactrian.recovery.RecoveryRoom;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.Scraper;
import io.bactrian.scrape.html.SitemapReader;
import io.bactrian.scrape.polite.HostClock;
import io.bactrian.scrape.polite.HostLimits;
import io.bactrian.scrape.polite.PolitenessProperties;
import io.bactrian.scrape.polite.PolitenessProperties.HostEntry;
import io.bactrian.scrape.polite.Proxies;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.http.converter.json.Jackson2ObjectMapperBuilder;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/** The task room with its transactions on a real database, and no broker: messages stay in the outbox. */
public final class TaskRoom implements AutoCloseable {
    private static final String MASTER_KEY = Base64.getEncoder().encodeToString(new byte[32]);

    static final Retries RETRIES = new Retries(Duration.ofSeconds(1), 2, Duration.ofMinutes(1), Duration.ofMinutes(10));

    private final TestDatabase database = TestDatabase.create();
    private final SettableClock clock = new SettableClock();
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    @EnableTransactionManagement(proxyTargetClass = true)
    static class Transactions {}

    /** Takes the place of the room of monitoring tasks where a test has none. */
    static final class NoMonitoring implements MonitoringTasks {
        @Override
        public void check(ObjectNode config, Instant now) {
            throw new IllegalStateException("Nothing is monitored here.");
        }

        @Override
        public void accepted(Task task, int most) {
            throw new IllegalStateException("Nothing is monitored here.");
        }

        @Override
        public void cancelled(Task task) {
            throw new IllegalStateException("Nothing is monitored here.");
        }

        @Override
        public void checkCancelled(Task task, int check) {
            throw new IllegalStateException("Nothing is monitored here.");
        }

        @Override
        public void abandoned(Task task, int check) {
            throw new IllegalStateException("Nothing is monitored here.");
        }

        @Override
        public void deleted(UUID task) {
            throw new IllegalStateException("Nothing is monitored here.");
        }
    }

    TaskRoom() {
        this(1_000, NoMonitoring.class);
    }

    /**
     * @param places how many tasks of an account run at once
     * @param further beans of other rooms, among them the one for monitoring tasks
     */
    public TaskRoom(int places, Class<?>... further) {
        // The database keeps microseconds: a moment between two of them would seem to be later there than here.
        clock.advance(Duration.between(clock.instant(), clock.instant().truncatedTo(ChronoUnit.MILLIS)));
        Plan plan = new Plan(
                "Free", "free", BigDecimal.ZERO, 1_000_000, places, 1_000, false, BillingInterval.MONTHLY, List.of());
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
                        Map.of("free", plan),
                        Map.of(
                                "free",
                                new MapscraperPlan("Free", BigDecimal.ZERO, 0, 2, BillingInterval.MONTHLY, List.of())),
                        Map.of(),
                        100));
        context.registerBean(
                TaskPrices.class,
                () -> new TaskPrices(
                        Map.of("simple_scraping", 5, "bulk_scraping", 5, "advanced_scraping", 10, "monitoring", 5)));
        // So many that steps which no route ends do not count.
        context.registerBean(LaneShares.class, () -> new LaneShares(100_000, clock));
        context.registerBean(BrowserPlaces.class, () -> new BrowserPlaces(100_000, clock));
        context.registerBean(Retries.class, () -> RETRIES);
        context.registerBean(Vault.class, () -> new TestKeys(database, MASTER_KEY).vault());
        registerPoliteness();
        RecoveryRoom.register(context);
        context.registerBean("browserScraper", Scraper.class, () -> page -> {
            throw new IllegalStateException("Nothing is scraped here.");
        });
        context.register(
                SitemapIntake.class,
                Transactions.class,
                Ledger.class,
                LedgerCheck.class,
                ReservedTasks.class,
                Outbox.class,
                Events.class,
                Shutdown.class,
                IdempotencyKeys.class,
                TaskSecrets.class,
                TaskStore.class,
                TaskLog.class,
                MissingRows.class,
                TaskAbandonment.class,
                Screenshots.class,
                TaskEnd.class,
                Tasks.class,
                AdmissionTurns.class,
                Admission.class,
                TaskChecks.class,
                Lanes.class);
        context.register(further);
        context.refresh();
    }

    /** Hosts below {@code example} are unlimited, all others are asked once a second. */
    private void registerPoliteness() {
        EgressProperties egress = EgressProperties.allowing("127.0.0.0/8");
        EgressGuard guard = new EgressGuard(new AddressPolicy(egress.allow(), egress.ports()), egress.resolveTimeout());
        EgressClient client = new EgressClient(guard, egress);
        UserAgent userAgent = new UserAgent(null, "https://example.org/");
        RobotsTxt robots = new RobotsTxt(client, userAgent, clock);
        HostEntry unlimited = new HostEntry("*.example", null, null, null, true);
        HostLimits limits =
                new HostLimits(new PolitenessProperties(1, 1, Duration.ofSeconds(60), List.of(unlimited)), egress);
        context.registerBean(EgressGuard.class, () -> guard);
        context.registerBean(Proxies.class, () -> Proxies.of(Map.of(), clock));
        context.registerBean(EgressClient.class, () -> client);
        HostClock hosts = new HostClock(limits, robots, database.jdbc(), clock);
        context.registerBean(HostClock.class, () -> hosts);
        context.registerBean(
                SitemapReader.class,
                () -> new SitemapReader(client, robots, hosts, Proxies.of(Map.of(), clock), userAgent, clock));
    }

    public <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    public SettableClock clock() {
        return clock;
    }

    public TransactionTemplate transactions() {
        return context.getBean(TransactionTemplate.class);
    }

    public UUID accountWith(long units) {
        UUID account = UUID.randomUUID();
        transactions()
                .executeWithoutResult(transaction ->
                        get(Ledger.class).grant(account, Currency.COMPUTE_UNITS, units, "sign-up", "Welcome"));
        return account;
    }

    public Balance balance(UUID account) {
        return get(Ledger.class).balance(account, Currency.COMPUTE_UNITS);
    }

    /** Reserves a unit and gives it back, and fails where the account's balance is locked for seconds. */
    public void reserveAtOnce(UUID account) {
        transactions().executeWithoutResult(transaction -> {
            database().sql("SET LOCAL lock_timeout = '3s'").update();
            get(Ledger.class).reserve(account, Currency.COMPUTE_UNITS, 1, "other:" + UUID.randomUUID(), "Other work");
            transaction.setRollbackOnly();
        });
    }

    public List<String> ledgerDifferences() {
        return get(LedgerCheck.class).differences();
    }

    /** The bodies of the messages for a destination, oldest first. */
    public List<String> messages(String destination) {
        return database.jdbc()
                .sql("SELECT body FROM outbox WHERE destination = ? ORDER BY created_at, body")
                .param(destination)
                .query(String.class)
                .list();
    }

    /** The bodies of the messages for a destination, oldest first; they are gone afterwards, as for the broker. */
    public List<String> take(String destination) {
        List<String> messages = messages(destination);
        database.jdbc()
                .sql("DELETE FROM outbox WHERE destination = ?")
                .param(destination)
                .update();
        return messages;
    }

    /** Takes the tokens of lanes until there are none, with an outcome for each page. */
    public void runLanes(Function<PageRequest, Outcome> site) {
        for (List<String> tokens = take("LANES_HTML"); !tokens.isEmpty(); tokens = take("LANES_HTML")) {
            tokens.forEach(token -> runLane(token, site));
        }
    }

    /** Carries out the step of a lane's token. */
    public void runLane(String token, Function<PageRequest, Outcome> site) {
        try {
            LaneStep step = get(Lanes.class).take(token);
            if (step == null) {
                return;
            }
            Iterator<PageRequest> pages = step.pages();
            while (pages.hasNext()) {
                step.add(site.apply(pages.next()), RETRIES, RandomGenerator.getDefault());
            }
            get(Lanes.class).store(step);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(token, e);
        }
    }

    /** The room's database, to look into what no bean tells. */
    public JdbcClient database() {
        return database.jdbc();
    }

    Instant deliveryTime(String body) {
        return Objects.requireNonNull(database.jdbc()
                .sql("SELECT deliver_at FROM outbox WHERE body = ?")
                .param(body)
                .query((row, number) -> row.getTimestamp(1).toInstant())
                .single());
    }

    int priority(String body) {
        return database.jdbc()
                .sql("SELECT priority FROM outbox WHERE body = ?")
                .param(body)
                .query(Integer.class)
                .single();
    }

    /** The hosts that have a clock. */
    List<String> clocks() {
        return database.jdbc()
                .sql("SELECT host FROM host_clock ORDER BY host")
                .query(String.class)
                .list();
    }

    void forgetClocks() {
        database.jdbc().sql("DELETE FROM host_clock").update();
    }

    public void forgetMessages() {
        database.jdbc().sql("DELETE FROM outbox").update();
    }

    /** The positions of the rows that a task has, in order. */
    List<Integer> positions(UUID task) {
        return database.jdbc()
                .sql("SELECT position FROM task_row WHERE task_id = ? ORDER BY position")
                .param(task)
                .query(Integer.class)
                .list();
    }

    void lock(String statement, UUID task) {
        database.jdbc().sql(statement).param(task).query().listOfRows();
    }

    boolean somebodyWaits() {
        return database.jdbc()
                .sql("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
                .query(Boolean.class)
                .single();
    }

    @Override
    public void close() {
        context.close();
        database.close();
    }
}
