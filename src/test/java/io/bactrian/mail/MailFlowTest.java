package io.bactrian.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.Bactrian;
import io.bactrian.TestBroker;
import io.bactrian.TestDatabase;
import io.bactrian.TestFork;
import io.bactrian.origin.MailServer;
import io.bactrian.origin.MailServer.Received;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.transaction.support.TransactionTemplate;

/** Letters on their way through the outbox, the broker and camel-mail, to a real mail server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MailFlowTest {
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
                "{\"id\": \"%s\", \"writtenAt\": \"2026-03-04T05:06:07Z\", \"attempts\": 0, \"mail\": {\"to\": \"ada@example.com\", \"subject\": \"Again\", \"paragraphs\": []}}"
                        .formatted(ids.getFirst().replaceAll("[<>]|@.*", ""));

        routes.sendBody("jms:queue:bactrian.mails.send", message);
        routes.sendBody("jms:queue:bactrian.mails.send", message);

        await().atMost(LONG_ENOUGH).until(() -> server.received().size() == 3);
        for (Received letter : server.received()) {
            assertThat(id(letter)).isEqualTo(ids.getFirst());
        }
    }

    private static String id(Received letter) throws MessagingException {
        return SentMails.parsed(letter.content()).getMessageID();
    }

    private void post(String to) {
        service.getBean(TransactionTemplate.class)
                .executeWithoutResult(
                        transaction -> service.getBean(Mails.class).send(SentMails.mail(to, "Geändert: 1 € → 2 €")));
        routes.sendBody("direct:outbox-dispatch", "");
    }

    private String readiness() {
        String management = service.getEnvironment().getRequiredProperty("local.management.port");
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + management + "/actuator/health/readiness"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
