package io.bactrian.account;

import io.bactrian.NotFoundException;
import java.time.Clock;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** Whether the e-mail addresses of accounts are verified: proved to be their owners'. */
@Service
public final class AccountEmails {
    private final JdbcClient jdbc;
    private final Clock clock;

    AccountEmails(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * The e-mail address of an account.
     *
     * @param address as the account's owner wrote it
     */
    public record AccountEmail(String address, boolean verified) {
        /** Whether it is that address, without regard to case. */
        public boolean is(String other) {
            return address.equalsIgnoreCase(other);
        }
    }

    /**
     * The address of that account.
     *
     * @throws NotFoundException if there is no such account, or it is closed
     */
    public AccountEmail find(UUID accountId) {
        return jdbc.sql("select email, email_verified_at from account where id = :id and is_active")
                .param("id", accountId)
                .query((row, number) -> new AccountEmail(
                        row.getString("email"), Timestamps.readNullable(row, "email_verified_at") != null))
                .optional()
                .orElseThrow(() -> new NotFoundException("Account"));
    }

    /** Marks an account's address as verified; does nothing if the account is closed or has another address. */
    public void verify(UUID accountId, String address) {
        jdbc.sql("""
                        update account set email_verified_at = coalesce(email_verified_at, :now)
                        where id = :id and is_active and lower(email) = lower(:address)
                        """)
                .param("now", Timestamps.parameter(Timestamps.now(clock)))
                .param("id", accountId)
                .param("address", address)
                .update();
    }
}
