package io.bactrian.scrape.polite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.egress.EgressProperties;
import io.bactrian.egress.HttpUrl;
import io.bactrian.scrape.polite.PolitenessProperties.HostEntry;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostLimitsTest {
    private final HostLimits limits = limits(
            EgressProperties.allowing("intranet.example", "10.0.0.0/8", "127.0.0.1"),
            entry("slow.example", null, 0.5, 1),
            entry("*.shop.example", null, null, 2),
            entry("api.example", 8080, 50.0, null),
            new HostEntry("*.friend.example", null, null, null, true),
            entry("10.0.9.0/24", null, 2.0, null));

    @ParameterizedTest
    @CsvSource({
        "http://example.com/a, example.com",
        "https://EXAMPLE.com:443/b?c, example.com",
        "http://example.com:80/, example.com",
        "https://example.com:80/, example.com",
        "http://example.com:8080/, example.com:8080",
        "http://example.com./, example.com",
        "http://[2001:DB8::1]/, [2001:db8::1]",
        "http://[2001:db8::1]:81/, [2001:db8::1]:81",
        "http://192.0.2.1/, 192.0.2.1"
    })
    void httpAndHttpsOfASiteAreOneHostAndOtherPortsAreTheirOwn(String url, String key) {
        assertThat(limits.paceOf(HttpUrl.parse(url)).key()).isEqualTo(key);
    }

    @Test
    void theFirstEntryThatMatchesCountsThenTheOperatorsOwnHostsThenTheDefault() {
        assertThat(pace("http://other.example/")).isEqualTo(HostPace.of("other.example", 5, 4));
        assertThat(pace("http://slow.example/")).isEqualTo(HostPace.of("slow.example", 0.5, 1));
        assertThat(pace("http://www.shop.example/")).isEqualTo(HostPace.of("www.shop.example", 5, 2));
        assertThat(pace("http://api.example:8080/")).isEqualTo(HostPace.of("api.example:8080", 50, 4));
        assertThat(pace("http://api.example/")).isEqualTo(HostPace.of("api.example", 5, 4));
        assertThat(pace("http://10.0.9.1/")).isEqualTo(HostPace.of("10.0.9.1", 2, 4));
        assertThat(pace("http://a.friend.example/").limited()).isFalse();
        assertThat(pace("http://intranet.example/").limited()).isFalse();
        assertThat(pace("http://10.0.8.1/").limited()).isFalse();
        assertThat(pace("http://127.0.0.1:3000/").limited()).isFalse();
        assertThat(pace("http://127.0.0.2/").limited()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"5", "1", "0.5", "0.01", "3", "250"})
    void oneRequestMoreThanTheRateNeverFitsIntoItsTime(double rate) {
        HostPace pace = HostPace.of("a.example", rate, 1);
        long requests = Math.max(1, (long) rate);

        Duration taken = pace.interval().multipliedBy(requests).minus(HostPace.TOLERANCE);

        assertThat(taken).isGreaterThanOrEqualTo(Duration.ofNanos((long) (requests / rate * 1e9)));
    }

    @Test
    void aCrawlDelayMakesAHostSlowerAndNeverFaster() {
        HostPace pace = HostPace.of("a.example", 5, 4);

        assertThat(pace.withDelay(Duration.ofSeconds(2)).interval()).isEqualTo(Duration.ofMillis(2_100));
        assertThat(pace.withDelay(Duration.ofMillis(10))).isEqualTo(pace);
        assertThat(pace.withDelay(Duration.ZERO)).isEqualTo(pace);
        assertThat(HostPace.unlimited("a.example")
                        .withDelay(Duration.ofSeconds(2))
                        .limited())
                .isFalse();
    }

    @Test
    void aWrongSettingIsNamed() {
        EgressProperties egress = EgressProperties.allowing();
        assertThatThrownBy(() -> limits(egress, entry("a b", null, null, null)))
                .hasMessageContaining("bactrian.politeness.hosts: 'a b'");
        assertThatThrownBy(() -> limits(egress, entry("a.example", null, 0.0, null)))
                .hasMessageContaining("bactrian.politeness.hosts: requests-per-second");
        assertThatThrownBy(() -> new HostLimits(
                        new PolitenessProperties(5, 0, Duration.ofSeconds(60), List.of()), EgressProperties.allowing()))
                .hasMessageContaining("concurrent-requests");
    }

    private HostPace pace(String url) {
        return limits.paceOf(HttpUrl.parse(url));
    }

    private static HostLimits limits(EgressProperties egress, HostEntry... entries) {
        return new HostLimits(new PolitenessProperties(5, 4, Duration.ofSeconds(60), List.of(entries)), egress);
    }

    private static HostEntry entry(
            String host, @Nullable Integer port, @Nullable Double rate, @Nullable Integer concurrent) {
        return new HostEntry(host, port, rate, concurrent, false);
    }
}
