package io.bactrian.account.openid;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import io.bactrian.egress.OperatorClient;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A relying party of one OpenID provider: the authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636, S256).
 *
 * <p>Making one asks the provider nothing. Safe for use by many threads.
 */
public final class OpenIdClient {
    private static final Logger LOG = LoggerFactory.getLogger(OpenIdClient.class);

    private final @Nullable Connection connection;

    OpenIdClient(@Nullable OpenIdRegistration registration, OperatorClient http, Clock clock) {
        this.connection =
                registration == null ? null : new Connection(registration, new ProviderTransport(http), clock);
    }

    /** A new secret for PKCE, 256 bits as 43 characters. */
    public static String newCodeVerifier() {
        return new CodeVerifier().getValue();
    }

    /**
     * Does nothing when sign-ins can be begun.
     *
     * @throws OpenIdNotConfiguredException if there is no provider
     * @throws OpenIdProviderException if the provider's metadata are not to be had
     */
    public void requireReady() {
        connection().discovery.metadata();
    }

    /**
     * Where a person signs in; throws as {@link #requireReady}.
     *
     * @param state comes back beside the code
     * @param nonce comes back in the ID token
     */
    public String authorizationUrl(String state, String nonce, String codeVerifier) {
        return connection().authorizationUrl(state, nonce, codeVerifier);
    }

    /**
     * Exchanges a code for who has signed in. Whoever calls must still look up the nonce.
     *
     * @param codeVerifiers the secrets that the sign-in may have been begun with, the likeliest first; many providers let a
     *     code be tried once only
     * @throws SignInRefusedException if the provider refuses the code, or its ID token is not right
     * @throws OpenIdNotConfiguredException if there is no provider
     * @throws OpenIdProviderException if the provider cannot be reached or answers nonsense
     */
    public OpenIdIdentity redeem(String code, List<String> codeVerifiers) {
        Connection open = connection();
        AccessTokenResponse answer = codeVerifiers.stream()
                .map(verifier -> open.tokens(code, verifier))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(
                        () -> new SignInRefusedException(
                                "The provider refuses this code: it was used, has expired or is another service's. Begin the sign-in again."));
        return open.identity(answer);
    }

    private Connection connection() {
        if (connection == null) {
            throw new OpenIdNotConfiguredException();
        }
        return connection;
    }

    /** The provider, as this service is registered with it. */
    private static final class Connection {
        private final OpenIdRegistration registration;
        private final ProviderTransport transport;
        private final ProviderDiscovery discovery;
        private final IdTokens idTokens;
        private final ClientID clientId;

        Connection(OpenIdRegistration registration, ProviderTransport transport, Clock clock) {
            this.registration = registration;
            this.transport = transport;
            this.discovery = new ProviderDiscovery(registration, transport);
            this.idTokens = new IdTokens(registration.clientId(), clock);
            this.clientId = new ClientID(registration.clientId());
        }

        String authorizationUrl(String state, String nonce, String codeVerifier) {
            return new AuthenticationRequest.Builder(
                            ResponseType.CODE, registration.scope(), clientId, registration.redirectUri())
                    .endpointURI(discovery.metadata().authorizationUri())
                    .state(new State(state))
                    .nonce(new Nonce(nonce))
                    .codeChallenge(new CodeVerifier(codeVerifier), CodeChallengeMethod.S256)
                    .build()
                    .toURI()
                    .toString();
        }

        /** Empty when the provider refuses the code with this verifier. */
        Optional<AccessTokenResponse> tokens(String code, String codeVerifier) {
            HTTPResponse response;
            try {
                response = tokenRequest(code, codeVerifier).toHTTPRequest().send(transport);
            } catch (IOException unreachable) {
                throw unreachable(unreachable);
            }
            if (!response.indicatesSuccess()) {
                return refusal(response);
            }
            try {
                return Optional.of(AccessTokenResponse.parse(response).toSuccessResponse());
            } catch (ParseException nonsense) {
                throw nonsense("token", nonsense);
            }
        }

        private TokenRequest tokenRequest(String code, String codeVerifier) {
            URI endpoint = discovery.metadata().tokenUri();
            AuthorizationCodeGrant grant = new AuthorizationCodeGrant(
                    new AuthorizationCode(code), registration.redirectUri(), new CodeVerifier(codeVerifier));
            ClientAuthentication authentication = authentication();
            return authentication == null
                    ? new TokenRequest.Builder(endpoint, clientId, grant).build()
                    : new TokenRequest.Builder(endpoint, authentication, grant).build();
        }

        private @Nullable ClientAuthentication authentication() {
            String secret = registration.clientSecret();
            if (secret == null || registration.authenticationMethod().equals(ClientAuthenticationMethod.NONE)) {
                return null;
            }
            return registration.authenticationMethod().equals(ClientAuthenticationMethod.CLIENT_SECRET_POST)
                    ? new ClientSecretPost(clientId, new Secret(secret))
                    : new ClientSecretBasic(clientId, new Secret(secret));
        }

        private static Optional<AccessTokenResponse> refusal(HTTPResponse response) {
            String error = ErrorObject.parse(response).getCode();
            boolean ofTheCode = error == null
                    ? response.getStatusCode() == 400
                    : error.equals(OAuth2Error.INVALID_GRANT.getCode())
                            || error.equals(OAuth2Error.INVALID_REQUEST.getCode());
            if (ofTheCode && response.getStatusCode() < 500) {
                return Optional.empty();
            }
            LOG.warn("The OpenID provider's token endpoint answered {} {}", response.getStatusCode(), error);
            boolean ofTheClient = error != null && response.getStatusCode() < 500;
            throw new OpenIdProviderException(
                    ofTheClient
                            ? "The sign-in provider refuses this service: the operator must check client-id, client-secret and redirect-uri."
                            : "The sign-in provider failed. Begin the sign-in again later.");
        }

        OpenIdIdentity identity(AccessTokenResponse answer) {
            ProviderMetadata provider = discovery.metadata();
            if (!(answer.getCustomParameters().get("id_token") instanceof String idToken)) {
                throw new OpenIdProviderException(
                        "The sign-in provider sends no ID token: the operator must register this service for OpenID Connect.");
            }
            JWTClaimsSet claims = idTokens.verify(idToken, provider);
            Map<String, Object> person = claims.getClaims();
            if (!(person.get("email") instanceof String) && provider.userInfoUri() != null) {
                person = userInfo(provider.userInfoUri(), answer, claims.getSubject());
            }
            return new OpenIdIdentity(
                    claims.getIssuer(),
                    claims.getSubject(),
                    text(person, "email"),
                    isTrue(person.get("email_verified")),
                    text(person, "name"),
                    text(person, "picture"),
                    String.valueOf(claims.getClaim("nonce")));
        }

        private Map<String, Object> userInfo(URI endpoint, AccessTokenResponse answer, String subject) {
            try {
                UserInfoResponse response = UserInfoResponse.parse(
                        new UserInfoRequest(endpoint, answer.getTokens().getAccessToken())
                                .toHTTPRequest()
                                .send(transport));
                if (!response.indicatesSuccess() || response.toSuccessResponse().getUserInfo() == null) {
                    throw new OpenIdProviderException(
                            "The sign-in provider does not tell who signed in. Begin the sign-in again later.");
                }
                Map<String, Object> person = response.toSuccessResponse()
                        .getUserInfo()
                        .toJWTClaimsSet()
                        .getClaims();
                if (!subject.equals(person.get("sub"))) {
                    throw new SignInRefusedException(
                            "The provider tells of two different people: begin the sign-in again.");
                }
                return person;
            } catch (IOException unreachable) {
                throw unreachable(unreachable);
            } catch (ParseException nonsense) {
                throw nonsense("user-info", nonsense);
            }
        }

        private static OpenIdProviderException nonsense(String endpoint, ParseException cause) {
            LOG.warn(
                    "What the OpenID provider's {} endpoint answered cannot be read: {}", endpoint, cause.getMessage());
            return new OpenIdProviderException(
                    "What the sign-in provider answered cannot be read. Begin the sign-in again later.", cause);
        }

        private static OpenIdProviderException unreachable(IOException cause) {
            LOG.warn("The OpenID provider cannot be reached: {}", cause.getMessage());
            return new OpenIdProviderException(
                    "The sign-in provider cannot be reached. Begin the sign-in again later.", cause);
        }

        private static @Nullable String text(Map<String, Object> claims, String name) {
            return claims.get(name) instanceof String text ? text : null;
        }

        /** Some providers send the word. */
        private static boolean isTrue(@Nullable Object claim) {
            return Boolean.TRUE.equals(claim) || "true".equals(claim);
        }
    }
}
