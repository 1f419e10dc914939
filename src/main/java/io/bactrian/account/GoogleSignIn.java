package io.bactrian.account;

import io.bactrian.InvalidInputException;
import io.bactrian.account.openid.OpenIdClient;
import io.bactrian.account.openid.OpenIdIdentity;
import io.bactrian.account.openid.SignInRefusedException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Sign-in by the OpenID provider that is configured, which is Google unless the operator says otherwise. */
@Service
public final class GoogleSignIn {
    private final OpenIdClient provider;
    private final PendingSignIns pending;
    private final ExternalIdentities identities;
    private final Tokens tokens;

    GoogleSignIn(OpenIdClient provider, PendingSignIns pending, ExternalIdentities identities, Tokens tokens) {
        this.provider = provider;
        this.pending = pending;
        this.identities = identities;
        this.tokens = tokens;
    }

    /**
     * Begins a sign-in, to be completed within 10 minutes on any node.
     *
     * @throws io.bactrian.account.openid.OpenIdNotConfiguredException if there is no provider
     * @throws io.bactrian.account.openid.OpenIdProviderException if the provider cannot be reached or answers nonsense
     */
    public BegunSignIn begin() {
        provider.requireReady();
        PendingSignIns.Begun begun = pending.begin();
        return new BegunSignIn(
                provider.authorizationUrl(begun.state(), begun.nonce(), begun.codeVerifier()), begun.state());
    }

    /**
     * Signs in whoever the provider says the code is for, in an account that is made where there is none.
     *
     * @param state what came back beside the code; without it, only the ID token's nonce ties the code to a sign-in begun here
     * @param welcome called for a new account, in the transaction that makes it
     * @return with a token that Selextract issues
     * @throws InvalidInputException if the state is not that of a sign-in begun within 10 minutes
     * @throws SignInRefusedException if the code, the ID token, its nonce or the account is not acceptable
     * @throws io.bactrian.account.openid.OpenIdNotConfiguredException if there is no provider
     * @throws io.bactrian.account.openid.OpenIdProviderException if the provider cannot be reached or answers nonsense
     */
    public SignIn complete(String code, @Nullable String state, Consumer<Account> welcome) {
        provider.requireReady();
        OpenIdIdentity identity = provider.redeem(code, codeVerifiers(state));
        if (!pending.complete(identity.nonce(), state)) {
            throw new SignInRefusedException(
                    "This sign-in was not begun here within the last 10 minutes, or was completed already: begin it again.");
        }
        Account account = identities.account(identity, welcome);
        return new SignIn(account, tokens.issue(account.id(), Issuer.SELEXTRACT));
    }

    private List<String> codeVerifiers(@Nullable String state) {
        if (state != null) {
            return List.of(pending.codeVerifier(state)
                    .orElseThrow(() -> new InvalidInputException(
                            "state",
                            "is not that of a sign-in begun here within the last 10 minutes and not yet completed")));
        }
        List<String> verifiers = pending.codeVerifiers();
        if (verifiers.isEmpty()) {
            throw new SignInRefusedException("No sign-in was begun here within the last 10 minutes: begin it again.");
        }
        return verifiers;
    }

    /**
     * Removes some of what is left of sign-ins that were never completed.
     *
     * @return whether there may be more
     */
    public boolean forgetAbandoned() {
        return pending.forgetAbandoned();
    }
}
