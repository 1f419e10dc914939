package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.account.Account;
import io.bactrian.account.AccountErasure;
import io.bactrian.account.Accounts;
import io.bactrian.account.Caller;
import io.bactrian.account.Issuer;
import io.bactrian.account.Permission;
import io.bactrian.account.PermissionDeniedException;
import io.bactrian.account.Profile;
import io.bactrian.account.ProfileChange;
import io.bactrian.account.Registration;
import io.bactrian.account.SignIn;
import io.bactrian.account.SignInToken;
import io.bactrian.account.Tokens;
import io.bactrian.billing.PlanPeriods;
import io.bactrian.billing.Plans;
import io.bactrian.credit.Allowances;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import io.bactrian.job.Job;
import io.bactrian.job.JobPage;
import io.bactrian.job.Jobs;
import io.bactrian.mail.EmailConfirmations;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The operations on accounts of both APIs. */
@Component
public class AccountApi {
    private static final int RECENT_JOBS = 10;

    private final Accounts accounts;
    private final EmailConfirmations confirmations;
    private final Tokens tokens;
    private final AccountErasure erasure;
    private final Ledger ledger;
    private final Allowances allowances;
    private final PlanPeriods periods;
    private final Plans plans;
    private final Jobs jobs;
    private final boolean secureCookies;

    AccountApi(
            Accounts accounts,
            EmailConfirmations confirmations,
            Tokens tokens,
            AccountErasure erasure,
            Ledger ledger,
            Allowances allowances,
            PlanPeriods periods,
            Plans plans,
            Jobs jobs,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        this.accounts = accounts;
        this.confirmations = confirmations;
        this.tokens = tokens;
        this.erasure = erasure;
        this.secureCookies = publicUrl.startsWith("https:");
        this.ledger = ledger;
        this.allowances = allowances;
        this.periods = periods;
        this.plans = plans;
        this.jobs = jobs;
    }

    private record MapUser(long id, String email, @Nullable String name, long credits, String plan) {}

    private record Registered(String token, String apiKey, MapUser user) {}

    private record SignedIn(String token, MapUser user) {}

    public Answer register(ApiCall call) {
        ObjectNode body = call.object();
        Registration registration = accounts.register(
                body.path("email").asText(), body.path("password").asText(), text(body, "name"), account -> {
                    welcome(account);
                    confirmations.verify(account.id());
                });
        return Answer.created(
                new Registered(registration.token(), registration.mapKey().key(), user(registration.account())));
    }

    /** Gives a new account what its plans begin with, in the transaction that makes it. */
    void welcome(Account account) {
        ledger.grant(account.id(), Currency.CREDITS, plans.signUpCredits(), Ledger.SIGN_UP, "Welcome bonus");
        periods.begin(account);
    }

    public Answer login(ApiCall call) {
        ObjectNode body = call.object();
        SignIn signIn = accounts.login(
                body.path("email").asText(), body.path("password").asText(), call.clientAddress());
        Answer answer = Answer.ok(new SignedIn(signIn.token(), user(signIn.account())));
        return "true".equals(call.parameters().text("session"))
                ? answer.with(SessionCookies.begin(signIn.token(), Tokens.LIFETIME, secureCookies))
                : answer;
    }

    /** Makes the token or session of the call worthless. */
    public Answer logout(ApiCall call) {
        SignInToken token = call.caller().token();
        if (token == null) {
            throw new InvalidInputException(
                    "Authorization", "must be a token: a key does not sign out, it is deactivated by deleting it");
        }
        tokens.revoke(token);
        return Answer.ok(Map.of("message", "Logged out successfully")).with(SessionCookies.end(secureCookies));
    }

    /** Changes the profile and answers as {@link #me} does. */
    public Answer update(ApiCall call) {
        ObjectNode body = call.object();
        if (body.has("name") && body.has("full_name")) {
            throw new InvalidInputException("name", "is the same field as full_name: send one of them");
        }
        String nameField = body.has("name") ? "name" : "full_name";
        accounts.update(
                call.accountId(),
                new ProfileChange(
                        body.has(nameField), text(body, nameField), body.has("avatar_url"), text(body, "avatar_url")));
        return me(call);
    }

    /**
     * Closes the account: its credentials and personal data are gone at once, its tasks are cancelled and deleted, now or,
     * if there are many, within minutes.
     */
    public Answer delete(ApiCall call) {
        if (call.caller().token() == null) {
            throw new PermissionDeniedException(
                    Permission.ALL, "An account is deleted with the token or session of a sign-in, not with a key.");
        }
        accounts.close(call.accountId());
        erasure.eraseSome(call.accountId());
        return Answer.ok(Map.of("message", "Account deleted successfully")).with(SessionCookies.end(secureCookies));
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
        return new SelextractUser(
                account.id(),
                account.email(),
                account.name(),
                account.avatarUrl(),
                account.selextractPlan(),
                allowances.usedInPeriod(account.id(), Currency.COMPUTE_UNITS),
                plans.selextract(account.selextractPlan()).computeUnitsLimit(),
                account.active(),
                TaskView.millis(account.createdAt()),
                TaskView.millis(account.updatedAt()));
    }

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
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("user", user);
        answer.put("apiKeys", profile.mapKeys().stream().map(MapKeyView::of).toList());
        JobPage recent = jobs.list(account.id(), List.of(), 1, RECENT_JOBS);
        answer.put("jobCount", recent.total());
        answer.put("recentJobs", recent.jobs().stream().map(RecentJob::of).toList());
        return answer;
    }

    private record RecentJob(
            String id,
            String status,
            @JsonProperty("result_count") int resultCount,
            @JsonProperty("credits_used") long creditsUsed,
            @JsonProperty("created_at") Instant createdAt) {
        static RecentJob of(Job job) {
            return new RecentJob(
                    job.id(),
                    job.status().code(),
                    job.resultCount(),
                    job.creditsUsed(),
                    TaskView.millis(job.createdAt()));
        }
    }

    private static @Nullable String text(ObjectNode body, String name) {
        return body.hasNonNull(name) ? body.path(name).asText() : null;
    }
}
