package io.bactrian.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.billing.BillingFact.InvoiceReason;
import io.bactrian.billing.BillingFact.InvoiceState;
import io.bactrian.billing.BillingFact.Owner;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.credit.Currency;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Entities by Hibernate and the ledger by JDBC are one transaction. The database itself lets one side fail, at a moment at
 * which it sees that the other has been written on the same connection.
 */
class OneTransactionTest {
    private static final Instant MARCH = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant APRIL = Instant.parse("2026-04-01T10:00:00Z");

    private final TestDatabase database = TestDatabase.create();
    private final BillingNode node = new BillingNode(database, new SettableClock());
    private UUID account = UUID.randomUUID();

    @BeforeEach
    void subscribe() {
        node.at("2026-03-01T10:00:00Z");
        account = node.open();
        for (Provider provider : Provider.values()) {
            node.take(
                    provider,
                    new SubscriptionState(
                            "sub",
                            owner(),
                            provider == Provider.STRIPE ? "price_starter" : "11",
                            null,
                            1,
                            SubscriptionStatus.ACTIVE,
                            MARCH,
                            APRIL,
                            false,
                            null,
                            MARCH,
                            null,
                            MARCH));
        }
    }

    @AfterEach
    void theLedgerIsRight() {
        try (database;
                node) {
            assertThat(node.differences()).isEmpty();
        }
    }

    private Owner owner() {
        return new Owner(account, null, null, "sub");
    }

    private InvoiceState invoice(String id) {
        return new InvoiceState(
                id,
                owner(),
                "sub",
                null,
                null,
                id,
                id,
                InvoiceReason.FIRST,
                InvoiceStatus.PAID,
                2900,
                0,
                "USD",
                MARCH,
                APRIL,
                MARCH,
                null,
                MARCH,
                null,
                MARCH);
    }

    private void failOn(String table, String condition) {
        database.jdbc().sql("""
                        CREATE FUNCTION fail_here() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN
                            IF %s THEN RAISE EXCEPTION 'it fails when both are written'; END IF;
                            RETURN NULL;
                        END $$""".formatted(condition)).update();
        // At the end of the transaction, when all is written.
        database.jdbc()
                .sql("CREATE CONSTRAINT TRIGGER fail_here AFTER INSERT OR UPDATE ON " + table
                        + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_here()")
                .update();
    }

    private void mend(String table) {
        database.jdbc().sql("DROP TRIGGER fail_here ON " + table).update();
    }

    private long count(String table) {
        return database.jdbc()
                .sql("SELECT count(*) FROM " + table + " WHERE account_id = ?")
                .param(account)
                .query(Long.class)
                .single();
    }

    private long given(Provider provider) {
        return provider == Provider.STRIPE
                ? node.credits(account)
                : node.ledger().balance(account, Currency.COMPUTE_UNITS).available() - 1_000;
    }

    @ParameterizedTest
    @EnumSource
    void whereTheEntityFailsTheLedgerHasNotMoved(Provider provider) {
        long transfers = count("credit_transfer");
        failOn(
                "billing_invoice",
                "(SELECT count(*) FROM credit_transfer WHERE account_id = NEW.account_id) > " + transfers);

        assertThatThrownBy(() -> node.take(provider, invoice("first"))).hasStackTraceContaining("both are written");
        assertThat(count("credit_transfer")).isEqualTo(transfers);
        assertThat(count("billing_invoice")).isZero();
        assertThat(given(provider)).isZero();

        mend("billing_invoice");
        node.take(provider, invoice("first"));
        assertThat(given(provider)).isEqualTo(provider == Provider.STRIPE ? 1_000 : 9_000);
        assertThat(count("billing_invoice")).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void whereTheLedgerFailsThereIsNoEntity(Provider provider) {
        long transfers = count("credit_transfer");
        failOn(
                "credit_transfer",
                "EXISTS (SELECT FROM billing_invoice WHERE account_id = NEW.account_id AND status = 'PAID')");

        assertThatThrownBy(() -> node.take(provider, invoice("first"))).hasStackTraceContaining("both are written");
        assertThat(count("billing_invoice")).isZero();
        assertThat(count("credit_transfer")).isEqualTo(transfers);

        mend("credit_transfer");
        node.take(provider, invoice("first"));
        assertThat(given(provider)).isEqualTo(provider == Provider.STRIPE ? 1_000 : 9_000);
        assertThat(count("billing_invoice")).isOne();
    }
}
