package io.bactrian.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccountErasureTest {
    private final TestDatabase database = TestDatabase.create();
    private final SettableClock clock = new SettableClock();
    private final Accounts accounts = TestAccounts.of(database, clock);
    private final List<UUID> erased = new ArrayList<>();

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void accountsAndRoomsThatFailKeepNoOtherFromItsErasure() {
        List<UUID> closed = closed(50);
        Set<UUID> failing = Set.of(closed.get(0), closed.get(1), closed.get(30));
        AccountErasure erasure = new AccountErasure(
                accounts,
                List.of(
                        account -> {
                            if (failing.contains(account)) {
                                throw new IllegalStateException("This account fails, in the test.");
                            }
                            return false;
                        },
                        account -> {
                            erased.add(account);
                            return false;
                        }));

        assertThatThrownBy(erasure::eraseClosed).hasMessageContaining("This account fails");
        assertThatThrownBy(erasure::eraseClosed).hasMessageContaining("This account fails");
        assertThat(erasure.eraseClosed()).isFalse();

        assertThat(erased).containsExactlyInAnyOrderElementsOf(closed);
    }

    @Test
    void allAccountsHaveTheirTurnBeforeOneHasItsSecond() {
        List<UUID> closed = closed(25);
        AccountErasure erasure = new AccountErasure(accounts, List.of(account -> {
            erased.add(account);
            return erased.stream().filter(account::equals).count() < 3;
        }));

        while (erasure.eraseClosed()) {
            assertThat(erased).hasSizeLessThanOrEqualTo(75);
        }

        assertThat(erased.subList(0, 25)).containsExactlyInAnyOrderElementsOf(closed);
        assertThat(erased).hasSize(75);
    }

    /** Closed accounts, in the order in which they are erased. */
    private List<UUID> closed(int count) {
        database.jdbc().sql("""
                        INSERT INTO account (id, email, created_at, updated_at, is_active, closed_at)
                        SELECT gen_random_uuid(), n || '@example.com', now(), now(), false, '2020-01-01'
                          FROM generate_series(1, ?) n""").param(count).update();
        return database.jdbc()
                .sql("SELECT id FROM account ORDER BY id")
                .query(UUID.class)
                .list();
    }
}
