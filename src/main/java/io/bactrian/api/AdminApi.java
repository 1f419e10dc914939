package io.bactrian.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.audit.AuditLog;
import io.bactrian.audit.Idempotency;
import io.bactrian.billing.PlanApi;
import io.bactrian.billing.PlanPeriods;
import io.bactrian.credit.Balance;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What administrators do to accounts by hand. Each change and its entry in the audit log are one transaction; a request with
 * an {@code Idempotency-Key} is carried out once, and its repetitions are answered as it was.
 */
@Component
public class AdminApi {
    private final TransactionTemplate transactions;
    private final Accounts accounts;
    private final Ledger ledger;
    private final PlanPeriods periods;
    private final SubscriptionView subscriptionView;
    private final AuditLog audit;
    private final ObjectMapper json;

    AdminApi(
            TransactionTemplate transactions,
            Accounts accounts,
            Ledger ledger,
            PlanPeriods periods,
            SubscriptionView subscriptionView,
            AuditLog audit,
            ObjectMapper json) {
        this.transactions = transactions;
        this.accounts = accounts;
        this.ledger = ledger;
        this.periods = periods;
        this.subscriptionView = subscriptionView;
        this.audit = audit;
        this.json = json;
    }

    private record Granted(String email, String currency, Balance balance) {}

    /** Gives an account units, and answers its new balance. */
    public Answer grant(ApiCall call) {
        ObjectNode body = call.object();
        Currency currency = Currency.valueOf(body.path("currency").asText().toUpperCase(Locale.ROOT));
        long amount = body.path("amount").asLong();
        String reason = body.path("reason").asText();
        return once(
                call,
                "credit.grant",
                account -> {
                    ledger.grant(account.id(), currency, amount, "admin:" + UUID.randomUUID(), reason);
                    Map<String, Object> details = new LinkedHashMap<>();
                    details.put("currency", currency.column());
                    details.put("amount", amount);
                    details.put("reason", reason);
                    details.put("answer", json.valueToTree(ledger.balance(account.id(), currency)));
                    return details;
                },
                (account, answer) ->
                        new Granted(account.email(), currency.column(), json.convertValue(answer, Balance.class)));
    }

    /** Sets an account's plan, and answers as a look at its subscription does. */
    public Answer setPlan(ApiCall call) {
        ObjectNode body = call.object();
        String plan = body.path("plan_id").asText();
        PlanApi wanted = body.hasNonNull("api")
                ? PlanApi.valueOf(body.path("api").asText().toUpperCase(Locale.ROOT))
                : null;
        return once(
                call,
                "plan.set",
                account -> {
                    PlanApi api = periods.change(account.id(), plan, wanted);
                    Map<String, Object> details = new LinkedHashMap<>();
                    details.put("api", api.name().toLowerCase(Locale.ROOT));
                    details.put(
                            "from", api == PlanApi.SELEXTRACT ? account.selextractPlan() : account.mapscraperPlan());
                    details.put("to", plan);
                    details.put("answer", json.valueToTree(subscriptionView.of(accounts.find(account.id()), api)));
                    return details;
                },
                (account, answer) -> answer);
    }

    /** Changes an account and tells the details, of which {@code answer} is what the change is answered with. */
    @FunctionalInterface
    private interface Change {
        Map<String, Object> of(Account account);
    }

    @FunctionalInterface
    private interface Shape {
        Object of(Account account, JsonNode answer);
    }

    private Answer once(ApiCall call, String action, Change change, Shape shape) {
        String key = call.parameters().text("Idempotency-Key");
        Idempotency idempotency = key == null ? null : new Idempotency(key, call.bodyHash());
        return transactions.execute(transaction -> {
            Account account = accounts.findBy(call.object().path("email").asText());
            Optional<JsonNode> earlier = audit.earlier(call.accountId(), action, idempotency);
            JsonNode details = earlier.orElseGet(() -> json.valueToTree(change.of(account)));
            if (earlier.isEmpty()) {
                audit.write(call.accountId(), action, account.id(), details, idempotency);
            }
            return Answer.ok(shape.of(account, details.path("answer")));
        });
    }
}
