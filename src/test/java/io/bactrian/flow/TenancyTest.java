package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Operation;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No account sees, changes or infers anything of another, by any operation that either document has.
 *
 * <p>The operations come from the documents: one that is added later is tried here from its first day, and if its path has
 * an id of a kind that {@link #RESOURCES} does not know, this test fails until it is told how to make one.
 */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenancyTest {
    private static final Contract CONTRACT = new Contract();
    private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");

    /** Is in everything that the owner names, so that any answer that shows some of it gives itself away. */
    private static final String MARK = "secretofowner";

    private final Service service;
    private final Account intruder;
    private final List<Credential> intruders;
    private final Gate gate = new Gate();
    private final MisbehavingOrigin site = MisbehavingOrigin.start()
            .on("/" + MARK, Behaviours.page("<h1>" + MARK + "</h1>"))
            .on("/gated", gate.before(Behaviours.page("<h1>" + MARK + "</h1>")));

    private @Nullable Account much;

    TenancyTest(Service service) {
        this.service = service;
        this.intruder = service.register();
        this.intruders = List.of(
                new Credential("a token", call -> call.as(intruder.token())),
                new Credential("an msk_ key", call -> call.header("X-API-Key", intruder.mapKey())),
                key("an sk_ key", intruder.newKey("prod", "*")),
                key("a test key", intruder.newKey("test", "*")));
    }

    private Account newOwner() {
        Account owner = service.register();
        owner.put("/auth/me", TaskRequest.parse("{\"name\": \"" + MARK + "\"}")).expect(200);
        return owner;
    }

    @AfterAll
    void closeSite() {
        gate.open();
        site.close();
    }

    private record Credential(String name, UnaryOperator<Call> on) {}

    private static Credential key(String name, String key) {
        return new Credential(name, call -> call.as(key));
    }

    /** How an owner comes to a thing that has an id, and which one it gets. */
    private interface Resource {
        String create(TenancyTest test, Account owner);
    }

    private record Thing(Account owner, String id) {}

    /** Those that are only read, which one of each kind is enough for. */
    private final Map<Resource, Thing> read = new HashMap<>();

    /** By the path of the thing: one or more states in which it can be, for what is possible differs from state to state. */
    private static final Map<String, List<Resource>> RESOURCES = Map.of(
            "/tasks/{task_id}",
                    List.of(
                            TenancyTest::endedTask,
                            TenancyTest::runningTask,
                            TenancyTest::taskWithScreenshot,
                            TenancyTest::monitoringTask),
            "/api-keys/{key_id}", List.of(TenancyTest::apiKey),
            "/auth/api-keys/{id}", List.of(TenancyTest::mapKey),
            "/scrape/jobs/{id}", List.of(TenancyTest::completedJob, TenancyTest::newJob),
            "/webhooks/{id}", List.of(TenancyTest::webhook),
            "/webhooks/{delivery}", List.of(TenancyTest::webhookDelivery),
            "/scheduled/saved-searches/{id}", List.of(TenancyTest::savedSearch));

    /** MapScraper's documentation has it that another account's job is answered so, and one that does not exist 404. */
    private static final String JOBS = "/scrape/jobs/";

    private static final JsonNode ACCESS_DENIED = TaskRequest.parse("{\"error\": \"Access denied\"}");

    private String newJob(Account owner) {
        return owner.search("{\"searchTerms\": \"unicorn %s\", \"location\": \"Nowhere\"}".formatted(MARK));
    }

    private String savedSearch(Account owner) {
        return owner.post("/scheduled/saved-searches", TaskRequest.parse("""
                        {"name": "%s", "searchTerms": "unicorn", "location": "Nowhere", "schedule": "@yearly"}""".formatted(MARK)))
                .expect(201)
                .json()
                .path("id")
                .asText();
    }

    private String completedJob(Account owner) {
        String id = newJob(owner);
        owner.awaitJob(id);
        return id;
    }

    private String endedTask(Account owner) {
        String id = owner.create(TaskRequest.simple(site.url("/" + MARK)).named(MARK));
        owner.awaitEnd(id);
        return id;
    }

    private String taskWithScreenshot(Account owner) {
        String id = owner.onPlan("professional")
                .create(TaskRequest.advanced(site.url("/" + MARK)).named(MARK).config("screenshot", "true"));
        owner.awaitEnd(id);
        return id;
    }

    private String monitoringTask(Account owner) {
        return owner.create(TaskRequest.monitoring(site.url("/" + MARK)).named(MARK));
    }

    private String runningTask(Account owner) {
        return owner.create(TaskRequest.simple(site.url("/gated")).named(MARK));
    }

    private String webhook(Account owner) {
        String body = "{\"url\": \"https://127.0.0.7:1/%s\", \"events\": [\"job.completed\"]}".formatted(MARK);
        return owner.post("/webhooks", TaskRequest.parse(body))
                .expect(201)
                .json()
                .path("id")
                .asText();
    }

    /** The end of the delivery's path, for it has the id of the webhook too. */
    private String webhookDelivery(Account owner) {
        String webhook = webhook(owner);
        Reply test = owner.call("POST", "/webhooks/" + webhook + "/test").send().expect(200);
        return webhook + "/deliveries/" + test.json().path("deliveryId").asText();
    }

    private String apiKey(Account owner) {
        return owner.post("/api-keys", TaskRequest.parse("{\"name\": \"" + MARK + "\"}"))
                .expect(201)
                .json()
                .path("id")
                .asText();
    }

    private String mapKey(Account owner) {
        return owner.post("/auth/api-keys", TaskRequest.parse("{\"name\": \"" + MARK + "\"}"))
                .expect(201)
                .json()
                .path("id")
                .asText();
    }

    /** What is public belongs to whoever has its address, and administrators see what is nobody's. */
    static Stream<Operation> operationsWithAnId() {
        return CONTRACT.operations().stream()
                .filter(operation -> !operation.open() && !operation.admin())
                .filter(operation -> operation.path().contains("{"));
    }

    static Stream<Operation> readingOperationsWithoutAnId() {
        return CONTRACT.operations().stream()
                .filter(operation -> operation.method().equals("GET"))
                .filter(operation -> !operation.path().contains("{"));
    }

    private Thing newThing(Resource resource) {
        Account owner = newOwner();
        return new Thing(owner, resource.create(this, owner));
    }

    @ParameterizedTest
    @MethodSource("operationsWithAnId")
    void whatBelongsToAnotherIsAnsweredLikeWhatDoesNotExist(Operation operation) {
        boolean worksForItsOwner = false;
        for (Resource resource : resourcesOf(operation)) {
            Thing thing = operation.method().equals("GET")
                    ? read.computeIfAbsent(resource, this::newThing)
                    : newThing(resource);
            String id = thing.id;
            for (Credential credential : intruders) {
                Reply anothers = credential.on.apply(call(operation, id)).send();
                Reply nobodys =
                        credential.on.apply(call(operation, anIdOfNothing(id))).send();

                boolean job = operation.path().startsWith(JOBS);
                assertThat(anothers.status())
                        .as("%s by %s: %s", operation.operationId(), credential.name, anothers.text())
                        .isEqualTo(job ? 403 : 404);
                assertThat(nobodys.status()).isEqualTo(404);
                assertThat(job ? anothers.json() : comparable(anothers))
                        .isEqualTo(job ? ACCESS_DENIED : comparable(nobodys));
                assertThat(anothers.text()).doesNotContain(MARK);
            }
            worksForItsOwner = worksForItsOwner
                    || call(operation, id).as(thing.owner.token()).send().status() < 300;
        }
        assertThat(worksForItsOwner)
                .as("%s succeeds for the owner, so that its refusal says something", operation.operationId())
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("readingOperationsWithoutAnId")
    void whatIsListedOrSummedUpIsOnlyOnesOwn(Operation operation) {
        Account owner = ownerOfMuch();
        for (Credential credential : intruders) {
            Reply reply =
                    credential.on.apply(service.call("GET", operation.path())).send();

            assertThat(new String(reply.body(), StandardCharsets.ISO_8859_1))
                    .as("%s by %s", operation.operationId(), credential.name)
                    .doesNotContain(MARK, owner.email(), owner.mapKey());
        }
    }

    private Account ownerOfMuch() {
        Account owner = much;
        if (owner == null) {
            owner = newOwner();
            endedTask(owner);
            apiKey(owner);
            newJob(owner);
            webhook(owner);
            savedSearch(owner);
            much = owner;
        }
        return owner;
    }

    @Test
    void anIdempotencyKeyMeansSomethingToItsAccountOnly() {
        Account owner = newOwner();
        String body =
                TaskRequest.simple(site.url("/" + MARK)).named(MARK).json().toString();
        String first = withKey(owner, body).expect(201).json().path("id").asText();

        Reply sameRequest = withKey(intruder, body).expect(201);
        Reply otherRequest = withKey(
                service.register(),
                TaskRequest.simple("http://10.0.0.1/").json().toString());

        assertThat(sameRequest.json().path("id").asText()).isNotEqualTo(first);
        assertThat(sameRequest.json().path("user_id"))
                .isNotEqualTo(owner.task(first).path("user_id"));
        otherRequest.expect(201);
    }

    private static Reply withKey(Account account, String body) {
        return account.call("POST", "/tasks")
                .header("Idempotency-Key", "the-same-for-all")
                .text("application/json", body)
                .send();
    }

    private static List<Resource> resourcesOf(Operation operation) {
        String path = pathOf(operation).substring(0, pathOf(operation).lastIndexOf('}') + 1);
        List<Resource> resources = RESOURCES.getOrDefault(path, List.of());
        assertThat(resources)
                .as("TenancyTest.RESOURCES says how to make a " + path)
                .isNotEmpty();
        return resources;
    }

    /** The path with one variable, the id; the others say nothing that is anybody's. */
    private static String pathOf(Operation operation) {
        return operation
                .path()
                .replace("{page}", "1")
                .replace("{format}", "csv")
                .replace("{id}/deliveries/{deliveryId}", "{delivery}");
    }

    private Call call(Operation operation, String id) {
        Matcher variable = VARIABLE.matcher(pathOf(operation));
        Call call = service.call(operation.method(), variable.replaceAll(Matcher.quoteReplacement(id)));
        JsonNode body = exampleBody(operation);
        return body == null ? call : call.json(body);
    }

    /** The body that the document shows as an example, so that nothing but the ownership is wrong with the request. */
    private @Nullable JsonNode exampleBody(Operation operation) {
        JsonNode content = TaskRequest.parse(new String(CONTRACT.json(operation.surface()), StandardCharsets.UTF_8))
                .path("paths")
                .path(operation.path())
                .path(operation.method().toLowerCase(Locale.ROOT))
                .at("/requestBody/content/application~1json");
        if (content.isMissingNode()) {
            return null;
        }
        return content.has("example")
                ? content.path("example")
                : content.path("examples").iterator().next().path("value");
    }

    private static String anIdOfNothing(String id) {
        if (id.startsWith("job_")) {
            return "job_999999999999";
        }
        if (id.contains("/deliveries/")) {
            return "999999999999/deliveries/1";
        }
        return id.length() == 36 ? UUID.randomUUID().toString() : "999999999999";
    }

    private static JsonNode comparable(Reply reply) {
        JsonNode json = reply.json();
        if (json instanceof ObjectNode object) {
            object.remove(List.of("timestamp", "request_id"));
        }
        return json;
    }
}
