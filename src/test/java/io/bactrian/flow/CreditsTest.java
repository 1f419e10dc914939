package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /credits}: the balance, and where it comes from. */
@ExtendWith(RunningService.class)
class CreditsTest {
    private final Service service;
    private final Account account;

    CreditsTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @Test
    void aNewAccountHasItsWelcomeBonus() {
        JsonNode credits = account.get("/credits").expect(200).json();

        JsonNode transaction = credits.path("transactions").path(0);
        String at = transaction.path("created_at").asText();
        assertThat(credits).isEqualTo(TaskRequest.parse("""
                {"balance": {"available": 100, "used": 0, "total": 100, "plan": "free", "lastRefill": "%s", "nextRefill": null},
                 "transactions": [
                   {"id": 1, "amount": 100, "type": "signup", "description": "Welcome bonus", "created_at": "%s"}]}""".formatted(at, at)));
        assertThat(Instant.parse(at)).isBefore(Instant.now().plusSeconds(60));
        assertThat(at).endsWith("Z");
    }

    @Test
    void everyKindOfTransactionHasItsTypeAndSignNewestFirst() {
        move("reserve", "available", "reserved", 40, "job:1", "Scrape job job_1");
        move("settle", "reserved", "used", 12, "job:1", "Scrape job job_1");
        move("release", "reserved", "available", 28, "job:1", "Scrape job job_1");
        move("purchase", "issued", "available", 500, "order:1", "500 credits");
        move("refund", "available", "issued", 50, "refund:1", "Returned");
        move("expire", "available", "issued", 5, "end:1", "Unused");
        move("grant", "issued", "available", 7, "gift:1", "Gift");
        move("reserve", "available", "reserved", 40, "job:2", "Scrape job job_2");

        JsonNode credits = account.get("/credits").expect(200).json();

        List<String> transactions = new ArrayList<>();
        credits.path("transactions")
                .forEach(transaction -> transactions.add("%d %s %d %s"
                        .formatted(
                                transaction.path("id").asLong(),
                                transaction.path("type").asText(),
                                transaction.path("amount").asLong(),
                                transaction.path("description").asText())));
        assertThat(transactions)
                .containsExactly(
                        "6 grant 7 Gift",
                        "5 expire -5 Unused",
                        "4 refund -50 Returned",
                        "3 purchase 500 500 credits",
                        "2 scrape -12 Scrape job job_1",
                        "1 signup 100 Welcome bonus");
        JsonNode balance = credits.path("balance");
        assertThat(balance.path("total").asLong()).isEqualTo(100 + 500 - 50 - 5 + 7);
        assertThat(balance.path("used").asLong()).isEqualTo(12);
        // What the second job has reserved is neither available nor used.
        assertThat(balance.path("available").asLong()).isEqualTo(552 - 12 - 40);
        move("release", "reserved", "available", 40, "job:2", "Scrape job job_2");
    }

    @Test
    void aSubscriptionTellsWhenCreditsComeNext() {
        service.administrator()
                .post(
                        "/admin/plans",
                        TaskRequest.parse("{\"email\": \"%s\", \"plan_id\": \"starter\"}".formatted(account.email())))
                .expect(200);

        JsonNode credits = account.get("/credits").expect(200).json();

        JsonNode balance = credits.path("balance");
        assertThat(balance.path("plan").asText()).isEqualTo("starter");
        assertThat(balance.path("available").asLong()).isEqualTo(1100);
        Instant last = Instant.parse(balance.path("lastRefill").asText());
        Instant next = Instant.parse(balance.path("nextRefill").asText());
        assertThat(next)
                .isBetween(
                        last.atOffset(ZoneOffset.UTC)
                                .plusMonths(1)
                                .minusMinutes(1)
                                .toInstant(),
                        last.atOffset(ZoneOffset.UTC)
                                .plusMonths(1)
                                .plusMinutes(1)
                                .toInstant());
        assertThat(credits.path("transactions").path(0).path("type").asText()).isEqualTo("refill");
    }

    @Test
    void thereAreAsManyTransactionsAsAreAskedForAndFiftyOtherwise() {
        for (int i = 0; i < 60; i++) {
            move("grant", "issued", "available", 1, "gift:" + i, "Gift " + i);
        }

        assertThat(numbers("/credits")).hasSize(50).startsWith(61L, 60L).endsWith(12L);
        assertThat(numbers("/credits?limit=1")).containsExactly(61L);
        assertThat(numbers("/credits?limit=500")).hasSize(61).endsWith(1L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "501", "1.5", "ten", "", "99999999999999999999", "50&limit=50"})
    void aLimitThatIsNoneIsRefused(String limit) {
        Reply reply = account.get("/credits?limit=" + limit);

        reply.assertMapscraperError(400);
        if (!limit.contains("&")) {
            assertThat(reply.json().path("error").asText()).isEqualTo("limit must be a whole number from 1 to 500");
        }
    }

    @Test
    void withoutAValidCredentialNothingIsTold() {
        service.call("GET", "/credits").send().assertMapscraperError(401);
        service.call("GET", "/credits").as("msk_0000").send().assertMapscraperError(401);
        service.call("GET", "/credits").as("nonsense").send().assertMapscraperError(401);
    }

    @ParameterizedTest
    @CsvSource({"billing:read, 200", "*, 200", "tasks:read, 403", "billing:manage, 403"})
    void aKeyNeedsThePermissionToReadBilling(String permission, int status) {
        Reply reply = service.call("GET", "/credits")
                .as(account.newKey("prod", permission))
                .send();

        if (status == 403) {
            reply.assertMapscraperError(403);
            assertThat(reply.json().path("error").asText()).contains("billing:read");
        } else {
            reply.expect(status);
        }
    }

    @Test
    void anMskKeyReadsToo() {
        service.call("GET", "/credits")
                .header("X-API-Key", account.mapKey())
                .send()
                .expect(200);
    }

    @Test
    void onlyReadingIsAllowed() {
        Reply reply =
                account.call("POST", "/credits").text("application/json", "{}").send();

        reply.assertMapscraperError(405);
        assertThat(reply.header("Allow")).contains("GET");
    }

    private List<Long> numbers(String target) {
        List<Long> numbers = new ArrayList<>();
        account.get(target)
                .expect(200)
                .json()
                .path("transactions")
                .forEach(transaction -> numbers.add(transaction.path("id").asLong()));
        return numbers;
    }

    /** What jobs, shops and timers do. */
    private void move(String kind, String from, String to, long amount, String reference, String description) {
        UUID id = service.database()
                .sql("SELECT id FROM account WHERE email = ?")
                .param(account.email())
                .query(UUID.class)
                .single();
        assertThat(service.database()
                        .sql("SELECT credit_move(?, 'credits', ?, ?, ?, ?, ?, ?, now())")
                        .params(id, kind, from, to, amount, reference, description)
                        .query(String.class)
                        .single())
                .isEqualTo("moved");
    }
}
