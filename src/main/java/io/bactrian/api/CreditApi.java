package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.billing.PlanApi;
import io.bactrian.billing.PlanPeriod;
import io.bactrian.billing.PlanPeriods;
import io.bactrian.credit.Balance;
import io.bactrian.credit.CreditTransaction;
import io.bactrian.credit.Currency;
import io.bactrian.credit.History;
import io.bactrian.credit.Ledger;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** MapScraper's operation on credits. */
@Component
public class CreditApi {
    private final Accounts accounts;
    private final PlanPeriods periods;
    private final Ledger ledger;

    CreditApi(Accounts accounts, PlanPeriods periods, Ledger ledger) {
        this.accounts = accounts;
        this.periods = periods;
        this.ledger = ledger;
    }

    private record Credits(BalanceView balance, List<TransactionView> transactions) {}

    private record BalanceView(
            long available,
            long used,
            long total,
            String plan,
            @Nullable Instant lastRefill,
            @Nullable Instant nextRefill) {}

    private record TransactionView(
            long id,
            long amount,
            String type,
            String description,
            @JsonProperty("created_at") Instant createdAt) {}

    /** What the account has, and its latest transactions, newest first. */
    public Answer credits(ApiCall call) {
        Account account = accounts.find(call.accountId());
        Balance balance = ledger.balance(account.id(), Currency.CREDITS);
        History history =
                ledger.history(account.id(), Currency.CREDITS, call.parameters().integer("limit"));
        Instant nextRefill = periods.find(account, PlanApi.MAPSCRAPER)
                .map(PlanPeriod::periodEnd)
                .orElse(null);
        return Answer.ok(new Credits(
                new BalanceView(
                        balance.available(),
                        balance.used(),
                        balance.total(),
                        account.mapscraperPlan(),
                        millis(history.lastRefill()),
                        millis(nextRefill)),
                history.transactions().stream().map(CreditApi::view).toList()));
    }

    private static TransactionView view(CreditTransaction transaction) {
        return new TransactionView(
                transaction.number(),
                transaction.amount(),
                type(transaction),
                transaction.description(),
                TaskView.millis(transaction.at()));
    }

    private static String type(CreditTransaction transaction) {
        return switch (transaction.kind()) {
            case GRANT -> transaction.reference().equals(Ledger.SIGN_UP) ? "signup" : "grant";
            case REFILL -> "refill";
            case PURCHASE -> "purchase";
            case REFUND -> "refund";
            case EXPIRE -> "expire";
            case SETTLE -> "scrape";
            case RESERVE, RELEASE ->
                throw new IllegalArgumentException("What is set aside is no transaction: " + transaction.kind());
        };
    }

    private static @Nullable Instant millis(@Nullable Instant time) {
        return time == null ? null : TaskView.millis(time);
    }
}
