package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What administrators do to accounts by hand: {@code POST /admin/grants} and {@code POST /admin/plans}. */
@ExtendWith(RunningService.class)
class AdminTest {
    private final Service service;
    private final Account admin;
    private final Account account;

    AdminTest(Service service) {
        this.service = service;
        this.admin = service.administrator();
        this.account = service.register();
    }

    @Test
    void aGrantIsAddedAndAnsweredWithTheNewBalance() {
        Reply reply = admin.post("/admin/grants", grant("credits", 250));

        assertThat(reply.expect(200).json()).isEqualTo(TaskRequest.parse("""
                {"email": "%s", "currency": "credits",
                 "balance": {"total": 350, "available": 350, "reserved": 0, "used": 0}}""".formatted(account.email())));
        JsonNode latest = account.get("/credits").json().path("transactions").path(0);
        assertThat(latest.path("type").asText()).isEqualTo("grant");
        assertThat(latest.path("amount").asInt()).isEqualTo(250);
        assertThat(latest.path("description").asText()).isEqualTo("Goodwill");
    }

    @Test
    void computeUnitsAreGrantedToo() {
        assertThat(admin.post("/admin/grants", grant("compute_units", 5))
                        .expect(200)
                        .json()
                        .path("balance")
                        .path("available")
                        .asInt())
                .isEqualTo(RunningService.COMPUTE_UNITS + 5);
    }

    @Test
    void anEmailIsFoundInWhateverLetterCase() {
        JsonNode body = TaskRequest.parse(grant("credits", 1)
                .toString()
                .replace(account.email(), account.email().toUpperCase(Locale.ROOT)));

        assertThat(admin.post("/admin/grants", body)
                        .expect(200)
                        .json()
                        .path("email")
                        .asText())
                .isEqualTo(account.email());
    }

    @Test
    void aRepeatedGrantIsGivenOnce() throws InterruptedException, ExecutionException {
        String key = UUID.randomUUID().toString();
        List<Future<Reply>> replies = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                replies.add(threads.submit(() -> keyed("/admin/grants", key, grant("credits", 250))));
            }
        }
        for (Future<Reply> reply : replies) {
            assertThat(reply.get()
                            .expect(200)
                            .json()
                            .path("balance")
                            .path("available")
                            .asInt())
                    .isEqualTo(350);
        }

        // Without the key it is another grant, and the first one's answer stays what it was.
        admin.post("/admin/grants", grant("credits", 250)).expect(200);
        assertThat(keyed("/admin/grants", key, grant("credits", 250))
                        .expect(200)
                        .json()
                        .path("balance")
                        .path("available")
                        .asInt())
                .isEqualTo(350);
        assertThat(account.get("/credits").json().path("balance").path("total").asInt())
                .isEqualTo(600);
        assertThat(audited("credit.grant")).hasSize(2);
    }

    @Test
    void aKeyOfAnotherGrantIsRefused() {
        String key = UUID.randomUUID().toString();
        keyed("/admin/grants", key, grant("credits", 250)).expect(200);

        keyed("/admin/grants", key, grant("credits", 251)).assertSelextractError(409, "idempotency_conflict");

        assertThat(account.get("/credits").json().path("balance").path("total").asInt())
                .isEqualTo(350);
        assertThat(keyed("/admin/grants", "x".repeat(256), grant("credits", 1)).status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"currency": "credits", "amount": 1, "reason": "x"}                                        | email
                    {"email": "", "currency": "credits", "amount": 1, "reason": "x"}                           | email
                    {"email": 5, "currency": "credits", "amount": 1, "reason": "x"}                            | email
                    {"email": "a@b.example", "amount": 1, "reason": "x"}                                       | currency
                    {"email": "a@b.example", "currency": "euros", "amount": 1, "reason": "x"}                  | currency
                    {"email": "a@b.example", "currency": "credits", "reason": "x"}                             | amount
                    {"email": "a@b.example", "currency": "credits", "amount": 0, "reason": "x"}                | amount
                    {"email": "a@b.example", "currency": "credits", "amount": -5, "reason": "x"}               | amount
                    {"email": "a@b.example", "currency": "credits", "amount": 1.5, "reason": "x"}              | amount
                    {"email": "a@b.example", "currency": "credits", "amount": "5", "reason": "x"}              | amount
                    {"email": "a@b.example", "currency": "credits", "amount": 1000000001, "reason": "x"}       | amount
                    {"email": "a@b.example", "currency": "credits", "amount": 99999999999999999999, "reason": "x"} | amount
                    {"email": "a@b.example", "currency": "credits", "amount": 1}                               | reason
                    {"email": "a@b.example", "currency": "credits", "amount": 1, "reason": ""}                 | reason
                    {"email": "a@b.example", "currency": "credits", "amount": 1, "reason": "x", "note": "y"}   | note
                    """)
    void aGrantThatIsNotValidIsRefusedByItsField(String body, String field) {
        Reply reply = admin.post("/admin/grants", TaskRequest.parse(body));

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).contains(field);
    }

    @Test
    void aBetterPlanIsAnsweredAsASubscription() {
        JsonNode details =
                admin.post("/admin/plans", plan("enterprise")).expect(200).json();

        JsonNode subscription = details.path("subscription");
        assertThat(subscription.path("id").asText()).startsWith("sub_");
        assertThat(subscription.path("plan_id").asText()).isEqualTo("enterprise");
        assertThat(subscription.path("status").asText()).isEqualTo("active");
        assertThat(subscription.path("cancel_at_period_end").asBoolean(true)).isFalse();
        Instant start = Instant.parse(subscription.path("current_period_start").asText());
        assertThat(Instant.parse(subscription.path("current_period_end").asText()))
                .isEqualTo(start.atOffset(ZoneOffset.UTC).plusMonths(1).toInstant());
        JsonNode plan = details.path("plan");
        assertThat(plan.path("id").asText()).isEqualTo("enterprise");
        assertThat(plan.path("name").asText()).isEqualTo("Enterprise");
        assertThat(plan.path("price").asDouble()).isEqualTo(199.99);
        assertThat(plan.path("currency").asText()).isEqualTo("USD");
        assertThat(plan.path("compute_units_limit").asInt()).isEqualTo(100_000);
        assertThat(plan.path("features").size()).isEqualTo(5);
        assertThat(plan.has("monthly_credits")).isFalse();
        assertThat(details.path("usage")).isEqualTo(TaskRequest.parse("""
                {"compute_units_used": 0, "compute_units_remaining": 100000, "compute_units_limit": 100000,
                 "usage_percentage": 0.0}"""));
        assertThat(details.path("billing").path("next_billing_date"))
                .isEqualTo(subscription.path("current_period_end"));
        assertThat(details.path("billing").path("payment_method").isNull()).isTrue();

        JsonNode user = service.call("GET", "/auth/me")
                .as(account.newKey("prod", "*"))
                .send()
                .expect(200)
                .json();
        assertThat(user.path("subscription_tier").asText()).isEqualTo("enterprise");
        assertThat(user.path("compute_units_limit").asInt()).isEqualTo(100_000);
    }

    @Test
    void theFreePlanIsNoSubscription() {
        admin.post("/admin/plans", plan("enterprise")).expect(200);

        JsonNode details = admin.post("/admin/plans", plan("free")).expect(200).json();

        assertThat(details.path("subscription").isNull()).isTrue();
        assertThat(details.path("plan").path("id").asText()).isEqualTo("free");
        assertThat(details.path("usage").path("compute_units_remaining").asInt())
                .isEqualTo(RunningService.COMPUTE_UNITS);
        assertThat(details.path("billing").path("next_billing_date").isNull()).isTrue();
    }

    @Test
    void aPlanThatOnlyMapscraperHasIsItsOwn() {
        JsonNode details =
                admin.post("/admin/plans", plan("starter")).expect(200).json();

        assertThat(details.path("subscription").path("plan_id").asText()).isEqualTo("starter");
        assertThat(details.path("plan").path("monthly_credits").asInt()).isEqualTo(1000);
        JsonNode balance = account.get("/credits").json().path("balance");
        assertThat(balance.path("plan").asText()).isEqualTo("starter");
        assertThat(balance.path("available").asInt()).isEqualTo(1100);

        JsonNode free = TaskRequest.parse(
                "{\"email\": \"%s\", \"plan_id\": \"free\", \"api\": \"mapscraper\"}".formatted(account.email()));
        assertThat(admin.post("/admin/plans", free)
                        .expect(200)
                        .json()
                        .path("subscription")
                        .isNull())
                .isTrue();
        assertThat(account.get("/credits").json().path("balance").path("plan").asText())
                .isEqualTo("free");
    }

    @Test
    void aRepeatedChangeOfPlanIsAnsweredAsTheFirst() {
        String key = UUID.randomUUID().toString();
        JsonNode first =
                keyed("/admin/plans", key, plan("enterprise")).expect(200).json();
        admin.post("/admin/plans", plan("free")).expect(200);

        assertThat(keyed("/admin/plans", key, plan("enterprise")).expect(200).json())
                .isEqualTo(first);
        assertThat(account.get("/auth/me")
                        .expect(200)
                        .json()
                        .path("user")
                        .path("plan")
                        .asText())
                .isEqualTo("free");
        assertThat(audited("plan.set")).hasSize(2);
    }

    @Test
    void anUnknownPlanIsRefusedWithThoseThereAre() {
        Reply reply = admin.post("/admin/plans", plan("gold"));

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).containsExactly("plan_id");
        assertThat(reply.json().path("message").asText())
                .contains("plan_id", "free", "professional", "enterprise", "starter");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"plan_id": "free"}                                          | email
                    {"email": "a@b.example"}                                     | plan_id
                    {"email": "a@b.example", "plan_id": 3}                       | plan_id
                    {"email": "a@b.example", "plan_id": "free", "api": "other"}  | api
                    {"email": "a@b.example", "plan_id": "free", "more": 1}       | more
                    """)
    void aChangeOfPlanThatIsNotValidIsRefusedByItsField(String body, String field) {
        Reply reply = admin.post("/admin/plans", TaskRequest.parse(body));

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).contains(field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/grants", "/admin/plans"})
    void anUnknownEmailIsNotFound(String path) {
        JsonNode body = TaskRequest.parse(
                path.endsWith("plans")
                        ? "{\"email\": \"nobody@example.com\", \"plan_id\": \"free\"}"
                        : "{\"email\": \"nobody@example.com\", \"currency\": \"credits\", \"amount\": 1, \"reason\": \"x\"}");

        admin.post(path, body).assertSelextractError(404, "resource_not_found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/grants", "/admin/plans"})
    void onlyAnAdministratorMayByTokenAlone(String path) {
        JsonNode body = path.endsWith("plans") ? plan("enterprise") : grant("credits", 1_000);

        service.call("POST", path).json(body).send().assertSelextractError(401, "authentication_error");
        service.call("POST", path).as("nonsense").json(body).send().assertSelextractError(401, "authentication_error");
        account.post(path, body).assertSelextractError(403, "authorization_error");
        service.call("POST", path)
                .as(admin.newKey("prod", "*"))
                .json(body)
                .send()
                .assertSelextractError(403, "authorization_error");
        service.call("POST", path)
                .as(account.mapKey())
                .json(body)
                .send()
                .assertSelextractError(403, "authorization_error");

        assertThat(account.get("/credits").json().path("balance").path("total").asInt())
                .isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/grants", "/admin/plans"})
    void onlyJsonOfASensibleSizeIsRead(String path) {
        admin.call("POST", path).text("text/plain", "{}").send().assertSelextractError(415, "unsupported_media_type");
        admin.call("POST", path).text("application/json", "{").send().assertSelextractError(400, "validation_error");
        admin.call("POST", path)
                .text("application/json", "{\"email\": \"" + "x".repeat(17 << 20) + "\"}")
                .send()
                .assertSelextractError(413, "payload_too_large");
        admin.get(path).assertSelextractError(405, "method_not_allowed");
    }

    @Test
    void bothAreInTheAuditLogWhichCannotBeChanged() {
        admin.post("/admin/grants", grant("credits", 250)).expect(200);
        admin.post("/admin/plans", plan("professional")).expect(200);

        List<Audited> grants = audited("credit.grant");
        assertThat(grants).containsExactly(new Audited("admin@example.com", TaskRequest.parse("""
                        {"currency": "credits", "amount": 250, "reason": "Goodwill",
                         "answer": {"total": 350, "available": 350, "reserved": 0, "used": 0}}""")));
        JsonNode change = audited("plan.set").getFirst().details();
        assertThat(change.path("from").asText()).isEqualTo("free");
        assertThat(change.path("to").asText()).isEqualTo("professional");
        assertThat(change.toString()).doesNotContain(account.email());
        for (String statement :
                List.of("UPDATE audit_log SET at = now()", "DELETE FROM audit_log", "TRUNCATE audit_log")) {
            assertThatThrownBy(() -> service.database().sql(statement).update()).hasMessageContaining("append-only");
        }
    }

    @Test
    void theServedDocumentSaysWhoMay() {
        JsonNode paths =
                service.call("GET", "/openapi/selextract.json").send().json().path("paths");

        for (String path : List.of("/admin/grants", "/admin/plans")) {
            assertThat(paths.path(path).path("post").path("description").asText())
                    .contains("administrator");
        }
    }

    private Reply keyed(String path, String key, JsonNode body) {
        return admin.call("POST", path)
                .header("Idempotency-Key", key)
                .json(body)
                .send();
    }

    private JsonNode grant(String currency, int amount) {
        return TaskRequest.parse("{\"email\": \"%s\", \"currency\": \"%s\", \"amount\": %d, \"reason\": \"Goodwill\"}"
                .formatted(account.email(), currency, amount));
    }

    private JsonNode plan(String id) {
        return TaskRequest.parse("{\"email\": \"%s\", \"plan_id\": \"%s\"}".formatted(account.email(), id));
    }

    private record Audited(String actor, JsonNode details) {}

    private List<Audited> audited(String action) {
        return service.database()
                .sql("""
                        SELECT lower(actor.email), l.details FROM audit_log l
                          JOIN account actor ON actor.id = l.actor_id JOIN account subject ON subject.id = l.subject_id
                         WHERE l.action = ? AND subject.email = ? ORDER BY l.id""")
                .params(action, account.email())
                .query((row, number) -> new Audited(row.getString(1), TaskRequest.parse(row.getString(2))))
                .list();
    }
}
