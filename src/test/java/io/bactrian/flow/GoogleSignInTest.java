package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.bactrian.origin.IdentityProvider;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sign-in by an OpenID provider that stands in for Google, from the first request to the token. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoogleSignInTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Service service;
    private final IdentityProvider provider;

    GoogleSignInTest(Service service, IdentityProvider provider) {
        this.service = service;
        this.provider = provider;
    }

    @AfterEach
    void letTheProviderBehave() {
        provider.behave();
    }

    @Test
    void theUrlAsksForEverythingThatProtectsTheSignIn() {
        JsonNode begun = begin();

        assertThat(begun.fieldNames()).toIterable().containsExactlyInAnyOrder("auth_url", "state");
        String url = begun.path("auth_url").asText();
        assertThat(url).startsWith(provider.issuer() + "/authorize?");
        Map<String, String> query = IdentityProvider.query(url);
        assertThat(query)
                .containsEntry("response_type", "code")
                .containsEntry("client_id", IdentityProvider.CLIENT_ID)
                .containsEntry("redirect_uri", "http://localhost:3001/auth/success")
                .containsEntry("scope", "openid email profile")
                .containsEntry("state", begun.path("state").asText())
                .containsEntry("code_challenge_method", "S256");
        assertThat(query.get("nonce")).hasSizeGreaterThanOrEqualTo(32).isNotEqualTo(query.get("state"));
        assertThat(query.get("code_challenge")).hasSize(43);
        assertThat(IdentityProvider.query(begin().path("auth_url").asText()).get("nonce"))
                .isNotEqualTo(query.get("nonce"));
    }

    @Test
    void aNewPersonIsGivenAnAccountByTheCodeAlone() throws Exception {
        String email = newEmail();
        String url = begin().path("auth_url").asText();
        IdentityProvider.Callback callback = provider.signIn(
                url,
                email,
                Map.of(
                        "email",
                        email,
                        "email_verified",
                        true,
                        "name",
                        "Grace Hopper",
                        "picture",
                        "https://example.com/grace.jpg"));

        JsonNode answer = complete(callback.code(), null).expect(200).json();

        assertThat(answer.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("access_token", "token_type", "expires_in", "user");
        assertThat(answer.path("token_type").asText()).isEqualTo("bearer");
        assertThat(answer.path("expires_in").asInt()).isEqualTo(3600);
        JsonNode user = answer.path("user");
        assertThat(user.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "id",
                        "email",
                        "full_name",
                        "subscription_tier",
                        "compute_units_remaining",
                        "is_active",
                        "created_at");
        assertThat(user.path("email").asText()).isEqualTo(email);
        assertThat(user.path("full_name").asText()).isEqualTo("Grace Hopper");
        assertThat(user.path("subscription_tier").asText()).isEqualTo("free");
        assertThat(user.path("compute_units_remaining").asInt()).isEqualTo(RunningService.COMPUTE_UNITS);
        assertThat(user.path("is_active").asBoolean()).isTrue();
        assertThat(Instant.parse(user.path("created_at").asText())).isNotNull();

        JsonNode me = service.call("GET", "/auth/me")
                .as(answer.path("access_token").asText())
                .send()
                .expect(200)
                .json();
        assertThat(me.path("id").asText()).isEqualTo(user.path("id").asText());
        assertThat(me.path("avatar_url").asText()).isEqualTo("https://example.com/grace.jpg");

        IdentityProvider.TokenRequest request = provider.latestTokenRequest();
        String verifier = request.form().getOrDefault("code_verifier", "");
        assertThat(challenge(verifier)).isEqualTo(IdentityProvider.query(url).get("code_challenge"));
        assertThat(request.form())
                .containsEntry("grant_type", "authorization_code")
                .containsEntry("redirect_uri", "http://localhost:3001/auth/success")
                .doesNotContainKey("client_secret");
        assertThat(request.authorization()).startsWith("Basic ");
    }

    @Test
    void anAccountWithTheSameAddressInOtherLettersIsTheSame() {
        Account registered = service.register();
        String key = registered.newKey("prod", "*");
        String id = service.call("GET", "/auth/me")
                .as(key)
                .send()
                .expect(200)
                .json()
                .path("id")
                .asText();

        JsonNode user = signIn(registered.email().toUpperCase(Locale.ROOT), "subject of " + registered.email())
                .expect(200)
                .json()
                .path("user");

        assertThat(user.path("id").asText()).isEqualTo(id);
        assertThat(user.path("email").asText()).isEqualTo(registered.email());
        assertThat(user.path("full_name").asText()).as("what it was").isEqualTo("Ada");
    }

    @Test
    void aSecondSignInIsTheSameAccountAndGrantsNothing() {
        String email = newEmail();
        JsonNode first = signIn(email, email).expect(200).json().path("user");
        JsonNode second = signIn(email, email).expect(200).json().path("user");

        assertThat(second).isEqualTo(first);
    }

    @Test
    void aPersonWhoseAddressChangedKeepsTheAccount() {
        String subject = newEmail();
        JsonNode first = signIn(newEmail(), subject).expect(200).json().path("user");
        JsonNode second = signIn(newEmail(), subject).expect(200).json().path("user");

        assertThat(second).isEqualTo(first);
    }

    @Test
    void aVerifiedEmailIsTheSameAccountWhoeverTheProviderSaysItIs() {
        String email = newEmail();
        JsonNode first = signIn(email, "first subject of " + email).expect(200).json();

        JsonNode second =
                signIn(email, "second subject of " + email).expect(200).json();

        assertThat(second.path("user").path("id")).isEqualTo(first.path("user").path("id"));
    }

    @Test
    void aStateThatIsSentBackIsVerified() {
        JsonNode mine = begin();
        JsonNode other = begin();
        String email = newEmail();
        Map<String, Object> claims = Map.of("email", email, "email_verified", true);
        IdentityProvider.Callback callback =
                provider.signIn(mine.path("auth_url").asText(), email, claims);
        assertThat(callback.state()).isEqualTo(mine.path("state").asText());

        for (String wrong : List.of("", "wrong", callback.state() + "x", "x".repeat(512))) {
            Reply reply = complete(callback.code(), wrong);
            reply.assertSelextractError(400, "validation_error");
            assertThat(reply.fields()).containsExactly("state");
        }
        complete(callback.code(), callback.state()).expect(200);

        callback = provider.signIn(begin().path("auth_url").asText(), email, claims);
        complete(callback.code(), other.path("state").asText()).assertSelextractError(401, "authentication_error");
    }

    @Test
    void aStateIsUsedOnce() {
        String email = newEmail();
        IdentityProvider.Callback callback = provider.signIn(
                begin().path("auth_url").asText(), email, Map.of("email", email, "email_verified", true));
        complete(callback.code(), callback.state()).expect(200);

        Reply again = complete(callback.code(), callback.state());

        again.assertSelextractError(400, "validation_error");
        assertThat(again.fields()).containsExactly("state");
    }

    @Test
    void ofManySignInsThatArePendingAnyCompletesByItsCodeAlone() {
        List<String> urls = List.of(
                begin().path("auth_url").asText(),
                begin().path("auth_url").asText(),
                begin().path("auth_url").asText());
        for (int i : List.of(1, 0, 2)) {
            String email = newEmail();
            IdentityProvider.Callback callback =
                    provider.signIn(urls.get(i), email, Map.of("email", email, "email_verified", true));
            complete(callback.code(), null).expect(200);
        }
    }

    @Test
    void aCodeIsExchangedOnce() {
        begin();
        String email = newEmail();
        IdentityProvider.Callback callback = provider.signIn(
                begin().path("auth_url").asText(), email, Map.of("email", email, "email_verified", true));
        complete(callback.code(), null).expect(200);

        complete(callback.code(), null).assertSelextractError(401, "authentication_error");
        complete("no code at all", null).assertSelextractError(401, "authentication_error");
    }

    @ParameterizedTest
    @CsvSource({
        "{\"email\": \"unverified@example.com\"}",
        "'{\"email\": \"unverified@example.com\", \"email_verified\": false}'",
        "'{\"email\": \"unverified@example.com\", \"email_verified\": \"yes\"}'",
        "'{\"email\": \"not an address\", \"email_verified\": true}'",
        "'{\"email\": [\"unverified@example.com\"], \"email_verified\": true}'",
        "{\"email_verified\": true}"
    })
    void anAddressThatTheProviderDoesNotVouchForIsRefused(String claims) throws Exception {
        Map<String, Object> map = new HashMap<>();
        JSON.readTree(claims).properties().forEach(claim -> map.put(claim.getKey(), claim.getValue()));
        IdentityProvider.Callback callback =
                provider.signIn(begin().path("auth_url").asText(), newEmail(), map);

        Reply reply = complete(callback.code(), callback.state());

        reply.assertSelextractError(401, "authentication_error");
        assertThat(reply.json().path("message").asText()).contains("e-mail");
    }

    /** What may be wrong with an ID token. */
    enum Forgery {
        TAMPERED_PAYLOAD,
        TAMPERED_SIGNATURE,
        NO_SIGNATURE,
        UNSIGNED,
        UNSIGNED_IN_CAPITALS,
        HMAC_WITH_THE_PUBLIC_KEY,
        HMAC_WITH_THE_CLIENT_SECRET,
        SIGNED_BY_AN_UNKNOWN_KEY,
        SIGNED_BY_ANOTHER_KEY_OF_THE_SAME_NAME,
        EXPIRED,
        NOT_YET_VALID,
        ISSUED_IN_THE_FUTURE,
        WITHOUT_EXPIRY,
        ANOTHER_AUDIENCE,
        NO_AUDIENCE,
        TWO_AUDIENCES_AND_NO_AUTHORIZED_PARTY,
        ANOTHER_AUTHORIZED_PARTY,
        ANOTHER_ISSUER,
        ISSUER_WITH_A_SLASH,
        NO_ISSUER,
        NO_SUBJECT,
        NO_NONCE,
        UNKNOWN_NONCE,
        NONSENSE
    }

    @ParameterizedTest
    @EnumSource
    void aForgedIdTokenIsRefused(Forgery forgery) throws Exception {
        JsonNode begun = begin();
        String email = newEmail();
        answerWith(forge(forgery, claims(begun, email)));

        complete("a code", begun.path("state").asText()).assertSelextractError(401, "authentication_error");
        complete("a code", null).assertSelextractError(401, "authentication_error");

        answerWith(provider.sign(claims(begun, email), Duration.ofHours(1)).serialize());
        complete("a code", begun.path("state").asText()).expect(200);
    }

    @Test
    void aNonceIsUsedOnce() {
        JsonNode begun = begin();
        begin();
        answerWith(provider.sign(claims(begun, newEmail()), Duration.ofHours(1)).serialize());
        complete("a code", null).expect(200);

        complete("a code", null).assertSelextractError(401, "authentication_error");
    }

    @Test
    void aMinuteOfSkewIsForgiven() {
        JsonNode begun = begin();
        Map<String, Object> claims = claims(begun, newEmail());
        Instant now = Instant.now();
        claims.put("exp", Date.from(now.minusSeconds(20)));
        claims.put("nbf", Date.from(now.plusSeconds(20)));
        claims.put("iat", Date.from(now.plusSeconds(20)));
        answerWith(provider.sign(claims, Duration.ofHours(1)).serialize());

        complete("a code", null).expect(200);
    }

    @Test
    void anAddressThatTheIdTokenLacksIsAskedFor() {
        JsonNode begun = begin();
        String email = newEmail();
        Map<String, Object> claims = claims(begun, email);
        claims.remove("email");
        answerWith(provider.sign(claims, Duration.ofHours(1)).serialize());
        ObjectNode person = JSON.createObjectNode()
                .put("sub", email)
                .put("email", email)
                .put("email_verified", true)
                .put("name", "Grace Hopper");
        provider.answer("/userinfo", 200, "application/json", person.toString());

        JsonNode user = complete("a code", null).expect(200).json().path("user");

        assertThat(user.path("email").asText()).isEqualTo(email);
        assertThat(user.path("full_name").asText()).isEqualTo("Grace Hopper");
    }

    @ParameterizedTest
    @CsvSource({
        "200, application/json, '{\"sub\": \"somebody else\", \"email\": \"x@example.com\", \"email_verified\": true}', 401",
        "200, application/json, '{\"sub\": 7}', 502",
        "200, text/html, nonsense, 502",
        "500, text/html, nonsense, 502",
        "401, application/json, '{\"error\": \"invalid_token\"}', 502"
    })
    void whatTheProviderTellsOfAPersonMustBeOfThatPerson(int status, String contentType, String body, int expected) {
        JsonNode begun = begin();
        Map<String, Object> claims = claims(begun, newEmail());
        claims.remove("email");
        answerWith(provider.sign(claims, Duration.ofHours(1)).serialize());
        provider.answer("/userinfo", status, contentType, body);

        complete("a code", null)
                .assertSelextractError(expected, expected == 401 ? "authentication_error" : "oauth_provider_error");
    }

    @ParameterizedTest
    @CsvSource({
        "500, application/json, '{\"error\": \"server_error\"}'",
        "503, text/html, <h1>Down</h1>",
        "200, text/html, <h1>Welcome</h1>",
        "200, application/json, '{}'",
        "200, application/json, '{\"access_token\": \"x\", \"token_type\": \"Bearer\"}'",
        "200, application/json, '{\"access_token\": \"x\", \"token_type\": \"Bearer\", \"id_token\": 7}'",
        "200, application/json, '[['",
        "302, text/html, moved",
        "401, application/json, '{\"error\": \"invalid_client\"}'",
        "429, text/plain, slower"
    })
    void aProviderThatAnswersNonsenseIsABadGateway(int status, String contentType, String body) {
        JsonNode begun = begin();
        provider.answer("/token", status, contentType, body);

        complete("a code", begun.path("state").asText()).assertSelextractError(502, "oauth_provider_error");
        complete("a code", null).assertSelextractError(502, "oauth_provider_error");
    }

    @Test
    void anAnswerLargerThanAMegabyteIsABadGateway() {
        JsonNode begun = begin();
        provider.answer("/token", 200, "application/json", "{\"x\": \"" + "x".repeat(1 << 20) + "\"}");

        complete("a code", begun.path("state").asText()).assertSelextractError(502, "oauth_provider_error");
    }

    @ParameterizedTest
    @CsvSource({
        "400, application/json, '{\"error\": \"invalid_grant\"}'",
        "400, application/json, '{\"error\": \"invalid_request\"}'",
        "400, text/plain, no",
        "401, application/json, '{\"error\": \"invalid_grant\"}'"
    })
    void aCodeThatTheProviderRefusesIsNoProof(int status, String contentType, String body) {
        JsonNode begun = begin();
        provider.answer("/token", status, contentType, body);

        complete("a code", begun.path("state").asText()).assertSelextractError(401, "authentication_error");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"code\": null}", "{\"code\": \"\"}", "{\"code\": \"  \"}", "{\"code\": 7}"})
    void aRequestWithoutACodeNamesIt(String body) {
        Reply reply = service.call("POST", "/auth/google")
                .text("application/json", body)
                .send();

        reply.assertSelextractError(400, "validation_error");
        assertThat(reply.fields()).containsExactly("code");
    }

    @Test
    void aRequestThatIsNoneIsRefused() {
        Reply unknown = service.call("POST", "/auth/google")
                .text("application/json", "{\"code\": \"x\", \"nonce\": \"x\"}")
                .send();
        unknown.assertSelextractError(400, "validation_error");
        assertThat(unknown.fields()).containsExactly("nonce");
        service.call("POST", "/auth/google")
                .text("text/plain", "code=x")
                .send()
                .assertSelextractError(415, "unsupported_media_type");
        service.call("POST", "/auth/google")
                .text("application/json", "\"" + "x".repeat(16 << 20) + "\"")
                .send()
                .assertSelextractError(413, "payload_too_large");
    }

    private String forge(Forgery forgery, Map<String, Object> claims) throws JOSEException, ParseException {
        Duration hour = Duration.ofHours(1);
        Instant now = Instant.now();
        String[] good = provider.sign(claims, hour).serialize().split("\\.", -1);
        RSAKey known = provider.publicKeys().getKeys().getFirst().toRSAKey();
        return switch (forgery) {
            case TAMPERED_PAYLOAD -> good[0] + "." + tampered(good[1]) + "." + good[2];
            case TAMPERED_SIGNATURE ->
                good[0] + "." + good[1] + "." + (good[2].startsWith("A") ? "B" : "A") + good[2].substring(1);
            case NO_SIGNATURE -> good[0] + "." + good[1] + ".";
            case UNSIGNED -> new PlainJWT(whole(claims, now)).serialize();
            case UNSIGNED_IN_CAPITALS -> Base64URL.encode("{\"alg\":\"NONE\",\"typ\":\"JWT\"}") + "." + good[1] + ".";
            case HMAC_WITH_THE_PUBLIC_KEY ->
                hmac(
                        whole(claims, now),
                        known.getKeyID(),
                        known.toRSAPublicKey().getEncoded());
            case HMAC_WITH_THE_CLIENT_SECRET ->
                hmac(
                        whole(claims, now),
                        known.getKeyID(),
                        IdentityProvider.CLIENT_SECRET.getBytes(StandardCharsets.UTF_8));
            case SIGNED_BY_AN_UNKNOWN_KEY -> rsa(whole(claims, now), "unknown");
            case SIGNED_BY_ANOTHER_KEY_OF_THE_SAME_NAME -> rsa(whole(claims, now), known.getKeyID());
            case EXPIRED -> sign(claims, "exp", Date.from(now.minusSeconds(120)));
            case NOT_YET_VALID -> sign(claims, "nbf", Date.from(now.plusSeconds(120)));
            case ISSUED_IN_THE_FUTURE -> sign(claims, "iat", Date.from(now.plusSeconds(120)));
            case WITHOUT_EXPIRY -> sign(claims, "exp", null);
            case ANOTHER_AUDIENCE -> sign(claims, "aud", "another-client");
            case NO_AUDIENCE -> sign(claims, "aud", null);
            case TWO_AUDIENCES_AND_NO_AUTHORIZED_PARTY ->
                sign(claims, "aud", List.of(IdentityProvider.CLIENT_ID, "another-client"));
            case ANOTHER_AUTHORIZED_PARTY -> sign(claims, "azp", "another-client");
            case ANOTHER_ISSUER -> sign(claims, "iss", "https://accounts.google.com");
            case ISSUER_WITH_A_SLASH -> sign(claims, "iss", provider.issuer() + "/");
            case NO_ISSUER -> sign(claims, "iss", null);
            case NO_SUBJECT -> sign(claims, "sub", null);
            case NO_NONCE -> sign(claims, "nonce", null);
            case UNKNOWN_NONCE -> sign(claims, "nonce", "never issued");
            case NONSENSE -> "nonsense";
        };
    }

    private String sign(Map<String, Object> claims, String name, @Nullable Object value) {
        Map<String, Object> changed = new HashMap<>(claims);
        changed.put(name, value);
        return provider.sign(changed, Duration.ofHours(1)).serialize();
    }

    private static String tampered(String payload) {
        String json = new Base64URL(payload).decodeToString();
        return Base64URL.encode(json.replace("@example.com", "@example.org")).toString();
    }

    private static JWTClaimsSet whole(Map<String, Object> claims, Instant now) throws ParseException {
        return new JWTClaimsSet.Builder(JWTClaimsSet.parse(claims))
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(3600)))
                .build();
    }

    private static String hmac(JWTClaimsSet claims, String keyId, byte[] secret) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(keyId).build(), claims);
        token.sign(new MACSigner(secret));
        return token.serialize();
    }

    private static String rsa(JWTClaimsSet claims, String keyId) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(keyId).build(), claims);
        token.sign(new RSASSASigner(new RSAKeyGenerator(2048).generate()));
        return token.serialize();
    }

    private Map<String, Object> claims(JsonNode begun, String email) {
        Map<String, Object> claims = new HashMap<>();
        claims.put("iss", provider.issuer());
        claims.put("aud", IdentityProvider.CLIENT_ID);
        claims.put("sub", email);
        claims.put(
                "nonce", IdentityProvider.query(begun.path("auth_url").asText()).get("nonce"));
        claims.put("email", email);
        claims.put("email_verified", true);
        return claims;
    }

    private void answerWith(String idToken) {
        ObjectNode answer = JSON.createObjectNode()
                .put("access_token", "opaque")
                .put("token_type", "Bearer")
                .put("expires_in", 3600)
                .put("id_token", idToken);
        provider.answer("/token", 200, "application/json", answer.toString());
    }

    private JsonNode begin() {
        return service.call("GET", "/auth/google").send().expect(200).json();
    }

    private Reply complete(String code, @Nullable String state) {
        ObjectNode body = JSON.createObjectNode().put("code", code);
        if (state != null) {
            body.put("state", state);
        }
        return service.call("POST", "/auth/google").json(body).send();
    }

    private Reply signIn(String email, String subject) {
        IdentityProvider.Callback callback = provider.signIn(
                begin().path("auth_url").asText(), subject, Map.of("email", email, "email_verified", true));
        return complete(callback.code(), null);
    }

    private static String newEmail() {
        return UUID.randomUUID() + "@example.com";
    }

    private static String challenge(String verifier) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    }
}
