package io.bactrian.account;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a request, as its credential proves.
 *
 * @param accountNumber the same account's integer id, as MapScraper's clients know it
 * @param email the address as the account's owner wrote it
 * @param credential what kind of credential was shown
 * @param issuer the API that issued the credential
 * @param keyId the {@code sk_} key that was shown, or null for any other credential
 * @param token what was signed in with, or null where a key was shown
 * @param testKey whether the credential is an {@code sk_test_} key, whose tasks are small and free
 * @param selextractPlan the id of the account's Selextract plan
 * @param mapscraperPlan the id of the account's MapScraper plan
 * @param mapKeyId the {@code msk_} key that was shown, or null for any other credential
 */
public record Caller(
        UUID accountId,
        long accountNumber,
        String email,
        Credential credential,
        Issuer issuer,
        Permissions permissions,
        @Nullable UUID keyId,
        @Nullable SignInToken token,
        boolean testKey,
        String selextractPlan,
        String mapscraperPlan,
        @Nullable Long mapKeyId) {}
