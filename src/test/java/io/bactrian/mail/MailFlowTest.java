package io.bactrian.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.Bactrian;
import io.bactrian.TestBroker;
import io.bactrian.TestDatabase;
import io.bactrian.TestFork;
import io.bactrian.origin.MailServer;
import io.bactrian.origin.MailServer.Received;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Letters on their way through the outbox, the broker and camel-mail, to a real mail server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MailFlowTest {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

    private final TestDatabase database = TestDatabase.create();
    private final TestBroker broker = new TestBroker();
    private final int port = TestFork.freePort();
    private final ConfigurableApplicationContext service = new SpringApplicationBuilder(Bactrian.class)
            .run(
                    "--server.port=0",
                    "--management.server.port=0",
                    "--bactrian.data-directory=" + TestFork.directory("mails"),
                    "--spring.datasource.url=" + database.url(),
                    "--spring.artemis.broker-url=" + broker.url() + "?consumerWindowSize=0",
                    "--spring.mail.host=127.0.0.1",
                    "--spring.mail.port=" + port,
                    "--spring.mail.properties.mail.smtp.timeout=1000",
                    "--bactrian.mail.from=Prices <prices@mail.example>",
                    "--bactrian.mail.retry-delays=100ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms,200ms");
    private final ProducerTemplate routes = service.getBean(CamelContext.class).createProducerTemplate();
    private MailServer server = MailServer.start(port);

    @BeforeEach
    void start() {
        server.close();
        server = MailServer.start(port);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @AfterAll
    void close() {
        service.close();
        broker.close();
        database.close();
    }

    @Test
    void aLetterArrivesAsItWasWritten() throws Exception {
        post("ada@example.com");

        Received letter = await().atMost(LONG_ENOUGH)
                .until(() -> server.received(), list -> list.size() == 1)
                .getFirst();
        assertThat(letter.recipient()).isEqualTo("ada@example.com");
        MimeMessage message = SentMails.parsed(letter.content());
        assertThat(message.getSubject()).isEqualTo("Geändert: 1 € → 2 €");
        assertThat(message.getHeader("From")).containsExactly("Prices <prices@mail.example>");
        assertThat(message.getHeader("To")).containsExactly("ada@example.com");
        assertThat(message.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(message.getHeader("Message-ID")).hasSize(1);
        assertThat(message.getMessageID()).endsWith("@mail.example>");
        assertThat(SentMails.plain(message)).contains("It was checked <today> & now.");
        assertThat(SentMails.html(message)).contains("It was checked &lt;today&gt; &amp; now.");
    }

    @Test
    void aServerThatWasAwayHasAllLettersOnceItIsBack() {
        server.close();
        for (int number = 0; number < 8; number++) {
            post("reader" + number + "@example.com");
        }
        assertThat(readiness()).contains("UP");
        server = MailServer.start(port);

        await().atMost(LONG_ENOUGH).until(() -> server.received().size() >= 8);
        assertThat(server.received())
                .extracting(Received::recipient)
                .doesNotHaveDuplicates()
                .hasSize(8);
    }

    @Test
    void aServerThatHangsGivesItsLettersBack() {
        server.hang();
        post("ada@example.com");
        await().atMost(LONG_ENOUGH).until(() -> server.connections() >= 2);
        assertThat(server.received()).isEmpty();
        server.recover();

        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 1);
    }

    @Test
    void aRecipientWhoIsRefusedForGoodIsAskedForOnce() {
        server.answering("RCPT TO:<NOBODY@", "550 5.1.1 nobody here");
        post("nobody@example.com");
        post("not an address");
        post("somebody@example.com");

        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 1);
        post("last@example.com");
        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 2);
        assertThat(server.commands().stream().filter(command -> command.contains("nobody")))
                .hasSize(1);
    }

    @Test
    void aLetterThatPassesTwiceHasOneId() throws Exception {
        server.answering(".", "451 once more");
        post("ada@example.com");
        await().atMost(LONG_ENOUGH)
                .until(() -> server.commands().stream().filter("DATA"::equals).count() >= 2);
        server.recover();
        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 1);
        List<String> ids = List.of(id(server.received().getFirst()));
        String message =
                "{\"id\": \"%s\", \"writtenAt\": \"%s\", \"attempts\": 0, \"mail\": {\"to\": \"ada@example.com\", \"subject\": \"Again\", \"paragraphs\": []}}"
                        .formatted(ids.getFirst().replaceAll("[<>]|@.*", ""), Instant.now());

        routes.sendBody("jms:queue:bactrian.mails.send", message);
        routes.sendBody("jms:queue:bactrian.mails.send", message);

        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 3);
        for (Received letter : server.received()) {
            assertThat(id(letter)).isEqualTo(ids.getFirst());
        }
    }

    @Test
    void anAddressIsVerifiedByThePageBehindItsLinkAndNotByLookingAtThePage() throws Exception {
        String token = register("grace@example.com");
        Received letter = await().atMost(LONG_ENOUGH)
                .until(() -> server.received(), list -> list.size() == 1)
                .getFirst();
        assertThat(letter.recipient()).isEqualTo("grace@example.com");
        MimeMessage message = SentMails.parsed(letter.content());
        assertThat(message.getSubject()).isEqualTo("Verify your e-mail address");
        String link = link(message, "Confirm");

        for (int look = 0; look < 3; look++) {
            HttpResponse<String> page = http("GET", link, null, "");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.body()).contains("<form method=\"post\">").doesNotContain("grace", "<script");
            assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
            assertThat(page.headers().firstValue("Content-Security-Policy"))
                    .hasValue("default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
            assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
            assertThat(page.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
        }
        assertThat(verification("GET", token)).contains("\"verified\":false");

        assertThat(http("POST", link, FORM, "").statusCode()).isEqualTo(200);
        assertThat(http("POST", link, FORM, "").statusCode()).as("once more").isEqualTo(200);
        assertThat(verification("GET", token)).contains("\"verified\":true");
        assertThat(verification("POST", token)).contains("The address is verified.");
        assertThat(http("POST", link + "x", FORM, "").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "hopper, application/x-www-form-urlencoded, List-Unsubscribe=One-Click",
        "lovelace, multipart/form-data; boundary=b,"
                + " '--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n'"
    })
    void aMailProgramsButtonUnsubscribes(String name, String type, String body) throws Exception {
        String token = register(name + "@example.com");
        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 1);
        MimeMessage message = SentMails.parsed(server.received().getFirst().content());
        assertThat(message.getHeader("List-Unsubscribe-Post")).containsExactly("List-Unsubscribe=One-Click");
        String link = message.getHeader("List-Unsubscribe", null).replaceAll("[<>\\s]", "");
        assertThat(link).isEqualTo(link(message, "Unsubscribe"));

        assertThat(http("GET", link, null, "").body()).contains("<form method=\"post\">");
        assertThat(verification("POST", token)).as("after a look at the page").contains("was sent to the address");
        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 2);
        assertThat(http("POST", link, type, body).statusCode()).isEqualTo(200);

        assertThat(verification("POST", token)).contains("No e-mail was sent");
        assertThat(server.received())
                .extracting(Received::recipient)
                .containsExactly(name + "@example.com", name + "@example.com");
    }

    @Test
    void aLetterThatTheServiceCannotWriteIsGivenUpAndKeepsNoOtherWaiting() {
        Counter givenUp = service.getBean(MeterRegistry.class).counter("bactrian.mails.given-up", "reason", "attempts");
        routes.sendBody(
                "jms:queue:bactrian.mails.send",
                "{\"id\": \"%s\", \"mail\": {\"to\": \"a@example.com\", \"subject\": \"\", \"paragraphs\": []}}"
                        .formatted(UUID.randomUUID()));
        post("ada@example.com");

        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 1);
        await().atMost(LONG_ENOUGH).until(() -> givenUp.count() == 1);
    }

    /** Makes an account with that address and gives its token. */
    private String register(String email) {
        HttpResponse<String> response = http(
                "POST",
                "/auth/register",
                "application/json",
                "{\"email\": \"%s\", \"password\": \"correct horse\"}".formatted(email));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return response.body().replaceFirst("(?s).*\"token\":\"([^\"]*)\".*", "$1");
    }

    private String verification(String method, String token) {
        HttpResponse<String> response = send(HttpRequest.newBuilder(uri("/auth/email-verification"))
                .method(method, BodyPublishers.noBody())
                .header("Authorization", "Bearer " + token)
                .build());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    /** The path and query of one of an e-mail's links. */
    private static String link(MimeMessage message, String label) throws MessagingException, IOException {
        return SentMails.plain(message).replaceFirst("(?s).*\n" + label + ": (\\S+)\n.*", "$1");
    }

    private HttpResponse<String> http(String method, String link, @Nullable String type, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(link.replace("http://localhost:3001", "")))
                .method(method, BodyPublishers.ofString(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        return send(request.build());
    }

    private URI uri(String target) {
        return URI.create(
                "http://127.0.0.1:" + service.getEnvironment().getRequiredProperty("local.server.port") + target);
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String id(Received letter) throws MessagingException {
        return SentMails.parsed(letter.content()).getMessageID();
    }

    private void post(String to) {
        service.getBean(TransactionTemplate.class)
                .executeWithoutResult(transaction -> service.getBean(Letterbox.class)
                        .post(SentMails.mail(to, "Geändert: 1 € → 2 €"), UUID.randomUUID(), false));
        routes.sendBody("direct:outbox-dispatch", "");
    }

    private String readiness() {
        String management = service.getEnvironment().getRequiredProperty("local.management.port");
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/actuator/health/readiness"))
                        .build())
                .body();
    }
}
