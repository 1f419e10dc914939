package io.bactrian.account.openid;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a provider: who it is, where it is, and what it signs with.
 *
 * @param issuer null where the operator gave endpoints only; see {@link #isIssuer}
 * @param algorithms those that its ID tokens may be signed with, asymmetric ones only
 */
record ProviderMetadata(
        @Nullable String issuer,
        URI authorizationUri,
        URI tokenUri,
        @Nullable URI userInfoUri,
        Set<JWSAlgorithm> algorithms,
        JWKSource<SecurityContext> keys) {

    /**
     * Whether an ID token's {@code iss} is this provider.
     *
     * <p>Without a configured issuer, it must be an http(s) URL below which the authorization endpoint lies, as it does at
     * Google, Keycloak, Okta and Auth0.
     */
    boolean isIssuer(String candidate) {
        if (issuer != null) {
            return issuer.equals(candidate);
        }
        String base = candidate.endsWith("/") ? candidate : candidate + "/";
        String origin = authorizationUri.getScheme() + "://" + authorizationUri.getRawAuthority() + "/";
        return base.startsWith(origin) && authorizationUri.toString().startsWith(base);
    }
}
