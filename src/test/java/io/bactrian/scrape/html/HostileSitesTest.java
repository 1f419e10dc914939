package io.bactrian.scrape.html;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.egress.AddressPolicy;
import io.bactrian.egress.EgressClient;
import io.bactrian.egress.EgressGuard;
import io.bactrian.egress.EgressProperties;
import io.bactrian.origin.Behaviours;
import io.bactrian.origin.MisbehavingOrigin;
import io.bactrian.origin.MisbehavingOrigin.Behaviour;
import io.bactrian.origin.SelfSigned;
import io.bactrian.scrape.ErrorCode;
import io.bactrian.scrape.Outcome;
import io.bactrian.scrape.PageRequest;
import io.bactrian.scrape.ScrapeOptions;
import io.bactrian.scrape.polite.RobotsTxt;
import io.bactrian.scrape.polite.UserAgent;
import io.bactrian.scrape.select.SelectorPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sites that mean ill or are broken, with the limits of the default configuration. */
@Timeout(120)
class HostileSitesTest {
    private static final SelectorPlan TITLE =
            SelectorPlan.compile(JsonNodeFactory.instance.objectNode().put("title", "title"));

    private final Clock clock = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
    private final MisbehavingOrigin origin = MisbehavingOrigin.start();
    private final EgressProperties properties = EgressProperties.allowing("127.0.0.0/8");
    private final EgressGuard guard =
            new EgressGuard(new AddressPolicy(properties.allow(), List.of()), properties.resolveTimeout());
    private final EgressClient client = new EgressClient(guard, properties);
    private final UserAgent userAgent = new UserAgent(null, "https://example.org/contact");
    private final HtmlScraper scraper =
            new HtmlScraper(client, new RobotsTxt(client, userAgent, clock), userAgent, clock);

    @AfterEach
    void close() throws IOException {
        client.close();
        guard.close();
        origin.close();
    }

    @Test
    void aPageOfSixtyMegabytesIsTooLargeWhetherItSaysSoOrNot() {
        origin.on("/announced", megabytes(60, true))
                .on("/silent", megabytes(60, false))
                .on("/bomb", Behaviours.gzipBomb(60));

        for (String path : List.of("/announced", "/silent", "/bomb")) {
            assertThat(code(scrape(path))).as(path).isEqualTo(ErrorCode.TOO_LARGE);
        }
    }

    @Test
    void aPageJustUnderTheLimitIsRead() {
        origin.on("/", megabytes(9, true));

        assertThat(data("/")).isEqualTo("{\"title\":\"Large\"}");
    }

    @Test
    void nulsAreRead() {
        origin.on("/", Behaviours.page("<title>a\u0000b</title>\u0000".repeat(1000)))
                .on("/nuls", Behaviours.body("text/html", new byte[1_000_000]));

        assertThat(data("/"))
                .contains("a")
                .contains("b")
                .doesNotContain("\u0000")
                .doesNotContain("\\u0000");
        assertThat(scrape("/nuls")).isInstanceOf(Outcome.Scraped.class);
    }

    @Test
    void aCharsetThatIsNotThePagesMakesOddLettersAndNoError() {
        byte[] utf16 = "<title>Grüße</title>".getBytes(StandardCharsets.UTF_16);
        byte[] latin = "<title>Grüße</title>".getBytes(StandardCharsets.ISO_8859_1);
        origin.on("/utf-16", Behaviours.body("text/html; charset=utf-16", utf16))
                .on("/latin-as-utf-8", Behaviours.body("text/html; charset=utf-8", latin))
                .on("/ascii-as-utf-16", Behaviours.body("text/html; charset=utf-16", latin))
                .on("/bom-wins", Behaviours.body("text/html; charset=iso-8859-1", utf16))
                .on("/seven", Behaviours.body("text/html; charset=utf-7", latin))
                .on("/quoted", Behaviours.body("text/html; charset=\"'utf-8\"", latin));

        assertThat(data("/utf-16")).contains("Grüße");
        for (String path : List.of("/latin-as-utf-8", "/ascii-as-utf-16", "/bom-wins", "/seven", "/quoted")) {
            assertThat(scrape(path)).as(path).isInstanceOf(Outcome.Scraped.class);
        }
    }

    @Test
    void brokenTlsHasAClearError(@TempDir Path directory, @TempDir Path otherDirectory) throws Exception {
        assertThat(code(scrapeUrl("https://127.0.0.1:" + origin.port() + "/")))
                .isIn(ErrorCode.TLS_ERROR, ErrorCode.CONNECTION_RESET);
        try (MisbehavingOrigin untrusted = secure(directory, "ip:127.0.0.1");
                MisbehavingOrigin misnamed = secure(otherDirectory, "dns:other.example");
                ServerSocket garbage = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> answerWithGarbage(garbage));

            assertThat(code(scrapeUrl("https://127.0.0.1:" + untrusted.port() + "/")))
                    .isEqualTo(ErrorCode.TLS_ERROR);
            assertThat(code(scrapeUrl("https://127.0.0.1:" + misnamed.port() + "/")))
                    .isEqualTo(ErrorCode.TLS_ERROR);
            assertThat(code(scrapeUrl("https://127.0.0.1:" + garbage.getLocalPort() + "/")))
                    .isEqualTo(ErrorCode.TLS_ERROR);
        }
    }

    @Test
    void redirectsThatNeverEndAreCounted() {
        origin.on("/loop", Behaviours.redirect(302, "/loop"))
                .on(
                        "/grow",
                        (request, socket, out) -> Behaviours.redirect(302, request.target() + "?x")
                                .answer(request, socket, out))
                .on("/empty", Behaviours.redirect(302, ""));

        assertThat(code(scrape("/loop"))).isEqualTo(ErrorCode.TOO_MANY_REDIRECTS);
        assertThat(code(scrape("/grow"))).isEqualTo(ErrorCode.TOO_MANY_REDIRECTS);
        assertThat(code(scrape("/empty"))).isEqualTo(ErrorCode.TOO_MANY_REDIRECTS);
    }

    @Test
    void hostilePagesDoNotDisturbOthers() throws Exception {
        origin.on("/drip", Behaviours.slowDrip())
                .on("/header", Behaviours.slowHeader())
                .on("/silence", Behaviours.silence())
                .on("/endless", Behaviours.endlessBody())
                .on("/flood", Behaviours.headerFlood())
                .on("/bomb", Behaviours.gzipBomb(60))
                .on("/deep", Behaviours.page("<div>".repeat(50_000)))
                .on("/", Behaviours.page("<title>Fine</title>"));
        try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> hostile = Stream.of(
                            "/drip", "/header", "/silence", "/endless", "/flood", "/bomb", "/deep")
                    .flatMap(path -> Stream.of(path, path, path, path))
                    .map(path -> lanes.submit(() -> scrape(path)))
                    .toList();
            for (int page = 0; page < 50; page++) {
                assertThat(data("/")).contains("Fine");
            }
            for (Future<Outcome> page : hostile) {
                assertThat(page.get()).isNotNull();
            }
        }
    }

    private static Behaviour megabytes(int count, boolean announced) {
        return (request, socket, out) -> {
            byte[] block = Behaviours.utf8("<p>text</p>\n".repeat(1024 * 1024 / 12));
            byte[] title = Behaviours.utf8("<title>Large</title>");
            long length = title.length + (long) count * block.length;
            out.write(Behaviours.utf8("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                    + (announced ? "Content-Length: " + length : "X-Length: unknown") + "\r\n\r\n"));
            out.write(title);
            for (int written = 0; written < count; written++) {
                out.write(block);
            }
            return announced;
        };
    }

    private static MisbehavingOrigin secure(Path directory, String name) throws Exception {
        ServerSocket listener =
                SelfSigned.context(directory, name).getServerSocketFactory().createServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return MisbehavingOrigin.start(listener);
    }

    private static void answerWithGarbage(ServerSocket listener) {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                socket.getInputStream().read();
                socket.getOutputStream()
                        .write("220 not TLS at all, and long enough\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException gone) {
                // The next one, if there is one.
            }
        }
    }

    private String data(String path) {
        Outcome outcome = scrape(path);
        assertThat(outcome).as(path).isInstanceOf(Outcome.Scraped.class);
        return ((Outcome.Scraped) outcome).data();
    }

    private Outcome scrape(String path) {
        return scrapeUrl(origin.url(path));
    }

    private Outcome scrapeUrl(String url) {
        ScrapeOptions options = new ScrapeOptions(true, Duration.ofSeconds(5), Map.of(), Map.of(), false);
        return scraper.scrape(new PageRequest(url, options, TITLE, 1));
    }

    private static @Nullable ErrorCode code(Outcome outcome) {
        return outcome instanceof Outcome.Failed failed ? failed.code() : null;
    }
}
