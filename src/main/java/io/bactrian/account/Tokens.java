package io.bactrian.account;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** JSON Web Tokens (RFC 7519), signed with RS256, that prove an account for an hour. */
@Service
public final class Tokens {
    /** How long a token is valid after its issue. */
    public static final Duration LIFETIME = Duration.ofHours(1);

    private static final int FORGOTTEN_AT_ONCE = 5_000;

    private static final String API_CLAIM = "api";
    private static final int MAX_LENGTH = 4096;
    /** How far another node's clock may be ahead. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    private final SigningKeys keys;
    private final JdbcClient jdbc;
    private final Clock clock;
    private final String issuer;

    Tokens(SigningKeys keys, JdbcClient jdbc, Clock clock, @Value("${bactrian.tokens.issuer:bactrian}") String issuer) {
        this.keys = keys;
        this.jdbc = jdbc;
        this.clock = clock;
        this.issuer = issuer;
    }

    /** A new token for an account, as one that the given API issues. */
    public String issue(UUID accountId, Issuer api) {
        SigningKeys.Signing key = keys.active();
        Instant now = clock.instant();
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT)
                .keyID(key.kid().toString())
                .build();
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(issuer)
                .subject(accountId.toString())
                .jwtID(UUID.randomUUID().toString())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFETIME)))
                .claim(API_CLAIM, api.claim())
                .build();
        SignedJWT token = new SignedJWT(header, claims);
        try {
            token.sign(new RSASSASigner(key.privateKey()));
        } catch (JOSEException e) {
            throw new IllegalStateException("The signing key cannot sign.", e);
        }
        return token.serialize();
    }

    /** Makes a token worthless before it expires, at once and on every node. */
    public void revoke(SignInToken token) {
        jdbc.sql("insert into revoked_token (jti, expires_at) values (:jti, :expiresAt) on conflict do nothing")
                .param("jti", token.id())
                .param("expiresAt", Timestamps.parameter(token.expiresAt()))
                .update();
    }

    /**
     * Removes some of what is kept of revoked tokens that have expired since.
     *
     * @return whether there may be more
     */
    public boolean forgetExpired() {
        return jdbc.sql("""
                        delete from revoked_token where ctid = any(array(
                            select ctid from revoked_token where expires_at < :now
                            order by expires_at limit :most for update skip locked))
                        """)
                        .param("now", Timestamps.parameter(clock.instant()))
                        .param("most", FORGOTTEN_AT_ONCE)
                        .update()
                == FORGOTTEN_AT_ONCE;
    }

    /** Signs with a new key from now on; tokens of the old one stay valid until they expire. */
    public void rotate() {
        keys.rotate();
    }

    /**
     * What a token says, once its signature, issuer and times have been found right. Whether it was revoked, its key retired
     * too long ago, or its account closed is for the {@link Authenticator}, which asks the database all three at once.
     *
     * @throws AuthenticationException if anything is not right
     */
    VerifiedToken verify(String text) {
        if (text.length() > MAX_LENGTH) {
            throw AuthenticationException.invalidToken();
        }
        VerifiedToken token;
        try {
            token = parse(text);
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            // The cause is left out: what a forger gets wrong is neither for him nor for the log.
            throw AuthenticationException.invalidToken();
        }
        Instant now = clock.instant();
        if (token.issuedAt().isAfter(now.plus(CLOCK_SKEW))) {
            throw AuthenticationException.invalidToken();
        }
        if (!token.expiresAt().isAfter(now)) {
            throw AuthenticationException.expiredToken();
        }
        return token;
    }

    private VerifiedToken parse(String text) throws ParseException, JOSEException {
        SignedJWT token = SignedJWT.parse(text);
        // Pinned, whatever the header proposes: "none" or HMAC with the public key must never come near a verifier.
        require(JWSAlgorithm.RS256.equals(token.getHeader().getAlgorithm()));
        UUID kid = uuid(token.getHeader().getKeyID());
        Optional<RSAPublicKey> key = keys.publicKey(kid);
        require(key.isPresent() && token.verify(new RSASSAVerifier(key.get())));

        JWTClaimsSet claims = token.getJWTClaimsSet();
        require(issuer.equals(claims.getIssuer()));
        return new VerifiedToken(
                kid,
                uuid(claims.getSubject()),
                uuid(claims.getJWTID()),
                api(claims.getStringClaim(API_CLAIM)),
                instant(claims.getIssueTime()),
                instant(claims.getExpirationTime()));
    }

    private static void require(boolean condition) throws ParseException {
        if (!condition) {
            throw foreign();
        }
    }

    private static UUID uuid(@Nullable String text) throws ParseException {
        if (text == null) {
            throw foreign();
        }
        return UUID.fromString(text);
    }

    private static Instant instant(@Nullable Date date) throws ParseException {
        if (date == null) {
            throw foreign();
        }
        return date.toInstant();
    }

    private static Issuer api(@Nullable String claim) throws ParseException {
        return Arrays.stream(Issuer.values())
                .filter(api -> api.claim().equals(claim))
                .findFirst()
                .orElseThrow(Tokens::foreign);
    }

    private static ParseException foreign() {
        return new ParseException("Not a token of this service.", 0);
    }
}
