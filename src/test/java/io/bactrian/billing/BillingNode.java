package io.bactrian.billing;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.TestFork;
import io.bactrian.TestPersistence;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.credit.Balance;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.credit.LedgerCheck;
import io.bactrian.egress.OperatorClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/** The room and what it stands on, as one node of the service has them, on a database that other nodes may share. */
final class BillingNode implements AutoCloseable {
    private final TestDatabase database;
    private final SettableClock clock;
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    /** Beans that nothing here asks for are not made. */
    @EnableTransactionManagement
    @EnableConfigurationProperties(BillingRetention.class)
    @ConfigurationPropertiesScan({"io.bactrian.account", "io.bactrian.mail"})
    @ComponentScan({
        "io.bactrian.account",
        "io.bactrian.credit",
        "io.bactrian.billing",
        "io.bactrian.event",
        "io.bactrian.mail",
        "io.bactrian.outbox"
    })
    static class Rooms {}

    BillingNode(TestDatabase database, SettableClock clock) {
        this(database, clock, List.of());
    }

    /** @param readers of the events that are told to it */
    BillingNode(TestDatabase database, SettableClock clock, List<EventReader> readers) {
        this(database, clock, readers, List.of(), properties);
    }

    /** One that takes payments through the providers that the settings have keys for. */
    BillingNode(TestDatabase database, SettableClock clock, BillingProperties properties) {
        this(database, clock, List.of(), List.of(), properties);
    }

    /** @param url where its Stripe is */
    static BillingNode atStripe(TestDatabase database, SettableClock clock, String url) {
        return new BillingNode(
                database,
                clock,
                new BillingProperties(
                        new BillingProperties.Stripe(
                                "sk_live_of_a_test", "whsec_of_a_test", url, Map.of("starter", "price_starter")),
                        properties.lemonsqueezy(),
                        null,
                        "",
                        "",
                        ""));
    }

    /** @param providers that it asks */
    BillingNode(
            TestDatabase database, SettableClock clock, List<EventReader> readers, List<PaymentProvider> providers) {
        this(database, clock, readers, providers, properties);
    }

    private BillingNode(
            TestDatabase database,
            SettableClock clock,
            List<EventReader> readers,
            List<PaymentProvider> providers,
            BillingProperties properties) {
        this.database = database;
        this.clock = clock;
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "test",
                        Map.of(
                                "bactrian.data-directory",
                                TestFork.directory("billing").toString(),
                                "bactrian.billing.sandbox",
                                readers.isEmpty() && properties.inSandbox(),
                                "bactrian.billing.stripe.api-key",
                                properties.stripe().apiKey(),
                                "bactrian.billing.lemonsqueezy.api-key",
                                properties.lemonsqueezy().apiKey())));
        context.registerBean(Clock.class, () -> clock);
        context.registerBean(ObjectMapper.class, () -> new ObjectMapper().findAndRegisterModules());
        // The database outlives this node.
        context.registerBean(DataSource.class, database::dataSource, definition -> definition.setDestroyMethodName(""));
        context.registerBean(JdbcClient.class, database::jdbc);
        TestPersistence.register(context);
        context.registerBean(MeterRegistry.class, () -> new SimpleMeterRegistry());
        context.registerBean(BillingProperties.class, () -> properties);
        context.registerBean(Plans.class, BillingNode::plans);
        context.registerBean(OperatorClient.class, OperatorClient::new);
        for (EventReader reader : readers) {
            context.registerBean(reader.provider().name(), EventReader.class, () -> reader);
        }
        for (PaymentProvider provider : providers) {
            context.registerBean(provider.provider().code(), PaymentProvider.class, () -> provider);
        }
        context.register(Rooms.class);
        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
        context.refresh();
    }

    private static final BillingProperties properties = new BillingProperties(
            new BillingProperties.Stripe(
                    "",
                    "",
                    "http://127.0.0.1",
                    Map.of("starter", "price_starter", "growth", "price_growth", "yearly", "price_yearly")),
            new BillingProperties.LemonSqueezy(
                    "", "", "http://127.0.0.1", "1", Map.of("professional", "11", "enterprise", "12", "annual", "13")),
            null,
            "",
            "",
            "");

    private static Plans plans() {
        return new Plans(
                Map.of(
                        "free", plan("Free", 1000),
                        "professional", plan("Professional", 10_000),
                        "enterprise", plan("Enterprise", 100_000),
                        "annual",
                                new Plan(
                                        "Annual",
                                        "tier",
                                        BigDecimal.TEN,
                                        10_000,
                                        2,
                                        10,
                                        false,
                                        BillingInterval.YEARLY,
                                        List.of())),
                Map.of(
                        "free", mapscraperPlan("Free", 0),
                        "starter", mapscraperPlan("Starter", 1000),
                        "growth", mapscraperPlan("Growth", 5000),
                        "yearly",
                                new MapscraperPlan(
                                        "Yearly", BigDecimal.TEN, 1000, 2, BillingInterval.YEARLY, List.of())),
                Map.of("small", new CreditPackage("Small", 500, BigDecimal.TEN)),
                100);
    }

    private static Plan plan(String name, long units) {
        return new Plan(name, "tier", BigDecimal.TEN, units, 2, 10, false, BillingInterval.MONTHLY, List.of());
    }

    private static MapscraperPlan mapscraperPlan(String name, long credits) {
        return new MapscraperPlan(name, BigDecimal.TEN, credits, 2, BillingInterval.MONTHLY, List.of());
    }

    <T> T get(Class<T> type) {
        return context.getBean(type);
    }

    /** Takes facts in, each in a transaction of its own. */
    void take(Provider provider, BillingFact... facts) {
        for (BillingFact fact : facts) {
            in(() -> get(BillingFacts.class).take(provider, fact, true));
        }
    }

    PlanPeriods periods() {
        return context.getBean(PlanPeriods.class);
    }

    Ledger ledger() {
        return context.getBean(Ledger.class);
    }

    /** Sets the clock, of all nodes that share it. */
    void at(String time) {
        clock.advance(Duration.between(clock.instant(), Instant.parse(time)));
    }

    /** A new account, made now. */
    UUID open() {
        UUID id = UUID.randomUUID();
        get(TransactionTemplate.class).executeWithoutResult(transaction -> {
            database.jdbc()
                    .sql("INSERT INTO account (id, email, created_at, updated_at) VALUES (?, ?, ?, ?)")
                    .params(
                            id,
                            id + "@example.com",
                            clock.instant().atOffset(ZoneOffset.UTC),
                            clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            periods().begin(account(id));
        });
        return id;
    }

    Account account(UUID id) {
        return context.getBean(Accounts.class).find(id);
    }

    void change(UUID account, String plan) {
        in(() -> periods().change(account, plan, null));
    }

    void change(UUID account, String plan, PlanApi api) {
        in(() -> periods().change(account, plan, api));
    }

    void in(Runnable work) {
        get(TransactionTemplate.class).executeWithoutResult(transaction -> work.run());
    }

    Balance units(UUID account) {
        return ledger().balance(account, Currency.COMPUTE_UNITS);
    }

    long credits(UUID account) {
        return ledger().balance(account, Currency.CREDITS).available();
    }

    /** When the running period of the account's Selextract plan begins and ends. */
    List<Instant> period(UUID account) {
        return database.jdbc()
                .sql("SELECT starts_at, ends_at FROM plan_period WHERE account_id = ? AND api = 'selextract'")
                .param(account)
                .query((row, number) -> List.of(
                        row.getTimestamp(1).toInstant(), row.getTimestamp(2).toInstant()))
                .single();
    }

    long transfers(UUID account, String kind) {
        return database.jdbc()
                .sql("SELECT count(*) FROM credit_transfer WHERE account_id = ? AND kind = ?")
                .params(account, kind)
                .query(Long.class)
                .single();
    }

    List<String> differences() {
        return context.getBean(LedgerCheck.class).differences();
    }

    @Override
    public void close() {
        context.close();
    }
}
