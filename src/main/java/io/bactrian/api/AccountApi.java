package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.NotFoundException;
import io.bactrian.account.Account;
import io.bactrian.account.Accounts;
import io.bactrian.account.ApiKey;
import io.bactrian.account.ApiKeys;
import io.bactrian.account.Caller;
import io.bactrian.account.CreatedApiKey;
import io.bactrian.account.Issuer;
import io.bactrian.account.MapKey;
import io.bactrian.account.Profile;
import io.bactrian.account.Registration;
import io.bactrian.account.SignIn;
import io.bactrian.billing.Plans;
import io.bactrian.credit.Balance;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The operations on accounts and keys of both APIs. */
@Component
public class AccountApi {
    private final Accounts accounts;
    private final ApiKeys keys;
    private final Ledger ledger;
    private final Plans plans;

    AccountApi(Accounts accounts, ApiKeys keys, Ledger ledger, Plans plans) {
        this.accounts = accounts;
        this.keys = keys;
        this.ledger = ledger;
        this.plans = plans;
    }

    private record MapUser(long id, String email, @Nullable String name, long credits, String plan) {}

    private record Registered(String token, String apiKey, MapUser user) {}

    private record SignedIn(String token, MapUser user) {}

    public Answer register(ApiCall call) {
        ObjectNode body = call.object();
        Registration registration = accounts.register(
                body.path("email").asText(), body.path("password").asText(), text(body, "name"), this::welcome);
        return Answer.created(
                new Registered(registration.token(), registration.mapKey().key(), user(registration.account())));
    }

    /** Gives a new account what its plans begin with, in the transaction that makes it. */
    void welcome(Account account) {
        ledger.grant(account.id(), Currency.CREDITS, plans.signUpCredits(), "sign-up", "Welcome bonus");
        ledger.grant(
                account.id(),
                Currency.COMPUTE_UNITS,
                plans.selextract(account.selextractPlan()).computeUnitsLimit(),
                "sign-up",
                "Compute units of the first month");
    }

    public Answer login(ApiCall call) {
        ObjectNode body = call.object();
        SignIn signIn = accounts.login(
                body.path("email").asText(), body.path("password").asText());
        return Answer.ok(new SignedIn(signIn.token(), user(signIn.account())));
    }

    private MapUser user(Account account) {
        return new MapUser(
                account.number(),
                account.email(),
                account.name(),
                ledger.balance(account.id(), Currency.CREDITS).available(),
                account.mapscraperPlan());
    }

    /** The account in the shape of the API whose credential asks. */
    public Answer me(ApiCall call) {
        Caller caller = call.caller();
        return Answer.ok(caller.issuer() == Issuer.SELEXTRACT ? selextractUser(caller) : mapscraperProfile(caller));
    }

    private record SelextractUser(
            UUID id,
            String email,
            @JsonProperty("full_name") @Nullable String fullName,
            @JsonProperty("avatar_url") @Nullable String avatarUrl,
            @JsonProperty("subscription_tier") String subscriptionTier,
            @JsonProperty("compute_units_used") long computeUnitsUsed,
            @JsonProperty("compute_units_limit") long computeUnitsLimit,
            @JsonProperty("is_active") boolean isActive,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("updated_at") Instant updatedAt) {}

    private SelextractUser selextractUser(Caller caller) {
        Account account = accounts.find(caller.accountId());
        Balance units = ledger.balance(account.id(), Currency.COMPUTE_UNITS);
        return new SelextractUser(
                account.id(),
                account.email(),
                account.name(),
                account.avatarUrl(),
                account.selextractPlan(),
                units.used(),
                plans.selextract(account.selextractPlan()).computeUnitsLimit(),
                account.active(),
                TaskView.millis(account.createdAt()),
                TaskView.millis(account.updatedAt()));
    }

    private record MapKeyView(
            long id,
            String name,
            String key,
            @JsonProperty("is_active") int isActive,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("last_used_at") @Nullable Instant lastUsedAt) {}

    private Map<String, Object> mapscraperProfile(Caller caller) {
        Profile profile = accounts.profile(caller.accountId());
        Account account = profile.account();
        Map<String, Object> user = new LinkedHashMap<>();
        user.put("id", account.number());
        user.put("email", account.email());
        user.put("name", account.name());
        user.put("credits", ledger.balance(account.id(), Currency.CREDITS).available());
        user.put("plan", account.mapscraperPlan());
        user.put("created_at", TaskView.millis(account.createdAt()));
        List<MapKeyView> keyViews = new ArrayList<>();
        for (MapKey key : profile.mapKeys()) {
            keyViews.add(new MapKeyView(
                    key.id(),
                    key.name(),
                    key.key(),
                    key.active() ? 1 : 0,
                    TaskView.millis(key.createdAt()),
                    key.lastUsedAt() == null ? null : TaskView.millis(key.lastUsedAt())));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("user", user);
        answer.put("apiKeys", keyViews);
        answer.put("jobCount", 0);
        answer.put("recentJobs", List.of());
        return answer;
    }

    private record KeyView(
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
        CreatedApiKey created = keys.create(
                call.accountId(),
                call.caller().permissions(),
                body.path("name").asText(),
                text(body, "description"),
                permissions,
                ApiKey.Environment.valueOf(
                        body.path("environment").asText("prod").toUpperCase(Locale.ROOT)));
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

    private static @Nullable String text(ObjectNode body, String name) {
        return body.hasNonNull(name) ? body.path(name).asText() : null;
    }
}
