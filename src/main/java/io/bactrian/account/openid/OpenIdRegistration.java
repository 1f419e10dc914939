package io.bactrian.account.openid;

import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.openid.connect.sdk.OIDCScopeValue;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * This service as the client of one provider, with every default applied.
 *
 * @param clientSecret null where the client is public and proves itself by PKCE alone
 * @param issuer null where the endpoints are given one by one without it
 */
record OpenIdRegistration(
        String clientId,
        @Nullable String clientSecret,
        ClientAuthenticationMethod authenticationMethod,
        URI redirectUri,
        Scope scope,
        @Nullable String issuer,
        @Nullable URI authorizationUri,
        @Nullable URI tokenUri,
        @Nullable URI jwkSetUri,
        @Nullable URI userInfoUri) {
    private static final String NAME = "google";
    private static final String GOOGLE = "https://accounts.google.com";
    private static final String PREFIX = "spring.security.oauth2.client.";
    private static final Set<ClientAuthenticationMethod> METHODS = Set.of(
            ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
            ClientAuthenticationMethod.CLIENT_SECRET_POST,
            ClientAuthenticationMethod.NONE);

    /**
     * Empty where no client id is set.
     *
     * @param publicUrl where users reach this service
     * @throws IllegalArgumentException naming the property that cannot be used
     */
    static Optional<OpenIdRegistration> of(OpenIdProperties properties, String publicUrl) {
        OpenIdProperties.Registration registration = properties.registration().get(NAME);
        String clientId = registration == null ? null : text(registration.clientId());
        if (registration == null || clientId == null) {
            return Optional.empty();
        }
        String named = text(registration.provider());
        String providerName = named == null ? NAME : named;
        OpenIdProperties.Provider provider =
                properties.provider().getOrDefault(providerName, OpenIdProperties.Provider.NONE);
        String prefix = PREFIX + "provider." + providerName + ".";
        String secret = text(registration.clientSecret());
        Scope scope = new Scope(registration.scope().toArray(String[]::new));
        scope.add(OIDCScopeValue.OPENID);
        return Optional.of(new OpenIdRegistration(
                clientId,
                secret,
                method(text(registration.clientAuthenticationMethod()), secret),
                redirectUri(text(registration.redirectUri()), publicUrl),
                scope,
                issuer(provider, prefix),
                uri(prefix + "authorization-uri", provider.authorizationUri()),
                uri(prefix + "token-uri", provider.tokenUri()),
                uri(prefix + "jwk-set-uri", provider.jwkSetUri()),
                uri(prefix + "user-info-uri", provider.userInfoUri())));
    }

    private static @Nullable String issuer(OpenIdProperties.Provider provider, String prefix) {
        URI issuer = uri(prefix + "issuer-uri", provider.issuerUri());
        if (issuer != null) {
            return issuer.toString();
        }
        int given = (text(provider.authorizationUri()) == null ? 0 : 1)
                + (text(provider.tokenUri()) == null ? 0 : 1)
                + (text(provider.jwkSetUri()) == null ? 0 : 1);
        if (given == 0) {
            return GOOGLE;
        }
        if (given < 3) {
            throw new IllegalArgumentException(
                    "Set %1$sissuer-uri, or all of %1$sauthorization-uri, %1$stoken-uri and %1$sjwk-set-uri: the provider's other endpoints cannot be guessed."
                            .formatted(prefix));
        }
        return null;
    }

    private static ClientAuthenticationMethod method(@Nullable String name, @Nullable String secret) {
        ClientAuthenticationMethod method = name == null
                ? secret == null ? ClientAuthenticationMethod.NONE : ClientAuthenticationMethod.CLIENT_SECRET_BASIC
                : new ClientAuthenticationMethod(name);
        String property = PREFIX + "registration." + NAME + ".";
        if (!METHODS.contains(method)) {
            throw new IllegalArgumentException(
                    property + "client-authentication-method must be client_secret_basic, client_secret_post or none.");
        }
        if (secret == null && !method.equals(ClientAuthenticationMethod.NONE)) {
            throw new IllegalArgumentException(
                    "Set %sclient-secret, which %s sends.".formatted(property, method.getValue()));
        }
        return method;
    }

    private static URI redirectUri(@Nullable String template, String publicUrl) {
        String base = publicUrl.replaceAll("/+$", "");
        String expanded = template == null
                ? base + "/auth/success"
                : template.replace("{baseUrl}", base)
                        .replace("{registrationId}", NAME)
                        .replace("{action}", "login");
        URI uri = uri(
                template == null ? "bactrian.public-url" : PREFIX + "registration." + NAME + ".redirect-uri", expanded);
        if (uri == null) {
            throw new IllegalArgumentException(
                    "bactrian.public-url must be the URL at which users reach this service.");
        }
        return uri;
    }

    private static @Nullable URI uri(String property, @Nullable String value) {
        String text = text(value);
        if (text == null) {
            return null;
        }
        try {
            URI uri = new URI(text);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getHost() != null && uri.getRawFragment() == null) {
                return uri;
            }
            throw new IllegalArgumentException(unusable(property, text));
        } catch (URISyntaxException notAUri) {
            throw new IllegalArgumentException(unusable(property, text), notAUri);
        }
    }

    private static String unusable(String property, String text) {
        return "%s is '%s': it must be an absolute http or https URL.".formatted(property, text);
    }

    private static @Nullable String text(@Nullable String value) {
        return value == null || value.isBlank() ? null : value.strip();
    }

    /** Leaves the secret out, so that it cannot end up in a log. */
    @Override
    public String toString() {
        return "OpenIdRegistration[clientId=%s, issuer=%s]".formatted(clientId, issuer);
    }
}
