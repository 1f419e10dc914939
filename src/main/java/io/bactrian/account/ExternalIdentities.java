package io.bactrian.account;

import io.bactrian.account.openid.OpenIdIdentity;
import io.bactrian.account.openid.SignInRefusedException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which account belongs to whom at an OpenID provider.
 *
 * <p>The provider's subject decides, which is never given to another. A person who is not known yet is found by the verified
 * e-mail, and from then on by the subject, whatever becomes of the address.
 *
 * <p>An account whose own address was never verified may have been registered by somebody else. Its password, keys and tokens
 * are revoked when it is linked, unless {@code bactrian.accounts.reset-when-linked} is false.
 */
@Component
final class ExternalIdentities {
    private static final Logger LOG = LoggerFactory.getLogger(ExternalIdentities.class);
    /** As OpenID Connect Core 1.0 section 2 limits it. */
    private static final int MAX_SUBJECT = 255;

    private static final int MAX_NAME = 255;
    private static final int MAX_PICTURE = 2048;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Accounts accounts;
    private final AccountEmails emails;
    private final MapKeys mapKeys;
    private final Clock clock;
    private final boolean resetWhenLinked;

    ExternalIdentities(
            JdbcClient jdbc,
            TransactionTemplate transactions,
            Accounts accounts,
            AccountEmails emails,
            MapKeys mapKeys,
            Clock clock,
            @Value("${bactrian.accounts.reset-when-linked:true}") boolean resetWhenLinked) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.accounts = accounts;
        this.emails = emails;
        this.mapKeys = mapKeys;
        this.clock = clock;
        this.resetWhenLinked = resetWhenLinked;
    }

    /**
     * The account of that person: the one that is theirs, else the one with their verified e-mail, else a new one.
     *
     * @param welcome called for a new account, in the transaction that makes it
     * @throws SignInRefusedException if there may be none, or it is closed
     */
    Account account(OpenIdIdentity identity, Consumer<Account> welcome) {
        String email = verifiedEmail(identity);
        if (identity.subject().length() > MAX_SUBJECT || !StoredText.isLine(identity.subject(), MAX_SUBJECT)) {
            throw new SignInRefusedException(
                    "The provider's id for you is longer than 255 characters, which cannot be kept: tell the operator.");
        }
        return transactions.execute(transaction -> {
            Account account = find(identity).orElseGet(() -> link(identity, email, welcome));
            if (!account.active()) {
                throw new SignInRefusedException("This account is closed: it can no longer be used to sign in.");
            }
            return accounts.complete(account.id(), name(identity.name()), picture(identity.picture()));
        });
    }

    private static String verifiedEmail(OpenIdIdentity identity) {
        String email = identity.email();
        if (email == null || !RegistrationRules.isEmail(email)) {
            throw new SignInRefusedException(
                    "The provider tells no e-mail address that an account can have: allow it to tell yours, or register with e-mail and password.");
        }
        if (!identity.emailVerified()) {
            throw new SignInRefusedException(
                    "The provider has not verified your e-mail address: verify it there, then sign in again.");
        }
        return email;
    }

    private Optional<Account> find(OpenIdIdentity identity) {
        return jdbc.sql("select account_id from external_identity where issuer = :issuer and subject = :subject")
                .param("issuer", identity.issuer())
                .param("subject", identity.subject())
                .query(UUID.class)
                .optional()
                .map(accounts::find);
    }

    private Account link(OpenIdIdentity identity, String email, Consumer<Account> welcome) {
        Optional<Account> made = accounts.insert(email, null, null);
        made.ifPresent(account -> {
            mapKeys.create(account.id(), Accounts.FIRST_KEY_NAME);
            welcome.accept(account);
        });
        Account account = made.orElseGet(() -> accounts.lockByEmail(email));
        if (!account.active()) {
            return account;
        }
        jdbc.sql("""
                        insert into external_identity (issuer, subject, account_id, created_at)
                        values (:issuer, :subject, :account, :now)
                        on conflict (issuer, subject) do nothing
                        """)
                .param("issuer", identity.issuer())
                .param("subject", identity.subject())
                .param("account", account.id())
                .param("now", Timestamps.parameter(Timestamps.now(clock)))
                .update();
        if (made.isEmpty()) {
            LOG.info("Account {} is now signed in to by {} too", account.id(), identity.issuer());
            if (resetWhenLinked && !emails.find(account.id()).verified()) {
                reset(account.id());
            }
        }
        emails.verify(account.id(), email);
        return account;
    }

    /** Makes worthless what an impostor may have who registered the address before its owner came. */
    private void reset(UUID accountId) {
        jdbc.sql("""
                        update account set password_hash = null, tokens_since = date_trunc('second', cast(:now as timestamptz))
                        where id = :id
                        """)
                .param("now", Timestamps.parameter(clock.instant()))
                .param("id", accountId)
                .update();
        jdbc.sql("update api_key set is_active = false where account_id = :id")
                .param("id", accountId)
                .update();
        jdbc.sql("update map_key set is_active = false where account_id = :id")
                .param("id", accountId)
                .update();
        mapKeys.create(accountId, Accounts.FIRST_KEY_NAME);
        LOG.info("Password, keys and tokens of account {} were revoked when it was linked", accountId);
    }

    private static @Nullable String name(@Nullable String claim) {
        return claim == null || claim.isBlank() || !StoredText.isLine(claim, MAX_NAME) ? null : claim;
    }

    private static @Nullable String picture(@Nullable String claim) {
        if (claim == null || claim.length() > MAX_PICTURE) {
            return null;
        }
        try {
            URI uri = new URI(claim);
            return "https".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null ? claim : null;
        } catch (URISyntaxException notAUrl) {
            return null;
        }
    }
}
