package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.idempotency.IdempotencyKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What becomes of a closed account's tasks where some cannot be erased. */
class TaskErasureTest {
    private static final TaskRoom ROOM = new TaskRoom();

    private final UUID account = ROOM.accountWith(10_000);
    private final List<String> forgotten = new ArrayList<>();
    private final TaskErasure erasure = new TaskErasure(
            ROOM.get(Tasks.class),
            owner -> {
                forgotten.add(owner);
                return false;
            },
            ROOM.get(IdempotencyKeys.class),
            ROOM.get(JdbcClient.class));

    @AfterAll
    static void close() {
        ROOM.close();
    }

    @Test
    void aTaskThatCannotBeErasedKeepsNeitherTheNextNorThePages() {
        UUID broken = submit();
        submit();
        breakAllButTheLast();

        assertThatThrownBy(() -> erasure.eraseSome(account)).isInstanceOf(RuntimeException.class);

        assertThat(left()).containsExactly(broken);
        assertThat(forgotten).containsExactly(account.toString());
    }

    @Test
    void manyTasksThatCannotBeErasedLetTheOthersHaveTheirTurn() {
        List<UUID> broken = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            broken.add(submit());
        }
        submit();
        breakAllButTheLast();

        assertThatThrownBy(() -> erasure.eraseSome(account)).isInstanceOf(RuntimeException.class);
        assertThat(erasure.eraseSome(account)).isTrue();

        assertThat(left()).containsExactlyElementsOf(broken);
        // And they themselves are tried again.
        assertThatThrownBy(() -> erasure.eraseSome(account)).isInstanceOf(RuntimeException.class);
    }

    private UUID submit() {
        ROOM.clock().advance(Duration.ofSeconds(1));
        ObjectNode config = ROOM.get(ObjectMapper.class).createObjectNode();
        config.putArray("urls").add("https://a.example/");
        config.putObject("selectors").put("title", "h1");
        return ROOM.get(Tasks.class)
                .submit(new TaskSubmission(
                        account, "free", false, "Page", null, TaskType.BULK_SCRAPING, 5, config, null, false))
                .id();
    }

    private void breakAllButTheLast() {
        ROOM.database().sql("""
                        UPDATE task SET task_type = 'unheard_of' WHERE account_id = :account
                           AND created_at < (SELECT max(created_at) FROM task WHERE account_id = :account)""").param("account", account).update();
    }

    private List<UUID> left() {
        return ROOM.database()
                .sql("SELECT id FROM task WHERE account_id = ? ORDER BY created_at")
                .param(account)
                .query(UUID.class)
                .list();
    }
}
