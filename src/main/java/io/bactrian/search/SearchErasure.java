package io.bactrian.search;

import io.bactrian.account.AccountRemains;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The end of the saved searches that a closed account has left, with their history. */
@Service
class SearchErasure implements AccountRemains {
    private static final int AT_ONCE = 20;

    private final JdbcClient database;

    SearchErasure(JdbcClient database) {
        this.database = database;
    }

    @Override
    public boolean eraseSome(UUID accountId) {
        int erased = database.sql("""
                        DELETE FROM saved_search WHERE id IN (SELECT id FROM saved_search WHERE account_id = ? LIMIT ?)""").params(accountId, AT_ONCE).update();
        return erased == AT_ONCE;
    }
}
