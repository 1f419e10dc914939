package io.bactrian.billing;

import io.bactrian.billing.ProviderStories.End;
import io.bactrian.billing.ProviderStories.Sale;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a service's database has of the customers of {@link ProviderStories}. */
public final class StoryBooks {
    private static final Map<String, Long> UNITS =
            Map.of("free", 1_000L, "professional", 10_000L, "enterprise", 100_000L);

    /** Lemon Squeezy does not say when the period of an invoice begins; it makes the invoice a few seconds later. */
    private static final Duration TOLERANCE = Duration.ofMinutes(5);

    private final JdbcClient database;

    public StoryBooks(JdbcClient database) {
        this.database = database;
    }

    /** Makes a checkout, as the click of its buyer does. */
    public void add(Sale sale, boolean sandbox) {
        database.sql("""
                        INSERT INTO billing_checkout (id, account_id, provider, sandbox, api, kind, item, amount, units, success_url,
                                                      cancel_url, status, provider_id, url, created_at, expires_at, version)
                        VALUES (?, ?, 'STRIPE', ?, 'MAPSCRAPER', 'PACKAGE', 'small', ?, ?, ?, '', 'OPEN', ?, '', now(), now(), 0)""")
                .params(
                        sale.id(),
                        sale.account(),
                        sandbox,
                        sale.cents(),
                        sale.credits(),
                        sale.id().toString(),
                        sale.providerId())
                .update();
    }

    /** How many events have not come to their end. */
    public long unfinished() {
        return database.sql("SELECT count(*) FROM billing_event WHERE status NOT IN ('APPLIED', 'KEPT')")
                .query(Long.class)
                .single();
    }

    /** The events that have not come to their end, and why. */
    public List<String> reasons() {
        return database.sql("SELECT status || ': ' || type || ': ' || coalesce(reason, '') FROM billing_event"
                        + " WHERE status NOT IN ('APPLIED', 'KEPT')")
                .query(String.class)
                .list();
    }

    /** One sentence for each thing that is not as the customer's story ends. */
    public List<String> differences(End end) {
        List<String> found = new ArrayList<>();
        compare(found, end, "credits", end.credits(), balance(end.account(), "credits"));
        compare(found, end, "compute units", UNITS.get(end.selextractPlan()), balance(end.account(), "compute_units"));
        compare(found, end, "MapScraper plan", end.mapscraperPlan(), plan(end.account(), "mapscraper_plan"));
        compare(found, end, "Selextract plan", end.selextractPlan(), plan(end.account(), "selextract_plan"));
        comparePeriods(found, end, "mapscraper", end.creditsPaidUntil());
        comparePeriods(found, end, "selextract", end.unitsPaidUntil());
        compare(found, end, "subscriptions", end.subscriptions(), subscriptions(end.account()));
        compare(found, end, "purchases", (long) end.purchases(), purchases(end.account()));
        return found;
    }

    private static void compare(
            List<String> found, End end, String what, @Nullable Object expected, @Nullable Object actual) {
        if (!Objects.equals(expected, actual)) {
            found.add("Account %s has %s %s instead of %s".formatted(end.account(), what, actual, expected));
        }
    }

    private void comparePeriods(List<String> found, End end, String api, @Nullable Instant expected) {
        Instant actual = paidUntil(end.account(), api);
        if (expected == null
                ? actual != null
                : actual == null || Duration.between(expected, actual).abs().compareTo(TOLERANCE) > 0) {
            compare(found, end, api + " paid until", expected, actual);
        }
    }

    private long balance(UUID account, String currency) {
        return database.sql("SELECT coalesce(sum(balance), 0) FROM credit_balance"
                        + " WHERE account_id = ? AND currency = ? AND bucket = 'available'")
                .params(account, currency)
                .query(Long.class)
                .single();
    }

    private String plan(UUID account, String column) {
        return database.sql("SELECT " + column + " FROM account WHERE id = ?")
                .param(account)
                .query(String.class)
                .single();
    }

    private @Nullable Instant paidUntil(UUID account, String api) {
        return database.sql(
                        "SELECT paid_until FROM plan_period WHERE account_id = ? AND api = ? AND paid_until IS NOT NULL")
                .params(account, api)
                .query(Timestamp.class)
                .optional()
                .map(Timestamp::toInstant)
                .orElse(null);
    }

    private Map<String, String> subscriptions(UUID account) {
        return database
                .sql(
                        "SELECT provider_id, status || ' ' || quantity || ' ' || plan_id FROM billing_subscription WHERE account_id = ?")
                .param(account)
                .query((row, number) -> Map.entry(row.getString(1), row.getString(2)))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private long purchases(UUID account) {
        return database.sql(
                        "SELECT count(*) FROM credit_transfer WHERE account_id = ? AND kind = 'purchase' AND reference LIKE 'checkout:%'")
                .param(account)
                .query(Long.class)
                .single();
    }
}
