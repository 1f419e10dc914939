package io.bactrian.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.TestDatabase;
import io.bactrian.account.TestKeys;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** Headers and cookies of tasks in the database: those of this version, and those that an earlier one stored in the clear. */
class TaskSecretsTest {
    private static final String OLD = Base64.getEncoder().encodeToString(new byte[32]);
    private static final String NEW =
            Base64.getEncoder().encodeToString("another key of thirty-two bytes!".getBytes(StandardCharsets.US_ASCII));
    private static final String CLEAR =
            "{\"cookies\":{\"session\":\"s3cret\"},\"custom_headers\":{\"Authorization\":\"Bearer x\"},\"selectors\":{}}";

    private final TestDatabase database = TestDatabase.create();
    private final ObjectMapper json = new ObjectMapper();

    @AfterEach
    void closeDatabase() {
        database.close();
    }

    @Test
    void whatAnEarlierVersionStoredIsUsedAsItIsShownMaskedAndThenEncrypted() {
        UUID account = UUID.randomUUID();
        UUID task = insert(account, CLEAR);
        UUID other = insert(account, "{\"selectors\":{\"cookies\":\".c\"}}");
        UUID unreadable = insert(account, "{\"cookies\": nonsense");
        TaskSecrets secrets = secrets(new TestKeys(database, OLD));
        TaskStore store = store(secrets);

        assertThat(store.config(task).at("/cookies/session").asText()).isEqualTo("s3cret");
        assertThat(store.require(account, task).config().at("/cookies/session").asText())
                .isEqualTo("*** (6 characters)");
        assertThat(secrets.sealSome()).isFalse();

        assertThat(stored(task)).doesNotContain("s3cret", "Bearer x").contains("*** (8 characters)");
        assertThat(store.config(task).toString()).isEqualTo(CLEAR);
        assertThat(store.config(other).at("/selectors/cookies").asText()).isEqualTo(".c");
        assertThat(stored(unreadable)).isEqualTo("{}");
        assertThat(database.jdbc()
                        .sql("SELECT count(*) FROM task WHERE secrets IS NULL")
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    void anotherMasterKeyIsEnoughAfterARotation() {
        UUID account = UUID.randomUUID();
        UUID sealed = insert(account, CLEAR);
        secrets(new TestKeys(database, OLD)).sealSome();
        UUID clear = insert(account, CLEAR);

        TestKeys both = new TestKeys(database, NEW, OLD);
        assertThat(both.rotate(secrets(both))).isEqualTo(2);

        TaskStore store = store(secrets(new TestKeys(database, NEW)));
        assertThat(store.config(sealed).toString()).isEqualTo(CLEAR);
        assertThat(store.config(clear).toString()).isEqualTo(CLEAR);
        assertThat(stored(clear)).doesNotContain("s3cret");
        assertThatThrownBy(() -> store(secrets(new TestKeys(database, OLD))).config(sealed))
                .hasMessageContaining("another master key");
    }

    @Test
    void aCiphertextIsOfNoUseInAnotherRow() {
        UUID account = UUID.randomUUID();
        UUID task = insert(account, CLEAR);
        UUID thief = insert(account, CLEAR);
        TaskSecrets secrets = secrets(new TestKeys(database, OLD));
        secrets.sealSome();

        database.jdbc()
                .sql("UPDATE task SET secrets = (SELECT secrets FROM task WHERE id = ?) WHERE id = ?")
                .params(task, thief)
                .update();

        assertThatThrownBy(() -> store(secrets).config(thief)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theLengthOfAMaskCountsCharactersAndAMaskIsNotMaskedAgain() throws Exception {
        ObjectNode config = (ObjectNode) json.readTree(
                "{\"custom_headers\":{\"a\":\"\",\"b\":\"x\",\"c\":\"\uD83D\uDC2B\uD83D\uDC2B\"},\"cookies\":{}}");

        TaskSecrets.take(config);
        TaskSecrets.take(config);

        assertThat(config.toString())
                .isEqualTo(
                        "{\"custom_headers\":{\"a\":\"*** (0 characters)\",\"b\":\"*** (1 character)\",\"c\":\"*** (2 characters)\"},\"cookies\":{}}");
    }

    private TaskSecrets secrets(TestKeys keys) {
        return new TaskSecrets(database.jdbc(), keys.vault(), json);
    }

    private TaskStore store(TaskSecrets secrets) {
        return new TaskStore(database.jdbc(), new JdbcTemplate(database.dataSource()), secrets, json);
    }

    private UUID insert(UUID account, String config) {
        UUID id = UUID.randomUUID();
        database.jdbc().sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                            unit_price, units_estimated, created_at, updated_at)
                        VALUES (?, ?, 'A task', 'simple_scraping', 'pending', 5, ?, 'free', 1, 5, 5, now(), now())""").params(id, account, config).update();
        return id;
    }

    private String stored(UUID task) {
        return database.jdbc()
                .sql("SELECT config FROM task WHERE id = ?")
                .param(task)
                .query(String.class)
                .single();
    }
}
