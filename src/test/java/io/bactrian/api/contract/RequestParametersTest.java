package io.bactrian.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.InvalidInputException;
import io.bactrian.Violation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParametersTest {
    private static final Contract CONTRACT = new Contract();
    private static final RequestValidator VALIDATOR = new RequestValidator(CONTRACT);

    @Test
    void withoutParametersTheDefaultsOfTheDocumentCount() {
        Parameters parameters = list(Map.of());

        assertThat(parameters.integer("page")).isEqualTo(1);
        assertThat(parameters.integer("page_size")).isEqualTo(20);
        assertThat(parameters.text("sort_by")).isEqualTo("created_at");
        assertThat(parameters.text("sort_order")).isEqualTo("desc");
        assertThat(parameters.list("status")).isEmpty();
        assertThat(parameters.instant("created_after")).isNull();
        assertThat(parameters.text("name_contains")).isNull();
    }

    @Test
    void listsMayBeRepeatedOrSeparatedByCommas() {
        assertThat(list(Map.of("status", List.of("pending,running", "failed"))).list("status"))
                .containsExactly("pending", "running", "failed");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-15T10:30:00Z, 2026-01-15T10:30:00Z",
        "2026-01-15T10:30:00.123Z, 2026-01-15T10:30:00.123Z",
        "2026-01-15T10:30:00+02:00, 2026-01-15T08:30:00Z",
        "2026-01-15T10:30:00 02:00, 2026-01-15T08:30:00Z",
        "2026-01-15T10:30:00, 2026-01-15T10:30:00Z",
        "2026-01-15T10:30, 2026-01-15T10:30:00Z",
        "2026-01-15, 2026-01-15T00:00:00Z"
    })
    void timesMayBeWrittenInSeveralWays(String text, Instant instant) {
        assertThat(list(Map.of("created_after", List.of(text))).instant("created_after"))
                .isEqualTo(instant);
    }

    @ParameterizedTest
    @CsvSource({
        "page, 0, must be at least 1",
        "page, -1, must be at least 1",
        "page, x, must be an integer",
        "page, 1.5, must be an integer",
        "page, '', must be an integer",
        "page, 10000000000, must be at most 10000000",
        "page, 99999999999999999999999, must be an integer",
        "page_size, 101, must be at most 100",
        "sort_by, priority, 'must be one of created_at, updated_at, name, status'",
        "sort_order, up, 'must be one of asc, desc'",
        "status, sleeping, 'must be one of pending, running, completed, failed, cancelled'",
        "status, 'running,sleeping', 'must be one of pending, running, completed, failed, cancelled'",
        "status, '', 'must be one of pending, running, completed, failed, cancelled'",
        "task_type, bulk, 'must be one of simple_scraping, advanced_scraping, bulk_scraping, monitoring'"
    })
    void oneWrongParameterIsOneViolation(String name, String value, String message) {
        assertThat(violations(Map.of(name, List.of(value)), null)).containsExactly(new Violation(name, message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2026-02-30",
                "2026-13-01T00:00:00Z",
                "15.01.2026",
                "1768473000",
                "+999999999-01-01T00:00:00Z",
                "-2026-01-01",
                "2026-01-15T10:30:00+99:00"
            })
    void aTimeThatIsNoneIsRefused(String text) {
        assertThat(violations(Map.of("created_before", List.of(text)), null))
                .containsExactly(new Violation(
                        "created_before", "must be an ISO 8601 date or time, such as 2026-01-15T10:30:00Z"));
    }

    @Test
    void everyWrongParameterIsToldAtOnce() {
        assertThat(violations(Map.of("page", List.of("1", "2"), "name_contains", List.of("a\u0000")), null))
                .containsExactly(
                        new Violation("page", "must be given once"),
                        new Violation(
                                "name_contains", "must not contain the character U+0000 or half of a surrogate pair"));
    }

    @Test
    void unknownParametersAreIgnored() {
        assertThat(list(Map.of("_", List.of("1768473000"))).integer("page")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'', must not be empty",
        "'a\tb', must have printable ASCII characters only",
        "é, must have printable ASCII characters only"
    })
    void anIdempotencyKeyIsPrintable(String key, String message) {
        assertThat(violations(Map.of(), key)).containsExactly(new Violation("Idempotency-Key", message));
    }

    @Test
    void anIdempotencyKeyHasAtMost255Characters() {
        assertThat(create(Map.of(), "k".repeat(255)).text("Idempotency-Key")).hasSize(255);
        assertThat(create(Map.of(), null).text("Idempotency-Key")).isNull();
        assertThat(violations(Map.of(), "k".repeat(256)))
                .containsExactly(new Violation("Idempotency-Key", "must have at most 255 characters"));
    }

    @Test
    void aParameterThatTheOperationDoesNotHaveIsADefect() {
        assertThatIllegalArgumentException().isThrownBy(() -> list(Map.of()).text("limit"));
    }

    private static Parameters list(Map<String, List<String>> query) {
        return VALIDATOR.parameters(CONTRACT.operation("listTasks"), query, name -> null);
    }

    private static Parameters create(Map<String, List<String>> query, @Nullable String idempotencyKey) {
        return VALIDATOR.parameters(
                CONTRACT.operation("createTask"),
                query,
                name -> name.equals("Idempotency-Key") ? idempotencyKey : null);
    }

    private static List<Violation> violations(Map<String, List<String>> query, @Nullable String idempotencyKey) {
        InvalidInputException thrown = catchThrowableOfType(InvalidInputException.class, () -> {
            if (idempotencyKey == null) {
                list(query);
            } else {
                create(query, idempotencyKey);
            }
        });
        assertThat(thrown).as("the parameters are refused").isNotNull();
        return thrown.violations();
    }
}
