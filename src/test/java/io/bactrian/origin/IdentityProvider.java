package io.bactrian.origin;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicInteger;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.http.OAuth2HttpRequest;
import no.nav.security.mock.oauth2.http.OAuth2HttpResponse;
import no.nav.security.mock.oauth2.http.Route;
import no.nav.security.mock.oauth2.token.KeyProvider;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A real OpenID provider on this machine: it checks PKCE, takes a code once, and signs what it is told.
 *
 * <p>Any of its endpoints can be made to answer something else.
 */
public final class IdentityProvider implements AutoCloseable {
    public static final String CLIENT_ID = "bactrian-client";
    public static final String CLIENT_SECRET = "a secret of the client, at least 256 bits of it";

    private static final String ISSUER = "default";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final OAuth2TokenProvider tokens;
    private final MockOAuth2Server server;
    private final Interference interference = new Interference();
    private final HttpClient browser = HttpClient.newHttpClient();

    /** @param clock of the times in its tokens */
    public IdentityProvider(Clock clock) {
        this.tokens = new OAuth2TokenProvider(new KeyProvider(), clock::instant);
        this.server = new MockOAuth2Server(new OAuth2Config(true, null, null, false, tokens), interference);
        server.start();
    }

    public String issuer() {
        return server.issuerUrl(ISSUER).toString();
    }

    /** What the redirect back carries. */
    public record Callback(String code, String state) {}

    /** What the service sent to the token endpoint. */
    public record TokenRequest(
            Map<String, String> form, @Nullable String authorization) {}

    /** Signs a person in as they would by hand, at the URL that the service gave them. */
    public Callback signIn(String authorizationUrl, String subject, Map<String, ?> claims) {
        try {
            String form = "username=" + encode(subject) + "&claims=" + encode(JSON.writeValueAsString(claims));
            HttpRequest request = HttpRequest.newBuilder(URI.create(authorizationUrl))
                    .timeout(Duration.ofSeconds(30))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(form))
                    .build();
            HttpResponse<String> answer = browser.send(request, BodyHandlers.ofString());
            Map<String, String> back =
                    query(answer.headers().firstValue("Location").orElseThrow());
            return new Callback(back.getOrDefault("code", ""), back.getOrDefault("state", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The parameters of a URL's query. */
    public static Map<String, String> query(String url) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : URI.create(url).getRawQuery().split("&", -1)) {
            int equals = pair.indexOf('=');
            parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
        }
        return parameters;
    }

    /** A token with those claims and no other than its times, signed by this provider. */
    public SignedJWT sign(Map<String, Object> claims, Duration expiry) {
        return tokens.jwt(claims, expiry, ISSUER);
    }

    public JWKSet publicKeys() {
        return tokens.publicJwkSet(ISSUER);
    }

    /** Makes the requests to the endpoint whose path ends so, such as {@code /token}, be answered otherwise, until {@link #behave}. */
    public void answer(String endpoint, int status, String contentType, String body) {
        interference.answers.put(
                endpoint, new OAuth2HttpResponse(Headers.of("Content-Type", contentType), status, body, null));
    }

    public void behave() {
        interference.answers.clear();
    }

    /** The latest request to the token endpoint. */
    public TokenRequest latestTokenRequest() {
        return interference.tokenRequests.getLast();
    }

    /** How often that endpoint was asked. */
    public int requestsTo(String endpoint) {
        return interference
                .requests
                .computeIfAbsent(endpoint, key -> new AtomicInteger())
                .get();
    }

    @Override
    public void close() {
        browser.shutdownNow();
        server.shutdown();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Sees every request first. */
    private static final class Interference implements Route {
        private final LinkedBlockingDeque<TokenRequest> tokenRequests = new LinkedBlockingDeque<>();
        private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
        private final Map<String, OAuth2HttpResponse> answers = new ConcurrentHashMap<>();

        @Override
        public boolean match(OAuth2HttpRequest request) {
            String endpoint = endpoint(request);
            requests.computeIfAbsent(endpoint, key -> new AtomicInteger()).incrementAndGet();
            if (endpoint.equals("/token")) {
                tokenRequests.add(new TokenRequest(
                        request.getFormParameters().getMap(),
                        request.getHeaders().get("Authorization")));
            }
            return answers.containsKey(endpoint);
        }

        @Override
        public OAuth2HttpResponse invoke(OAuth2HttpRequest request) {
            OAuth2HttpResponse answer = answers.get(endpoint(request));
            if (answer == null) {
                throw new IllegalStateException("The test changed its mind meanwhile.");
            }
            return answer;
        }

        private static String endpoint(OAuth2HttpRequest request) {
            String path = request.getUrl().encodedPath();
            return path.substring(path.lastIndexOf('/'));
        }
    }
}
