package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPatternTest {
    @ParameterizedTest
    @CsvSource({
        "example.com, http://example.com/, true",
        "EXAMPLE.com., https://example.com:8443/, true",
        "example.com, http://www.example.com/, false",
        "*.example.com, http://www.example.com/, true",
        "*.example.com, http://a.b.example.com/, true",
        "*.example.com, http://example.com/, false",
        "*.example.com, http://notexample.com/, false",
        "10.0.0.0/8, http://10.1.2.3/, true",
        "10.1.2.3/8, http://10.9.9.9/, true",
        "10.0.0.0/8, http://11.1.2.3/, false",
        "10.0.0.0/8, http://internal.example/, false",
        "10.1.2.3, http://10.1.2.3:81/, true",
        "10.1.2.3, http://10.1.2.4/, false",
        "10.0.0.0/8, http://[fd00::1]/, false",
        "fd00::/8, http://[fd12::1]/, true",
        "[fd00::1], http://[FD00:0::1]/, true",
        "bücher.example, http://xn--bcher-kva.example/, true"
    })
    void itMatchesHostsAsTheyAreWritten(String pattern, String url, boolean matches) {
        assertThat(HostPattern.parse(pattern).matches(HttpUrl.parse(url))).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "*.", "a b", "10.0.0.0/99", "300.1.1.1", "http://example.com", "*.*.example.com"})
    void nonsenseIsRefusedByName(String pattern) {
        assertThatThrownBy(() -> HostPattern.parse(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + pattern + "' is neither");
    }
}
