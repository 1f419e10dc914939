package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What owners do with their account: change it, make and revoke keys, take everything along, and leave. */
@ExtendWith(RunningService.class)
class OwnAccountTest {
    private final Service service;
    private final Account account;
    private final MisbehavingOrigin site = MisbehavingOrigin.start();

    OwnAccountTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void theProfileChangesInTheFieldsThatAreSent() {
        String key = account.newKey("prod", "*");

        JsonNode user = put(key, "{\"full_name\": \"John Smith\", \"avatar_url\": \"https://example.com/a.jpg\"}")
                .expect(200)
                .json();
        assertThat(user.path("full_name").asText()).isEqualTo("John Smith");
        assertThat(user.path("avatar_url").asText()).isEqualTo("https://example.com/a.jpg");

        JsonNode cleared = put(key, "{\"avatar_url\": null}").expect(200).json();
        assertThat(cleared.path("full_name").asText()).isEqualTo("John Smith");
        assertThat(cleared.path("avatar_url").isNull()).isTrue();

        JsonNode profile =
                put(account.token(), "{\"name\": \"Jo\"}").expect(200).json();
        assertThat(profile.path("user").path("name").asText()).isEqualTo("Jo");
        assertThat(profile.has("apiKeys")).isTrue();
        assertThat(put(account.token(), "{}").expect(200).json()).isEqualTo(profile);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"full_name\": 1}",
                "{\"full_name\": \"a\\nb\"}",
                "{\"full_name\": \"a\", \"name\": \"b\"}",
                "{\"avatar_url\": \"javascript:alert(1)\"}",
                "{\"avatar_url\": \"/relative.png\"}",
                "{\"avatar_url\": \"https://user:password@example.com/\"}",
                "{\"avatar_url\": \"https://\"}",
                "{\"email\": \"new@example.com\"}",
                "{\"subscription_tier\": \"enterprise\"}",
                "[]",
                "nonsense"
            })
    void aChangeThatWillNotDoIsRefused(String body) {
        put(account.newKey("prod", "*"), body).assertSelextractError(400, "validation_error");
        put(account.token(), body).assertMapscraperError(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"email", "fullname", "subscription_tier", "x y"})
    void anUnknownFieldIsNamedInBothShapes(String field) {
        String body = "{\"" + field + "\": \"x\"}";

        Reply selextract = put(account.newKey("prod", "*"), body);
        Reply mapscraper = put(account.token(), body);

        assertThat(selextract.fields()).containsExactly(field);
        assertThat(selextract.json().path("message").asText()).isEqualTo(field + " is not a known field");
        assertThat(mapscraper.json().path("error").asText()).isEqualTo(field + " is not a known field");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /auth/me",
        "GET, /auth/me/export",
        "DELETE, /auth/me",
        "POST, /auth/api-keys",
        "DELETE, /auth/api-keys/1",
    })
    void aKeyNeedsEverythingToActForItsOwner(String method, String path) {
        String key = account.newKey("prod", "tasks:read", "tasks:create", "keys:manage", "billing:manage");

        Reply reply = service.call(method, path)
                .as(key)
                .text("application/json", "{}")
                .send();

        assertThat(reply.status()).as(reply.text()).isEqualTo(403);
        assertThat(reply.text()).containsAnyOf("'*'", "with a key");
    }

    @Test
    void aMapKeyIsMadeReadAgainAndRevoked() {
        JsonNode made = account.post("/auth/api-keys", TaskRequest.parse("{\"name\": \"Development Key\"}"))
                .expect(201)
                .json();
        assertThat(made.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("id", "name", "key", "is_active", "created_at");
        String key = made.path("key").asText();
        assertThat(key).startsWith("msk_");
        service.call("GET", "/tasks").header("X-API-Key", key).send().expect(200);
        assertThat(profileKeys())
                .hasSize(2)
                .anyMatch(known -> known.path("key").asText().equals(key));

        Reply revoked = account.delete("/auth/api-keys/" + made.path("id").asText());

        assertThat(revoked.expect(200).json()).isEqualTo(TaskRequest.parse("{\"status\": \"deleted\"}"));
        service.call("GET", "/tasks")
                .header("X-API-Key", key)
                .send()
                .assertSelextractError(401, "authentication_error");
        assertThat(profileKeys())
                .hasSize(2)
                .anyMatch(known -> known.path("is_active").asInt() == 0);
        assertThat(account.post("/auth/api-keys", TaskRequest.parse("{}"))
                        .expect(201)
                        .json()
                        .path("name")
                        .asText())
                .endsWith("Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x", "1e3", "99999999999999999999", "9223372036854775807", "%31;"})
    void aMapKeyThatDoesNotExistIsNotFound(String id) {
        Reply reply = account.delete("/auth/api-keys/" + id);

        reply.assertMapscraperError(404);
        assertThat(reply.json().path("error").asText()).isEqualTo("API key not found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"name\": \"\"}", "{\"name\": \"  \"}", "{\"name\": 5}", "{\"nam\": \"x\"}", "[]"})
    void aMapKeyNeedsAProperName(String body) {
        account.call("POST", "/auth/api-keys")
                .text("application/json", body)
                .send()
                .assertMapscraperError(400);
    }

    @Test
    void aTestKeyMakesNoKeyWhoseWorkIsPaidFor() {
        String key = account.newKey("test", "*");

        service.call("POST", "/api-keys")
                .as(key)
                .text("application/json", "{\"name\": \"more\"}")
                .send()
                .assertSelextractError(403, "authorization_error");
        service.call("POST", "/auth/api-keys")
                .as(key)
                .text("application/json", "{}")
                .send()
                .assertMapscraperError(403);
        service.call("POST", "/api-keys")
                .as(key)
                .text("application/json", "{\"name\": \"more\", \"environment\": \"test\"}")
                .send()
                .expect(201);
    }

    @Test
    void theExportHasEverythingButSecrets() throws IOException {
        site.on("/a", Behaviours.page("<h1>A page</h1>"));
        String key = account.newKey("prod", "tasks:read");
        String task = account.create(TaskRequest.simple(site.url("/a"), site.url("/missing")));
        account.awaitEnd(task);
        JsonNode registered = account.post(
                        "/webhooks",
                        TaskRequest.parse("{\"url\": \"https://127.0.0.7:1/hook\", \"events\": [\"credits.low\"]}"))
                .expect(201)
                .json();
        String webhook = registered.path("id").asText();
        account.call("POST", "/webhooks/" + webhook + "/test").send().expect(200);

        Reply reply = account.get("/auth/me/export").expect(200);

        assertThat(reply.header("Content-Type")).isEqualTo("application/zip");
        assertThat(reply.header("Content-Disposition")).matches("attachment; filename=\"account-[0-9a-f-]{36}\\.zip\"");
        Map<String, String> files = unzip(reply.body());
        assertThat(files.keySet())
                .containsExactly(
                        "CONTENTS.txt",
                        "account.json",
                        "api-keys.json",
                        "billing.json",
                        "ledger.jsonl",
                        "webhooks.jsonl",
                        "webhooks/" + webhook + "/sent.jsonl",
                        "tasks/" + task + "/task.json",
                        "tasks/" + task + "/rows.jsonl",
                        "tasks/" + task + "/log.jsonl");
        assertThat(files.get("account.json")).contains(account.email());
        assertThat(files.getOrDefault("tasks/" + task + "/rows.jsonl", "").lines())
                .hasSize(2)
                .first()
                .asString()
                .contains("A page");
        assertThat(files.get("tasks/" + task + "/log.jsonl")).contains("Task completed");
        assertThat(files.getOrDefault("ledger.jsonl", "").lines())
                .extracting(line -> TaskRequest.parse(line).path("kind").asText())
                .containsExactlyInAnyOrder("grant", "refill", "reserve", "settle", "release");
        assertThat(files.get("webhooks.jsonl")).contains("https://127.0.0.7:1/hook", "credits.low");
        assertThat(files.get("webhooks/" + webhook + "/sent.jsonl")).contains("credits.low");
        assertThat(String.join("\n", files.values()))
                .doesNotContain(key, account.mapKey(), registered.path("secret").asText());
    }

    @Test
    void aDeletedAccountIsGoneWithAllItHasAndItsAddressIsFreeAgain() {
        Gate gate = new Gate();
        site.on("/gated", gate.before(Behaviours.page("<h1>Open</h1>"))).on("/a", Behaviours.page("<h1>A</h1>"));
        String key = account.newKey("prod", "*");
        String done = account.create(TaskRequest.simple(site.url("/a")));
        account.awaitEnd(done);
        account.create(TaskRequest.simple(site.url("/gated")));
        service.call("DELETE", "/auth/me").as(key).send().assertSelextractError(403, "authorization_error");
        service.call("DELETE", "/auth/me").as(account.mapKey()).send().assertMapscraperError(403);

        Reply reply = account.delete("/auth/me").expect(200);
        gate.open();

        assertThat(reply.json()).isEqualTo(TaskRequest.parse("{\"message\": \"Account deleted successfully\"}"));
        for (String credential : List.of(account.token(), key, account.mapKey())) {
            service.call("GET", "/tasks").as(credential).send().assertSelextractError(401, "authentication_error");
        }
        Reply login = service.call("POST", "/auth/login")
                .text(
                        "application/json",
                        "{\"email\": \"%s\", \"password\": \"%s\"}".formatted(account.email(), Service.PASSWORD))
                .send();
        login.assertMapscraperError(401);
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(count("SELECT count(*) FROM task WHERE id = '" + done + "'"))
                    .isZero();
            assertThat(count("SELECT count(*) FROM task_row WHERE task_id = '" + done + "'"))
                    .isZero();
        });
        assertThat(count("SELECT count(*) FROM account WHERE email = '" + account.email() + "'"))
                .isZero();
        assertThat(count("SELECT count(*) FROM credit_transfer WHERE description LIKE '%@%'"))
                .isZero();

        service.call("POST", "/auth/register")
                .text(
                        "application/json",
                        "{\"email\": \"%s\", \"password\": \"%s\"}".formatted(account.email(), Service.PASSWORD))
                .send()
                .expect(201);
    }

    @Test
    void howeverManyTasksADeletedAccountHasAllAreErased() {
        String id = service.call("GET", "/auth/me")
                .as(account.newKey("prod", "tasks:read"))
                .send()
                .expect(200)
                .json()
                .path("id")
                .asText();
        service.database().sql("""
                        INSERT INTO task (id, account_id, name, task_type, status, priority, config, plan_id, pages_total,
                                          unit_price, units_estimated, created_at, updated_at)
                        SELECT gen_random_uuid(), CAST(? AS uuid), 'done', 'simple_scraping', 'completed', 5, '{}', 'free', 1,
                               5, 5, now(), now() FROM generate_series(1, 350)""").param(id).update();

        account.delete("/auth/me").expect(200);

        await().atMost(Duration.ofSeconds(60))
                .until(() -> count("SELECT count(*) FROM task WHERE account_id = '" + id + "'") == 0);
    }

    private long count(String query) {
        return service.database().sql(query).query(Long.class).single();
    }

    private Reply put(String credential, String body) {
        return service.call("PUT", "/auth/me")
                .as(credential)
                .text("application/json", body)
                .send();
    }

    private JsonNode profileKeys() {
        return account.get("/auth/me").expect(200).json().path("apiKeys");
    }

    private static Map<String, String> unzip(byte[] archive) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return files;
    }
}
