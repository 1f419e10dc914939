package io.bactrian.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.account.EncryptedSecrets;
import io.bactrian.account.Vault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * The request headers and cookies of tasks: stored encrypted and bound to their task, and masked wherever a config is read back.
 *
 * <p>A mask tells the length of its value. It is no value: a config that has one is refused when it is submitted. What was
 * stored in the clear by earlier versions is used as it is, and encrypted by {@link #sealSome} or the next rotation of the
 * master key.
 */
@Service
public final class TaskSecrets implements EncryptedSecrets {
    private static final List<String> FIELDS = List.of("custom_headers", "cookies");
    private static final Pattern MASK = Pattern.compile("\\*\\*\\* \\([0-9]+ characters?\\)");

    /** The condition of the index {@code task_unsealed}. */
    private static final String UNSEALED =
            "secrets IS NULL AND (config LIKE '%\"custom_headers\"%' OR config LIKE '%\"cookies\"%')";

    private static final int AT_ONCE = 200;

    private final JdbcClient database;
    private final Vault vault;
    private final ObjectMapper json;

    TaskSecrets(JdbcClient database, Vault vault, ObjectMapper json) {
        this.database = database;
        this.vault = vault;
        this.json = json;
    }

    private record Unsealed(UUID task, String config) {}

    /** Takes the secrets out of a config, and leaves masks in their place. */
    static ObjectNode take(ObjectNode config) {
        ObjectNode secrets = JsonNodeFactory.instance.objectNode();
        for (String field : FIELDS) {
            if (config.get(field) instanceof ObjectNode values) {
                secrets.set(field, values.deepCopy());
                values.properties().forEach(entry -> entry.setValue(masked(entry.getValue())));
            }
        }
        return secrets;
    }

    private static JsonNode masked(JsonNode value) {
        String text = value.asText();
        int length = text.codePointCount(0, text.length());
        return JsonNodeFactory.instance.textNode(
                isMask(text) ? text : "*** (%d %s)".formatted(length, length == 1 ? "character" : "characters"));
    }

    /** Whether a value is what is shown in the place of one. */
    static boolean isMask(String value) {
        return MASK.matcher(value).matches();
    }

    /** What is stored of a task's secrets: null where there are none. */
    byte @Nullable [] encrypted(UUID task, ObjectNode secrets) {
        return secrets.isEmpty() ? null : sealed(task, secrets);
    }

    /**
     * Puts a task's secrets back into its config.
     *
     * @throws IllegalStateException if they were encrypted with another master key, or for another task
     */
    void restore(UUID task, ObjectNode config, byte @Nullable [] encrypted) {
        if (encrypted == null) {
            return;
        }
        try {
            if (json.readTree(vault.decrypt(encrypted, context(task))) instanceof ObjectNode secrets) {
                config.setAll(secrets);
            }
        } catch (IOException e) {
            throw new IllegalStateException("The stored secrets of a task are unreadable.", e);
        }
    }

    /**
     * Encrypts secrets of some of the tasks that an earlier version stored in the clear.
     *
     * @return whether there may be more
     */
    public boolean sealSome() {
        List<Unsealed> some = database.sql("SELECT id, config FROM task WHERE " + UNSEALED + " LIMIT ?")
                .param(AT_ONCE)
                .query((row, number) -> new Unsealed(row.getObject(1, UUID.class), row.getString(2)))
                .list();
        some.forEach(this::seal);
        return some.size() == AT_ONCE;
    }

    /** Even without a secret, so that it is not looked at again. */
    private void seal(Unsealed task) {
        ObjectNode secrets = JsonNodeFactory.instance.objectNode();
        String config = task.config();
        try {
            if (json.readTree(config) instanceof ObjectNode readable) {
                secrets = take(readable);
                config = json.writeValueAsString(readable);
            }
        } catch (JsonProcessingException unreadable) {
            // Then nothing can be fetched with what is in it either, and it is shown as an empty one.
            config = "{}";
        }
        database.sql("UPDATE task SET config = ?, secrets = ? WHERE id = ? AND secrets IS NULL")
                .params(config, sealed(task.task(), secrets), task.task())
                .update();
    }

    @Override
    public int encryptAnew() {
        boolean more = true;
        while (more) {
            more = sealSome();
        }
        List<UUID> tasks = database.sql("SELECT id FROM task WHERE secrets IS NOT NULL")
                .query(UUID.class)
                .list();
        tasks.forEach(this::encryptAnew);
        return tasks.size();
    }

    private void encryptAnew(UUID id) {
        database.sql("SELECT secrets FROM task WHERE id = ? AND secrets IS NOT NULL")
                .param(id)
                .query(byte[].class)
                .optional()
                .ifPresent(old -> database.sql("UPDATE task SET secrets = ? WHERE id = ?")
                        .params(vault.encrypt(vault.decrypt(old, context(id)), context(id)), id)
                        .update());
    }

    private byte[] sealed(UUID task, ObjectNode secrets) {
        try {
            return vault.encrypt(json.writeValueAsBytes(secrets), context(task));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Secrets that were read as JSON cannot be written as JSON.", e);
        }
    }

    private static byte[] context(UUID task) {
        return ("task " + task).getBytes(StandardCharsets.US_ASCII);
    }
}
