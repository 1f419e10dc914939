package io.bactrian.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.egress.HttpUrl;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustedOriginsTest {

    @ParameterizedTest
    @CsvSource({
        "https://shop.example/list, https://shop.example/other?page=2",
        "https://shop.example/, https://SHOP.example:443/",
        "https://shop.example/, https://shop.example./",
        "http://shop.example/, http://shop.example:80/",
        "https://büro.example/, https://xn--bro-hoa.example/",
        "http://[::1]:8080/, http://[0:0:0:0:0:0:0:1]:8080/a",
    })
    void oneOriginHasManySpellings(String asked, String url) {
        assertThat(own(asked).contain(HttpUrl.parse(url))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "https://shop.example/, http://shop.example/",
        "http://shop.example/, https://shop.example/",
        "https://shop.example/, https://shop.example:8443/",
        "http://shop.example:443/, https://shop.example/",
        "https://shop.example/, https://www.shop.example/",
        "https://shop.example/, https://shop.example.evil.example/",
        "https://shop.example/, https://example/",
    })
    void anotherSchemeHostOrPortIsAnotherOrigin(String asked, String url) {
        assertThat(own(asked).contain(HttpUrl.parse(url))).isFalse();
    }

    @Test
    void whatTheClientOpensIsTrustedBesideIt() {
        TrustedOrigins trusted = TrustedOrigins.of("https://shop.example", Set.of("https://api.example:8443"));

        assertThat(trusted.contain(HttpUrl.parse("https://shop.example/"))).isTrue();
        assertThat(trusted.contain(HttpUrl.parse("https://api.example:8443/v1")))
                .isTrue();
        assertThat(trusted.contain(HttpUrl.parse("https://api.example/v1"))).isFalse();
    }

    @Test
    void anUnknownOriginTrustsNothing() {
        assertThat(TrustedOrigins.of(PageRequest.NO_ORIGIN, Set.of()).origins()).isEmpty();
    }

    private static TrustedOrigins own(String asked) {
        return TrustedOrigins.of(HttpUrl.parse(asked).origin(), Set.of());
    }
}
