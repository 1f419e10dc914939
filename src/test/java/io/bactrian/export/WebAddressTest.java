package io.bactrian.export;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebAddressTest {

    @ParameterizedTest
    @CsvSource({
        "https://a.example, https://a.example",
        "HTTP://a.example/x?y#z, HTTP://a.example/x?y#z",
        "www.a.example, http://www.a.example",
        "a.example:8080/x, http://a.example:8080/x",
        "https://münchen.example/käse, https://münchen.example/käse",
        "https://a.example/a b|c, https://a.example/a%20b%7Cc",
        "http://127.0.0.1:80/, http://127.0.0.1:80/"
    })
    void anAddressIsAnAbsoluteUrl(String text, String expected) {
        assertThat(WebAddress.of(text, 255)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "see our page",
                "javascript:alert(1)",
                "mailto:a@b.example",
                "ftp://a.example/",
                "https://",
                "https:///x",
                "https://user:secret@a.example/",
                "https://a.example/%zz",
                "@a.example",
                "=1+1.0"
            })
    void whatIsNoWebsiteIsNothing(String text) {
        assertThat(WebAddress.of(text, 255)).isEmpty();
    }

    @Test
    void aLongAddressIsCutWhereItStillLeadsToTheSite() {
        assertThat(WebAddress.of("https://a.example/path?query#fragment", 32)).contains("https://a.example/path?query");
        assertThat(WebAddress.of("https://a.example/path?query#fragment", 25)).contains("https://a.example/path");
        assertThat(WebAddress.of("https://a.example/path?query#fragment", 20)).contains("https://a.example/");
        assertThat(WebAddress.of("https://a.example?query", 20)).contains("https://a.example");
        assertThat(WebAddress.of("https://a.example/path?query#fragment", 10)).isEmpty();
    }
}
