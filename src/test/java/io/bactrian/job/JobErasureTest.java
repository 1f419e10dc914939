package io.bactrian.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What becomes of a closed account's jobs where some cannot be erased. */
class JobErasureTest {
    private final JobRoom room = new JobRoom();
    private final UUID account = room.account();
    private final JdbcClient database = room.get(JdbcClient.class);
    private final JobErasure erasure = new JobErasure(room.get(Jobs.class), database);

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void aJobThatCannotBeErasedKeepsNoOtherFromIt() {
        long broken = submit();
        submit();
        breakAllButTheLast();

        assertThatThrownBy(() -> erasure.eraseSome(account)).isInstanceOf(RuntimeException.class);

        assertThat(left()).containsExactly(broken);
    }

    @Test
    void manyJobsThatCannotBeErasedLetTheOthersHaveTheirTurn() {
        for (int i = 0; i < 101; i++) {
            submit();
        }
        long last = left().getLast();
        breakAllButTheLast();

        assertThatThrownBy(() -> erasure.eraseSome(account)).isInstanceOf(RuntimeException.class);
        assertThat(erasure.eraseSome(account)).isTrue();

        assertThat(left()).hasSize(100).doesNotContain(last);
        // And they themselves are tried again.
        assertThatThrownBy(() -> erasure.eraseSome(account)).isInstanceOf(RuntimeException.class);
    }

    /** Gives the number of a job that costs nothing. */
    private long submit() {
        String id = room.submit(
                        account, "{\"searchTerms\": \"café\", \"location\": \"Here\", \"maxResults\": 1}", true, null)
                .id();
        return Long.parseLong(id.substring("job_".length()));
    }

    /** The ledger refuses to give back more than is reserved. */
    private void breakAllButTheLast() {
        database.sql("""
                        UPDATE job SET credits_reserved = 1000000 WHERE account_id = :account
                           AND id < (SELECT max(id) FROM job WHERE account_id = :account)""").param("account", account).update();
    }

    private List<Long> left() {
        return database.sql("SELECT id FROM job WHERE account_id = ? ORDER BY id")
                .param(account)
                .query(Long.class)
                .list();
    }
}
