package io.bactrian.account.openid;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a provider's metadata say (OpenID Connect Discovery 1.0), when it is first needed and once an hour.
 *
 * <p>A failure is remembered for two seconds, so that a provider that does not answer keeps few requests waiting. Metadata
 * that were once had outlive a failure.
 */
final class ProviderDiscovery {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderDiscovery.class);
    private static final Duration FRESH = Duration.ofHours(1);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);
    private static final Duration KEYS_FRESH = Duration.ofMinutes(5);
    private static final Duration KEYS_AWAITED = Duration.ofSeconds(15);
    private static final Duration BETWEEN_KEY_REQUESTS = Duration.ofSeconds(30);

    /** Those that this Java platform verifies; nothing symmetric, for a provider's public key is no secret. */
    private static final Set<JWSAlgorithm> ASYMMETRIC = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final OpenIdRegistration registration;
    private final ProviderTransport transport;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ProviderMetadata known;
    private @Nullable OpenIdProviderException failure;
    private long nextLook;

    ProviderDiscovery(OpenIdRegistration registration, ProviderTransport transport) {
        this.registration = registration;
        this.transport = transport;
    }

    /** @throws OpenIdProviderException if the provider has not told, or not rightly */
    ProviderMetadata metadata() {
        lock.lock();
        try {
            boolean due = (known == null && failure == null) || System.nanoTime() - nextLook >= 0;
            if (due) {
                look();
            }
            if (known != null) {
                return known;
            }
            throw failure == null ? new IllegalStateException("The look brought neither.") : failure.again();
        } finally {
            lock.unlock();
        }
    }

    private void look() {
        try {
            known = find();
            failure = null;
            nextLook = System.nanoTime() + FRESH.toNanos();
        } catch (OpenIdProviderException unusable) {
            LOG.warn("The OpenID provider's metadata are not to be had: {}", unusable.getMessage(), unusable);
            failure = unusable;
            nextLook = System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos();
        }
    }

    private ProviderMetadata find() {
        URI authorization = registration.authorizationUri();
        URI token = registration.tokenUri();
        URI keys = registration.jwkSetUri();
        if (authorization != null && token != null && keys != null) {
            return new ProviderMetadata(
                    registration.issuer(), authorization, token, registration.userInfoUri(), ASYMMETRIC, keys(keys));
        }
        OIDCProviderMetadata found = discover(String.valueOf(registration.issuer()));
        return new ProviderMetadata(
                found.getIssuer().getValue(),
                endpoint("authorization_endpoint", authorization, found.getAuthorizationEndpointURI()),
                endpoint("token_endpoint", token, found.getTokenEndpointURI()),
                registration.userInfoUri() == null ? found.getUserInfoEndpointURI() : registration.userInfoUri(),
                algorithms(found.getIDTokenJWSAlgs()),
                keys(endpoint("jwks_uri", keys, found.getJWKSetURI())));
    }

    private OIDCProviderMetadata discover(String issuer) {
        String base = withoutSlash(issuer);
        try {
            String document = transport
                    .retrieveResource(URI.create(base + "/.well-known/openid-configuration")
                            .toURL())
                    .getContent();
            OIDCProviderMetadata found = OIDCProviderMetadata.parse(document);
            if (!withoutSlash(found.getIssuer().getValue()).equals(base)) {
                throw new OpenIdProviderException(
                        "The sign-in provider calls itself another issuer than issuer-uri: the operator must set issuer-uri as the provider spells it.");
            }
            return found;
        } catch (IOException unreachable) {
            throw new OpenIdProviderException("The sign-in provider cannot be reached. Try again later.", unreachable);
        } catch (ParseException nonsense) {
            throw new OpenIdProviderException(
                    "The sign-in provider's metadata cannot be read. Try again later, or tell the operator.", nonsense);
        }
    }

    private URI endpoint(String name, @Nullable URI configured, @Nullable URI found) {
        if (configured != null) {
            return configured;
        }
        boolean secure = String.valueOf(registration.issuer()).startsWith("https:");
        if (found == null || (secure && !"https".equalsIgnoreCase(found.getScheme()))) {
            throw new OpenIdProviderException(
                    "The sign-in provider's metadata have no usable %s. Tell the operator.".formatted(name));
        }
        return found;
    }

    private static Set<JWSAlgorithm> algorithms(@Nullable Collection<JWSAlgorithm> listed) {
        Set<JWSAlgorithm> usable = new LinkedHashSet<>(ASYMMETRIC);
        usable.retainAll(listed == null ? Set.of(JWSAlgorithm.RS256) : listed);
        if (usable.isEmpty()) {
            throw new OpenIdProviderException(
                    "The sign-in provider signs ID tokens with no algorithm that is acceptable here (RS, PS or ES). Tell the operator.");
        }
        return usable;
    }

    private JWKSource<SecurityContext> keys(URI uri) {
        try {
            return JWKSourceBuilder.create(uri.toURL(), transport)
                    .cache(KEYS_FRESH.toMillis(), KEYS_AWAITED.toMillis())
                    .refreshAheadCache(false)
                    .rateLimited(BETWEEN_KEY_REQUESTS.toMillis())
                    .build();
        } catch (MalformedURLException notAUrl) {
            throw new OpenIdProviderException(
                    "The sign-in provider's jwks_uri is not a URL. Tell the operator.", notAUrl);
        }
    }

    private static String withoutSlash(String issuer) {
        return issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    }
}
