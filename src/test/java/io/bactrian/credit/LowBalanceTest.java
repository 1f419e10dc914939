package io.bactrian.credit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.event.Events;
import io.bactrian.event.TestEvents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LowBalanceTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Currency CREDITS = Currency.CREDITS;

    private final Events events = TestEvents.on(DATABASE);
    private final Ledger ledger = new Ledger(DATABASE.jdbc(), new SettableClock(), events);
    private final Allowances allowances = new Allowances(DATABASE.jdbc(), new SettableClock(), events);
    private final UUID account = newAccount();

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @ParameterizedTest
    @EnumSource
    void itIsToldOnceWhenLessThanATenthIsLeft(Currency currency) {
        in(() -> ledger.purchase(account, currency, 100, "first", "Purchase"));
        in(() -> ledger.reserve(account, currency, 90, "a", "Work"));
        assertThat(told()).isEmpty();

        in(() -> ledger.reserve(account, currency, 1, "b", "Work"));
        in(() -> ledger.reserve(account, currency, 9, "c", "Work"));

        assertThat(told()).singleElement().satisfies(event -> {
            assertThat(event.path("type").asText()).isEqualTo("credits.low");
            JsonNode data = event.path("data");
            assertThat(data.fieldNames()).toIterable().containsExactly("currency", "available", "lastGrant", "userId");
            assertThat(data.path("currency").asText()).isEqualTo(currency.column());
            assertThat(data.path("available").asInt()).isEqualTo(9);
            assertThat(data.path("lastGrant").asInt()).isEqualTo(100);
            assertThat(data.path("userId").asLong()).isEqualTo(number());
        });
    }

    @Test
    void itIsToldAgainAfterMoreHasComeAndNotBefore() {
        in(() -> ledger.grant(account, CREDITS, 100, "first", "Welcome"));
        in(() -> ledger.reserve(account, CREDITS, 95, "a", "Work"));
        in(() -> ledger.release(account, CREDITS, 95, "a", "Work"));
        in(() -> ledger.reserve(account, CREDITS, 95, "b", "Work"));
        assertThat(told()).hasSize(1);

        in(() -> ledger.purchase(account, CREDITS, 1_000, "second", "Purchase"));
        in(() -> ledger.reserve(account, CREDITS, 906, "c", "Work"));

        assertThat(told())
                .extracting(event -> event.at("/data/lastGrant").asInt())
                .containsExactly(100, 1_000);
    }

    @Test
    void ofManyAtOnceOneTells() throws InterruptedException {
        in(() -> ledger.grant(account, CREDITS, 100, "first", "Welcome"));

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                String reference = "job:" + i;
                threads.execute(() -> in(() -> ledger.reserve(account, CREDITS, 2, reference, "Work")));
            }
        }

        assertThat(told())
                .extracting(event -> event.at("/data/available").asInt())
                .containsExactly(8);
    }

    @Test
    void whatIsRolledBackIsNotTold() {
        in(() -> ledger.grant(account, CREDITS, 100, "first", "Welcome"));
        DATABASE.transactions().executeWithoutResult(transaction -> {
            ledger.reserve(account, CREDITS, 100, "a", "Work");
            transaction.setRollbackOnly();
        });
        assertThat(told()).isEmpty();

        in(() -> ledger.reserve(account, CREDITS, 100, "a", "Work"));

        assertThat(told()).hasSize(1);
    }

    @Test
    void aRefundAndAnExpiryTellToo() {
        in(() -> ledger.purchase(account, CREDITS, 100, "first", "Purchase"));
        in(() -> ledger.refund(account, CREDITS, 100, "first", "Refund"));
        assertThat(told()).hasSize(1);

        in(() -> ledger.purchase(account, CREDITS, 100, "second", "Purchase"));
        in(() -> ledger.expire(account, CREDITS, 100, "second", "Expiry"));
        assertThat(told()).hasSize(2);
    }

    @Test
    void aPeriodThatBeginsTellsOnlyWhatItLeaves() {
        in(() -> allowances.begin(account, CREDITS, 100, "january", "January"));
        in(() -> allowances.begin(account, CREDITS, 50, "february", "February"));
        assertThat(told()).isEmpty();

        in(() -> allowances.change(account, CREDITS, 4, "smaller", "Another plan"));
        assertThat(told())
                .extracting(event -> event.at("/data/available").asInt())
                .containsExactly(4);
    }

    @Test
    void anAccountThatIsClosedIsToldNothing() {
        in(() -> ledger.grant(account, CREDITS, 100, "first", "Welcome"));
        DATABASE.jdbc()
                .sql("UPDATE account SET is_active = false WHERE id = ?")
                .param(account)
                .update();

        in(() -> ledger.expire(account, CREDITS, 100, "closed", "Expiry"));

        assertThat(told()).isEmpty();
    }

    /** What the account's webhooks are told, the oldest first. */
    private List<JsonNode> told() {
        List<JsonNode> bodies = new ArrayList<>();
        for (String message : DATABASE.jdbc()
                .sql("SELECT body FROM outbox WHERE destination = 'WEBHOOKS_EVENTS' ORDER BY ctid")
                .query(String.class)
                .list()) {
            JsonNode event = parse(message);
            if (event.path("accountId").asText().equals(account.toString())) {
                bodies.add(parse(event.path("body").asText()));
            }
        }
        return bodies;
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    private long number() {
        return DATABASE.jdbc()
                .sql("SELECT number FROM account WHERE id = ?")
                .param(account)
                .query(Long.class)
                .single();
    }

    private static UUID newAccount() {
        UUID id = UUID.randomUUID();
        DATABASE.jdbc()
                .sql("INSERT INTO account (id, email, created_at, updated_at) VALUES (?, ?, now(), now())")
                .params(id, id + "@example.com")
                .update();
        return id;
    }

    private static void in(Runnable work) {
        DATABASE.transactions().executeWithoutResult(transaction -> work.run());
    }
}
