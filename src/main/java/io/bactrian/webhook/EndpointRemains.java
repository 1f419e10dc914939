package io.bactrian.webhook;

import io.bactrian.account.AccountRemains;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The end of endpoints, of what was sent to them, and of the events that were sent; a little at a time. */
@Component
final class EndpointRemains implements AccountRemains {
    /** Deliveries of one step, each with up to a dozen attempts. */
    private static final int AT_ONCE = 5_000;

    private final JdbcClient database;

    EndpointRemains(JdbcClient database) {
        this.database = database;
    }

    /** Deletes an endpoint that gets nothing more, after its deliveries. */
    void delete(long endpointId) {
        int deleted = AT_ONCE;
        while (deleted == AT_ONCE) {
            deleted = deleteSomeDeliveries(endpointId);
        }
        deleteEndpoint(endpointId);
    }

    /** Erases some of an account's deliveries, its endpoints once they have none, and then its events. */
    @Override
    public boolean eraseSome(UUID accountId) {
        database.sql("""
                        UPDATE webhook_endpoint SET is_active = false, disabled_reason = 'The account is closed.'
                         WHERE account_id = ? AND disabled_reason IS NULL""").param(accountId).update();
        List<Long> some = database.sql("SELECT id FROM webhook_endpoint WHERE account_id = ? ORDER BY id LIMIT 100")
                .param(accountId)
                .query(Long.class)
                .list();
        for (long endpoint : some) {
            if (deleteSomeDeliveries(endpoint) == AT_ONCE) {
                return true;
            }
            deleteEndpoint(endpoint);
        }
        int events = database.sql("""
                        DELETE FROM webhook_event
                         WHERE id IN (SELECT id FROM webhook_event WHERE account_id = ? LIMIT ?)""").params(accountId, AT_ONCE).update();
        return !some.isEmpty() || events == AT_ONCE;
    }

    private int deleteSomeDeliveries(long endpointId) {
        return database.sql("""
                        DELETE FROM event_delivery
                         WHERE id IN (SELECT id FROM event_delivery WHERE endpoint_id = ? ORDER BY id DESC LIMIT ?)""").params(endpointId, AT_ONCE).update();
    }

    private void deleteEndpoint(long endpointId) {
        database.sql("DELETE FROM webhook_endpoint WHERE id = ?")
                .param(endpointId)
                .update();
    }
}
