package io.bactrian.scrape.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "£1,234.50         | 1234.50",
                "1.234,50 €        | 1234.50",
                "−3 %              | -3",
                "-£5               | -5",
                "£-5               | -5",
                "12 items          | 12",
                "Price: 7,5        | 7.5",
                "1,234             | 1234",
                "1.234             | 1234",
                "0.125             | 0.125",
                "0,125             | 0.125",
                "1234.567          | 1234.567",
                "1.2345            | 1.2345",
                "1.234.567         | 1234567",
                "1,234,567.89      | 1234567.89",
                "1.234.567,89      | 1234567.89",
                "1,23,456.7        | 123456.7",
                "1,23,45,678       | 12345678",
                "1 234 567,89      | 1234567.89",
                "1\u00a0234,5      | 1234.5",
                "1\u202f234        | 1234",
                "1'234.50          | 1234.50",
                "1’234             | 1234",
                "2024 100          | 2024",
                "3 of 10           | 3",
                "10-20             | 10",
                "A-5               | 5",
                "$.99              | 0.99",
                "-.5               | -0.5",
                "No.5              | 5",
                "5.                | 5",
                "12.05.2024        | 12.05",
                "12.05.24          | 12.05",
                "1e5               | 1",
                "٣٫                | 3",
                "007               | 7",
            })
    void theFirstNumberIsRead(String text, String number) {
        assertThat(NumberText.parse(text)).isEqualTo(new BigDecimal(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none", "-", ".", "€"})
    void aTextWithoutDigitsHasNoNumber(String text) {
        assertThat(NumberText.parse(text)).isNull();
    }

    @Test
    void endlessNumbersAreNone() {
        assertThat(NumberText.parse("1".repeat(1_000_000))).isNull();
        assertThat(NumberText.parse("1" + ",234".repeat(1_000_000))).isNull();
    }
}
