package io.bactrian.account;

import static io.bactrian.account.AccountNode.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final AccountNode NODE = new AccountNode(DATABASE, CLOCK);

    private final Registration registration =
            NODE.accounts.register("auth-" + UUID.randomUUID() + "@example.com", PASSWORD, null);
    private final Account account = registration.account();

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void eachKindOfCredentialTellsWhoseItIs() {
        CreatedApiKey apiKey = NODE.apiKeys.create(
                account.id(), Permissions.UNRESTRICTED, "Key", null, List.of("tasks:read"), ApiKey.Environment.PROD);
        String googleToken = NODE.tokens.issue(account.id(), Issuer.SELEXTRACT);

        assertThat(NODE.bearer(registration.token()))
                .usingRecursiveComparison()
                .ignoringFields("token")
                .isEqualTo(caller(Credential.TOKEN, Issuer.MAPSCRAPER, Permissions.UNRESTRICTED));
        assertThat(NODE.bearer(googleToken))
                .usingRecursiveComparison()
                .ignoringFields("token")
                .isEqualTo(caller(Credential.TOKEN, Issuer.SELEXTRACT, Permissions.UNRESTRICTED));
        assertThat(NODE.bearer(registration.mapKey().key()))
                .isEqualTo(caller(Credential.MAP_KEY, Issuer.MAPSCRAPER, Permissions.UNRESTRICTED));
        assertThat(NODE.authenticator.authenticateSession(registration.token()).credential())
                .isEqualTo(Credential.SESSION);
        Caller byApiKey = NODE.bearer(apiKey.secret());
        assertThat(byApiKey.keyId()).isEqualTo(apiKey.key().id());
        assertThat(byApiKey.credential()).isEqualTo(Credential.API_KEY);
        assertThat(byApiKey.issuer()).isEqualTo(Issuer.SELEXTRACT);
        assertThat(byApiKey.testKey()).isFalse();
        assertThat(byApiKey.permissions()).isEqualTo(Permissions.of(Permission.TASKS_READ));
    }

    @Test
    void whatIsLookedAtAgainIsStillValidUntilItsCredentialIsNot() {
        CreatedApiKey apiKey = NODE.apiKeys.create(
                account.id(), Permissions.UNRESTRICTED, "Key", null, List.of("tasks:read"), ApiKey.Environment.PROD);
        Caller byKey = NODE.bearer(apiKey.secret());
        Caller byMapKey = NODE.bearer(registration.mapKey().key());
        String token = NODE.tokens.issue(account.id(), Issuer.SELEXTRACT);
        Caller byToken = NODE.bearer(token);
        Caller bySession = NODE.authenticator.authenticateSession(registration.token());
        assertThat(List.of(byKey, byMapKey, byToken, bySession)).allMatch(NODE.authenticator::isStillValid);

        NODE.apiKeys.deactivate(account.id(), apiKey.key().id());
        NODE.tokens.revoke(Objects.requireNonNull(bySession.token()));

        assertThat(NODE.authenticator.isStillValid(byKey)).isFalse();
        assertThat(NODE.authenticator.isStillValid(bySession)).isFalse();
        assertThat(NODE.authenticator.isStillValid(byToken)).isTrue();
        CLOCK.advance(Tokens.LIFETIME);
        assertThat(NODE.authenticator.isStillValid(byToken)).isFalse();
        assertThat(NODE.authenticator.isStillValid(byMapKey)).isTrue();
        NODE.accounts.close(account.id());
        assertThat(NODE.authenticator.isStillValid(byMapKey)).isFalse();
    }

    @Test
    void theAuthorizationHeaderWins() {
        String key = registration.mapKey().key();

        assertThat(NODE.authenticator.authenticate(null, key).credential()).isEqualTo(Credential.MAP_KEY);
        assertThat(NODE.authenticator.authenticate("", key).credential()).isEqualTo(Credential.MAP_KEY);
        assertThat(NODE.authenticator
                        .authenticate("bearer  " + registration.token(), key)
                        .credential())
                .isEqualTo(Credential.TOKEN);
        assertThatThrownBy(() -> NODE.authenticator.authenticate("Bearer msk_wrong", key))
                .isInstanceOf(AuthenticationException.class);
    }

    @Test
    void withoutACredentialOneIsAskedFor() {
        assertThatThrownBy(() -> NODE.authenticator.authenticate(null, null))
                .isInstanceOf(AuthenticationException.class)
                .hasMessage("Authentication required");
        assertThatThrownBy(() -> NODE.authenticator.authenticate(" ", ""))
                .isInstanceOf(AuthenticationException.class)
                .hasMessage("Authentication required");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic dTpw",
                "Bearer",
                "Bearer ",
                "Bearer msk_unknown",
                "Bearer sk_prod_unknown",
                "Bearer x",
                "sk_",
                "Bearer sk_\0"
            })
    void anAuthorizationThatProvesNothingIsRefused(String header) {
        assertThatThrownBy(() -> NODE.authenticator.authenticate(header, null))
                .isInstanceOf(AuthenticationException.class);
    }

    @Test
    void theKeyHeaderTakesKeysOnly() {
        assertThatThrownBy(() -> NODE.authenticator.authenticate(null, registration.token()))
                .isInstanceOf(AuthenticationException.class);
        assertThatThrownBy(() -> NODE.authenticator.authenticate(null, "msk_" + "x".repeat(1_000_000)))
                .isInstanceOf(AuthenticationException.class);
    }

    @Test
    void nothingOpensAClosedAccount() {
        CreatedApiKey apiKey =
                NODE.apiKeys.create(account.id(), Permissions.UNRESTRICTED, "Key", null, null, ApiKey.Environment.PROD);
        DATABASE.jdbc()
                .sql("update account set is_active = false where id = :id")
                .param("id", account.id())
                .update();

        for (String credential : List.of(apiKey.secret(), registration.mapKey().key(), registration.token())) {
            assertThatThrownBy(() -> NODE.bearer(credential)).isInstanceOf(AuthenticationException.class);
        }
    }

    @Test
    void aDeactivatedMapKeyIsRefusedOnEveryNode() {
        AccountNode other = new AccountNode(DATABASE, CLOCK);
        String key = registration.mapKey().key();
        assertThat(other.bearer(key).accountId()).isEqualTo(account.id());

        NODE.mapKeys.deactivate(account.id(), registration.mapKey().id());

        assertThatThrownBy(() -> other.bearer(key)).isInstanceOf(AuthenticationException.class);
    }

    @Test
    void theLastUseIsWrittenAtMostOnceAMinute() {
        String mapKey = registration.mapKey().key();
        CreatedApiKey apiKey =
                NODE.apiKeys.create(account.id(), Permissions.UNRESTRICTED, "Key", null, null, ApiKey.Environment.PROD);
        Instant first = CLOCK.instant().truncatedTo(ChronoUnit.MICROS);

        use(mapKey, apiKey.secret());
        CLOCK.advance(Duration.ofSeconds(59));
        use(mapKey, apiKey.secret());

        assertThat(lastUses()).containsOnly(first);
        CLOCK.advance(Duration.ofSeconds(1));
        use(mapKey, apiKey.secret());
        assertThat(lastUses()).containsOnly(first.plusSeconds(60));
    }

    private void use(String... keys) {
        for (String key : keys) {
            assertThat(NODE.bearer(key).accountId()).isEqualTo(account.id());
        }
    }

    private List<Instant> lastUses() {
        return List.of(
                Objects.requireNonNull(
                        NODE.mapKeys.list(account.id()).getFirst().lastUsedAt()),
                Objects.requireNonNull(
                        NODE.apiKeys.list(account.id()).getFirst().lastUsedAt()));
    }

    private Caller caller(Credential credential, Issuer issuer, Permissions permissions) {
        return new Caller(
                account.id(),
                account.number(),
                account.email(),
                credential,
                issuer,
                permissions,
                null,
                null,
                false,
                "free",
                "free",
                credential == Credential.MAP_KEY ? registration.mapKey().id() : null);
    }
}
