package io.bactrian.account;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Slows the guessing of passwords down: after a few failed sign-ins with one e-mail, or from one address, the next has to
 * wait, and longer after each failure.
 *
 * <p>An e-mail without an account is counted like any other, so that being made to wait tells nothing. Every node counts in
 * the same table.
 */
@Component
public final class SignInAttempts {
    private static final Duration MEMORY = Duration.ofHours(24);

    private static final int FORGOTTEN_AT_ONCE = 5_000;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final SignInProperties properties;
    private final Clock clock;

    SignInAttempts(JdbcClient jdbc, TransactionTemplate transactions, SignInProperties properties, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.properties = properties;
        this.clock = clock;
    }

    /**
     * Counts an attempt before its password is checked.
     *
     * @throws TooManySignInsException if the e-mail or the address has to wait; then nothing is counted
     */
    void begin(String email, String address) {
        // One order of locks for all: the e-mail first.
        transactions.executeWithoutResult(transaction -> {
            count(ofEmail(email), properties.attemptsPerAccount());
            count(ofAddress(address), properties.attemptsPerAddress());
        });
    }

    /** Takes an attempt back that turned out to be right; the e-mail's failures before it are forgotten. */
    void succeeded(String email, String address) {
        transactions.executeWithoutResult(transaction -> {
            jdbc.sql("delete from sign_in_attempt where subject = :subject")
                    .param("subject", ofEmail(email))
                    .update();
            jdbc.sql("""
                            update sign_in_attempt set attempts = attempts - 1, blocked_until = '-infinity'
                            where subject = :subject and attempts > 0
                            """).param("subject", ofAddress(address)).update();
        });
    }

    /**
     * Removes some of what was counted more than a day ago.
     *
     * @return whether there may be more
     */
    public boolean forgetOld() {
        return jdbc.sql("""
                        delete from sign_in_attempt where ctid = any(array(
                            select ctid from sign_in_attempt where last_at < :before and blocked_until < :now
                            order by last_at limit :most for update skip locked))
                        """)
                        .param("before", Timestamps.parameter(clock.instant().minus(MEMORY)))
                        .param("now", Timestamps.parameter(clock.instant()))
                        .param("most", FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }

    private void count(byte[] subject, int free) {
        Instant now = Timestamps.now(clock);
        int counted = jdbc.sql("""
                        insert into sign_in_attempt as a (subject, attempts, last_at, blocked_until)
                        values (:subject, 1, :now, '-infinity')
                        on conflict (subject) do update set
                            attempts = case when a.last_at < :forgotten then 1 else least(a.attempts + 1, 1000000) end,
                            last_at = :now,
                            blocked_until = case
                                when a.last_at < :forgotten or a.attempts + 1 < :free then '-infinity'
                                else cast(:now as timestamptz) + make_interval(secs =>
                                    least(:longest, :first * power(2, least(a.attempts + 1 - :free, 30)))) end
                        where a.blocked_until <= :now
                        """)
                .param("subject", subject)
                .param("now", Timestamps.parameter(now))
                .param("forgotten", Timestamps.parameter(now.minus(MEMORY)))
                .param("free", free)
                .param("first", properties.firstDelay().toMillis() / 1000.0)
                .param("longest", properties.longestDelay().toMillis() / 1000.0)
                .update();
        if (counted == 0) {
            throw new TooManySignInsException(wait(subject, now));
        }
    }

    private Duration wait(byte[] subject, Instant now) {
        Optional<OffsetDateTime> until = jdbc.sql("select blocked_until from sign_in_attempt where subject = :subject")
                .param("subject", subject)
                .query(OffsetDateTime.class)
                .optional();
        return until.map(end -> Duration.between(now, end.toInstant()))
                .filter(Duration::isPositive)
                .orElse(Duration.ofSeconds(1));
    }

    private static byte[] ofEmail(String email) {
        return SecretKeys.hash("email " + email.toLowerCase(Locale.ROOT));
    }

    private static byte[] ofAddress(String address) {
        return SecretKeys.hash("address " + address);
    }
}
