package io.bactrian.credit;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** Reads everything that an account has in the ledger. */
@Service
public class Transfers {
    /** Few enough that the database looks up each row instead of reading all of a table of some size. */
    private static final int AT_ONCE = 200;

    /** The ids come out of the account's index alone, so that the transfers of other accounts are not looked at. */
    static final String AFTER = """
            SELECT id, currency, kind, amount, reference, description, created_at FROM credit_transfer WHERE id IN (
                SELECT id FROM credit_transfer WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?)
             ORDER BY id""";

    private final JdbcClient database;

    Transfers(JdbcClient database) {
        this.database = database;
    }

    /** Takes transfers one by one. */
    @FunctionalInterface
    public interface Reader {
        void transfer(Transfer transfer) throws IOException;
    }

    /** Reads an account's transfers in both currencies, oldest first, a few at a time. */
    public void read(UUID account, Reader reader) throws IOException {
        List<Transfer> some = after(account, 0);
        while (!some.isEmpty()) {
            for (Transfer transfer : some) {
                reader.transfer(transfer);
            }
            some = after(account, some.getLast().id());
        }
    }

    private List<Transfer> after(UUID account, long id) {
        return database.sql(AFTER)
                .params(account, id, AT_ONCE)
                .query((row, number) -> new Transfer(
                        row.getLong("id"),
                        row.getString("currency"),
                        row.getString("kind"),
                        row.getLong("amount"),
                        row.getString("reference"),
                        row.getString("description"),
                        row.getTimestamp("created_at").toInstant()))
                .list();
    }
}
