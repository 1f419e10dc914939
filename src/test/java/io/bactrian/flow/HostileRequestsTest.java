package io.bactrian.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.api.contract.Contract;
import io.bactrian.api.contract.Operation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What an attacker tries on every operation: forged credentials, another site's requests in a user's name, and noise. The
 * operations come from both documents, so one that is added later is attacked from its first day.
 */
@ExtendWith(RunningService.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsTest {
    private static final List<Operation> OPERATIONS = new Contract().operations();
    private static final int REQUESTS_PER_OPERATION = Integer.getInteger("bactrian.test.fuzz", 8);

    /** What an answer shows only if an exception, a statement or a path has found its way into it. */
    private static final Pattern INSIDE = Pattern.compile(
            "(?i)io\\.bactrian|org\\.(?:apache|springframework|postgresql)|com\\.fasterxml|java\\.(?:lang|util|net)|Exception|"
                    + "\\bselect .+ from\\b|insert into|at [a-z]+\\.[A-Za-z.]+\\(|/home/|/root/|target/fork");

    private static final List<String> FIELDS = List.of(
            "name",
            "type",
            "config",
            "url",
            "urls",
            "selectors",
            "email",
            "password",
            "currentPassword",
            "newPassword",
            "schedule",
            "events",
            "searchTerms",
            "location",
            "limit",
            "priority",
            "webhook_url",
            "options",
            "format",
            "permissions",
            "environment",
            "expires_at",
            "amount",
            "currency",
            "filters",
            "description",
            "token");

    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "\u0000",
            "\ud800",
            "\uffff\u202e",
            "' OR 1=1 --",
            "$(id)",
            "`id`",
            "${jndi:ldap://127.0.0.1/a}",
            "{{env:PATH}}",
            "#{T(java.lang.Runtime)}",
            "../../../../etc/passwd",
            "http://127.0.0.1:1/",
            "http://[::1]:1/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "<script>alert(1)</script>",
            "\r\nSet-Cookie: a=b",
            "=HYPERLINK(\"http://127.0.0.1\")",
            "0000-00-00T25:61:61Z",
            "* * * * *",
            "9".repeat(400),
            "(a+)+$".repeat(50),
            "x".repeat(70_000));

    private final Service service;
    private Account account;

    HostileRequestsTest(Service service) {
        this.service = service;
        this.account = service.register();
    }

    @Test
    void noSessionChangesAnythingWithoutItsOwnCsrfToken() {
        Reply signedIn = login();
        String session = signedIn.cookie("bactrian_session");
        String csrf = signedIn.cookie("bactrian_csrf");
        String anothers = login().cookie("bactrian_csrf");
        List<String> tokens =
                List.of("", "null", anothers, csrf.toLowerCase(Locale.ROOT) + "x", csrf + " " + csrf, session);
        List<Operation> changing = OPERATIONS.stream()
                .filter(operation -> !operation.method().equals("GET"))
                .filter(operation -> !operation.open())
                .toList();
        assertThat(changing).hasSizeGreaterThan(20);

        for (Operation operation : changing) {
            for (String token : tokens) {
                Call call = service.call(operation.method(), target(operation, "1"))
                        .header("Cookie", "bactrian_session=" + session + "; bactrian_csrf=" + token.trim())
                        .header("Origin", "https://attacker.example")
                        .header("Sec-Fetch-Site", "cross-site")
                        .text("application/json", "{}");

                Reply reply = (token.isEmpty() ? call : call.header("X-CSRF-Token", token)).send();

                assertThat(reply.status())
                        .as("%s with the token '%s': %s", operation.operationId(), token, reply.text())
                        .isEqualTo(403);
            }
        }
        service.call("GET", "/tasks")
                .header("Cookie", "bactrian_session=" + session)
                .send()
                .expect(200);
    }

    @Test
    void noForgedCredentialOpensAnything() {
        List<String> forged = forgedTokens(account.token()).toList();
        assertThat(forged).hasSizeGreaterThan(40).doesNotContain(account.token());

        for (String credential : forged) {
            for (String target : List.of("/tasks", "/scrape/jobs")) {
                for (Call call : List.of(
                        service.call("GET", target).header("Authorization", "Bearer " + credential),
                        service.call("GET", target).header("X-API-Key", credential),
                        service.call("GET", target).header("Cookie", "bactrian_session=" + credential))) {
                    Reply reply = call.send();

                    assertThat(reply.status())
                            .as("%s with %s: %s", target, credential, reply.text())
                            .isEqualTo(401);
                    assertThat(reply.text()).doesNotContainPattern(INSIDE);
                }
            }
        }
    }

    @Test
    void noiseIsAnsweredByAnErrorThatShowsNothingOfTheInside() {
        Random random = new Random(20);
        for (Operation operation : OPERATIONS) {
            for (int i = 0; i < REQUESTS_PER_OPERATION; i++) {
                String target = target(operation, pick(random, TEXTS)) + query(random);
                JsonNode body = value(random, 0);
                Call call = service.call(operation.method(), target).as(account.token());
                Reply reply = (operation.method().equals("GET") ? call : call.json(body)).send();

                assertThat(reply.status())
                        .as("%s %s %s: %s", operation.method(), target, body, reply.text())
                        .isBetween(200, 499);
                if (reply.status() >= 400) {
                    assertThat(isPage(reply) || reply.json().isObject())
                            .as(reply.text())
                            .isTrue();
                    assertThat(withoutWhatWasSent(reply.text()))
                            .as("%s %s", operation.operationId(), body)
                            .doesNotContainPattern(INSIDE);
                }
                if (reply.status() == 401 || operation.operationId().equals("logout")) {
                    account = service.register();
                }
            }
        }
    }

    /** What people open in their browsers answers them in HTML. */
    private static boolean isPage(Reply reply) {
        return String.valueOf(reply.header("Content-Type")).startsWith("text/html");
    }

    /** An error may quote what it refuses. */
    private static String withoutWhatWasSent(String answer) {
        return answer.replace("java.lang.Runtime", "");
    }

    /** The path with an id that is as hostile as a client can make it. */
    private static String target(Operation operation, String id) {
        String part = id.isEmpty() || id.length() > 1_000 ? "1" : URLEncoder.encode(id, StandardCharsets.UTF_8);
        return operation.path().replaceAll("\\{[^}]+}", part.replace("+", "%20"));
    }

    private static String query(Random random) {
        if (random.nextInt(3) > 0) {
            return "";
        }
        String name =
                pick(random, List.of("page", "limit", "offset", "status", "format", "sort", "cursor", "from", "type"));
        String text = pick(random, TEXTS);
        return "?" + name + "="
                + URLEncoder.encode(text.substring(0, Math.min(text.length(), 500)), StandardCharsets.UTF_8);
    }

    private static JsonNode value(Random random, int depth) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (random.nextInt(depth > 3 ? 6 : 10)) {
            case 0 -> json.nullNode();
            case 1 -> json.booleanNode(random.nextBoolean());
            case 2 -> json.numberNode(random.nextLong());
            case 3 -> json.numberNode(random.nextDouble() * 1e300);
            case 4, 5 -> json.textNode(pick(random, TEXTS));
            case 6 -> {
                ArrayNode array = json.arrayNode();
                for (int i = random.nextInt(4); i > 0; i--) {
                    array.add(value(random, depth + 1));
                }
                yield array;
            }
            default -> {
                ObjectNode object = json.objectNode();
                for (int i = random.nextInt(6); i >= 0; i--) {
                    object.set(pick(random, FIELDS), value(random, depth + 1));
                }
                yield object;
            }
        };
    }

    private static <T> T pick(Random random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static Stream<String> forgedTokens(String token) {
        List<String> forged = new ArrayList<>();
        String[] parts = token.split("\\.", -1);
        String header = parts[0];
        String claims = parts[1];
        String signature = parts[2];
        for (String algorithm :
                List.of("none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "PS256", "ES256", "RS384", "")) {
            String other = encoded("{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}");
            forged.add(other + "." + claims + ".");
            forged.add(other + "." + claims + "." + signature);
        }
        for (String extra : List.of(
                "\"kid\":\"../../../dev/null\"",
                "\"kid\":\"' UNION SELECT 'a' --\"",
                "\"jku\":\"http://127.0.0.1:1/keys\"",
                "\"x5u\":\"http://127.0.0.1:1/keys\"",
                "\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}",
                "\"crit\":[\"exp\"]",
                "\"b64\":false",
                "\"zip\":\"DEF\"")) {
            forged.add(encoded("{\"alg\":\"RS256\"," + extra + "}") + "." + claims + "." + signature);
        }
        String decoded = new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8);
        forged.add(header + "." + encoded(decoded.replace("\"exp\":", "\"exp\":9")) + "." + signature);
        forged.add(header + "." + encoded(decoded.replace("\"sub\":\"", "\"sub\":\"0")) + "." + signature);
        forged.add(header + "." + encoded("{}") + "." + signature);
        forged.add(header + "." + claims + "." + signature.substring(0, signature.length() - 4));
        forged.add(header + "." + claims + "." + signature.toUpperCase(Locale.ROOT));
        forged.add(header + "." + claims + "." + signature + signature);
        forged.add(header + "." + claims);
        forged.add(header + "." + claims + ".AA");
        forged.add(header + ".." + signature);
        forged.add("." + claims + "." + signature);
        forged.add(claims + "." + header + "." + signature);
        forged.add(header + "." + claims + "." + signature + ".AA");
        forged.add(header + "." + claims + "." + signature + ".AA.AA");
        forged.add("sk_prod_" + "a".repeat(40));
        forged.add("msk_" + "a".repeat(48));
        forged.add("sk_prod_%");
        forged.add("null");
        return forged.stream();
    }

    private static String encoded(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private Reply login() {
        return service.call("POST", "/auth/login?session=true")
                .json(TaskRequest.parse(
                        "{\"email\": \"%s\", \"password\": \"%s\"}".formatted(account.email(), Service.PASSWORD)))
                .send()
                .expect(200);
    }
}
