package io.bactrian.billing;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The invoices of an account, as its owner reads them. */
@Service
public class Invoices {
    /** The newest ones of an API; more than a list for people ever has. */
    private static final int MOST = 500;

    private final TransactionTemplate transactions;
    private final BillingRecords records;
    private final String publicUrl;

    Invoices(
            TransactionTemplate transactions,
            BillingRecords records,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        this.transactions = transactions;
        this.records = records;
        this.publicUrl = publicUrl.replaceFirst("/+$", "");
    }

    /**
     * An invoice that has been issued.
     *
     * @param id unique, begins with {@code inv_}
     * @param number the provider's, for people
     * @param amount in the smallest unit of the currency, such as cents
     * @param due when it is or was to be paid
     * @param paid when it was, or null
     * @param documentUrl where people read it, or null while the provider has no document of it
     */
    public record Issued(
            String id,
            PlanApi api,
            String number,
            String description,
            long amount,
            long refunded,
            String currency,
            InvoiceStatus status,
            Instant created,
            Instant due,
            @Nullable Instant paid,
            @Nullable String documentUrl) {

        /** The amount in the currency's unit, such as dollars. */
        public BigDecimal price() {
            return BigDecimal.valueOf(amount, 2);
        }
    }

    /** The newest first, at most 500. */
    public List<Issued> list(UUID account, PlanApi api) {
        return Objects.requireNonNull(transactions.execute(transaction ->
                records.invoices(account, api, MOST).stream().map(this::issued).toList()));
    }

    private Issued issued(Invoice invoice) {
        return new Issued(
                "inv_" + invoice.id,
                invoice.api,
                invoice.number,
                invoice.description,
                invoice.amount,
                invoice.refunded,
                invoice.currency,
                invoice.status,
                invoice.createdAt,
                Objects.requireNonNullElse(invoice.dueAt, invoice.createdAt),
                invoice.paidAt,
                invoice.sandbox ? publicUrl + "/sandbox/invoices/" + invoice.id + ".pdf" : invoice.documentUrl);
    }
}
