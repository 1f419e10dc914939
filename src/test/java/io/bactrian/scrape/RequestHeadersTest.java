package io.bactrian.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadersTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "cookie",
                "CONTENT-LENGTH",
                "Transfer-Encoding",
                "Connection",
                "TE",
                "Upgrade",
                "Keep-Alive",
                "Proxy-Authorization",
                "proxy-anything",
                "Expect",
                "Trailer",
                "",
                " ",
                "X Y",
                "X:Y",
                "X\r\nY",
                "Ünicode"
            })
    void aHeaderThatIsNotTheTasksOwnIsRefused(String name) {
        assertThat(RequestHeaders.nameProblem(name)).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Authorization", "X-Api-Key", "User-Agent", "Accept-Language", "Referer", "x!#$%&'*+.^_`|~9"})
    void anyOtherTokenIsAHeader(String name) {
        assertThat(RequestHeaders.problem(name, "any value, really\tso")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "a\u0000b", "a\u007fb", "\u2028", "漢"})
    void aValueCannotBreakOutOfItsLine(String value) {
        assertThat(RequestHeaders.valueProblem(value)).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({"session, abc123==", "a, ''", "q, '\"quoted\"'", "token, a.b-c_d%20!"})
    void aCookieOfRfc6265IsTaken(String name, String value) {
        assertThat(RequestHeaders.cookieProblem(name, value)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"'a b', x", "'', x", "a=b, x", "a, 'x;y'", "a, 'x,y'", "a, 'x y'", "a, x\\y", "a, 'x\"y'", "a, ü"})
    void aCookieThatWouldBecomeTwoIsRefused(String name, String value) {
        assertThat(RequestHeaders.cookieProblem(name, value)).isNotBlank();
    }
}
