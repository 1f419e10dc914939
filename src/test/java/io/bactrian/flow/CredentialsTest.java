package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who a credential belongs to, where it is sent, and what each answer has beside its body. */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CredentialsTest {
    private final Service service;
    private final Account account;
    private final String key;

    CredentialsTest(Service service) {
        this.service = service;
        this.account = service.register();
        this.key = account.newKey("prod", "tasks:read");
    }

    @Test
    void aCredentialOfMapscraperIsAnsweredWithTheProfile() {
        for (String credential : new String[] {account.token(), account.mapKey()}) {
            JsonNode profile = service.call("GET", "/auth/me")
                    .as(credential)
                    .send()
                    .expect(200)
                    .json();

            assertThat(profile.fieldNames())
                    .toIterable()
                    .containsExactlyInAnyOrder("user", "apiKeys", "jobCount", "recentJobs");
            assertThat(profile.path("user").path("id").isIntegralNumber()).isTrue();
            assertThat(profile.path("user").path("email").asText()).isEqualTo(account.email());
            assertThat(profile.path("user").path("credits").asInt()).isEqualTo(100);
            assertThat(profile.path("apiKeys").path(0).path("key").asText()).isEqualTo(account.mapKey());
            assertThat(profile.path("apiKeys").path(0).path("is_active").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void aCredentialOfSelextractIsAnsweredWithTheUser() {
        JsonNode user =
                service.call("GET", "/auth/me").as(key).send().expect(200).json();

        assertThat(user.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "id",
                        "email",
                        "full_name",
                        "avatar_url",
                        "subscription_tier",
                        "compute_units_used",
                        "compute_units_limit",
                        "is_active",
                        "created_at",
                        "updated_at");
        assertThat(user.path("email").asText()).isEqualTo(account.email());
        assertThat(user.path("full_name").asText()).isEqualTo("Ada");
        assertThat(user.path("subscription_tier").asText()).isEqualTo("free");
        assertThat(user.path("compute_units_limit").asInt()).isEqualTo(RunningService.COMPUTE_UNITS);
    }

    @Test
    void withoutACredentialTheAnswerServesClientsOfBothApis() {
        for (Call call : new Call[] {
            service.call("GET", "/auth/me"),
            service.call("GET", "/auth/me").as("nonsense"),
            service.call("GET", "/auth/me").header("X-API-Key", "sk_prod_nonsense")
        }) {
            Reply reply = call.send();
            reply.assertSelextractError(401, "Authentication required");
        }
    }

    @Test
    void aLoginGivesATokenThatWorks() {
        Reply login = service.call("POST", "/auth/login")
                .text(
                        "application/json",
                        "{\"email\": \"%s\", \"password\": \"%s\"}".formatted(account.email(), Service.PASSWORD))
                .send()
                .expect(200);

        assertThat(login.json().path("user").path("email").asText()).isEqualTo(account.email());
        service.call("GET", "/tasks")
                .as(login.json().path("token").asText())
                .send()
                .expect(200);
    }

    @Test
    void aKeyMayBeSentInEitherHeader() {
        for (String credential : new String[] {key, account.mapKey()}) {
            service.call("GET", "/tasks").as(credential).send().expect(200);
            service.call("GET", "/tasks").header("X-API-Key", credential).send().expect(200);
            service.call("GET", "/tasks")
                    .header("Authorization", "bearer " + credential)
                    .send()
                    .expect(200);
        }
    }

    @Test
    void authorizationWinsEvenWhenItProvesNothing() {
        service.call("GET", "/tasks")
                .as("nonsense")
                .header("X-API-Key", key)
                .send()
                .assertSelextractError(401, "authentication_error");
        service.call("GET", "/tasks")
                .as(key)
                .header("X-API-Key", "nonsense")
                .send()
                .expect(200);
        JsonNode me = service.call("GET", "/auth/me")
                .as(key)
                .header("X-API-Key", account.mapKey())
                .send()
                .expect(200)
                .json();
        assertThat(me.has("full_name")).isTrue();
    }

    @Test
    void anEnvelopeIsPutAroundTheBodyOnRequest() {
        Reply reply = service.call("GET", "/tasks")
                .as(key)
                .header("Accept", "application/vnd.selextract.envelope+json")
                .send()
                .expect(200);

        assertThat(reply.header("Content-Type")).startsWith("application/vnd.selextract.envelope+json");
        assertThat(reply.json().fieldNames()).toIterable().containsExactlyInAnyOrder("data", "timestamp", "request_id");
        assertThat(reply.json().path("data").isArray()).isTrue();
        assertThat(reply.json().path("timestamp").asText()).endsWith("Z");
        assertThat(reply.json().path("request_id").asText()).isEqualTo(reply.header("X-Request-ID"));

        service.call("GET", "/tasks/1")
                .as(key)
                .header("Accept", "application/vnd.selextract.envelope+json")
                .send()
                .assertSelextractError(404, "resource_not_found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "text/html", "application/xml", "nonsense", "application/json;q=0"})
    void anyOtherAcceptIsAnsweredInPlainJson(String accept) {
        Reply reply = service.call("GET", "/tasks")
                .as(key)
                .header("Accept", accept)
                .send()
                .expect(200);

        assertThat(reply.header("Content-Type")).startsWith("application/json");
        assertThat(reply.json().isArray()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "abc-123_X.y", "0123456789012345678901234567890123456789"})
    void aValidRequestIdIsKept(String id) {
        assertThat(service.call("GET", "/tasks")
                        .as(key)
                        .header("X-Request-ID", id)
                        .send()
                        .header("X-Request-ID"))
                .isEqualTo(id);
        Reply error = service.call("GET", "/nothing").header("X-Request-ID", id).send();
        assertThat(error.json().path("request_id").asText()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"with space", "semi;colon", "<script>", "", "(none)"})
    void anInvalidRequestIdIsReplaced(String id) {
        assertThat(service.call("GET", "/tasks")
                        .as(key)
                        .header("X-Request-ID", id)
                        .send()
                        .header("X-Request-ID"))
                .startsWith("req_");
        assertThat(service.call("GET", "/tasks")
                        .as(key)
                        .header("X-Request-ID", "x".repeat(129))
                        .send()
                        .header("X-Request-ID"))
                .startsWith("req_");
    }

    @Test
    void theDocumentsAreServedToEverybody() {
        for (String path : new String[] {"/openapi/selextract.json", "/openapi/mapscraper.json"}) {
            JsonNode document = service.call("GET", path).send().expect(200).json();
            assertThat(document.path("openapi").asText()).startsWith("3.1");
        }
        Reply page = service.call("GET", "/docs").send().expect(200);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.header("Content-Security-Policy")).contains("default-src 'self'");
    }

    @Test
    void answersToCredentialsAreNotStored() {
        assertThat(service.call("GET", "/tasks").as(key).send().header("Cache-Control"))
                .contains("no-store");
    }
}
