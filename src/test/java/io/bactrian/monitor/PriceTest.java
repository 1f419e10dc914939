package io.bactrian.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceTest {
    @ParameterizedTest
    @CsvFileSource(resources = "prices.csv", delimiter = '|', maxCharsPerColumn = 200)
    void aPriceIsRead(String text, BigDecimal value) {
        assertThat(Price.parse(escaped(text)))
                .hasValueSatisfying(price -> assertThat(price.value()).isEqualByComparingTo(value));
    }

    /** Spaces that no editor shows are written as they are in Java. */
    private static String escaped(String text) {
        return text.translateEscapes()
                .replace("<nbsp>", "\u00A0")
                .replace("<nnbsp>", "\u202F")
                .replace("<thinsp>", "\u2009")
                .replace("<rlm>", "\u200F")
                .replace("<lrm>", "\u200E");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "€",
                "kr",
                "-",
                ".",
                "Sold out",
                "Free",
                "from €5",
                "€5 incl. VAT",
                "5 items",
                "3 of 10",
                "10-20",
                "$10 – $20",
                "10 € 20 €",
                "€12 USD",
                "12 %€",
                "12 99",
                "12.05.2024",
                "2024-05-12",
                "12:30",
                "1.2.3",
                "1,23,4",
                "1,23,45",
                "1.234,567,890",
                "1,2345,678",
                "12.",
                "1..5",
                "1,,5",
                "--5",
                "5-",
                "007",
                "0123456",
                "1e5",
                "0x10",
                "½",
                "v1.2",
                "SKU-4711",
                "Kronen 5",
                "KMs 5",
                "1 2 3",
                "1'23.4",
                "1234567890123456789012345678901",
                "€1.299/kg",
            })
    void aTextThatIsNotWhollyANumberIsNone(String text) {
        assertThat(Price.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "$5, 5 USD, true",
        "$5, CA$5, true",
        "US$5, CA$5, false",
        "€5, 5 EUR, true",
        "€5, $5, false",
        "5 kr, SEK 5, true",
        "5 kr, €5, false",
        "5, €5, true",
        "5 %, €5, false",
        "5 %, 5, true",
        "₹5, Rs. 5, true",
        "¥5, 5元, true",
        "JP¥5, 5元, false",
    })
    void unitsAreLikeOneAnotherOrNot(String one, String other, boolean like) {
        Unit first = Price.parse(one).orElseThrow().unit();
        Unit second = Price.parse(other).orElseThrow().unit();

        assertThat(first.isLike(second)).isEqualTo(like);
        assertThat(second.isLike(first)).isEqualTo(like);
    }

    @Test
    void textOfAnyLengthIsLookedAtInNoTime() {
        assertThat(Price.parse("1".repeat(10_000_000))).isEmpty();
        assertThat(Price.parse("€".repeat(80))).isEmpty();
    }
}
