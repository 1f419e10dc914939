package io.bactrian.export;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+2",
                "=HYPERLINK(\"http://evil.example\")",
                "=",
                "+1+2",
                "+49 30 123456",
                "+",
                "-1+2",
                "-2-3",
                "-",
                "--1",
                "-1,5",
                "-0x10",
                "-1e",
                "-.",
                "-3.5 ",
                "-NaN",
                "@SUM(1)",
                "\t=1",
                "\r=1",
                "\n=1",
                "\tx",
                " =1",
                "  +1+2",
                "\u00A0=1",
                "\u3000@x",
                "\u200B=1",
                "\uFEFF=1",
                "\u00AD\u2060-1+2",
                "\u202E=1",
                "\u0000=1",
                "\uFE0F=1",
                "\u3164=1",
                "\uFF1D1+1",
                "\uFF0B1+1",
                "\uFF0D1+1",
                "\uFF20SUM(1)",
                "\uFE661+1",
                "\uFE621",
                "\uFE631",
                "\uFE6Bx",
                " \uFF1D1"
            })
    void whatMayBeAFormulaGetsAnApostrophe(String text) {
        assertThat(SafeText.neutralised(text)).isEqualTo("'" + text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "1",
                "-3.5",
                "+1e3",
                "-1E-7",
                "+.5",
                "-5.",
                "-0",
                "a=1",
                " x",
                " -3.5",
                "\u22125",
                "\u200Bx",
                "   ",
                "'=1",
                "1-2",
                "https://a.example"
            })
    void numbersAndPlainTextStayAsTheyAre(String text) {
        assertThat(SafeText.neutralised(text)).isEqualTo(text);
        assertThat(SafeText.forWorkbook(text)).isEqualTo(text);
    }

    @Test
    void aLongRunOfDigitsIsDecidedInLinearTime() {
        String digits = "-" + "1".repeat(5_000_000);

        assertThat(SafeText.neutralised(digits)).isSameAs(digits);
        assertThat(SafeText.neutralised(digits + "x")).startsWith("'-");
    }

    @Test
    void aWorkbookCellHasNoCharactersThatXmlForbids() {
        assertThat(SafeText.forWorkbook("a\u0000\u0008b\uFFFE\uD800c\tü\n\uD83D\uDC2B"))
                .isEqualTo("abc\tü\n\uD83D\uDC2B");
    }

    @Test
    void aFormulaHiddenBehindAForbiddenCharacterIsNeutralised() {
        assertThat(SafeText.forWorkbook("\u0001=1+2")).isEqualTo("'=1+2");
    }

    @Test
    void aWorkbookCellIsCutWithoutSplittingASurrogatePair() {
        assertThat(SafeText.forWorkbook("x".repeat(40_000))).hasSize(32_767);
        assertThat(SafeText.forWorkbook("=" + "x".repeat(40_000)))
                .hasSize(32_767)
                .startsWith("'=");
        assertThat(SafeText.forWorkbook("x".repeat(32_766) + "\uD83D\uDC2B")).isEqualTo("x".repeat(32_766));
    }

    @Test
    void textThatLooksLikeAnEscapeIsNotDecodedByExcel() {
        assertThat(SafeText.forWorkbook("_x003D_1 _x_ _xyz")).isEqualTo("_x005F_x003D_1 _x_ _xyz");
    }
}
