package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in and out, by token and by the dashboard's session. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignInTest {
    private final Service service;
    private final Account account;

    SignInTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @Test
    void aTokenThatWasSignedOutIsWorthlessAtOnceAndOthersAreNot() {
        String one = token(login(""));
        String other = token(login(""));

        Reply reply = service.call("POST", "/auth/logout").as(one).send().expect(200);

        assertThat(reply.json()).isEqualTo(TaskRequest.parse("{\"message\": \"Logged out successfully\"}"));
        service.call("GET", "/tasks").as(one).send().assertSelextractError(401, "authentication_error");
        service.call("POST", "/auth/logout").as(one).send().assertSelextractError(401, "authentication_error");
        service.call("GET", "/tasks").as(other).send().expect(200);
    }

    @Test
    void aKeyDoesNotSignOut() {
        service.call("POST", "/auth/logout").as(account.mapKey()).send().assertSelextractError(400, "validation_error");
        service.call("GET", "/tasks").as(account.mapKey()).send().expect(200);
    }

    @Test
    void aSessionIsACookieThatScriptsCannotReadAndACsrfTokenThatTheyCan() {
        Reply reply = login("?session=true");

        assertThat(reply.headers("Set-Cookie"))
                .anySatisfy(cookie -> assertThat(cookie)
                        .startsWith("bactrian_session=")
                        .contains("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"))
                .anySatisfy(cookie -> assertThat(cookie)
                        .startsWith("bactrian_csrf=")
                        .contains("SameSite=Lax", "Path=/", "Max-Age=3600")
                        .doesNotContain("HttpOnly"));
        assertThat(login("").headers("Set-Cookie")).isEmpty();
        assertThat(login("?session=false").headers("Set-Cookie")).isEmpty();
        service.call("POST", "/auth/login?session=maybe")
                .json(credentials())
                .send()
                .assertMapscraperError(400);
    }

    @Test
    void aSessionReadsWithItsCookieAloneAndChangesWithItsCsrfTokenOnly() {
        Reply signedIn = login("?session=true");
        String session = signedIn.cookie("bactrian_session");
        String csrf = signedIn.cookie("bactrian_csrf");
        String anothersCsrf = login("?session=true").cookie("bactrian_csrf");

        by(session, "GET", "/tasks").send().expect(200);
        assertThat(by(session, "GET", "/auth/me").send().expect(200).json().has("user"))
                .isTrue();
        for (Call call : new Call[] {
            by(session, "POST", "/tasks"),
            by(session, "POST", "/tasks").header("X-CSRF-Token", ""),
            by(session, "POST", "/tasks").header("X-CSRF-Token", "wrong"),
            by(session, "POST", "/tasks").header("X-CSRF-Token", anothersCsrf)
        }) {
            Reply refused =
                    call.json(TaskRequest.simple("http://10.0.0.1/").json()).send();
            refused.assertSelextractError(403, "authorization_error");
            assertThat(refused.json().path("message").asText()).contains("X-CSRF-Token");
        }
        by(session, "DELETE", "/auth/api-keys/1").send().assertMapscraperError(403);
        by(session, "POST", "/tasks")
                .header("X-CSRF-Token", csrf)
                .json(TaskRequest.simple("http://10.0.0.1/").json())
                .send()
                .expect(201);
    }

    @Test
    void headersWinOverTheCookieAndNeedNoCsrfToken() {
        String session = login("?session=true").cookie("bactrian_session");

        by(session, "GET", "/tasks").as("nonsense").send().assertSelextractError(401, "authentication_error");
        by(session, "GET", "/tasks")
                .header("X-API-Key", "nonsense")
                .send()
                .assertSelextractError(401, "authentication_error");
        by(session, "POST", "/auth/api-keys")
                .as(account.token())
                .text("application/json", "{}")
                .send()
                .expect(201);
    }

    @Test
    void signingOutEndsTheSessionAndItsCookies() {
        Reply signedIn = login("?session=true");
        String session = signedIn.cookie("bactrian_session");

        by(session, "POST", "/auth/logout").send().assertSelextractError(403, "authorization_error");
        Reply reply = by(session, "POST", "/auth/logout")
                .header("X-CSRF-Token", signedIn.cookie("bactrian_csrf"))
                .send()
                .expect(200);

        assertThat(reply.headers("Set-Cookie")).hasSize(2).allMatch(cookie -> cookie.contains("Max-Age=0"));
        by(session, "GET", "/tasks").send().assertSelextractError(401, "authentication_error");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "a.b.c", "sk_prod_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    void aCookieThatProvesNothingIsRefused(String value) {
        by(value, "GET", "/tasks").send().assertSelextractError(401, "authentication_error");
    }

    @Test
    void aKeyInTheCookieIsNoSession() {
        by(account.mapKey(), "GET", "/tasks").send().assertSelextractError(401, "authentication_error");
    }

    @Test
    void fiveWrongPasswordsMakeTheSixthWaitEvenIfItIsRightAndWhetherOrNotTheAccountExists() {
        String email = service.register().email();
        for (String tried : new String[] {email, "nobody-" + email}) {
            for (int i = 0; i < 5; i++) {
                attempt(i % 2 == 0 ? tried : tried.toUpperCase(Locale.ROOT), "wrong password")
                        .assertMapscraperError(401);
            }

            Reply refused = attempt(tried, Service.PASSWORD);

            refused.assertMapscraperError(429);
            assertThat(refused.json().path("error").asText()).isEqualTo("Too many failed sign-ins");
            assertThat(refused.json().path("retryAfter").asInt()).isBetween(1, 5);
            assertThat(refused.header("Retry-After"))
                    .isEqualTo(refused.json().path("retryAfter").asText());
        }
    }

    private Reply attempt(String email, String password) {
        return service.call("POST", "/auth/login")
                .text("application/json", "{\"email\": \"%s\", \"password\": \"%s\"}".formatted(email, password))
                .send();
    }

    private Reply login(String query) {
        return service.call("POST", "/auth/login" + query)
                .json(credentials())
                .send()
                .expect(200);
    }

    private JsonNode credentials() {
        return TaskRequest.parse(
                "{\"email\": \"%s\", \"password\": \"%s\"}".formatted(account.email(), Service.PASSWORD));
    }

    private static String token(Reply reply) {
        return reply.json().path("token").asText();
    }

    private Call by(String session, String method, String target) {
        return service.call(method, target).header("Cookie", "other=1; bactrian_session=" + session);
    }
}
