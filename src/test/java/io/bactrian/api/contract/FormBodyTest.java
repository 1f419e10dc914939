package io.bactrian.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.InvalidInputException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormBodyTest {
    private static final String FORM = "application/x-www-form-urlencoded";

    private static String read(String body) {
        return FormBody.read(body.getBytes(StandardCharsets.UTF_8), FORM).toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            outcome=pay | {"outcome":"pay"}
            a=1&b=2 | {"a":"1","b":"2"}
            a | {"a":""}
            a= | {"a":""}
            a=b=c | {"a":"b=c"}
            a=b+c%20d%2B | {"a":"b c d+"}
            %C3%A4=%E2%82%AC | {"ä":"€"}
            ~~ | {}
            """)
    void fieldsAreTexts(String body, String fields) {
        assertThat(read(body)).isEqualTo(fields);
    }

    @Test
    void aBodyOfNothingNeedsNoMediaType() {
        assertThat(FormBody.read(new byte[0], null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=1&a=2", "a=1&%61=2", "a=%", "a=%zz", "%=1"})
    void whatIsNoFormIsRefused(String body) {
        assertThatThrownBy(() -> read(body)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void tooManyFieldsAndOtherCharacterSetsAreRefused() {
        StringBuilder many = new StringBuilder("a0=");
        for (int field = 1; field <= 100; field++) {
            many.append("&a").append(field).append('=');
        }

        assertThatThrownBy(() -> read(many.toString())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> FormBody.read("a=ä".getBytes(StandardCharsets.ISO_8859_1), FORM))
                .isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"application/json", "multipart/form-data; boundary=b", "text/plain", "nonsense", ""})
    void onlyFormsAreRead(String type) {
        assertThatThrownBy(() -> FormBody.read("a=1".getBytes(StandardCharsets.UTF_8), type))
                .isInstanceOf(UnsupportedMediaTypeException.class);
    }
}
