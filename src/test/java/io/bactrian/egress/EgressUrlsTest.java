package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which URLs may be requested, without a packet sent: names resolve by a table. */
class EgressUrlsTest {
    private static final Map<String, List<String>> ZONE = Map.ofEntries(
            Map.entry("localhost", List.of("127.0.0.1")),
            Map.entry("public.example", List.of("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")),
            Map.entry("mixed.example", List.of("93.184.215.14", "10.0.0.1")),
            Map.entry("mixed6.example", List.of("93.184.215.14", "fd00::1")),
            Map.entry("127.0.0.1.nip.example", List.of("127.0.0.1")),
            Map.entry("metadata.example", List.of("169.254.169.254")),
            Map.entry("nat64.example", List.of("64:ff9b::7f00:1")),
            Map.entry("partner.example", List.of("10.1.2.3")),
            Map.entry("xn--mller-kva.example", List.of("93.184.215.14")));

    private final EgressGuard guard = guard(List.of(), List.of());

    @AfterEach
    void close() {
        guard.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"€", "é", "😀", " ", "a"})
    void whatIsReadOnceCanBeReadAgain(String character) {
        String text = "https://public.example/?q=" + character.repeat(2_020 / character.length());
        String sent = HttpUrl.parse(text).toString();

        assertThat(HttpUrl.parse(sent)).hasToString(sent);
        assertThat(HttpUrl.parse("https://public.example/").resolve(text)).hasToString(sent);
    }

    @Test
    void aUrlThatIsTooLongAsItIsSentIsRefusedAtOnce() {
        assertThatThrownBy(() -> HttpUrl.parse("https://public.example/?q=" + "€".repeat(4_000)))
                .isInstanceOf(EgressRefusedException.class)
                .hasMessageContaining("longer than");
        assertThatThrownBy(() -> HttpUrl.parse("https://public.example/").resolve("/" + "€".repeat(4_000)))
                .isInstanceOf(EgressRefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // schemes and forms that are no http URL
                "ftp://public.example/",
                "file:///etc/passwd",
                "gopher://public.example:70/_x",
                "javascript:alert(1)",
                "data:text/html,x",
                "jar:http://public.example!/",
                "http:public.example",
                "http:/public.example/",
                "http://",
                "http:///path",
                "//public.example/",
                "/path",
                "public.example",
                "",
                " ",
                // user information
                "http://user@public.example/",
                "http://user:secret@public.example/",
                "http://public.example@127.0.0.1/",
                "http://@public.example/",
                "https://public.example:80@169.254.169.254/",
                // backslashes, control characters, white space, percent signs
                "http:\\\\public.example/",
                "http://public.example\\@127.0.0.1/",
                "http://127.0.0.1\\.public.example/",
                "http://public.example/a\\b",
                "http://public.example/\r\nHost: internal",
                "http://public.example/\tx",
                "http://pub\nlic.example/",
                "http://public.example/\u0000",
                "http://public .example/",
                "http://127%2e0%2e0%2e1/",
                "http://%31%32%37.0.0.1/",
                "http://public.example%00.internal/",
                // ports
                "http://public.example:0/",
                "http://public.example:65536/",
                "http://public.example:80a/",
                "http://public.example:-1/",
                "http://public.example:８０/",
                "http://public.example:80:80/",
                // numbers that inet_aton reads
                "http://2130706433/",
                "http://0x7f000001/",
                "http://0x7f.0.0.1/",
                "http://0177.0.0.1/",
                "http://017700000001/",
                "http://127.1/",
                "http://127.0.1/",
                "http://127.0.0.01/",
                "http://127.0.0.1./",
                "http://0/",
                "http://1.2.3.4.5/",
                "http://256.256.256.256/",
                "http://8.8.8/",
                "http://public.example.1/",
                // Unicode in disguise
                "http://１２７.０.０.１/",
                "http://127。0。0。1/",
                "http://①②⑦.⓪.⓪.①/",
                "http://٠.٠.٠.٠/",
                "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
                // names that are none
                "http://-public.example/",
                "http://public-.example/",
                "http://public..example/",
                "http://.public.example/",
                "http://pub*lic.example/",
                "http://public,example/",
                "http://a123456789a123456789a123456789a123456789a123456789a123456789a123.example/",
                // IPv6 literals
                "http://[::1]/",
                "http://[::]/",
                "http://[0:0:0:0:0:0:0:1]/",
                "http://[::ffff:127.0.0.1]/",
                "http://[::ffff:7f00:1]/",
                "http://[::ffff:8.8.8.8]/",
                "http://[::127.0.0.1]/",
                "http://[fe80::1%25eth0]/",
                "http://[fe80::1]/",
                "http://[fec0::1]/",
                "http://[fc00::1]/",
                "http://[fd12:3456:789a::1]/",
                "http://[ff02::1]/",
                "http://[64:ff9b::7f00:1]/",
                "http://[64:ff9b::808:808]/",
                "http://[64:ff9b:1::a00:1]/",
                "http://[2002:7f00:1::]/",
                "http://[2002:808:808::1]/",
                "http://[2001::7f00:1]/",
                "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
                "http://[2001:db8::1]/",
                "http://[2001:10::1]/",
                "http://[2001:2::1]/",
                "http://[3fff::1]/",
                "http://[5f00::1]/",
                "http://[100::1]/",
                "http://[100:0:0:1::1]/",
                "http://[2620:4f:8000::1]/",
                "http://[4000::1]/",
                "http://[::1",
                "http://[::1]x/",
                "http://[1.2.3.4]/",
                "http://[v1.fe80::a]/",
                "http://::1/",
                "http://[]/",
                // IPv4 literals of the special-purpose registry, multicast and reserved
                "http://0.0.0.0/",
                "http://0.1.2.3/",
                "http://10.0.0.1/",
                "http://10.255.255.255/",
                "http://100.64.0.1/",
                "http://100.127.255.255/",
                "http://127.0.0.1/",
                "http://127.255.255.254/",
                "http://169.254.169.254/latest/meta-data/",
                "http://172.16.0.1/",
                "http://172.31.255.255/",
                "http://192.0.0.8/",
                "http://192.0.0.170/",
                "http://192.0.2.1/",
                "http://192.31.196.1/",
                "http://192.52.193.1/",
                "http://192.88.99.1/",
                "http://192.168.1.1/",
                "http://192.175.48.1/",
                "http://198.18.0.1/",
                "http://198.19.255.255/",
                "http://198.51.100.1/",
                "http://203.0.113.1/",
                "http://224.0.0.1/",
                "http://239.255.255.255/",
                "http://240.0.0.1/",
                "http://255.255.255.255/",
                // names that lead there
                "http://localhost/",
                "http://LOCALHOST/",
                "http://localhost./",
                "http://127.0.0.1.nip.example/",
                "http://metadata.example/",
                "http://mixed.example/",
                "http://mixed6.example/",
                "http://nat64.example/"
            })
    void aForbiddenUrlIsRefused(String url) {
        assertThatThrownBy(() -> check(guard, url)).isInstanceOf(EgressRefusedException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "http://public.example/, http://public.example/",
        "HTTPS://Public.Example, https://public.example/",
        "https://public.example:443/a, https://public.example/a",
        "http://public.example:8080, http://public.example:8080/",
        "http://public.example:/x, http://public.example/x",
        "http://public.example./, http://public.example/",
        "http://müller.example/, http://xn--mller-kva.example/",
        "http://8.8.8.8/, http://8.8.8.8/",
        "http://172.32.0.1/, http://172.32.0.1/",
        "http://100.128.0.1/, http://100.128.0.1/",
        "'http://[2606:4700:4700:0:0:0:0:1111]/', 'http://[2606:4700:4700::1111]/'",
        "'http://[2a00:1450::1]:8080/', 'http://[2a00:1450::1]:8080/'",
        "'  http://public.example/a b?q=ü|{}#part ', http://public.example/a%20b?q=%C3%BC%7C%7B%7D",
        "http://public.example/a/./b/../c, http://public.example/a/c",
        "http://public.example/../../x, http://public.example/x",
        "http://public.example/a/.., http://public.example/",
        "'http://public.example/100%?a[]=50%&b=%41', 'http://public.example/100%25?a[]=50%25&b=%41'",
        "http://public.example//double, http://public.example//double",
        "http://public.example?q=1, http://public.example/?q=1",
        "'http://public.example/?x=\\', http://public.example/?x=%5C",
        "http://public.example/😀, http://public.example/%F0%9F%98%80"
    })
    void aPublicUrlIsTakenInItsCanonicalForm(String url, String canonical) {
        assertThat(check(guard, url)).isNotEmpty();
        assertThat(HttpUrl.parse(url)).hasToString(canonical);
    }

    @ParameterizedTest
    @CsvSource({
        "other, http://public.example/dir/other",
        "./other, http://public.example/dir/other",
        "../other, http://public.example/other",
        "/rooted, http://public.example/rooted",
        "?q=2, http://public.example/dir/page?q=2",
        "#part, http://public.example/dir/page?q=1",
        "'', http://public.example/dir/page?q=1",
        "//else.example/x, http://else.example/x",
        "https://else.example, https://else.example/"
    })
    void aReferenceIsResolvedAgainstItsPage(String reference, String expected) {
        assertThat(HttpUrl.parse("http://public.example/dir/page?q=1").resolve(reference))
                .hasToString(expected);
    }

    @Test
    void aCidrBlockOpensAnExceptionForAddressesHoweverTheyWereNamed() {
        try (EgressGuard open = guard(List.of("127.0.0.0/8", "::1"), List.of())) {
            assertThat(check(open, "http://127.0.0.1/")).isNotEmpty();
            assertThat(check(open, "http://localhost/")).isNotEmpty();
            assertThat(check(open, "http://[::1]/")).isNotEmpty();
            assertThatThrownBy(() -> check(open, "http://10.0.0.1/")).isInstanceOf(EgressRefusedException.class);
        }
    }

    @Test
    void aHostNameOpensAnExceptionForExactlyThatHost() {
        try (EgressGuard open = guard(List.of("Partner.example"), List.of())) {
            assertThat(check(open, "http://partner.example/")).isNotEmpty();
            assertThatThrownBy(() -> check(open, "http://mixed.example/")).isInstanceOf(EgressRefusedException.class);
            assertThatThrownBy(() -> check(open, "http://10.1.2.3/")).isInstanceOf(EgressRefusedException.class);
        }
    }

    @Test
    void onlyTheConfiguredPortsAreOpen() {
        try (EgressGuard few = guard(List.of(), List.of(80, 443))) {
            assertThat(check(few, "https://public.example/")).isNotEmpty();
            assertThatThrownBy(() -> check(few, "http://public.example:22/"))
                    .isInstanceOf(EgressRefusedException.class)
                    .hasMessageContaining("22");
        }
    }

    @Test
    void anExceptionThatIsNoneIsRefusedAtTheStart() {
        assertThatThrownBy(() -> guard(List.of("10.0.0.0/40"), List.of())).hasMessageContaining("10.0.0.0/40");
        assertThatThrownBy(() -> guard(List.of("not a host"), List.of())).hasMessageContaining("not a host");
        assertThatThrownBy(() -> guard(List.of("10.0.*.1"), List.of())).hasMessageContaining("10.0.*.1");
    }

    @Test
    void aHostThatDoesNotResolveIsAFailureAndNoRefusal() {
        assertThatThrownBy(() -> check(guard, "http://nowhere.example/"))
                .isInstanceOfSatisfying(
                        EgressFailedException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(EgressFailedException.Reason.DNS_FAILURE));
    }

    private static List<InetAddress> check(EgressGuard guard, String url) {
        return guard.check(HttpUrl.parse(url), Deadline.in(Duration.ofSeconds(5)));
    }

    private static EgressGuard guard(List<String> allow, List<Integer> ports) {
        return new EgressGuard(new AddressPolicy(allow, ports), Duration.ofSeconds(5), EgressUrlsTest::lookup);
    }

    private static InetAddress[] lookup(String host) throws UnknownHostException {
        List<String> literals = ZONE.get(host);
        if (literals == null) {
            throw new UnknownHostException(host);
        }
        InetAddress[] addresses = new InetAddress[literals.size()];
        for (int index = 0; index < addresses.length; index++) {
            addresses[index] = InetAddress.getByName(literals.get(index));
        }
        return addresses;
    }
}
