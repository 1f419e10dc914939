package io.bactrian.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PendingSignInsTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final PendingSignIns PENDING = node();
    private static final PendingSignIns OTHER_NODE = node();

    private static PendingSignIns node() {
        return new PendingSignIns(
                DATABASE.jdbc(),
                DATABASE.transactions(),
                new Vault(new MasterKey(AccountNode.MASTER_KEY, List.of(), "unused")),
                CLOCK);
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @BeforeEach
    void forgetAll() {
        DATABASE.jdbc().sql("delete from pending_sign_in").update();
    }

    @Test
    void aSignInIsCompletedOnceOnWhicheverNode() {
        PendingSignIns.Begun begun = PENDING.begin();

        assertThat(OTHER_NODE.codeVerifier(begun.state())).contains(begun.codeVerifier());
        assertThat(OTHER_NODE.codeVerifiers()).containsExactly(begun.codeVerifier());
        assertThat(OTHER_NODE.complete(begun.nonce(), begun.state())).isTrue();
        assertThat(PENDING.complete(begun.nonce(), begun.state())).isFalse();
        assertThat(PENDING.complete(begun.nonce(), null)).isFalse();
        assertThat(PENDING.codeVerifier(begun.state())).isEmpty();
        assertThat(PENDING.codeVerifiers()).isEmpty();
    }

    @Test
    void aNonceDoesNotCompleteTheSignInOfAnotherState() {
        PendingSignIns.Begun mine = PENDING.begin();
        PendingSignIns.Begun other = PENDING.begin();

        assertThat(PENDING.complete(mine.nonce(), other.state())).isFalse();
        assertThat(PENDING.complete("never issued", null)).isFalse();
        assertThat(PENDING.complete(mine.nonce(), null)).isTrue();
    }

    @Test
    void aSignInCountsForTenMinutes() {
        PendingSignIns.Begun begun = PENDING.begin();
        CLOCK.advance(PendingSignIns.LIFETIME.minusSeconds(1));
        assertThat(PENDING.codeVerifier(begun.state())).isPresent();

        CLOCK.advance(Duration.ofSeconds(1));

        assertThat(PENDING.codeVerifier(begun.state())).isEmpty();
        assertThat(PENDING.codeVerifiers()).isEmpty();
        assertThat(PENDING.complete(begun.nonce(), begun.state())).isFalse();
        assertThat(PENDING.complete(begun.nonce(), null)).isFalse();
        assertThat(rows()).isEqualTo(1);
        PENDING.forgetAbandoned();
        assertThat(rows()).isZero();
    }

    @Test
    void aSignInThatBeginsAloneHasAVerifierOfItsOwn() {
        PendingSignIns.Begun first = PENDING.begin();
        PENDING.complete(first.nonce(), null);
        PendingSignIns.Begun second = PENDING.begin();
        CLOCK.advance(PendingSignIns.LIFETIME);
        PendingSignIns.Begun third = PENDING.begin();

        assertThat(Set.of(first.codeVerifier(), second.codeVerifier(), third.codeVerifier()))
                .hasSize(3)
                .allMatch(verifier -> verifier.matches("[A-Za-z0-9_-]{43}"));
    }

    @Test
    void signInsThatArePendingAtOnceShareOneVerifier() throws Exception {
        Set<String> verifiers = new HashSet<>();
        Set<String> secrets = new HashSet<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<PendingSignIns.Begun>> begun = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                PendingSignIns node = i % 2 == 0 ? PENDING : OTHER_NODE;
                begun.add(threads.submit(node::begin));
            }
            for (Future<PendingSignIns.Begun> future : begun) {
                verifiers.add(future.get().codeVerifier());
                secrets.add(future.get().state());
                secrets.add(future.get().nonce());
            }
        }

        assertThat(verifiers).hasSize(1);
        assertThat(secrets).hasSize(80);
        assertThat(PENDING.codeVerifiers()).containsExactlyElementsOf(verifiers);
    }

    @Test
    void aVerifierIsGivenOutForADayAtMost() {
        PendingSignIns.Begun old = PENDING.begin();
        PendingSignIns.Begun latest = old;
        for (Duration age = Duration.ZERO;
                age.compareTo(PendingSignIns.VERIFIER_LIFETIME) < 0;
                age = age.plusMinutes(5)) {
            latest = PENDING.begin();
            assertThat(latest.codeVerifier()).isEqualTo(old.codeVerifier());
            CLOCK.advance(Duration.ofMinutes(5));
        }

        PendingSignIns.Begun fresh = PENDING.begin();

        assertThat(fresh.codeVerifier()).isNotEqualTo(latest.codeVerifier());
        assertThat(PENDING.codeVerifiers())
                .as("who completes now began before the change")
                .containsExactly(latest.codeVerifier(), fresh.codeVerifier());
        CLOCK.advance(Duration.ofMinutes(2));
        assertThat(PENDING.codeVerifiers()).containsExactly(fresh.codeVerifier(), latest.codeVerifier());
        assertThat(PENDING.codeVerifier(latest.state())).contains(latest.codeVerifier());
        CLOCK.advance(Duration.ofMinutes(3));
        assertThat(PENDING.codeVerifiers()).containsExactly(fresh.codeVerifier());
    }

    @Test
    void aFloodPushesOutTheOldestOnly() {
        DATABASE.jdbc()
                .sql("""
                        insert into pending_sign_in (state_hash, nonce_hash, verifier, verifier_since, created_at)
                        select sha256(('s' || n)::bytea), sha256(('n' || n)::bytea), ''::bytea, :then, :then
                        from generate_series(1, 10005) n
                        """)
                .param("then", Timestamps.parameter(CLOCK.instant().minus(Duration.ofHours(1))))
                .update();

        PendingSignIns.Begun begun = PENDING.begin();

        assertThat(rows()).isEqualTo(10_000);
        assertThat(PENDING.codeVerifier(begun.state())).isPresent();
    }

    @Test
    void noSecretIsStoredInTheClear() {
        PendingSignIns.Begun begun = PENDING.begin();

        String row = DATABASE.jdbc()
                .sql("select encode(state_hash || nonce_hash || verifier, 'escape') from pending_sign_in")
                .query(String.class)
                .single();

        assertThat(row).doesNotContain(begun.state(), begun.nonce(), begun.codeVerifier());
        assertThat(begun.toString()).doesNotContain(begun.state(), begun.nonce(), begun.codeVerifier());
    }

    private static int rows() {
        return DATABASE.jdbc()
                .sql("select count(*) from pending_sign_in")
                .query(Integer.class)
                .single();
    }
}
