package io.bactrian.account.openid;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code spring.security.oauth2.client}, with the names that Spring Security gave it.
 *
 * @param registration this service as a client, by name; the one named {@code google} counts
 * @param provider providers by the name that a registration knows them by
 */
@ConfigurationProperties("spring.security.oauth2.client")
record OpenIdProperties(
        @DefaultValue Map<String, Registration> registration,
        @DefaultValue Map<String, Provider> provider) {

    /**
     * What the provider knows of this service.
     *
     * @param provider the name of the provider's entry; the registration's own unless set
     */
    record Registration(
            @Nullable String provider,
            @Nullable String clientId,
            @Nullable String clientSecret,
            @Nullable String clientAuthenticationMethod,
            @Nullable String redirectUri,
            @DefaultValue({"openid", "email", "profile"}) List<String> scope) {
        /** Leaves the secret out, so that it cannot end up in a log. */
        @Override
        public String toString() {
            return "Registration[clientId=%s]".formatted(clientId);
        }
    }

    /** Where the provider is: its issuer, which tells the rest, or the endpoints one by one. */
    record Provider(
            @Nullable String issuerUri,
            @Nullable String authorizationUri,
            @Nullable String tokenUri,
            @Nullable String jwkSetUri,
            @Nullable String userInfoUri) {
        static final Provider NONE = new Provider(null, null, null, null, null);
    }
}
