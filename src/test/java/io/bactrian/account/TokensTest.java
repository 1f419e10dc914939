package io.bactrian.account;

import static io.bactrian.account.AccountNode.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final SettableClock CLOCK = new SettableClock();
    private static final AccountNode NODE = new AccountNode(DATABASE, CLOCK);
    private static final UUID ACCOUNT = NODE.accounts
            .register("tokens@example.com", PASSWORD, null)
            .account()
            .id();
    private static final String INVALID = "The token is not valid: sign in again.";

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aTokenSaysWhoForHowLongAndFromWhichApi() throws Exception {
        SignedJWT token = SignedJWT.parse(issue());

        assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.RS256);
        assertThat(token.getHeader().getKeyID())
                .isEqualTo(NODE.signingKeys.active().kid().toString());
        JWTClaimsSet claims = token.getJWTClaimsSet();
        assertThat(claims.getIssuer()).isEqualTo("bactrian");
        assertThat(claims.getSubject()).isEqualTo(ACCOUNT.toString());
        assertThat(claims.getJWTID()).isNotBlank();
        assertThat(claims.getStringClaim("api")).isEqualTo("mapscraper");
        assertThat(Duration.between(
                        claims.getIssueTime().toInstant(),
                        claims.getExpirationTime().toInstant()))
                .isEqualTo(Duration.ofHours(1));
    }

    @Test
    void aTokenExpiresAfterAnHour() {
        String token = issue();

        CLOCK.advance(Duration.ofSeconds(3598));
        assertThat(NODE.bearer(token).accountId()).isEqualTo(ACCOUNT);
        CLOCK.advance(Duration.ofSeconds(2));
        assertThatThrownBy(() -> NODE.bearer(token))
                .isInstanceOf(AuthenticationException.class)
                .hasMessage("The token has expired: sign in again.");
    }

    @Test
    void aChangedTokenIsRefused() {
        String[] parts = issue().split("\\.", -1);
        String forgedClaims = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(claims().subject(UUID.randomUUID().toString())
                        .build()
                        .toString()
                        .getBytes(StandardCharsets.UTF_8));

        assertInvalid(parts[0] + "." + forgedClaims + "." + parts[2]);
        assertInvalid(parts[0] + "." + parts[1] + "." + swapAt(parts[2], 100));
        assertInvalid(parts[0] + "." + parts[1] + ".");
        assertInvalid(parts[0] + "." + parts[1]);
        assertInvalid("x".repeat(10_000));
        assertInvalid("..");
        assertInvalid("\0.\0.\0");
    }

    @Test
    void aTokenWithoutSignatureIsRefused() {
        assertInvalid(new PlainJWT(claims().build()).serialize());
        String header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
        assertInvalid(header + issue().substring(issue().indexOf('.')));
    }

    @Test
    void aTokenSignedWithThePublicKeyAsHmacSecretIsRefused() throws Exception {
        UUID kid = NODE.signingKeys.active().kid();
        byte[] publicKey = NODE.signingKeys.publicKey(kid).orElseThrow().getEncoded();

        assertInvalid(sign(JWSAlgorithm.HS256, kid.toString(), new MACSigner(publicKey), claims()));
    }

    @Test
    void onlyRs256OfAKnownKeyIsAccepted() throws Exception {
        SigningKeys.Signing active = NODE.signingKeys.active();
        JWSSigner ours = new RSASSASigner(active.privateKey());
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair foreign = generator.generateKeyPair();
        String kid = active.kid().toString();

        assertThat(NODE.bearer(sign(JWSAlgorithm.RS256, kid, ours, claims())).accountId())
                .isEqualTo(ACCOUNT);
        assertInvalid(sign(JWSAlgorithm.RS512, kid, ours, claims()));
        assertInvalid(sign(JWSAlgorithm.PS256, kid, ours, claims()));
        assertInvalid(sign(JWSAlgorithm.RS256, null, ours, claims()));
        assertInvalid(sign(JWSAlgorithm.RS256, "../../etc/passwd", ours, claims()));
        assertInvalid(sign(JWSAlgorithm.RS256, UUID.randomUUID().toString(), ours, claims()));
        assertInvalid(sign(JWSAlgorithm.RS256, kid, new RSASSASigner(foreign.getPrivate()), claims()));
    }

    @Test
    void everyClaimMustBeThereAndRight() throws Exception {
        assertInvalid(signed(claims().issuer("another")));
        assertInvalid(signed(claims().issuer(null)));
        assertInvalid(signed(claims().subject(null)));
        assertInvalid(signed(claims().subject("42")));
        assertInvalid(signed(claims().subject(UUID.randomUUID().toString())));
        assertInvalid(signed(claims().jwtID(null)));
        assertInvalid(signed(claims().issueTime(null)));
        assertInvalid(signed(claims().issueTime(Date.from(CLOCK.instant().plusSeconds(120)))));
        assertInvalid(signed(claims().expirationTime(null)));
        assertInvalid(signed(claims().claim("api", null)));
        assertInvalid(signed(claims().claim("api", "another")));
        assertInvalid(signed(claims().claim("api", 7)));
    }

    @Test
    void aServiceOfAnotherNameDoesNotAcceptTheToken() {
        AccountNode other = new AccountNode(DATABASE, CLOCK, AccountNode.MASTER_KEY, "another");

        assertInvalid(other.tokens.issue(ACCOUNT, Issuer.MAPSCRAPER));
    }

    @Test
    void aRevokedTokenIsRefusedOnEveryNode() {
        AccountNode other = new AccountNode(DATABASE, CLOCK);
        String token = issue();
        String another = issue();

        SignInToken signedIn = AccountNode.parsed(NODE.bearer(token));
        NODE.tokens.revoke(signedIn);
        NODE.tokens.revoke(signedIn);

        assertThatThrownBy(() -> other.bearer(token))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining("revoked");
        assertThat(other.bearer(another).accountId()).isEqualTo(ACCOUNT);
    }

    @Test
    void revocationsAreForgottenOnceTheTokenHasExpired() {
        NODE.tokens.forgetExpired();
        NODE.tokens.revoke(AccountNode.parsed(NODE.bearer(issue())));
        CLOCK.advance(Duration.ofHours(2));
        NODE.tokens.revoke(AccountNode.parsed(NODE.bearer(issue())));
        NODE.tokens.forgetExpired();

        assertThat(count("select count(*) from revoked_token")).isEqualTo(1);
    }

    @Test
    void tokensOfARetiredKeyAreGoodUntilTheyExpire() throws Exception {
        AccountNode other = new AccountNode(DATABASE, CLOCK);
        SigningKeys.Signing old = NODE.signingKeys.active();
        String before = issue();

        NODE.tokens.rotate();

        assertThat(NODE.signingKeys.active().kid()).isNotEqualTo(old.kid());
        assertThat(SignedJWT.parse(other.tokens.issue(ACCOUNT, Issuer.MAPSCRAPER))
                        .getHeader()
                        .getKeyID())
                .isNotEqualTo(old.kid().toString());
        assertThat(other.bearer(before).accountId()).isEqualTo(ACCOUNT);
        assertThat(count("select count(*) from signing_key where retired_at is not null and private_key is not null"))
                .isZero();
        CLOCK.advance(Duration.ofHours(1));
        assertInvalid(sign(JWSAlgorithm.RS256, old.kid().toString(), new RSASSASigner(old.privateKey()), claims()));
    }

    @Test
    void nodesThatStartAtOnceShareOneKey() throws Exception {
        try (TestDatabase empty = TestDatabase.create()) {
            int nodes = 6;
            CyclicBarrier together = new CyclicBarrier(nodes);
            List<Future<UUID>> kids = new ArrayList<>();
            try (ExecutorService threads = Executors.newFixedThreadPool(nodes)) {
                for (int i = 0; i < nodes; i++) {
                    kids.add(threads.submit(() -> {
                        together.await();
                        return new AccountNode(empty, CLOCK)
                                .signingKeys
                                .active()
                                .kid();
                    }));
                }
            }

            assertThat(kids)
                    .extracting(Future::get)
                    .containsOnly(kids.getFirst().get());
            assertThat(empty.jdbc()
                            .sql("select count(*) from signing_key")
                            .query(Long.class)
                            .single())
                    .isEqualTo(1);
        }
    }

    @Test
    void nodesThatRotateAtOnceMakeOneNewKey() throws Exception {
        int nodes = 4;
        long before = count("select count(*) from signing_key");
        CyclicBarrier together = new CyclicBarrier(nodes);
        List<Future<Boolean>> rotations = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(nodes)) {
            for (int i = 0; i < nodes; i++) {
                rotations.add(threads.submit(() -> {
                    together.await();
                    NODE.tokens.rotate();
                    return true;
                }));
            }
        }

        assertThat(rotations).extracting(Future::get).containsOnly(true);
        assertThat(count("select count(*) from signing_key where retired_at is null"))
                .isEqualTo(1);
        assertThat(count("select count(*) from signing_key")).isBetween(before + 1, before + nodes);
    }

    @Test
    void aStartWithAnotherMasterKeyFailsAndSaysWhy() {
        String another = Base64.getEncoder().encodeToString(new byte[32]);

        assertThatThrownBy(() -> new AccountNode(DATABASE, CLOCK, another, "bactrian"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("bactrian.secrets.master-key");
    }

    private static String issue() {
        return NODE.tokens.issue(ACCOUNT, Issuer.MAPSCRAPER);
    }

    private static JWTClaimsSet.Builder claims() {
        Instant now = CLOCK.instant();
        return new JWTClaimsSet.Builder()
                .issuer("bactrian")
                .subject(ACCOUNT.toString())
                .jwtID(UUID.randomUUID().toString())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(60)))
                .claim("api", "mapscraper");
    }

    private static String signed(JWTClaimsSet.Builder claims) throws Exception {
        SigningKeys.Signing active = NODE.signingKeys.active();
        return sign(JWSAlgorithm.RS256, active.kid().toString(), new RSASSASigner(active.privateKey()), claims);
    }

    private static String sign(
            JWSAlgorithm algorithm, @Nullable String kid, JWSSigner signer, JWTClaimsSet.Builder claims)
            throws Exception {
        SignedJWT token =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims.build());
        token.sign(signer);
        return token.serialize();
    }

    private static String swapAt(String text, int index) {
        char replacement = text.charAt(index) == 'A' ? 'B' : 'A';
        return text.substring(0, index) + replacement + text.substring(index + 1);
    }

    private static void assertInvalid(String token) {
        assertThatThrownBy(() -> NODE.bearer(token))
                .isInstanceOf(AuthenticationException.class)
                .hasMessage(INVALID);
    }

    private static long count(String sql) {
        return DATABASE.jdbc().sql(sql).query(Long.class).single();
    }
}
