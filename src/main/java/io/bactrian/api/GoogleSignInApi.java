package io.bactrian.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.account.Account;
import io.bactrian.account.BegunSignIn;
import io.bactrian.account.GoogleSignIn;
import io.bactrian.account.SignIn;
import io.bactrian.account.Tokens;
import io.bactrian.credit.Currency;
import io.bactrian.credit.Ledger;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Selextract's sign-in by Google, or whichever OpenID provider stands in. */
@Component
public class GoogleSignInApi {
    private final GoogleSignIn signIn;
    private final AccountApi accounts;
    private final Ledger ledger;

    GoogleSignInApi(GoogleSignIn signIn, AccountApi accounts, Ledger ledger) {
        this.signIn = signIn;
        this.accounts = accounts;
        this.ledger = ledger;
    }

    private record Begun(@JsonProperty("auth_url") String authUrl, String state) {}

    public Answer begin(ApiCall call) {
        BegunSignIn begun = signIn.begin();
        return Answer.ok(new Begun(begun.authorizationUrl(), begun.state()));
    }

    private record SignedIn(
            @JsonProperty("access_token") String accessToken,
            @JsonProperty("token_type") String tokenType,
            @JsonProperty("expires_in") long expiresIn,
            SignedInUser user) {}

    private record SignedInUser(
            UUID id,
            String email,
            @JsonProperty("full_name") @Nullable String fullName,
            @JsonProperty("subscription_tier") String subscriptionTier,
            @JsonProperty("compute_units_remaining") long computeUnitsRemaining,
            @JsonProperty("is_active") boolean isActive,
            @JsonProperty("created_at") Instant createdAt) {}

    public Answer complete(ApiCall call) {
        ObjectNode body = call.object();
        String state = body.hasNonNull("state") ? body.path("state").asText() : null;
        SignIn completed = signIn.complete(body.path("code").asText(), state, accounts::welcome);
        return Answer.ok(
                new SignedIn(completed.token(), "bearer", Tokens.LIFETIME.toSeconds(), user(completed.account())));
    }

    private SignedInUser user(Account account) {
        return new SignedInUser(
                account.id(),
                account.email(),
                account.name(),
                account.selextractPlan(),
                ledger.balance(account.id(), Currency.COMPUTE_UNITS).available(),
                account.active(),
                TaskView.millis(account.createdAt()));
    }
}
