package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.egress.EgressFailedException.Reason;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.unit.DataSize;

@Timeout(30)
class EgressClientTest {
    private static final Duration SOON = Duration.ofMillis(300);
    private static final int LIMIT = 1024 * 1024;

    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final EgressProperties properties = new EgressProperties(
            List.of("127.0.0.0/8", "::1"),
            List.of(),
            DataSize.ofBytes(LIMIT),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            64,
            32,
            Duration.ofSeconds(30));
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(properties.allow(), properties.ports()), properties.resolveTimeout());
    private final EgressClient client = new EgressClient(guard, properties);

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
        origin.close();
    }

    @Test
    void aPageIsReadAndItsConnectionKept() {
        origin.on("/", Behaviours.page("<h1>Hello</h1>"));

        assertThat(text(get("/"))).isEqualTo("<h1>Hello</h1>");
        assertThat(text(get("/"))).isEqualTo("<h1>Hello</h1>");

        assertThat(origin.connections()).isOne();
    }

    @Test
    void aChunkedPageIsReadAndItsConnectionKept() {
        origin.on("/", Behaviours.chunked("<h1>Hello</h1>"));

        assertThat(text(get("/"))).isEqualTo("<h1>Hello</h1>");
        assertThat(text(get("/"))).isEqualTo("<h1>Hello</h1>");

        assertThat(origin.connections()).isOne();
    }

    @Test
    void onlyTheGivenHeadersAndTheConnectionsOwnAreSent() {
        origin.on("/", Behaviours.page(""));

        client.execute(EgressRequest.get(url("/")).header("X-Mine", "yes").build());

        assertThat(origin.requests().getFirst().headers().keySet())
                .containsExactlyInAnyOrder("Host", "Connection", "X-Mine");
        assertThat(origin.requests().getFirst().header("Host")).isEqualTo("127.0.0.1:" + origin.port());
    }

    @Test
    void thePathIsSentAsItIsEvenWithTwoSlashes() {
        get("//double//slash?a[]=1");

        assertThat(origin.requests().getFirst().target()).isEqualTo("//double//slash?a[]=1");
    }

    @Test
    void aBodyIsPosted() {
        origin.on("/hook", Behaviours.status(204));

        EgressResponse response = client.execute(EgressRequest.post(url("/hook"), Behaviours.utf8("{}"))
                .header("Content-Type", "application/json")
                .build());

        assertThat(response.status()).isEqualTo(204);
        assertThat(origin.requests().getFirst().body()).isEqualTo("{}");
    }

    @Test
    void noRedirectIsFollowedAndNoCookieKept() {
        origin.on("/", Behaviours.status(302, "Location: /next", "Set-Cookie: a=b"));

        assertThat(get("/").status()).isEqualTo(302);
        get("/");

        assertThat(origin.requests()).extracting("target").containsExactly("/", "/");
        assertThat(origin.requests().getLast().header("cookie")).isNull();
    }

    @Test
    void anIpv6LiteralIsConnectedTo() throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(
                InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 0));
        try (MisbehavingOrigin six = MisbehavingOrigin.start(listener)) {
            six.on("/", Behaviours.page("six"));

            EgressResponse response =
                    client.execute(EgressRequest.get(HttpUrl.parse("http://[::1]:" + six.port() + "/"))
                            .build());

            assertThat(text(response)).isEqualTo("six");
            assertThat(six.requests().getFirst().header("Host")).isEqualTo("[::1]:" + six.port());
        }
    }

    @Test
    void everyContentCodingIsDecoded() {
        String page = "<p>Grüße</p>".repeat(500);
        byte[] bytes = Behaviours.utf8(page);
        origin.on("/gzip", Behaviours.body("text/html", Behaviours.gzip(bytes), "Content-Encoding: gzip"))
                .on("/x-gzip", Behaviours.body("text/html", Behaviours.gzip(bytes), "Content-Encoding: X-GZip"))
                .on("/zlib", Behaviours.body("text/html", Behaviours.zlib(bytes), "Content-Encoding: deflate"))
                .on("/raw", Behaviours.body("text/html", Behaviours.rawDeflate(bytes), "Content-Encoding: deflate"))
                .on("/br", Behaviours.body("text/html", Behaviours.brotli(bytes), "Content-Encoding: br"))
                .on(
                        "/twice",
                        Behaviours.body(
                                "text/html",
                                Behaviours.gzip(Behaviours.brotli(bytes)),
                                "Content-Encoding: br",
                                "Content-Encoding: gzip"))
                .on("/liar", Behaviours.body("text/html", bytes, "Content-Encoding: gzip"))
                .on("/odd", Behaviours.body("text/html", bytes, "Content-Encoding: utf-8"));

        for (String path : List.of("/gzip", "/x-gzip", "/zlib", "/raw", "/br", "/twice", "/liar", "/odd")) {
            assertThat(text(get(path))).as(path).isEqualTo(page);
        }
        assertThat(origin.connections()).isOne();
    }

    @Test
    void anEmptyBodyOfAnyCodingIsEmpty() {
        for (String coding : List.of("gzip", "deflate")) {
            origin.on("/" + coding, Behaviours.body("text/html", new byte[0], "Content-Encoding: " + coding));
            assertThat(get("/" + coding).body()).isEmpty();
        }
    }

    @Test
    void aDecompressionBombEndsAtTheLimit() {
        origin.on("/", Behaviours.gzipBomb(64));

        EgressResponse response = get("/");

        assertThat(response.isTruncated()).isTrue();
        assertThat(response.body()).hasSize(LIMIT);
    }

    @Test
    void aLargeBrotliBodyEndsAtTheLimit() {
        origin.on("/", Behaviours.body("text/html", brotliBlocks(), "Content-Encoding: br"));

        assertThat(get("/").isTruncated()).isTrue();
    }

    @Test
    void aBodyOfExactlyTheLimitIsWhole() {
        origin.on("/", Behaviours.body("text/html", new byte[LIMIT]));
        origin.on("/more", Behaviours.body("text/html", new byte[LIMIT + 1]));

        assertThat(get("/").isTruncated()).isFalse();
        assertThat(get("/more").isTruncated()).isTrue();
    }

    @Test
    void anEndlessBodyEndsAtTheLimit() {
        origin.on("/", Behaviours.endlessBody());

        assertThat(get("/").isTruncated()).isTrue();
    }

    @Test
    void anUnwantedEndlessBodyIsNotReadAndAShortOneKeepsTheConnection() {
        origin.on("/endless", Behaviours.endlessBody());

        assertThat(client.execute(EgressRequest.get(url("/endless"))
                                .bodyLimit(head -> 0)
                                .build())
                        .body())
                .isEmpty();
        for (int count = 0; count < 3; count++) {
            client.execute(
                    EgressRequest.get(url("/missing")).bodyLimit(head -> 0).build());
        }

        assertThat(origin.connections()).isEqualTo(2);
    }

    @Test
    void corruptOrUnknownCodingsCannotBeDecoded() {
        byte[] corrupt = Behaviours.gzip(Behaviours.utf8("x".repeat(5000)));
        for (int index = 10; index < 18; index++) {
            corrupt[index] = (byte) 0xFF;
        }
        origin.on("/corrupt", Behaviours.body("text/html", corrupt, "Content-Encoding: gzip"))
                .on("/br", Behaviours.body("text/html", Behaviours.utf8("not brotli"), "Content-Encoding: br"))
                .on("/zstd", Behaviours.body("text/html", new byte[10], "Content-Encoding: zstd"))
                .on("/matryoshka", Behaviours.body("text/html", corrupt, "Content-Encoding: gzip,gzip,gzip,gzip"));

        for (String path : List.of("/corrupt", "/br", "/zstd", "/matryoshka")) {
            assertFails(() -> get(path), Reason.UNDECODABLE_BODY);
        }
    }

    @Test
    void theDeadlineHoldsAgainstASlowDrip() {
        origin.on("/", Behaviours.slowDrip());

        assertTimesOut(() -> get("/", SOON));
    }

    @Test
    void theDeadlineHoldsAgainstASlowHeader() {
        origin.on("/", Behaviours.slowHeader());

        assertTimesOut(() -> get("/", SOON));
    }

    @Test
    void theDeadlineHoldsAgainstSilence() {
        origin.on("/", Behaviours.silence());

        assertTimesOut(() -> get("/", SOON));
    }

    @Test
    void theDeadlineHoldsAgainstASilentTlsHandshake() throws IOException {
        try (ServerSocket silent = loopback(50)) {
            HttpUrl url = HttpUrl.parse("https://127.0.0.1:" + silent.getLocalPort() + "/");

            assertTimesOut(
                    () -> client.execute(EgressRequest.get(url).timeout(SOON).build()));
        }
    }

    @Test
    void theDeadlineHoldsWhileConnecting() throws IOException {
        List<Socket> queue = new ArrayList<>();
        try (ServerSocket full = loopback(1)) {
            for (int count = 0; count < 4; count++) {
                Socket socket = new Socket();
                queue.add(socket);
                try {
                    socket.connect(full.getLocalSocketAddress(), 100);
                } catch (IOException queueIsFull) {
                    break;
                }
            }
            HttpUrl url = HttpUrl.parse("http://127.0.0.1:" + full.getLocalPort() + "/");

            assertTimesOut(
                    () -> client.execute(EgressRequest.get(url).timeout(SOON).build()));
        } finally {
            for (Socket socket : queue) {
                socket.close();
            }
        }
    }

    @Test
    void theDeadlineHoldsWhileAllConnectionsAreTaken() throws Exception {
        origin.on("/", Behaviours.silence());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int count = 0; count < properties.connectionsPerRoute() + 4; count++) {
                all.add(threads.submit(() -> assertTimesOut(() -> get("/", SOON))));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    @Test
    void theDeadlineHoldsWhileANameIsResolved() {
        CountDownLatch never = new CountDownLatch(1);
        try (EgressGuard slow =
                new EgressGuard(new AddressPolicy(List.of(), List.of()), Duration.ofSeconds(5), host -> {
                    waitFor(never);
                    return new InetAddress[0];
                })) {
            assertTimesOut(() -> slow.check(HttpUrl.parse("http://slow.example/"), Deadline.in(SOON)));
            never.countDown();
        }
    }

    @Test
    void headersWithoutEndAreRefused() {
        origin.on("/flood", Behaviours.headerFlood()).on("/line", Behaviours.endlessHeaderLine());

        assertFails(() -> get("/flood"), Reason.HEAD_TOO_LARGE);
        assertFails(() -> get("/line"), Reason.HEAD_TOO_LARGE);
    }

    @Test
    void anAnswerThatEndsEarlyIsAReset() {
        origin.on("/truncated", Behaviours.truncated())
                .on("/reset", Behaviours.resetMidBody())
                .on("/chunks", Behaviours.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"))
                .on("/hang-up", Behaviours.hangUp());

        for (String path : List.of("/truncated", "/reset", "/chunks", "/hang-up")) {
            assertFails(() -> get(path), Reason.CONNECTION_RESET);
        }
    }

    @Test
    void whatIsNotHttpIsMalformed() {
        origin.on("/", Behaviours.raw("HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"));

        assertFails(() -> get("/"), Reason.MALFORMED_ANSWER);
    }

    @Test
    void aClosedPortRefuses() throws IOException {
        int port;
        try (ServerSocket closed = loopback(1)) {
            port = closed.getLocalPort();
        }
        assertFails(
                () -> client.execute(EgressRequest.get(HttpUrl.parse("http://127.0.0.1:" + port + "/"))
                        .build()),
                Reason.CONNECTION_REFUSED);
    }

    @Test
    void plainHttpOnATlsPortIsATlsError() {
        assertFails(
                () -> client.execute(EgressRequest.get(HttpUrl.parse("https://127.0.0.1:" + origin.port() + "/"))
                        .build()),
                Reason.TLS_ERROR);
    }

    @Test
    void aConnectionThatTheSiteClosedBetweenRequestsIsReplacedSilently() {
        AtomicInteger answered = new AtomicInteger();
        origin.on("/", (request, socket, out) -> {
            if (answered.incrementAndGet() == 2) {
                return false;
            }
            return Behaviours.page("here").answer(request, socket, out);
        });

        assertThat(text(get("/"))).isEqualTo("here");
        assertThat(text(get("/"))).isEqualTo("here");

        assertThat(origin.connections()).isEqualTo(2);
        assertThat(origin.requests()).hasSize(3);
    }

    @Test
    void connectionsThatTheSiteClosedWhileIdleAreReplaced() {
        origin.on("/", Behaviours.page("here"));
        get("/");

        origin.closeConnections();

        assertThat(text(get("/"))).isEqualTo("here");
    }

    @Test
    void aPostIsNeverSentTwice() {
        AtomicInteger answered = new AtomicInteger();
        origin.on("/", (request, socket, out) -> {
            if (answered.incrementAndGet() == 2) {
                return false;
            }
            return Behaviours.page("here").answer(request, socket, out);
        });
        get("/");

        assertFails(
                () -> client.execute(EgressRequest.post(url("/"), new byte[1]).build()), Reason.CONNECTION_RESET);

        assertThat(origin.requests()).hasSize(2);
    }

    @Test
    void theAddressThatWasCheckedIsTheOneThatIsConnectedTo() throws IOException {
        origin.on("/", Behaviours.page("checked"));
        AtomicInteger lookups = new AtomicInteger();
        HostLookup rebinding = host -> {
            lookups.incrementAndGet();
            return new InetAddress[] {InetAddress.getByName(lookups.get() == 1 ? "127.0.0.1" : "10.0.0.1")};
        };
        AddressPolicy policy = new AddressPolicy(properties.allow(), List.of());
        try (EgressGuard rebound = new EgressGuard(policy, Duration.ofSeconds(1), rebinding);
                EgressClient pinned = new EgressClient(rebound, properties)) {
            HttpUrl url = HttpUrl.parse("http://rebinding.example:" + origin.port() + "/");

            assertThat(text(pinned.execute(EgressRequest.get(url).build()))).isEqualTo("checked");
            assertThat(lookups).hasValue(1);
        }
    }

    @Test
    void aForbiddenAddressIsNeverConnectedTo() throws IOException {
        EgressProperties closed = EgressProperties.allowing();
        try (EgressGuard strict = new EgressGuard(new AddressPolicy(List.of(), List.of()), Duration.ofSeconds(1));
                EgressClient strictClient = new EgressClient(strict, closed)) {
            assertThatThrownBy(() ->
                            strictClient.execute(EgressRequest.get(url("/")).build()))
                    .isInstanceOf(EgressRefusedException.class);
            assertThat(origin.connections()).isZero();
        }
    }

    @Test
    void manyThreadsShareFewConnections() throws Exception {
        origin.on("/", Behaviours.page("shared"));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> all = new ArrayList<>();
            for (int count = 0; count < 500; count++) {
                all.add(threads.submit(() -> text(get("/"))));
            }
            for (Future<String> one : all) {
                assertThat(one.get()).isEqualTo("shared");
            }
        }
        assertThat(origin.connections()).isLessThanOrEqualTo(properties.connectionsPerRoute());
    }

    private EgressResponse get(String path) {
        return get(path, Duration.ofSeconds(10));
    }

    private EgressResponse get(String path, Duration timeout) {
        return client.execute(EgressRequest.get(url(path)).timeout(timeout).build());
    }

    private HttpUrl url(String path) {
        return HttpUrl.parse(origin.url(path));
    }

    private static String text(EgressResponse response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static void assertTimesOut(ThrowingCallable exchange) {
        long begun = System.nanoTime();
        assertFails(exchange, Reason.TIMEOUT);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isBetween(SOON, SOON.plusSeconds(3));
    }

    private static void assertFails(ThrowingCallable exchange, Reason reason) {
        assertThatThrownBy(exchange)
                .isInstanceOfSatisfying(
                        EgressFailedException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(reason));
    }

    private static ServerSocket loopback(int backlog) throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), backlog);
        return listener;
    }

    private static byte[] brotliBlocks() {
        // Each block is stored, and only the last byte of the stream says that it was the last.
        int block = 65_536;
        byte[] one = Behaviours.brotli(new byte[block]);
        byte[] all = new byte[3 + block];
        System.arraycopy(one, 0, all, 0, all.length);
        return repeated(all, 20);
    }

    private static byte[] repeated(byte[] first, int times) {
        // After the first block the window bits are not repeated: the block header is one bit shorter.
        int header = ((65_536 - 1) << 3) | (1 << 19);
        byte[] bytes = new byte[first.length * times + 1];
        System.arraycopy(first, 0, bytes, 0, first.length);
        for (int count = 1; count < times; count++) {
            int at = first.length * count;
            bytes[at] = (byte) header;
            bytes[at + 1] = (byte) (header >> 8);
            bytes[at + 2] = (byte) (header >> 16);
        }
        bytes[bytes.length - 1] = 3;
        return bytes;
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
