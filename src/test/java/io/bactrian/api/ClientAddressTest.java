package io.bactrian.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

class ClientAddressTest {
    private static final List<String> PROXIES = List.of("10.0.0.0/8", " 192.0.2.7", "2001:db8:1::/48", "");

    private final ClientAddress address = new ClientAddress(new ProxyProperties(PROXIES));

    private static MockHttpServletRequest request(String peer, String... forwarded) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.setRemoteAddr(peer);
        for (String line : forwarded) {
            request.addHeader("X-Forwarded-For", line);
        }
        return request;
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.5", "192.0.2.8", "2001:db8:2::1"})
    void whatAnybodyForwardsIsNotBelieved(String peer) {
        assertThat(address.of(request(peer, "198.51.100.1"))).isEqualTo(peer);
    }

    @Test
    void withoutTrustedProxiesNobodyIsBelieved() {
        ClientAddress trustingNobody = new ClientAddress(new ProxyProperties(List.of()));

        assertThat(trustingNobody.of(request("127.0.0.1", "198.51.100.1"))).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 198.51.100.1, 198.51.100.1",
        "192.0.2.7, 198.51.100.1, 198.51.100.1",
        "2001:db8:1::9, 2001:db8:ffff::1, 2001:db8:ffff::1",
        // The right end counts, because clients write what they like before it.
        "10.1.2.3, '1.1.1.1, 198.51.100.1', 198.51.100.1",
        "10.1.2.3, '1.1.1.1, 198.51.100.1, 10.9.9.9', 198.51.100.1",
        "10.1.2.3, '1.1.1.1,10.9.9.9,nonsense', 10.1.2.3",
        "10.1.2.3, '198.51.100.1, nonsense, 10.9.9.9', 10.9.9.9",
        "10.1.2.3, '10.4.4.4, 10.9.9.9', 10.4.4.4",
        "10.1.2.3, '198.51.100.1:4711', 198.51.100.1",
        "10.1.2.3, '[2001:db8:ffff::1]:4711', 2001:db8:ffff::1",
        "10.1.2.3, '::ffff:198.51.100.1', 198.51.100.1",
        "'::ffff:10.1.2.3', 198.51.100.1, 198.51.100.1",
        "10.1.2.3, unknown, 10.1.2.3",
        "10.1.2.3, '', 10.1.2.3",
        "10.1.2.3, '198.51.100.1,', 10.1.2.3",
        "10.1.2.3, 198.51.*.1, 10.1.2.3",
        "10.1.2.3, 198.51.100.0/24, 10.1.2.3",
        "10.1.2.3, 198.51.100, 10.1.2.3",
        "10.1.2.3, 3325256705, 10.1.2.3",
        "10.1.2.3, '*', 10.1.2.3",
        "10.1.2.3, '[::1', 10.1.2.3",
        "'fe80::1%eth0', 198.51.100.1, fe80::1",
    })
    void aTrustedProxyNamesTheClient(String peer, String forwarded, String client) {
        assertThat(address.of(request(peer, forwarded))).isEqualTo(client);
    }

    @Test
    void severalHeadersAreOneList() {
        assertThat(address.of(request("10.1.2.3", "1.1.1.1, 198.51.100.1", "10.9.9.9")))
                .isEqualTo("198.51.100.1");
        assertThat(address.of(request("10.1.2.3"))).isEqualTo("10.1.2.3");
    }

    @Test
    void aNetworkIsAnAddressOrTheSubscribersBlock() {
        assertThat(address.networkOf(request("198.51.100.1"))).isEqualTo("198.51.100.1");
        assertThat(address.networkOf(request("2a00:1:2:3:4:5:6:7"))).isEqualTo("2a00:1:2:3::/64");
        assertThat(address.networkOf(request("10.1.2.3", "2a00:1:2:3::1"))).isEqualTo("2a00:1:2:3::/64");
    }

    @Test
    void aTrustedProxyTellsWhetherItSpeaksTls() {
        MockHttpServletRequest forwarded = request("10.1.2.3");
        forwarded.addHeader("X-Forwarded-Proto", "HTTPS");
        MockHttpServletRequest spoofed = request("203.0.113.5");
        spoofed.addHeader("X-Forwarded-Proto", "https");
        MockHttpServletRequest direct = request("203.0.113.5");
        direct.setSecure(true);

        assertThat(address.isSecure(forwarded)).isTrue();
        assertThat(address.isSecure(spoofed)).isFalse();
        assertThat(address.isSecure(direct)).isTrue();
        assertThat(address.isSecure(request("10.1.2.3"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy.example.com", "10.0.0.0/33", "10.0.0.1-9", "*"})
    void whatIsNoAddressIsNoTrustedProxy(String entry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientAddress(new ProxyProperties(List.of(entry))))
                .withMessageContaining("bactrian.trusted-proxies");
    }
}
