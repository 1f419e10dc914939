package io.bactrian.account;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Finds out who makes a request, by its credential, in one database query.
 *
 * <p>Nothing about accounts, keys or revocations is cached, so a key that was deactivated or a token that was revoked is
 * refused at once on every node.
 */
@Service
public final class Authenticator {
    private static final String SCHEME = "Bearer ";
    private static final Duration LAST_USED_PRECISION = Duration.ofMinutes(1);

    private final JdbcClient jdbc;
    private final Tokens tokens;
    private final Clock clock;

    Authenticator(JdbcClient jdbc, Tokens tokens, Clock clock) {
        this.jdbc = jdbc;
        this.tokens = tokens;
        this.clock = clock;
    }

    /**
     * The caller that the headers prove. {@code Authorization} wins over {@code X-API-Key}, even when it proves nothing.
     *
     * @param authorizationHeader {@code Bearer} with a token or a key
     * @param apiKeyHeader a key alone
     * @throws AuthenticationException if there is no credential, or it is malformed, unknown, expired or revoked, or its
     *     account is closed
     */
    public Caller authenticate(@Nullable String authorizationHeader, @Nullable String apiKeyHeader) {
        if (authorizationHeader != null && !authorizationHeader.isBlank()) {
            return byCredential(bearer(authorizationHeader.strip()));
        }
        if (apiKeyHeader != null && !apiKeyHeader.isBlank()) {
            return byKey(apiKeyHeader.strip()).orElseThrow(AuthenticationException::invalidKey);
        }
        throw AuthenticationException.missing();
    }

    /**
     * The caller whose key has a digest; only for digests that this service's own broker has made of keys.
     *
     * @param digest the key's kind, {@code sk_} or {@code msk_}, and its SHA-256 in hexadecimal
     * @throws AuthenticationException as {@link #authenticate} does
     */
    public Caller authenticateDigest(String digest) {
        String kind = isApiKey(digest) ? SecretKeys.API_KEY_PREFIX : SecretKeys.MAP_KEY_PREFIX;
        if (!digest.matches("(?:sk_|msk_)[0-9a-f]{64}")) {
            throw AuthenticationException.invalidKey();
        }
        byte[] hash = HexFormat.of().parseHex(digest.substring(kind.length()));
        return (isApiKey(digest) ? byApiKey(hash) : byMapKey(hash)).orElseThrow(AuthenticationException::invalidKey);
    }

    /**
     * The caller that a session's cookie proves.
     *
     * @param token the JSON Web Token in it
     * @throws AuthenticationException if the token is malformed, expired or revoked, or its account is closed
     */
    public Caller authenticateSession(String token) {
        return byToken(token, Credential.SESSION);
    }

    /**
     * Whether what proved a caller would still do so: its key or token is neither deactivated, revoked nor expired, and its
     * account is open. For answers that go on for long after the caller was let in.
     */
    public boolean isStillValid(Caller caller) {
        SignInToken token = caller.token();
        if (token != null) {
            return token.expiresAt().isAfter(clock.instant()) && isOpen(caller, token);
        }
        return caller.mapKeyId() != null
                ? isActive("map_key", caller.mapKeyId(), caller)
                : isActive("api_key", caller.keyId(), caller);
    }

    private boolean isOpen(Caller caller, SignInToken token) {
        return jdbc.sql("""
                        select exists (
                            select from account a
                            where a.id = :account and a.is_active
                              and (a.tokens_since is null or a.tokens_since <= :issuedAt)
                              and not exists (select from revoked_token r where r.jti = :jti))
                        """)
                .param("account", caller.accountId())
                .param("issuedAt", Timestamps.parameter(token.expiresAt().minus(Tokens.LIFETIME)))
                .param("jti", token.id())
                .query(Boolean.class)
                .single();
    }

    private boolean isActive(String table, @Nullable Object key, Caller caller) {
        return jdbc.sql("""
                        select exists (
                            select from %s k join account a on a.id = k.account_id
                            where k.id = :key and a.id = :account and k.is_active and a.is_active)
                        """.formatted(table))
                .param("key", key)
                .param("account", caller.accountId())
                .query(Boolean.class)
                .single();
    }

    private static String bearer(String header) {
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw AuthenticationException.malformedHeader();
        }
        return header.substring(SCHEME.length()).strip();
    }

    private Caller byCredential(String credential) {
        if (isApiKey(credential) || isMapKey(credential)) {
            return byKey(credential).orElseThrow(AuthenticationException::invalidKey);
        }
        return byToken(credential, Credential.TOKEN);
    }

    private static boolean isApiKey(String credential) {
        return credential.startsWith(SecretKeys.API_KEY_PREFIX);
    }

    private static boolean isMapKey(String credential) {
        return credential.startsWith(SecretKeys.MAP_KEY_PREFIX);
    }

    private Optional<Caller> byKey(String key) {
        if (key.length() > SecretKeys.MAX_LENGTH) {
            return Optional.empty();
        }
        if (isApiKey(key)) {
            return byApiKey(SecretKeys.hash(key));
        }
        return isMapKey(key) ? byMapKey(SecretKeys.hash(key)) : Optional.empty();
    }

    private Optional<Caller> byApiKey(byte[] hash) {
        Optional<Found<UUID>> found = jdbc.sql("""
                        select k.id as key_id, k.environment, k.permissions, k.last_used_at,
                               a.id, a.number, a.email, a.selextract_plan, a.mapscraper_plan
                        from api_key k join account a on a.id = k.account_id
                        where k.hash = :hash and k.is_active and a.is_active
                        """)
                .param("hash", hash)
                .query((row, number) -> {
                    UUID keyId = row.getObject("key_id", UUID.class);
                    Caller caller = caller(
                            row,
                            Credential.API_KEY,
                            Issuer.SELEXTRACT,
                            Permissions.ofValues(List.of(
                                    (String[]) row.getArray("permissions").getArray())),
                            keyId,
                            null,
                            "test".equals(row.getString("environment")));
                    return new Found<>(keyId, Timestamps.readNullable(row, "last_used_at"), caller);
                })
                .optional();
        found.filter(this::isUseToBeNoted)
                .ifPresent(use -> noteUse(
                        "update api_key set last_used_at = :now where id = :id"
                                + " and (last_used_at is null or last_used_at <= :before)",
                        use.keyId()));
        return found.map(Found::caller);
    }

    private Optional<Caller> byMapKey(byte[] hash) {
        Optional<Found<Long>> found = jdbc.sql("""
                        select k.id as key_id, k.last_used_at,
                               a.id, a.number, a.email, a.selextract_plan, a.mapscraper_plan
                        from map_key k join account a on a.id = k.account_id
                        where k.hash = :hash and k.is_active and a.is_active
                        """)
                .param("hash", hash)
                .query((row, number) -> new Found<>(
                        row.getLong("key_id"),
                        Timestamps.readNullable(row, "last_used_at"),
                        caller(
                                row,
                                Credential.MAP_KEY,
                                Issuer.MAPSCRAPER,
                                Permissions.UNRESTRICTED,
                                null,
                                null,
                                false)))
                .optional();
        found.filter(this::isUseToBeNoted)
                .ifPresent(use -> noteUse(
                        "update map_key set last_used_at = :now where id = :id"
                                + " and (last_used_at is null or last_used_at <= :before)",
                        use.keyId()));
        return found.map(Found::caller);
    }

    private Caller byToken(String text, Credential credential) {
        VerifiedToken token = tokens.verify(text);
        return jdbc.sql("""
                        select a.id, a.number, a.email, a.selextract_plan, a.mapscraper_plan,
                               exists (select from revoked_token r where r.jti = :jti) as revoked
                        from account a join signing_key k on k.kid = :kid
                        where a.id = :account and a.is_active
                          and (k.retired_at is null or k.retired_at > :retiredAfter)
                          and (a.tokens_since is null or a.tokens_since <= :issuedAt)
                        """)
                .param("jti", token.jti())
                .param("kid", token.kid())
                .param("account", token.accountId())
                .param("issuedAt", Timestamps.parameter(token.issuedAt()))
                .param("retiredAfter", Timestamps.parameter(clock.instant().minus(Tokens.LIFETIME)))
                .query((row, number) -> {
                    if (row.getBoolean("revoked")) {
                        throw AuthenticationException.revokedToken();
                    }
                    return caller(
                            row,
                            credential,
                            token.api(),
                            Permissions.UNRESTRICTED,
                            null,
                            new SignInToken(token.jti(), token.expiresAt()),
                            false);
                })
                .optional()
                .orElseThrow(AuthenticationException::invalidToken);
    }

    private static Caller caller(
            ResultSet row,
            Credential credential,
            Issuer issuer,
            Permissions permissions,
            @Nullable UUID keyId,
            @Nullable SignInToken token,
            boolean testKey)
            throws SQLException {
        return new Caller(
                row.getObject("id", UUID.class),
                row.getLong("number"),
                row.getString("email"),
                credential,
                issuer,
                permissions,
                keyId,
                token,
                testKey,
                row.getString("selextract_plan"),
                row.getString("mapscraper_plan"),
                credential == Credential.MAP_KEY ? row.getLong("key_id") : null);
    }

    /** A key as it was found, with the caller that it proves. */
    private record Found<I>(I keyId, @Nullable Instant lastUsedAt, Caller caller) {}

    private boolean isUseToBeNoted(Found<?> found) {
        Instant lastUsedAt = found.lastUsedAt();
        return lastUsedAt == null || !lastUsedAt.isAfter(clock.instant().minus(LAST_USED_PRECISION));
    }

    /** The condition is asked again in the statement, because many requests of one key arrive at once. */
    private void noteUse(String update, Object keyId) {
        Instant now = Timestamps.now(clock);
        OffsetDateTime before = Timestamps.parameter(now.minus(LAST_USED_PRECISION));
        jdbc.sql(update)
                .param("now", Timestamps.parameter(now))
                .param("id", keyId)
                .param("before", before)
                .update();
    }
}
