package io.bactrian.account;

import io.bactrian.account.openid.OpenIdClient;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The sign-ins by an OpenID provider that were begun and not completed, shared by all nodes through the database.
 *
 * <p>Those that are pending at once share one PKCE verifier, because a client may send the code alone, which does not tell
 * whose it is before it has been exchanged, and a code can be exchanged once. A sign-in that begins while none is pending has
 * a verifier of its own. See ADR 0013.
 */
@Component
final class PendingSignIns {
    /** How long a sign-in may take. */
    static final Duration LIFETIME = Duration.ofMinutes(10);

    /** However many are begun without end, a verifier is given to new ones for a day at most. */
    static final Duration VERIFIER_LIFETIME = Duration.ofDays(1);

    /** Most of those that complete within a minute of a change of verifiers began before it. */
    private static final Duration HANDOVER = Duration.ofMinutes(1);

    /** What an attacker can fill; beyond it the oldest go, who are the least likely to be completed. */
    private static final int MOST = 10_000;

    private static final int FORGOTTEN_AT_ONCE = 1_000;

    private static final byte[] CONTEXT = "pending_sign_in verifier".getBytes(StandardCharsets.US_ASCII);

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Vault vault;
    private final Clock clock;

    PendingSignIns(JdbcClient jdbc, TransactionTemplate transactions, Vault vault, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.vault = vault;
        this.clock = clock;
    }

    /** The secrets of one sign-in. */
    record Begun(String state, String nonce, String codeVerifier) {
        /** Leaves the secrets out, so that they cannot end up in a log. */
        @Override
        public String toString() {
            return "Begun[]";
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Verifier(byte[] ciphertext, Instant since) {}

    /** A new sign-in. */
    Begun begin() {
        String state = SecretKeys.generate("");
        String nonce = SecretKeys.generate("");
        Instant now = Timestamps.now(clock);
        Verifier verifier = transactions.execute(transaction -> {
            // Two first ones at once would have two verifiers.
            jdbc.sql("select pg_advisory_xact_lock(hashtextextended('pending_sign_in', 0))")
                    .query((row, number) -> number)
                    .list();
            Verifier current = verifiers().stream()
                    .findFirst()
                    .filter(newest -> newest.since().isAfter(now.minus(VERIFIER_LIFETIME)))
                    .orElseGet(() -> newVerifier(now));
            insert(state, nonce, current, now);
            jdbc.sql("""
                            delete from pending_sign_in where state_hash in
                                (select state_hash from pending_sign_in order by created_at desc offset :most)
                            """).param("most", MOST).update();
            return current;
        });
        return new Begun(state, nonce, decrypt(verifier));
    }

    private Verifier newVerifier(Instant now) {
        byte[] secret = OpenIdClient.newCodeVerifier().getBytes(StandardCharsets.US_ASCII);
        return new Verifier(vault.encrypt(secret, CONTEXT), now);
    }

    private void insert(String state, String nonce, Verifier verifier, Instant now) {
        jdbc.sql("""
                        insert into pending_sign_in (state_hash, nonce_hash, verifier, verifier_since, created_at)
                        values (:state, :nonce, :verifier, :since, :now)
                        """)
                .param("state", SecretKeys.hash(state))
                .param("nonce", SecretKeys.hash(nonce))
                .param("verifier", verifier.ciphertext())
                .param("since", Timestamps.parameter(verifier.since()))
                .param("now", Timestamps.parameter(now))
                .update();
    }

    /** The verifier of the pending sign-in with that state, or empty where there is none. */
    Optional<String> codeVerifier(String state) {
        return jdbc.sql("""
                        select verifier, verifier_since from pending_sign_in
                        where state_hash = :state and created_at > :begunAfter
                        """)
                .param("state", SecretKeys.hash(state))
                .param("begunAfter", begunAfter())
                .query((row, number) -> decrypt(verifier(row)))
                .optional();
    }

    /** The verifiers that any pending sign-in has, the likeliest first: one, or two within ten minutes of a change. */
    List<String> codeVerifiers() {
        List<Verifier> newestFirst = verifiers();
        boolean changing = newestFirst.size() > 1
                && newestFirst.getFirst().since().isAfter(clock.instant().minus(HANDOVER));
        return (changing ? newestFirst.reversed() : newestFirst)
                .stream().map(this::decrypt).toList();
    }

    private List<Verifier> verifiers() {
        return jdbc.sql("""
                        select verifier, verifier_since from pending_sign_in where created_at > :begunAfter
                        group by verifier, verifier_since order by verifier_since desc limit 2
                        """)
                .param("begunAfter", begunAfter())
                .query((row, number) -> verifier(row))
                .list();
    }

    /**
     * Completes the pending sign-in with that nonce: whoever comes first is told that it was pending, and nobody after.
     *
     * @param state what the client says its state was, or null where it says nothing
     */
    boolean complete(String nonce, @Nullable String state) {
        byte[] stateHash = state == null ? null : SecretKeys.hash(state);
        return jdbc.sql("""
                        delete from pending_sign_in
                        where nonce_hash = :nonce and created_at > :begunAfter
                          and state_hash = coalesce(cast(:state as bytea), state_hash)
                        """)
                        .param("nonce", SecretKeys.hash(nonce))
                        .param("begunAfter", begunAfter())
                        .param("state", stateHash)
                        .update()
                > 0;
    }

    /**
     * Removes some of those that were never completed.
     *
     * @return whether there may be more
     */
    boolean forgetAbandoned() {
        return jdbc.sql("""
                        delete from pending_sign_in where ctid = any(array(
                            select ctid from pending_sign_in where created_at <= :begunAfter
                            order by created_at limit :most for update skip locked))
                        """)
                        .param("begunAfter", begunAfter())
                        .param("most", FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }

    /** Removes all, so that each has to begin again. */
    void forgetAll() {
        jdbc.sql("delete from pending_sign_in").update();
    }

    private OffsetDateTime begunAfter() {
        return Timestamps.parameter(clock.instant().minus(LIFETIME));
    }

    private static Verifier verifier(ResultSet row) throws SQLException {
        return new Verifier(row.getBytes("verifier"), Timestamps.read(row, "verifier_since"));
    }

    private String decrypt(Verifier verifier) {
        return new String(vault.decrypt(verifier.ciphertext(), CONTEXT), StandardCharsets.US_ASCII);
    }
}
