package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.NotFoundException;
import io.bactrian.account.ApiKey;
import io.bactrian.account.ApiKeys;
import io.bactrian.account.Caller;
import io.bactrian.account.CreatedApiKey;
import io.bactrian.account.MapKey;
import io.bactrian.account.MapKeys;
import io.bactrian.account.Permission;
import io.bactrian.account.PermissionDeniedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The operations on the keys of both APIs. */
@Component
public class KeyApi {
    private final ApiKeys keys;
    private final MapKeys mapKeys;

    KeyApi(ApiKeys keys, MapKeys mapKeys) {
        this.keys = keys;
        this.mapKeys = mapKeys;
    }

    record KeyView(
            UUID id,
            String name,
            @Nullable String description,
            @JsonProperty("key_preview") String keyPreview,
            List<String> permissions,
            @JsonProperty("last_used_at") @Nullable Instant lastUsedAt,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("is_active") boolean isActive,
            String environment) {
        static KeyView of(ApiKey key) {
            return new KeyView(
                    key.id(),
                    key.name(),
                    key.description(),
                    key.preview(),
                    key.permissions().values(),
                    key.lastUsedAt() == null ? null : TaskView.millis(key.lastUsedAt()),
                    TaskView.millis(key.createdAt()),
                    key.active(),
                    key.environment().name().toLowerCase(Locale.ROOT));
        }
    }

    private record CreatedKeyView(
            @JsonUnwrapped KeyView key,
            @JsonProperty("api_key") String apiKey) {}

    public Answer createKey(ApiCall call) {
        ObjectNode body = call.object();
        List<String> permissions = null;
        if (body.hasNonNull("permissions")) {
            permissions = new ArrayList<>();
            for (var permission : body.path("permissions")) {
                permissions.add(permission.asText());
            }
        }
        ApiKey.Environment environment = ApiKey.Environment.valueOf(
                body.path("environment").asText("prod").toUpperCase(Locale.ROOT));
        if (environment == ApiKey.Environment.PROD) {
            refuseTestKey(call.caller());
        }
        CreatedApiKey created = keys.create(
                call.accountId(),
                call.caller().permissions(),
                body.path("name").asText(),
                text(body, "description"),
                permissions,
                environment);
        return Answer.created(new CreatedKeyView(KeyView.of(created.key()), created.secret()));
    }

    public Answer listKeys(ApiCall call) {
        return Answer.ok(keys.list(call.accountId()).stream().map(KeyView::of).toList());
    }

    public Answer deleteKey(ApiCall call) {
        UUID id = call.id("key_id");
        if (id == null) {
            throw new NotFoundException("API key");
        }
        keys.deactivate(call.accountId(), id);
        return Answer.ok(Map.of("message", "API key deactivated successfully"));
    }

    /** A new {@code msk_} key; its last use is left out, as there can be none. */
    public Answer createMapKey(ApiCall call) {
        refuseTestKey(call.caller());
        MapKey key = mapKeys.create(call.accountId(), text(call.object(), "name"));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", key.id());
        answer.put("name", key.name());
        answer.put("key", key.key());
        answer.put("is_active", 1);
        answer.put("created_at", TaskView.millis(key.createdAt()));
        return Answer.created(answer);
    }

    public Answer deleteMapKey(ApiCall call) {
        long id = call.number("id");
        if (id <= 0) {
            throw new NotFoundException("API key");
        }
        mapKeys.deactivate(call.accountId(), id);
        return Answer.ok(Map.of("status", "deleted"));
    }

    /** What a test key does is free of charge, so it must not make a key whose work is paid for. */
    private static void refuseTestKey(Caller caller) {
        if (caller.testKey()) {
            throw new PermissionDeniedException(
                    Permission.KEYS_MANAGE, "A test key can make test keys only: set environment to test.");
        }
    }

    private static @Nullable String text(ObjectNode body, String name) {
        return body.hasNonNull(name) ? body.path(name).asText() : null;
    }
}
