package io.bactrian.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.monitor.Comparison.Result;
import io.bactrian.monitor.Comparison.Verdict;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComparisonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // old | new | threshold | verdict | difference
                "100 | 100 | 0 | SAME |",
                "100 | 100.00 | 0 | SAME |",
                "100 | 100.01 | 0 | CHANGED | 0.0001",
                "100 | 105 | 0.05 | CHANGED | 0.05",
                "100 | 104.99 | 0.05 | SMALL | 0.0499",
                "100 | 95 | 0.05 | CHANGED | -0.05",
                "100 | 95.01 | 0.05 | SMALL | -0.0499",
                "-100 | -105 | 0.05 | CHANGED | -0.05",
                "-10 | 10 | 0.05 | CHANGED | 2",
                "0 | 5 | 0.05 | CHANGED |",
                "0 | 0.0 | 0.05 | SAME |",
                "5 | 0 | 0.05 | CHANGED | -1",
                "0.1 | 0.3 | 2 | CHANGED | 2",
                "3 | 4 | 0 | CHANGED | 0.333333333333",
                "\"$1,299.00\" | \"$1299\" | 0 | SAME |",
                "\"$1,299.00\" | \"1.299,00 $\" | 0 | SAME |",
                "\"$100\" | \"$104\" | 0.05 | SMALL | 0.04",
                "\"€ 1.000,00\" | \"€ 1.050,00\" | 0.05 | CHANGED | 0.05",
                "\"$100\" | \"€100\" | 0.05 | CHANGED |",
                "\"$100\" | \"100 USD\" | 0.05 | SAME |",
                "\"100\" | \"$100\" | 0.05 | SAME |",
                "100 | \"$110\" | 0.05 | CHANGED | 0.1",
                "\"12 %\" | \"12\" | 0.05 | SAME |",
                "\"$100\" | \"Sold out\" | 0.05 | CHANGED |",
                "\"Sold out\" | \"$100\" | 0.05 | CHANGED |",
                "\"In stock\" | \"In stock\" | 0.05 | SAME |",
                "\"In stock\" | \" In \\u00a0 stock\\n\" | 0.05 | SAME |",
                "\"In stock\" | \"in stock\" | 0.05 | CHANGED |",
                "\"caf\\u00e9\" | \"cafe\\u0301\" | 0 | SAME |",
                "\"\\uff21\\uff22\" | \"AB\" | 0 | SAME |",
                "\"co\\u00adop\" | \"coop\" | 0 | SAME |",
                "\"5 items\" | \"6 items\" | 0.5 | CHANGED |",
                "\"\" | \"x\" | 0 | CHANGED |",
                "true | true | 0 | SAME |",
                "true | false | 0 | CHANGED |",
                "{\"a\": 1, \"b\": [1, 2]} | {\"b\": [1, 2], \"a\": 1.0} | 0.5 | SAME |",
                "{\"a\": 1} | {\"a\": 2} | 5 | CHANGED |",
                "{\"a\": 1} | {\"a\": 1, \"b\": null} | 5 | CHANGED |",
                "[\"a\"] | \"a\" | 0 | CHANGED |",
            })
    void valuesAreCompared(
            String old, String current, BigDecimal threshold, Verdict verdict, @Nullable BigDecimal difference) {
        Result result = new Comparison(threshold, false).compare(json(old), json(current));

        assertThat(result.verdict()).isEqualTo(verdict);
        if (difference == null) {
            assertThat(result.difference()).isNull();
        } else {
            assertThat(result.difference()).isEqualByComparingTo(difference);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // old | new | as a sequence | as a set
                "[\"a\", \"b\"] | [\"a\", \"b\"] | SAME | SAME",
                "[\"a\", \"b\"] | [\"b\", \"a\"] | CHANGED | SAME",
                "[\"a\", \"b\"] | [\"a\", \"b\", \"b\"] | CHANGED | SAME",
                "[\"a\", \"b\"] | [\" a \", \"b\"] | SAME | SAME",
                "[\"a\", \"b\"] | [\"a\"] | CHANGED | CHANGED",
                "[\"a\", \"b\"] | [\"a\", \"c\"] | CHANGED | CHANGED",
                "[1, 2] | [2.0, 1.00] | CHANGED | SAME",
                "[{\"n\": 1}, {\"n\": 2}] | [{\"n\": 2}, {\"n\": 1}] | CHANGED | SAME",
                "[\"a,b\"] | [\"a\", \"b\"] | CHANGED | CHANGED",
                "[\"a\\\",\\\"b\"] | [\"a\", \"b\"] | CHANGED | CHANGED",
            })
    void listsAreSequencesOrSets(String old, String current, Verdict sequence, Verdict set) {
        assertThat(new Comparison(BigDecimal.ZERO, false)
                        .compare(json(old), json(current))
                        .verdict())
                .isEqualTo(sequence);
        assertThat(new Comparison(BigDecimal.ZERO, true)
                        .compare(json(old), json(current))
                        .verdict())
                .isEqualTo(set);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]"})
    void nothingFoundIsMissing(String value) {
        assertThat(Comparison.isMissing(json(value))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "0", "false", "{}", "[null]"})
    void whatIsEmptyAndWasFoundIsNotMissing(String value) {
        assertThat(Comparison.isMissing(json(value))).isFalse();
    }

    @Test
    void aThousandDriftsStayWithinTheirThreshold() {
        Comparison comparison = new Comparison(new BigDecimal("0.05"), false);
        for (int cents = 9_501; cents < 10_500; cents++) {
            JsonNode drifted = json("\"$%d.%02d\"".formatted(cents / 100, cents % 100));
            assertThat(comparison.compare(json("\"$100.00\""), drifted).verdict())
                    .isEqualTo(cents == 10_000 ? Verdict.SAME : Verdict.SMALL);
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
