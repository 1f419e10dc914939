package io.bactrian.origin;

import java.util.List;
import java.util.stream.Stream;

/**
 * The ways to write the URL of something that listens on this machine or in its network, for a service that must not go there.
 *
 * <p>Lenient parsers, {@code inet_aton} and browsers read most of them as 127.0.0.1 or ::1; the others name what no page is on.
 */
public final class ForbiddenUrls {
    private ForbiddenUrls() {}

    /** All forms, for a listener on a port of every address of this machine. */
    public static List<String> on(int port) {
        return Stream.of(addresses(port), names(port), tricks(port))
                .flatMap(List::stream)
                .toList();
    }

    /** Forms of addresses. */
    public static List<String> addresses(int port) {
        return Stream.of(
                        // dotted, and the numbers that inet_aton reads
                        "127.0.0.1",
                        "127.0.0.2",
                        "127.127.127.127",
                        "127.255.255.254",
                        "127.0.0.1.",
                        "127.0.0.1..",
                        "2130706433",
                        "02130706433",
                        "4294967297",
                        "0x7f000001",
                        "0x7F000001",
                        "0X7f000001",
                        "0x07f000001",
                        "017700000001",
                        "0177.0.0.1",
                        "00177.000.000.001",
                        "0177.0x0.0.1",
                        "0x7f.0.0.1",
                        "0x7f.0x0.0x0.0x1",
                        "0x7f.1",
                        "0177.1",
                        "127.1",
                        "127.0.1",
                        "127.0x1",
                        "127.65537",
                        "127.0.0.01",
                        "127.0.0.0x1",
                        "127.000.000.001",
                        "127.00.00.01",
                        "383.0.0.1",
                        "127.0.0.257",
                        "0",
                        "0x0",
                        "00",
                        "0.0",
                        "0.0.0.0",
                        "0.0.0.1",
                        "000.000.000.000",
                        // digits and dots of Unicode
                        "１２７.０.０.１",
                        "127。0。0。1",
                        "127．0．0．1",
                        "127｡0｡0｡1",
                        "①②⑦.⓪.⓪.①",
                        "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
                        "١٢٧.٠.٠.١",
                        "१२७.०.०.१",
                        "０x7f000001",
                        "２１３０７０６４３３",
                        "127.0.0.¹",
                        "127.0.0.1\u200B",
                        "127.0\u00AD.0.1",
                        // encoded
                        "127%2e0%2e0%2e1",
                        "127.0.0%2E1",
                        "%31%32%37.0.0.1",
                        "%30",
                        "127.0.0.1%00",
                        "127.0.0.1%0d%0a",
                        "127.0.0.1%20",
                        // IPv6
                        "[::1]",
                        "[::]",
                        "[0:0:0:0:0:0:0:1]",
                        "[0000:0000:0000:0000:0000:0000:0000:0001]",
                        "[0::1]",
                        "[::0001]",
                        "[::1%25lo]",
                        "[::1%lo]",
                        "[::1%251]",
                        "[::127.0.0.1]",
                        "[::7f00:1]",
                        "[::ffff:127.0.0.1]",
                        "[::ffff:7f00:1]",
                        "[::FFFF:7F00:0001]",
                        "[0:0:0:0:0:ffff:127.0.0.1]",
                        "[::ffff:0:127.0.0.1]",
                        "[64:ff9b::127.0.0.1]",
                        "[64:ff9b::7f00:1]",
                        "[64:ff9b:1::7f00:1]",
                        "[2002:7f00:1::]",
                        "[2002:7f00:1::1]",
                        "[2001::7f00:1]",
                        "[2001:0:7f00:1::1]",
                        "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
                        "[fe80::1]",
                        "[fe80::1%25lo]",
                        "[fe80::5efe:7f00:1]",
                        "[fec0::1]",
                        "[fc00::1]",
                        "[fd00:ec2::254]",
                        "[ff02::1]",
                        "[::1",
                        "[[::1]]",
                        "::1",
                        "[127.0.0.1]",
                        "[0x7f000001]",
                        "[v1.7f000001]",
                        // private networks, link-local metadata, multicast, broadcast
                        "10.0.0.1",
                        "172.16.0.1",
                        "192.168.0.1",
                        "100.64.0.1",
                        "100.100.100.200",
                        "192.0.0.192",
                        "198.18.0.1",
                        "169.254.169.254",
                        "169.254.170.2",
                        "2852039166",
                        "0xa9fea9fe",
                        "0251.0376.0251.0376",
                        "169.254.43518",
                        "[::ffff:169.254.169.254]",
                        "[64:ff9b::a9fe:a9fe]",
                        "[2002:a9fe:a9fe::1]",
                        "224.0.0.1",
                        "240.0.0.1",
                        "255.255.255.255")
                .map(host -> "http://" + host + ":" + port + "/forbidden")
                .toList();
    }

    /** Forms of this machine's names. */
    public static List<String> names(int port) {
        return Stream.of(
                        "localhost",
                        "LOCALHOST",
                        "LocalHost",
                        "localhost.",
                        "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
                        "ｌｏｃａｌｈｏｓｔ",
                        "loc%61lhost",
                        "local\u00ADhost",
                        "sub.localhost",
                        "127.0.0.1.localhost",
                        "localhost..",
                        ".localhost")
                .map(host -> "http://" + host + ":" + port + "/forbidden")
                .toList();
    }

    /** Forms that parsers disagree over, and schemes that no page has. */
    public static List<String> tricks(int port) {
        String here = "127.0.0.1:" + port;
        return List.of(
                "http://user@" + here + "/",
                "http://user:password@" + here + "/",
                "http://@" + here + "/",
                "http://public.example@" + here + "/",
                "http://public.example:80@" + here + "/",
                "http://public.example%40" + here + "/",
                "http://192.0.2.1#@" + here + "/",
                "http://192.0.2.1?@" + here + "/",
                "http://" + here + "\\@public.example/",
                "http://public.example\\@" + here + "/",
                "http://" + here + "\\.public.example/",
                "http:\\\\" + here + "/",
                "http:/\\" + here + "/",
                "http:" + here + "/",
                "http:/" + here + "/",
                "http:///" + here + "/",
                "http:////" + here + "/",
                "//" + here + "/",
                "\thttp://" + here + "/",
                "ht\ntp://" + here + "/",
                "http://127.0\t.0.1:" + port + "/",
                "http://127.0.0\n.1:" + port + "/",
                "http://127.0.0.1\r\n:" + port + "/",
                "http:// " + here + "/",
                "http://" + here + " .public.example/",
                "http://127.0.0.1,public.example:" + port + "/",
                "http://127.0.0.1;public.example:" + port + "/",
                "http://127.0.0.1&@public.example:" + port + "/",
                "http://127.0.0.1:80:" + port + "/",
                "http://127.0.0.1:0" + port + "/",
                "http://127.0.0.1:+" + port + "/",
                "http://127.0.0.1:%3" + port + "/",
                "HTTP://" + here + "/",
                "https://" + here + "/",
                "https://[::1]:" + port + "/",
                "ws://" + here + "/",
                "wss://" + here + "/",
                "ftp://" + here + "/",
                "gopher://" + here + "/_GET%20/",
                "dict://" + here + "/",
                "view-source:http://" + here + "/",
                "jar:http://" + here + "!/",
                "file://" + here + "/");
    }
}
