package io.bactrian.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OperatorClientTest {
    private static final OperatorClient CLIENT = new OperatorClient();
    private static final HttpServer SERVER = start();

    @BeforeAll
    static void answer() {
        SERVER.createContext("/echo", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        SERVER.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", "/echo");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
    }

    @AfterAll
    static void close() throws IOException {
        CLIENT.close();
        SERVER.stop(0);
    }

    @Test
    void thePrivateNetworkIsReachedThoughUsersMayNotReachIt() {
        byte[] body = "a=b".getBytes(StandardCharsets.US_ASCII);

        EgressResponse answer = CLIENT.post(url("/echo"), Map.of("Content-Type", "text/plain"), body);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(body);
    }

    @Test
    void aRedirectIsNotFollowed() {
        assertThat(CLIENT.get(url("/moved"), Map.of()).status()).isEqualTo(302);
    }

    @Test
    void anAnswerOfMoreThanAMegabyteIsAFailure() {
        assertThat(CLIENT.post(url("/echo"), Map.of(), new byte[1 << 20]).body())
                .hasSize(1 << 20);
        assertThatThrownBy(() -> CLIENT.post(url("/echo"), Map.of(), new byte[(1 << 20) + 1]))
                .isInstanceOf(EgressFailedException.class);
    }

    @Test
    void otherSchemesAreRefused() {
        assertThatThrownBy(() -> CLIENT.get("file:///etc/passwd", Map.of())).isInstanceOf(EgressRefusedException.class);
    }

    private static String url(String path) {
        return "http://127.0.0.1:" + SERVER.getAddress().getPort() + path;
    }

    private static HttpServer start() {
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            started.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
