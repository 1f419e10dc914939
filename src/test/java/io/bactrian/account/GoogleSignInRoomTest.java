package io.bactrian.account;

import static io.bactrian.account.AccountNode.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.InvalidInputException;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.account.openid.OpenIdNotConfiguredException;
import io.bactrian.account.openid.OpenIdProviderException;
import io.bactrian.account.openid.SignInRefusedException;
import io.bactrian.origin.IdentityProvider;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The room's sign-in by an OpenID provider, under settings and at times of the tests' choice. */
class GoogleSignInRoomTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final IdentityProvider PROVIDER = new IdentityProvider(CLOCK);
    private static final String REGISTRATION = "spring.security.oauth2.client.registration.google.";
    private static final String OF_PROVIDER = "spring.security.oauth2.client.provider.google.";

    @BeforeAll
    static void beginNow() {
        // The provider counts the lifetime of its access tokens from the machine's time.
        CLOCK.advance(Duration.between(CLOCK.instant(), Instant.now()));
    }

    private final List<Account> welcomed = new CopyOnWriteArrayList<>();

    @AfterAll
    static void closeAll() {
        PROVIDER.close();
        DATABASE.close();
    }

    @AfterEach
    void letTheProviderBehave() {
        PROVIDER.behave();
    }

    /** One node with settings of its own. */
    private static final class Node implements AutoCloseable {
        private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        final GoogleSignIn signIn;
        final Accounts accounts;
        final AccountEmails emails;
        final Authenticator authenticator;

        Node(Map<String, String> settings) {
            Map<String, Object> all = new HashMap<>(settings);
            all.put("bactrian.secrets.master-key", AccountNode.MASTER_KEY);
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", all));
            context.registerBean(JdbcClient.class, DATABASE::jdbc);
            context.registerBean(TransactionTemplate.class, DATABASE::transactions);
            context.registerBean(Clock.class, () -> CLOCK);
            context.register(AccountWiringTest.SignInConfiguration.class);
            context.scan("io.bactrian.account", "io.bactrian.egress");
            context.refresh();
            signIn = context.getBean(GoogleSignIn.class);
            accounts = context.getBean(Accounts.class);
            emails = context.getBean(AccountEmails.class);
            authenticator = context.getBean(Authenticator.class);
        }

        Caller bearer(String credential) {
            return authenticator.authenticate("Bearer " + credential, null);
        }

        @Override
        public void close() {
            context.close();
        }
    }

    private static Map<String, String> settings(String... more) {
        Map<String, String> settings = new HashMap<>();
        settings.put(REGISTRATION + "client-id", IdentityProvider.CLIENT_ID);
        settings.put(REGISTRATION + "client-secret", IdentityProvider.CLIENT_SECRET);
        settings.put(OF_PROVIDER + "issuer-uri", PROVIDER.issuer());
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    @Test
    void aSignInIsCompletedWithinTenMinutes() {
        try (Node node = new Node(settings())) {
            IdentityProvider.Callback inTime = begin(node);
            CLOCK.advance(Duration.ofMinutes(10).minusSeconds(1));
            node.signIn.complete(inTime.code(), inTime.state(), welcomed::add);

            IdentityProvider.Callback late = begin(node);
            IdentityProvider.Callback lateWithoutState = begin(node);
            CLOCK.advance(Duration.ofMinutes(10));
            assertThatThrownBy(() -> node.signIn.complete(late.code(), late.state(), welcomed::add))
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> node.signIn.complete(lateWithoutState.code(), null, welcomed::add))
                    .isInstanceOf(SignInRefusedException.class);
            assertThat(welcomed).hasSize(1);
        }
    }

    @Test
    void aClosedAccountIsRefused() {
        try (Node node = new Node(settings())) {
            Registration registration = node.accounts.register("closed@example.com", PASSWORD, null);
            close(registration.account());
            assertThatThrownBy(() -> signIn(node, "closed@example.com", "closed"))
                    .isInstanceOf(SignInRefusedException.class)
                    .hasMessageContaining("closed");

            SignIn known = signIn(node, "to-be-closed@example.com", "to be closed");
            close(known.account());
            assertThatThrownBy(() -> signIn(node, "to-be-closed@example.com", "to be closed"))
                    .isInstanceOf(SignInRefusedException.class);
        }
    }

    @Test
    void aLinkLeavesWhatAnAccountWithAVerifiedAddressHad() {
        try (Node node = new Node(settings())) {
            Registration registration = node.accounts.register("Kept@example.com", PASSWORD, null);
            node.emails.verify(registration.account().id(), "KEPT@example.com");

            SignIn linked = signIn(node, "kept@EXAMPLE.com", "kept");

            assertThat(linked.account().id()).isEqualTo(registration.account().id());
            assertThat(linked.account().name()).isEqualTo("Grace");
            assertThat(linked.account().avatarUrl()).isEqualTo("https://example.com/grace.jpg");
            assertThat(welcomed).isEmpty();
            assertThat(node.bearer(registration.token()).accountId())
                    .isEqualTo(linked.account().id());
            assertThat(node.bearer(registration.mapKey().key()).accountId())
                    .isEqualTo(linked.account().id());
            assertThat(node.accounts
                            .login("kept@example.com", PASSWORD, "192.0.2.9")
                            .account()
                            .id())
                    .isEqualTo(linked.account().id());
        }
    }

    @Test
    void aLinkRevokesWhatAnImpostorMayHave() {
        try (Node node = new Node(settings())) {
            Registration planted = node.accounts.register("planted@example.com", PASSWORD, null);
            CLOCK.advance(Duration.ofSeconds(2));

            SignIn owner = signIn(node, "planted@example.com", "planted");

            assertThat(owner.account().id()).isEqualTo(planted.account().id());
            assertThat(node.bearer(owner.token()).accountId())
                    .isEqualTo(planted.account().id());
            assertThatThrownBy(() -> node.bearer(planted.token())).isInstanceOf(AuthenticationException.class);
            assertThatThrownBy(() -> node.bearer(planted.mapKey().key())).isInstanceOf(AuthenticationException.class);
            assertThatThrownBy(() -> node.accounts.login("planted@example.com", PASSWORD, "192.0.2.9"))
                    .isInstanceOf(InvalidCredentialsException.class);
            List<MapKey> keys = node.accounts.profile(owner.account().id()).mapKeys();
            assertThat(keys).extracting(MapKey::active).containsExactly(false, true);

            signIn(node, "planted@example.com", "planted");
            signIn(node, "planted@example.com", "another subject of planted");
            assertThat(node.bearer(keys.getLast().key()).accountId())
                    .isEqualTo(planted.account().id());
        }
    }

    @Test
    void aLinkLeavesEverythingWhereTheOperatorWantsIt() {
        try (Node node = new Node(settings("bactrian.accounts.reset-when-linked", "false"))) {
            Registration registration = node.accounts.register("left@example.com", PASSWORD, null);

            signIn(node, "left@example.com", "left");

            assertThat(node.bearer(registration.token()).accountId())
                    .isEqualTo(registration.account().id());
            assertThat(node.bearer(registration.mapKey().key()).accountId())
                    .isEqualTo(registration.account().id());
        }
    }

    @Test
    void anAddressThatTheProviderVouchesForIsVerified() {
        try (Node node = new Node(settings())) {
            Account registered = node.accounts
                    .register("vouched@example.com", PASSWORD, null)
                    .account();
            assertThat(node.emails.find(registered.id()).verified()).isFalse();

            signIn(node, "VOUCHED@example.com", "vouched");
            SignIn fresh = signIn(node, "vouched-at-once@example.com", "vouched at once");

            assertThat(node.emails.find(registered.id()).verified()).isTrue();
            assertThat(node.emails.find(fresh.account().id()).verified()).isTrue();
        }
    }

    @Test
    void anAddressThatIsRegisteredAgainIsNotVerified() {
        try (Node node = new Node(settings())) {
            Account first = signIn(node, "twice@example.com", "twice").account();
            node.accounts.close(first.id());

            Account second =
                    node.accounts.register("twice@example.com", PASSWORD, null).account();
            node.emails.verify(first.id(), "twice@example.com");
            node.emails.verify(second.id(), "other@example.com");

            assertThat(node.emails.find(second.id()).verified()).isFalse();
        }
    }

    @Test
    void aVerifiedEmailIsTheSameAccountWhoeverTheProviderSaysItIs() {
        try (Node node = new Node(settings())) {
            SignIn first = signIn(node, "same@example.com", "one subject");

            SignIn second = signIn(node, "SAME@example.com", "another subject");

            assertThat(second.account().id()).isEqualTo(first.account().id());
        }
    }

    @Test
    void aNewAccountHasAKeyAndNoPassword() {
        try (Node node = new Node(settings())) {
            SignIn signIn = signIn(node, "fresh@example.com", "fresh");

            assertThat(welcomed)
                    .extracting(Account::id)
                    .containsExactly(signIn.account().id());
            assertThat(node.accounts.find(signIn.account().id())).isEqualTo(signIn.account());
            assertThat(node.accounts.profile(signIn.account().id()).mapKeys()).hasSize(1);
            assertThat(node.bearer(signIn.token()).issuer()).isEqualTo(Issuer.SELEXTRACT);
            assertThatThrownBy(() -> node.accounts.login("fresh@example.com", PASSWORD, "192.0.2.9"))
                    .isInstanceOf(InvalidCredentialsException.class);
            assertThatThrownBy(() -> node.accounts.register("FRESH@example.com", PASSWORD, null))
                    .isInstanceOf(EmailAlreadyRegisteredException.class);
        }
    }

    @Test
    void aPersonWhoSignsInManyTimesAtOnceIsGivenOneAccount() throws Exception {
        try (Node node = new Node(settings());
                ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<SignIn>> signIns = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                signIns.add(threads.submit(() -> signIn(node, "at-once@example.com", "at once")));
            }
            Set<UUID> ids = new HashSet<>();
            for (Future<SignIn> signIn : signIns) {
                ids.add(signIn.get().account().id());
            }

            assertThat(ids).hasSize(1);
            assertThat(welcomed).hasSize(1);
        }
    }

    @Test
    void endpointsCanBeGivenOneByOne() {
        String issuer = PROVIDER.issuer();
        try (Node node = new Node(settings(
                OF_PROVIDER + "issuer-uri",
                "",
                OF_PROVIDER + "authorization-uri",
                issuer + "/authorize",
                OF_PROVIDER + "token-uri",
                issuer + "/token",
                OF_PROVIDER + "jwk-set-uri",
                issuer + "/jwks",
                REGISTRATION + "client-authentication-method",
                "client_secret_post",
                REGISTRATION + "redirect-uri",
                "{baseUrl}/back/{registrationId}",
                "bactrian.public-url",
                "https://scrape.example.com/"))) {
            int discoveries = PROVIDER.requestsTo("/openid-configuration");

            signIn(node, "endpoints@example.com", "endpoints");

            assertThat(PROVIDER.requestsTo("/openid-configuration")).isEqualTo(discoveries);
            assertThat(PROVIDER.latestTokenRequest().form())
                    .containsEntry("client_secret", IdentityProvider.CLIENT_SECRET)
                    .containsEntry("redirect_uri", "https://scrape.example.com/back/google");
            assertThat(PROVIDER.latestTokenRequest().authorization()).isNull();
        }
    }

    @Test
    void anIssuerThatTheEndpointsDoNotLieBelowIsRefused() {
        String issuer = PROVIDER.issuer();
        try (Node node = new Node(settings(
                OF_PROVIDER + "issuer-uri", "",
                OF_PROVIDER + "authorization-uri", issuer.replace("localhost", "127.0.0.1") + "/authorize",
                OF_PROVIDER + "token-uri", issuer + "/token",
                OF_PROVIDER + "jwk-set-uri", issuer + "/jwks"))) {
            assertThatThrownBy(() -> signIn(node, "other@example.com", "other"))
                    .isInstanceOf(SignInRefusedException.class);
        }
    }

    @Test
    void aPublicClientSendsItsIdAndTheVerifierAlone() {
        try (Node node = new Node(settings(REGISTRATION + "client-secret", ""))) {
            signIn(node, "public@example.com", "public");

            assertThat(PROVIDER.latestTokenRequest().authorization()).isNull();
            assertThat(PROVIDER.latestTokenRequest().form())
                    .containsEntry("client_id", IdentityProvider.CLIENT_ID)
                    .doesNotContainKey("client_secret")
                    .containsKey("code_verifier");
        }
    }

    @Test
    void metadataAndKeysAreReadOnce() {
        try (Node node = new Node(settings())) {
            int discoveries = PROVIDER.requestsTo("/openid-configuration");
            int keys = PROVIDER.requestsTo("/jwks");

            for (int i = 0; i < 5; i++) {
                signIn(node, "again@example.com", "again");
            }

            assertThat(PROVIDER.requestsTo("/openid-configuration")).isEqualTo(discoveries + 1);
            assertThat(PROVIDER.requestsTo("/jwks")).isEqualTo(keys + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "500, nonsense",
        "200, nonsense",
        "200, {}",
        "404, ''",
        "200, '{\"issuer\": \"https://other.example.com\", \"subject_types_supported\": [\"public\"],"
                + " \"jwks_uri\": \"https://other.example.com/k\","
                + " \"authorization_endpoint\": \"https://other.example.com/a\","
                + " \"token_endpoint\": \"https://other.example.com/t\"}'"
    })
    void metadataThatAreNotToBeHadFailTheSignInUntilTheyAre(int status, String body) {
        try (Node node = new Node(settings())) {
            PROVIDER.answer("/openid-configuration", status, "application/json", body);
            assertThatThrownBy(node.signIn::begin).isInstanceOf(OpenIdProviderException.class);
            assertThatThrownBy(() -> node.signIn.complete("code", null, welcomed::add))
                    .isInstanceOf(OpenIdProviderException.class);

            PROVIDER.behave();
            await().atMost(Duration.ofSeconds(30))
                    .ignoreExceptionsInstanceOf(OpenIdProviderException.class)
                    .until(() -> !node.signIn.begin().state().isEmpty());
        }
    }

    @Test
    void keysThatAreNotToBeHadAreTheProvidersFault() {
        try (Node node = new Node(settings())) {
            PROVIDER.answer("/jwks", 500, "text/plain", "no");

            assertThatThrownBy(() -> signIn(node, "keys@example.com", "keys"))
                    .isInstanceOf(OpenIdProviderException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void withoutAClientIdThereIsNoSignIn(String clientId) {
        try (Node node = new Node(Map.of(REGISTRATION + "client-id", clientId))) {
            assertThatThrownBy(node.signIn::begin).isInstanceOf(OpenIdNotConfiguredException.class);
            assertThatThrownBy(() -> node.signIn.complete("code", "state", welcomed::add))
                    .isInstanceOf(OpenIdNotConfiguredException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "provider.google.issuer-uri, not a url, issuer-uri",
        "provider.google.issuer-uri, ftp://example.com, issuer-uri",
        "provider.google.token-uri, /token, token-uri",
        "registration.google.client-authentication-method, private_key_jwt, client_secret_basic",
        "registration.google.client-secret, '', client-secret",
        "registration.google.redirect-uri, '{baseHost}/x', redirect-uri"
    })
    void aSettingThatCannotBeUsedIsNamedAtTheStart(String setting, String value, String named) {
        Map<String, String> settings = settings(
                REGISTRATION + "client-authentication-method",
                "client_secret_basic",
                "spring.security.oauth2.client." + setting,
                value);

        assertThatThrownBy(() -> new Node(settings)).hasStackTraceContaining(named);
    }

    @Test
    void someEndpointsAloneAreRefusedAtTheStart() {
        Map<String, String> settings =
                settings(OF_PROVIDER + "issuer-uri", "", OF_PROVIDER + "token-uri", "https://example.com/token");

        assertThatThrownBy(() -> new Node(settings)).hasStackTraceContaining("jwk-set-uri");
    }

    private static void close(Account account) {
        DATABASE.jdbc()
                .sql("update account set is_active = false where id = :id")
                .param("id", account.id())
                .update();
    }

    private static IdentityProvider.Callback begin(Node node) {
        String email = UUID.randomUUID() + "@example.com";
        return PROVIDER.signIn(
                node.signIn.begin().authorizationUrl(), email, Map.of("email", email, "email_verified", true));
    }

    private SignIn signIn(Node node, String email, String subject) {
        BegunSignIn begun = node.signIn.begin();
        IdentityProvider.Callback callback = PROVIDER.signIn(
                begun.authorizationUrl(),
                subject,
                Map.of(
                        "email",
                        email,
                        "email_verified",
                        true,
                        "name",
                        "Grace",
                        "picture",
                        "https://example.com/grace.jpg"));
        return node.signIn.complete(callback.code(), callback.state(), welcomed::add);
    }
}
