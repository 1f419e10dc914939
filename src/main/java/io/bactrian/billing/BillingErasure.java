package io.bactrian.billing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.account.AccountRemains;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What is left of a closed account's money: its subscriptions are ended at their providers, so that nothing is charged any
 * more, and its checkouts are deleted. Invoices and payments stay, as books do.
 */
@Service
public class BillingErasure implements AccountRemains {
    private static final Logger LOG = LoggerFactory.getLogger(BillingErasure.class);

    private final TransactionTemplate transactions;
    private final BillingRecords records;
    private final PaymentProviders providers;
    private final JdbcClient database;
    private final Outbox outbox;
    private final ObjectMapper json;

    BillingErasure(
            TransactionTemplate transactions,
            BillingRecords records,
            PaymentProviders providers,
            JdbcClient database,
            Outbox outbox,
            ObjectMapper json) {
        this.transactions = transactions;
        this.records = records;
        this.providers = providers;
        this.database = database;
        this.outbox = outbox;
        this.json = json;
    }

    /** The message that has a subscription ended at its provider. */
    record End(Provider provider, String subscription) {}

    @Override
    public boolean eraseSome(UUID accountId) {
        transactions.executeWithoutResult(transaction -> {
            List<Subscription> open = records.subscriptions(accountId).stream()
                    .filter(subscription -> subscription.status != SubscriptionStatus.ENDED)
                    .filter(subscription -> subscription.sandbox == providers.sandbox())
                    .toList();
            open.forEach(this::endAtProvider);
            database.sql("DELETE FROM billing_checkout WHERE account_id = ?")
                    .param(accountId)
                    .update();
        });
        return false;
    }

    /** Ends a subscription of a closed account here, and asks for its end at its provider, in the caller's transaction. */
    void endAtProvider(Subscription subscription) {
        subscription.status = SubscriptionStatus.ENDED;
        subscription.endedAt = subscription.changedAt;
        outbox.write(Destination.BILLING_END, new End(subscription.provider, subscription.providerId), Map.of(), null);
    }

    /**
     * Ends a subscription at its provider.
     *
     * @throws PaymentProviderUnavailableException if it does not answer; then this is to be tried again
     */
    public void end(String message) throws JsonProcessingException {
        End end = json.readValue(message, End.class);
        try {
            providers.get(end.provider()).end(end.subscription(), "end-" + end.subscription());
        } catch (PaymentRefusedException refused) {
            LOG.error(
                    "{} does not end the subscription {} of a closed account: {} End it there by hand.",
                    end.provider().title(),
                    end.subscription(),
                    refused.getMessage());
        }
    }
}
