package io.bactrian;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.billing.InvoiceStatus;
import io.bactrian.billing.Provider;
import io.bactrian.billing.ProviderMessage;
import io.bactrian.billing.SubscriptionStatus;
import io.bactrian.places.Place;
import io.bactrian.places.Visit;
import io.bactrian.places.VisitOutcome;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Hop;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageMetadata;
import io.bactrian.scrape.html.Sitemap;
import io.bactrian.scrape.page.PageFailure;
import io.bactrian.task.TaskLog;
import io.bactrian.webhook.DeliveryAttempt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every column that holds text which a site, a map, a receiver or a browser has written takes whatever they write. */
class OutsideTextColumnsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final ObjectMapper JSON = new ObjectMapper().findAndRegisterModules();
    private static final int TEN_MEGABYTES = 10 << 20;
    private static final Owner NOBODY = new Owner(null, null, null, null);

    /** Bounded where it is extracted, before it is a row. */
    private static final Set<String> DATA =
            Set.of("task_row.data", "monitor_row.data", "monitor_value.notified", "monitor_value.seen");

    /** URLs and what is made of them; room egress refuses longer ones. */
    private static final Set<String> URLS = Set.of(
            "task_urls.urls",
            "task_lane.deferred",
            "task_row.url",
            "task_row.metadata",
            "monitor_row.metadata",
            "page_cache.final_url",
            "job_visit.target",
            "monitor_change.url");

    /** How a text from outside comes to each column: by the record that carries it there. */
    private static final Map<String, UnaryOperator<String>> FROM_OUTSIDE = Map.ofEntries(
            entry("work_failure.cause", text -> OutsideText.clean(text, OutsideText.LINE)),
            entry("task.error_message", text -> failed(text).message()),
            entry(
                    "task_urls.urls",
                    text -> new Sitemap(List.of(text), 1, List.of(), null)
                            .urls()
                            .getFirst()),
            entry("task_lane.deferred", text -> json(new Hop(text, 1, 0))),
            entry("task_row.data", text -> new Outcome.Scraped(text, metadata(text)).data()),
            entry("task_row.error_message", text -> failed(text).message()),
            entry("task_row.metadata", text -> json(metadata(text))),
            entry("task_row.url", text -> new Hop(text, 0, 0).url()),
            entry("task_log.message", text -> logged(text).message()),
            entry("task_log.metadata", text -> json(logged(text).metadata())),
            entry("page_cache.final_url", text -> new Hop(text, 0, 0).url()),
            entry(
                    "page_cache.content_type",
                    text -> String.valueOf(metadata(text).contentType())),
            entry("monitor_row.data", text -> new Outcome.Scraped(text, metadata(text)).data()),
            entry("monitor_row.error_message", text -> failed(text).message()),
            entry("monitor_row.metadata", text -> json(metadata(text))),
            entry("monitor_value.notified", text -> new Outcome.Scraped(text, metadata(text)).data()),
            entry("monitor_value.seen", text -> new Outcome.Scraped(text, metadata(text)).data()),
            entry("monitor_change.url", text -> new Hop(text, 0, 0).url()),
            entry("job.blocked", text -> new VisitOutcome.Blocked(text).message()),
            entry("job.error", text -> new VisitOutcome.Failed("timeout", text, false, null).message()),
            entry("job_visit.error_message", text -> new VisitOutcome.Failed("timeout", text, false, null).message()),
            entry("job_visit.key", text -> new Visit(Visit.Kind.PLACE, text, "").key()),
            entry("job_visit.target", text -> new Visit(Visit.Kind.PLACE, "key", text).target()),
            entry("job_place.place_id", text -> place(text).placeId()),
            entry("job_place.place", text -> json(place(text))),
            entry("saved_search_run.error", text -> new VisitOutcome.Failed("timeout", text, false, null).message()),
            entry("webhook_attempt.error", text -> String.valueOf(attempt(text).error())),
            entry(
                    "webhook_attempt.response_body",
                    text -> String.valueOf(attempt(text).responseBody())),
            entry("event_attempt.error", text -> String.valueOf(attempt(text).error())),
            entry(
                    "event_attempt.response_body",
                    text -> String.valueOf(attempt(text).responseBody())),
            entry(
                    "billing_event.type",
                    text -> new ProviderMessage(Provider.STRIPE, "evt_1", text, Instant.EPOCH, "{}").type()),
            entry("billing_event.reason", text -> OutsideText.clean(text, OutsideText.LINE)),
            entry("billing_invoice.number", text -> invoice(text).number()),
            entry("billing_invoice.description", text -> invoice(text).description()),
            entry("billing_invoice.currency", text -> invoice(text).currency()),
            entry(
                    "billing_invoice.document_url",
                    text -> String.valueOf(invoice(text).documentUrl())),
            entry("billing_subscription.payment_method", OutsideTextColumnsTest::paymentMethod));

    /** Who else writes text, and why it can be stored as it is. */
    private static final String OURS = "the service's own words, numbers and digests";

    private static final String CLIENTS = "clients, held against the contract before anything is stored";
    private static final String PROVIDERS = "an OpenID provider, each claim checked by ExternalIdentities";
    private static final String BOOKS =
            "payment providers: ids, in signed events and in answers to this service's key; events as they came, which are JSON";

    private static final String OUTBOX = "records as JSON, whose texts were clean before";
    private static final String SITES = "a site, kept only whole and clean: CachedPage";

    private static final Map<String, String> OTHERS = others();

    private static Map<String, String> others() {
        Map<String, String> others = new LinkedHashMap<>();
        put(
                others,
                CLIENTS,
                "account: email name",
                "api_key: name description",
                "map_key: name",
                "audit_log: idempotency_key details",
                "task: name description config",
                "idempotency_key: key",
                "job: params query",
                "webhook_delivery: url",
                "webhook_endpoint: url",
                "monitor_value: selector",
                "billing_checkout: success_url cancel_url",
                "saved_search: name params schedule timezone notify_email");
        put(
                others,
                BOOKS,
                "billing_checkout: provider_id url",
                "billing_event: provider_id body awaited",
                "billing_invoice: provider_id subscription_id",
                "billing_payment: provider_id invoice_id",
                "billing_subscription: provider_id customer_id");
        put(others, PROVIDERS, "account: avatar_url", "external_identity: issuer subject");
        put(others, OUTBOX, "outbox: body properties", "idempotency_key: answer", "monitor_change: changes");
        put(others, SITES, "page_cache: entity_tag last_modified");
        put(
                others,
                OURS,
                "account: password_hash selextract_plan mapscraper_plan",
                "api_key: environment preview permissions",
                "outbox: destination",
                "credit_balance: currency bucket",
                "credit_transfer: currency kind reference description",
                "credit_entry: currency bucket",
                "credit_allowance: currency period",
                "plan_period: api",
                "audit_log: action request_hash",
                "work_failure: work queue",
                "admission_request: kind",
                "admission_again: turn",
                "tally: list status kind",
                "leader: name holder",
                "task: task_type status plan_id",
                "task_row: error_code",
                "task_log: level step",
                "idempotency_key: request_hash",
                "rate_limit: id state",
                "host_clock: host leases",
                "page_cache: owner",
                "job: status provider plan_id warning",
                "job_visit: kind status",
                "webhook_delivery: subject format event event_id status",
                "webhook_endpoint: events disabled_reason",
                "webhook_event: id type",
                "event_delivery: event_id event status",
                "monitor_row: error_code",
                "billing_checkout: provider api kind item status",
                "billing_event: provider status",
                "billing_invoice: provider api status",
                "billing_payment: provider dispute",
                "billing_subscription: provider api plan_id status",
                "saved_search_run: status email_error");
        return others;
    }

    private static void put(Map<String, String> reasons, String reason, String... tables) {
        for (String table : tables) {
            String name = table.substring(0, table.indexOf(':'));
            for (String column : table.substring(name.length() + 2).split(" ", -1)) {
                reasons.put(name + "." + column, reason);
            }
        }
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void everyTextColumnSaysWhoWritesIt() {
        List<String> columns = DATABASE.jdbc().sql("""
                        SELECT table_name || '.' || column_name FROM information_schema.columns
                         WHERE table_schema = 'public' AND table_name NOT LIKE 'flyway%'
                           AND (data_type IN ('text', 'jsonb', 'json', 'character varying') OR udt_name = '_text')""").query(String.class).list();

        assertThat(FROM_OUTSIDE.keySet()).doesNotContainAnyElementsOf(OTHERS.keySet());
        assertThat(columns)
                .as("Put a new column into FROM_OUTSIDE or OTHERS, and remove one that is gone.")
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(FROM_OUTSIDE.keySet().stream(), OTHERS.keySet().stream())
                                .collect(Collectors.toCollection(TreeSet::new)));
    }

    static Set<String> columns() {
        return new TreeSet<>(FROM_OUTSIDE.keySet());
    }

    @ParameterizedTest
    @MethodSource("columns")
    void theColumnTakesWhateverComesFromOutside(String column) {
        String table = column.substring(0, column.indexOf('.'));
        String name = column.substring(table.length() + 1);
        for (Map.Entry<String, String> poison : poisons().entrySet()) {
            String stored = Objects.requireNonNull(FROM_OUTSIDE.get(column)).apply(poison.getValue());
            assertThat(OutsideText.isClean(stored)).as(poison.getKey()).isTrue();
            assertThat(roundTrip(table, name, stored)).as(poison.getKey()).isEqualTo(stored);
            if (!DATA.contains(column) && !URLS.contains(column)) {
                assertThat(stored.length()).as(poison.getKey()).isLessThan(200_000);
            }
        }
    }

    /** The longest that the contract and the checks let through; of three bytes a character where they let these through. */
    @ParameterizedTest
    @CsvSource({
        "account, email, 254, 20000",
        "external_identity, subject, 255, 20000",
        "idempotency_key, key, 255, 32",
        "audit_log, idempotency_key, 255, 32",
        "monitor_value, selector, 64, 32",
        "webhook_endpoint, url, 8000, 32"
    })
    void anIndexedColumnTakesTheLongestThatClientsMaySend(String table, String column, int length, int alphabet) {
        String longest = random(length, alphabet, alphabet * 2);

        assertThat(roundTrip(table, column, longest)).isEqualTo(longest);
    }

    /** Stores a value in a copy of the table that has its indexes and leaves its other columns empty. */
    private static String roundTrip(String table, String column, String value) {
        List<String> indexes = DATABASE.jdbc()
                .sql("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ?")
                .param(table)
                .query(String.class)
                .list();
        List<String> notNull =
                DATABASE.jdbc().sql("""
                        SELECT column_name FROM information_schema.columns
                         WHERE table_schema = 'public' AND table_name = ? AND is_nullable = 'NO'""").param(table).query(String.class).list();
        return DATABASE.transactions().execute(transaction -> {
            run("CREATE TEMP TABLE copy (LIKE public." + table + ") ON COMMIT DROP");
            notNull.forEach(each -> run("ALTER TABLE copy ALTER COLUMN " + each + " DROP NOT NULL"));
            indexes.forEach(each ->
                    run(each.replaceFirst("INDEX \\S+ ON \\S+", "INDEX ON copy").replaceFirst(" WHERE .*", "")));
            boolean array = column.equals("urls");
            DATABASE.jdbc()
                    .sql("INSERT INTO copy (" + column + ") VALUES (" + (array ? "ARRAY[?::text]" : "?") + ")")
                    .param(value)
                    .update();
            String read = DATABASE.jdbc()
                    .sql("SELECT " + column + (array ? "[1]" : "") + " FROM copy")
                    .query(String.class)
                    .single();
            transaction.setRollbackOnly();
            return read;
        });
    }

    private static void run(String statement) {
        DATABASE.jdbc().sql(statement).update();
    }

    private static Map<String, String> poisons() {
        Map<String, String> poisons = new LinkedHashMap<>();
        poisons.put("NUL", "a\0b\0");
        poisons.put("half a pair at the end", "a\ud83d");
        poisons.put("half a pair before another character", "\ud83da");
        poisons.put("the other half alone", "a\udc2ab");
        poisons.put("noncharacters", "a\uffff\ufffeb");
        poisons.put("a line of ten megabytes", LINE);
        poisons.put("pairs, shifted by one", "x" + "\ud83d\udc2a".repeat(100_000));
        return poisons;
    }

    private static final String LINE = random(TEN_MEGABYTES, 'a', 'z');

    /** Random characters, for indexes compress others. */
    private static String random(int length, int first, int last) {
        return new Random(1)
                .ints(length, first, last)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static Outcome.Failed failed(String text) {
        PageFailure failure = PageFailure.of(ErrorCode.EXTRACTION_FAILED, text);
        return new Outcome.Failed(failure.code(), text, false, null, metadata(text));
    }

    private static PageMetadata metadata(String text) {
        return new PageMetadata(text, 200, text, Instant.EPOCH, 1, 1);
    }

    private static TaskLog.Entry logged(String text) {
        return new TaskLog.Entry(
                new UUID(0, 0), TaskLog.Level.WARNING, "scraping", text, Map.of("url", text), Instant.EPOCH);
    }

    private static DeliveryAttempt attempt(String text) {
        return new DeliveryAttempt(Instant.EPOCH, 500, 1, text, text);
    }

    private static InvoiceState invoice(String text) {
        return new InvoiceState(
                "in_1",
                NOBODY,
                null,
                null,
                null,
                text,
                text,
                InvoiceReason.PACKAGE,
                InvoiceStatus.PAID,
                0,
                0,
                text,
                null,
                null,
                Instant.EPOCH,
                null,
                null,
                text,
                Instant.EPOCH);
    }

    private static String paymentMethod(String text) {
        return String.valueOf(new SubscriptionState(
                        "sub_1",
                        NOBODY,
                        null,
                        null,
                        1,
                        SubscriptionStatus.ACTIVE,
                        null,
                        null,
                        false,
                        text,
                        Instant.EPOCH,
                        null,
                        null)
                .paymentMethod());
    }

    private static Place place(String text) {
        List<String> texts = new ArrayList<>(List.of(text));
        return new Place(
                        text,
                        text,
                        text,
                        null,
                        null,
                        null,
                        text,
                        text,
                        new Place.Address(text, text, text, text, text, text),
                        new Place.Coordinates(null, null),
                        null,
                        null,
                        null,
                        text,
                        text,
                        Instant.EPOCH,
                        List.of(new Place.OpeningHours(text, texts)),
                        texts,
                        text,
                        List.of(new Place.Review(text, text, 5, text, null)),
                        texts,
                        null,
                        null)
                .withContacts(texts, Map.of(text, text));
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
