package io.bactrian.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlListTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "url\nhttp://a/\n\"http://b/?x=1,2\"\n",
                "url\r\nhttp://a/\r\n\"http://b/?x=1,2\"",
                "\"URL\"\r\"http://a/\"\r\"http://b/?x=1,2\"\r"
            })
    void oneColumnWithItsHeadingIsAListOfUrls(String csv) {
        assertThat(urls(csv)).containsExactly("http://a/", "http://b/?x=1,2");
    }

    @Test
    void blankLinesAndSpacesAreNoUrls() {
        assertThat(urls("\uFEFF url \n\n\"http://a/\"\n   \n  http://b/  \r\n"))
                .containsExactly("http://a/", "http://b/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n",
                "http://a/\nhttp://b/\n",
                "url,name\nhttp://a/,A\n",
                "url\nhttp://a/,A\n",
                "url\n\"http://a/\n",
                "url\n\"http://a/\"x\n",
                "name\nA\n"
            })
    void anythingElseIsNone(String csv) {
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> urls(csv));
    }

    @Test
    void bytesThatAreNoTextInUtf8AreNone() {
        byte[] latin = "url\nhttp://a/caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> UrlList.read(latin))
                .withMessageContaining("UTF-8");
    }

    @Test
    void aFieldWithoutEndIsNone() {
        assertThatExceptionOfType(InvalidInputException.class).isThrownBy(() -> urls("url\n" + "a".repeat(200_000)));
    }

    @Test
    void moreUrlsThanAnyTaskHasAreNotReadToTheirEnd() {
        assertThat(urls("url\n" + "a\n".repeat(1_000_000))).hasSize(100_001);
    }

    private static List<String> urls(String csv) {
        List<String> urls = new ArrayList<>();
        for (JsonNode url : UrlList.read(csv.getBytes(StandardCharsets.UTF_8))) {
            urls.add(url.textValue());
        }
        return urls;
    }
}
