package io.bactrian.account;

import io.bactrian.InvalidInputException;
import io.bactrian.NotFoundException;
import io.bactrian.Violation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The {@code sk_} keys of accounts: shown once, kept as a hash. */
@Service
public final class ApiKeys {
    private static final int MAX_NAME = 255;
    private static final int MAX_DESCRIPTION = 1000;
    private static final int PREVIEW = 16;
    private static final List<Permission> DEFAULT_PERMISSIONS = List.of(Permission.TASKS_READ, Permission.TASKS_CREATE);

    private final JdbcClient jdbc;
    private final Clock clock;

    ApiKeys(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * A new active key.
     *
     * @param creator what the credential may that asks for the key; the key can never do more
     * @param permissions names of permissions; null for {@code tasks:read} and {@code tasks:create}, as far as the creator has
     *     them
     * @throws InvalidInputException if the name, the description or a permission's name is not valid
     * @throws PermissionDeniedException if a permission is asked for that the creator lacks, or none would be left
     */
    public CreatedApiKey create(
            UUID accountId,
            Permissions creator,
            String name,
            @Nullable String description,
            @Nullable List<String> permissions,
            ApiKey.Environment environment) {
        check(name, description, permissions);
        Permissions granted = permissions == null ? defaultsOf(creator) : grantedBy(creator, permissions);
        String environmentName = environment.name().toLowerCase(Locale.ROOT);
        String secret = SecretKeys.generate(SecretKeys.API_KEY_PREFIX + environmentName + "_");
        ApiKey key = new ApiKey(
                UUID.randomUUID(),
                name,
                description,
                environment,
                secret.substring(0, PREVIEW) + "...",
                granted,
                true,
                Timestamps.now(clock),
                null);
        jdbc.sql("""
                        insert into api_key
                            (id, account_id, name, description, environment, preview, hash, permissions, created_at)
                        values (:id, :account, :name, :description, :environment, :preview, :hash, :permissions, :now)
                        """)
                .param("id", key.id())
                .param("account", accountId)
                .param("name", name)
                .param("description", description, Types.VARCHAR)
                .param("environment", environmentName)
                .param("preview", key.preview())
                .param("hash", SecretKeys.hash(secret))
                .param("permissions", granted.values().toArray(String[]::new))
                .param("now", Timestamps.parameter(key.createdAt()))
                .update();
        return new CreatedApiKey(key, secret);
    }

    /** The keys of an account, newest first, deactivated ones included. */
    public List<ApiKey> list(UUID accountId) {
        return jdbc.sql("""
                        select id, name, description, environment, preview, permissions, is_active, created_at, last_used_at
                        from api_key where account_id = :account order by created_at desc, id
                        """)
                .param("account", accountId)
                .query((row, number) -> read(row))
                .list();
    }

    /**
     * Deactivates a key at once, on every node; doing it again changes nothing.
     *
     * @throws NotFoundException if the account has no such key
     */
    public void deactivate(UUID accountId, UUID keyId) {
        int found = jdbc.sql("update api_key set is_active = false where id = :id and account_id = :account")
                .param("id", keyId)
                .param("account", accountId)
                .update();
        if (found == 0) {
            throw new NotFoundException("API key");
        }
    }

    private static void check(String name, @Nullable String description, @Nullable List<String> permissions) {
        List<Violation> violations = new ArrayList<>();
        if (name.isBlank() || !StoredText.isLine(name, MAX_NAME)) {
            violations.add(new Violation("name", "Name must be one line of 1 to 255 characters"));
        }
        if (description != null && !StoredText.isText(description, MAX_DESCRIPTION)) {
            violations.add(new Violation("description", "Description must be a text of at most 1000 characters"));
        }
        if (permissions != null) {
            if (permissions.isEmpty()) {
                violations.add(new Violation(
                        "permissions", "Permissions must not be empty: leave them out for the default ones"));
            }
            for (int i = 0; i < permissions.size(); i++) {
                if (Permission.of(permissions.get(i)).isEmpty()) {
                    violations.add(new Violation(
                            "permissions[" + i + "]",
                            "Unknown permission: expected one of " + String.join(", ", allNames())));
                }
            }
        }
        if (!violations.isEmpty()) {
            throw new InvalidInputException(violations);
        }
    }

    private static List<String> allNames() {
        return new Permissions(EnumSet.allOf(Permission.class)).values();
    }

    private static Permissions defaultsOf(Permissions creator) {
        Set<Permission> granted = EnumSet.noneOf(Permission.class);
        DEFAULT_PERMISSIONS.stream().filter(creator::allow).forEach(granted::add);
        if (granted.isEmpty()) {
            throw new PermissionDeniedException(
                    Permission.TASKS_READ,
                    "A key cannot grant more than its creator has, and this credential has neither 'tasks:read' nor"
                            + " 'tasks:create': name permissions that it has.");
        }
        return new Permissions(granted);
    }

    private static Permissions grantedBy(Permissions creator, List<String> names) {
        Permissions granted = Permissions.ofValues(names);
        Optional<Permission> missing = granted.granted().stream()
                .filter(permission -> !creator.allow(permission))
                .findFirst();
        missing.ifPresent(permission -> {
            throw new PermissionDeniedException(
                    permission,
                    "A key cannot grant more than its creator has: this credential lacks the permission '%s'."
                            .formatted(permission.value()));
        });
        return granted;
    }

    private static ApiKey read(ResultSet row) throws SQLException {
        return new ApiKey(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("description"),
                ApiKey.Environment.valueOf(row.getString("environment").toUpperCase(Locale.ROOT)),
                row.getString("preview"),
                Permissions.ofValues(
                        List.of((String[]) row.getArray("permissions").getArray())),
                row.getBoolean("is_active"),
                Timestamps.read(row, "created_at"),
                Timestamps.readNullable(row, "last_used_at"));
    }
}
