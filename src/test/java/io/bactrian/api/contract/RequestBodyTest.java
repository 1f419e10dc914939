package io.bactrian.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Contract CONTRACT = new Contract();
    private static final RequestValidator VALIDATOR = new RequestValidator(CONTRACT);

    private static final String SIMPLE = """
            {"name": "n", "task_type": "simple_scraping", "config": {"urls": ["https://example.com"], "selectors": {"t": "h1"}}}
            """;

    /** Each row replaces or adds one member of a valid simple task: where, with what, and the one violation that comes of it. */
    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            name | 5 | name | must be a string
            name | null | name | must be a string
            name | "" | name | must not be empty
            description | 5 | description | must be a string or null
            task_type | "magic" | task_type | must be one of simple_scraping, advanced_scraping, bulk_scraping, monitoring
            task_type | 1 | task_type | must be a string
            priority | 0 | priority | must be at least 1
            priority | 11 | priority | must be at most 10
            priority | 1.5 | priority | must be an integer
            priority | "5" | priority | must be an integer
            priority | 99999999999999999999 | priority | must be at most 10
            prioritty | 5 | prioritty | is not a known field
            config | [] | config | must be an object
            config | "x" | config | must be an object
            config.urls | "https://example.com" | config.urls | must be an array
            config.urls | [] | config.urls | must have at least 1 item
            config.urls | ["https://a.example", 5] | config.urls[1] | must be a string
            config.urls | ["https://a.example", null] | config.urls[1] | must be a string
            config.urls | [""] | config.urls[0] | must not be empty
            config.selektors | {} | config.selektors | is not a known field
            config.batch_size | 10 | config.batch_size | is not a known field
            config.parallel_requests | 10 | config.parallel_requests | is not a known field
            config.javascript_enabled | true | config.javascript_enabled | is not a known field
            config.selectors | {} | config.selectors | must have at least 1 field
            config.selectors | [] | config.selectors | must be an object
            config.selectors.t | 5 | config.selectors.t | must be a string or an object
            config.selectors.t | null | config.selectors.t | must be a string or an object
            config.selectors.t | ["h1"] | config.selectors.t | must be a string or an object
            config.selectors.t | "" | config.selectors.t | must not be empty
            config.selectors.t | {} | config.selectors.t.selector | is required
            config.selectors.t | {"selector": 1} | config.selectors.t.selector | must be a string
            config.selectors.t | {"selector": "h1", "type": "sql"} | config.selectors.t.type | must be one of css, xpath, regex, jsonld, jsonpath, meta
            config.selectors.t | {"selector": "h1", "all": "yes"} | config.selectors.t.all | must be true or false
            config.selectors.t | {"selector": "h1", "al": true} | config.selectors.t.al | is not a known field
            config.selectors.t | {"selector": "h1", "transform": "trim"} | config.selectors.t.transform | must be an array
            config.selectors.t | {"selector": "h1", "transform": ["trim", "explode"]} | config.selectors.t.transform[1] | must be one of trim, lowercase, uppercase, number, absolute_url, strip_tags
            config.selectors.t | {"selector": "h1", "fields": {}} | config.selectors.t.fields | must have at least 1 field
            config.selectors.t | {"selector": "h1", "fields": {"a": {"selector": "b", "fields": {"c": 7}}}} | config.selectors.t.fields.a.fields.c | must be a string or an object
            config.selectors.t | {"selector": "h1", "fields": {"a": {"selector": "b", "fields": {"c": {}}}}} | config.selectors.t.fields.a.fields.c.selector | is required
            config.selectors.1st | "h1" | config.selectors.1st | is not a valid name; names begin with a letter or underscore and have up to 64 letters, digits, underscores, dots and hyphens
            config.output_format | "pdf" | config.output_format | must be one of json, jsonl, csv, xlsx
            config.include_metadata | 1 | config.include_metadata | must be true or false
            config.follow_redirects | "no" | config.follow_redirects | must be true or false
            config.timeout | 0 | config.timeout | must be at least 1
            config.timeout | 301 | config.timeout | must be at most 300
            config.timeout | "30" | config.timeout | must be an integer
            config.custom_headers | ["a"] | config.custom_headers | must be an object
            config.custom_headers | {"Accept": 1} | config.custom_headers.Accept | must be a string
            config.custom_headers | {"Bad Name": "x"} | config.custom_headers.Bad Name | is not a valid header name
            config.custom_headers | {"Accept": "a\\r\\nHost: b"} | config.custom_headers.Accept | must not contain control characters
            config.cookies | {"a;b": "x"} | config.cookies.a;b | is not a valid cookie name
            config.cookies | {"a": "x; Path=/"} | config.cookies.a | must not contain control characters or semicolons
            config.proxy_rotation | "on" | config.proxy_rotation | must be true or false, or an object with pool and per
            config.rate_limit | 0 | config.rate_limit | must be greater than 0
            config.rate_limit | 1001 | config.rate_limit | must be at most 1000
            config.rate_limit | "2" | config.rate_limit | must be a number
            config.retry_attempts | -1 | config.retry_attempts | must be at least 0
            config.retry_attempts | 11 | config.retry_attempts | must be at most 10
            config.respect_robots_txt | null | config.respect_robots_txt | must be true or false
            config.webhook_url | "ftp://example.com" | config.webhook_url | must be an absolute http or https URL
            config.webhook_url | 5 | config.webhook_url | must be a string
            """)
    void oneMistakeInATaskIsOneViolation(String place, String value, String field, String message) throws IOException {
        JsonNode body = JSON.readTree(SIMPLE);
        int dot = place.lastIndexOf('.');
        JsonNode parent = dot < 0 ? body : body.at('/' + place.substring(0, dot).replace('.', '/'));
        ((ObjectNode) parent).set(place.substring(dot + 1), JSON.readTree(value));

        assertThat(violations("createTask", body.toString())).containsExactly(new Violation(field, message));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            createTask | {"task_type": "magic", "config": {}} | name=is required; task_type=must be one of simple_scraping, advanced_scraping, bulk_scraping, monitoring
            createTask | {"name": "n", "config": {"anything": 1}} | task_type=is required
            createTask | {"name": "n", "task_type": "bulk_scraping"} | config=is required
            createTask | {"name": "n", "task_type": "bulk_scraping", "config": {}} | config.selectors=is required; config.urls=is required where sitemap_url is not given
            createTask | {"name": "n", "task_type": "bulk_scraping", "config": {"urls": ["u"], "selectors": {"t": "h1"}, "batch_size": 0, "parallel_requests": 257, "export_individual_files": 1}} | config.batch_size=must be at least 1; config.parallel_requests=must be at most 256; config.export_individual_files=must be true or false
            createTask | [] | =The body must be an object.
            createTask | "task" | =The body must be an object.
            createTask | null | =The body must be an object.
            updateTask | {} | =At least one of name, description and priority is required.
            updateTask | {"status": "completed"} | status=is not a known field
            updateTask | {"name": null} | name=must be a string
            updateTask | {"priority": 0} | priority=must be at least 1
            createApiKey | {} | name=is required
            createApiKey | {"name": ""} | name=must not be empty
            createApiKey | {"name": "n", "permissions": []} | permissions=must have at least 1 item
            createApiKey | {"name": "n", "permissions": "tasks:read"} | permissions=must be an array
            createApiKey | {"name": "n", "permissions": ["tasks:read", "tasks:read"]} | permissions=must not have the same item twice
            createApiKey | {"name": "n", "permissions": ["admin"]} | permissions[0]=must be one of tasks:read, tasks:create, tasks:update, tasks:delete, keys:manage, billing:read, billing:manage, analytics:read, webhooks:manage, *
            createApiKey | {"name": "n", "environment": "staging"} | environment=must be one of prod, test
            createApiKey | {"name": "n", "key": "sk_prod_mine"} | key=is not a known field
            register | {"email": "user@example.com", "password": "short"} | password=Password must be at least 8 characters
            register | {"email": "user@example.com"} | password=Password must be at least 8 characters
            register | {"email": "user@example.com", "password": 12345678} | password=Password must be at least 8 characters
            register | {"email": "nobody", "password": "long enough"} | email=A valid email is required
            register | {"password": "long enough"} | email=A valid email is required
            register | {"email": "user@example.com", "password": "long enough", "name": 5} | name=name must be a string or null
            register | {"email": "user@example.com", "password": "long enough", "admin": true} | admin=admin is not a known field
            login | {"email": "user@example.com"} | password=Email and password are required
            login | {"email": "", "password": "x"} | email=Email and password are required
            login | [] | =The body must be an object.
            """)
    void theFieldsAtFaultAreNamed(String operation, String body, String expected) {
        assertThat(violations(operation, body))
                .extracting(violation -> violation.field() + '=' + violation.message())
                .containsExactlyInAnyOrder(expected.split("; "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"name": "n"            | | The body ends before its JSON does, at line 1, column 13.
            {"name": n}             | | The body is not valid JSON, at line 1, column 10.
            {'name': "n"}           | | The body is not valid JSON, at line 1, column 2.
            {"name": "n",}          | | The body is not valid JSON, at line 1, column 14.
            {"priority": 01}        | | The body is not valid JSON, at line 1, column 15.
            {"priority": NaN}       | | The body is not valid JSON, at line 1, column 17.
            {"priority": 1e999}     | | The body has a number that is too large, at line 1, column 14.
            {"name": "n"} {}        | | The body goes on after the end of its JSON, at line 1, column 15.
            {"name": "n"} x         | | The body is not valid JSON, at line 1, column 15.
            {"name": 1, "name": 2}  | name | is given twice
            {"config": {"a": [0, {"b": 1, "b": 2}]}} | config.a[1].b | is given twice
            """)
    void aMalformedBodyIsExplained(String body, @Nullable String field, String message) {
        assertThat(violations("createTask", body)).containsExactly(new Violation(field == null ? "" : field, message));
    }

    @Test
    void aPasswordThatIsTooLongIsToldSo() {
        assertThat(violations("register", "{\"email\": \"a@b.c\", \"password\": \"" + "x".repeat(129) + "\"}"))
                .containsExactly(new Violation("password", "Password must be at most 128 characters"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n\n"})
    void anEmptyBodyIsNotJson(String body) {
        assertThat(violations("createTask", body)).containsExactly(new Violation("", "A JSON body is required."));
    }

    @Test
    void anUnpairedSurrogateOrANulIsNamedAndCanBeWrittenBack() {
        assertThat(violations("updateTask", "{\"name\": \"a\\u0000\", \"description\": \"\\ud800\"}"))
                .extracting(Violation::field)
                .containsExactly("name", "description");
        assertThat(violations("updateTask", "{\"\\u0000\": 1}"))
                .containsExactly(new Violation("\uFFFD", "is not a known field"));
        assertThat(violations("updateTask", "{\"\\ud800\": 1}"))
                .singleElement()
                .satisfies(violation -> assertThat(violation.message()).startsWith("The body is not valid JSON"));
        assertThat(violations("updateTask", "{\"" + "x".repeat(200) + "\": 1}"))
                .containsExactly(new Violation("x".repeat(100) + "…", "is not a known field"));
    }

    @Test
    void deepAndWideBodiesAreRefused() {
        assertThat(violations("createTask", "[".repeat(5_000)))
                .containsExactly(new Violation("", "The body is nested deeper than 50 levels."));
        assertThat(violations("createTask", "[" + "1,".repeat(400_000) + "1]"))
                .containsExactly(new Violation("", "The body has more than 300000 values."));
        assertThat(violations("createTask", "{\"priority\": " + "1".repeat(101) + "}"))
                .containsExactly(new Violation("", "The body has a number of more than 100 digits."));
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        byte[] body = "{\"name\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> VALIDATOR.body(CONTRACT.operation("createTask"), body, "application/json"))
                .withMessage("The body is not text in UTF-8.");
    }

    @Test
    void aByteOrderMarkIsSkipped() {
        assertThat(body("updateTask", "\uFEFF{\"priority\": 3}", "application/json")
                        .path("priority")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    void noMoreThanAHundredViolationsAreTold() {
        String unknown =
                IntStream.range(0, 5_000).mapToObj(i -> "\"f" + i + "\": 1").collect(Collectors.joining(","));

        assertThat(violations("createTask", "{" + unknown + "}")).hasSize(100);
    }

    @Test
    void aHundredThousandUrlsAreFine() {
        ObjectNode body = JSON.createObjectNode().put("name", "n").put("task_type", "bulk_scraping");
        ObjectNode config = body.putObject("config");
        ArrayNode urls = config.putArray("urls");
        IntStream.range(0, 100_000).forEach(i -> urls.add("https://example.com/products/" + i));
        config.putObject("selectors").put("title", "h1");

        JsonNode read = body("createTask", body.toString(), "application/json");

        assertThat(read).isEqualTo(body);
        urls.add("https://example.com/one-too-many");
        assertThat(violations("createTask", body.toString()))
                .containsExactly(new Violation("config.urls", "must have at most 100000 items"));
    }

    @Test
    void aLongTextThatFitsNoPatternIsRefusedSoon() {
        String email = "a@".repeat(1_000_000);

        assertThat(violations("register", "{\"email\": \"" + email + "\", \"password\": \"long enough\"}"))
                .containsExactly(new Violation("email", "A valid email is required"));
    }

    @Test
    void theWholeNumberThirtyMayBeWrittenWithAFraction() {
        assertThat(body("updateTask", "{\"priority\": 3.0}", "application/json")
                        .path("priority")
                        .intValue())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "Application/JSON; charset=utf-8",
                "application/json; charset=\"UTF-8\"",
                "application/merge-patch+json"
            })
    void jsonIsReadUnderItsMediaTypes(String contentType) {
        assertThat(body("updateTask", "{\"priority\": 3}", contentType).isObject())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "text/json",
                "application/xml",
                "application/*",
                "application/json; charset=iso-8859-1",
                "application/json; charset=nonsense",
                "multipart/form-data; boundary=x",
                "json",
                "/",
                "",
                " "
            })
    @NullSource
    void otherMediaTypesAreRefused(@Nullable String contentType) {
        assertThatExceptionOfType(UnsupportedMediaTypeException.class)
                .isThrownBy(() -> body("updateTask", "{\"priority\": 3}", contentType));
    }

    private static JsonNode body(String operation, String body, @Nullable String contentType) {
        return VALIDATOR.body(CONTRACT.operation(operation), body.getBytes(StandardCharsets.UTF_8), contentType);
    }

    private static List<Violation> violations(String operation, String body) {
        InvalidInputException thrown =
                catchThrowableOfType(InvalidInputException.class, () -> body(operation, body, "application/json"));
        assertThat(thrown).as("the body is refused").isNotNull();
        return thrown.violations();
    }
}
