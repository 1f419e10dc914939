package io.bactrian.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.bactrian.origin.MailServer;
import io.bactrian.origin.SelfSigned;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.file.Path;
import org.apache.camel.component.mail.JavaMailSender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.mail.MailSenderAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The operator's settings, against real mail servers. */
class MailConfigurationTest {
    private static final String USER = "bactrian";
    private static final String PASSWORD = "s3cret-ä";

    private final ApplicationContextRunner configuration = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(MailSenderAutoConfiguration.class))
            .withUserConfiguration(MailConfiguration.class)
            .withPropertyValues(
                    "spring.mail.host=127.0.0.1",
                    "spring.mail.properties.mail.smtp.timeout=500",
                    "spring.mail.properties.mail.smtp.connectiontimeout=500");

    @TempDir
    private Path directory;

    @Test
    void userAndPasswordAreThoseOfSpring() throws Exception {
        GreenMail server = server(ServerSetup.PROTOCOL_SMTP);
        try {
            String port = "spring.mail.port=" + server.getSmtp().getPort();
            send(port, "spring.mail.username=" + USER, "spring.mail.password=" + PASSWORD);

            MimeMessage message = server.getReceivedMessages()[0];
            assertThat(message.getSubject()).isEqualTo("Geändert");
            assertThat(message.getMessageID()).isEqualTo("<" + SentMails.ID + "@localhost>");
            assertThat(SentMails.plain(message)).contains("Was: 1 €");
            assertThat(SentMails.html(message)).contains("<td", "1 €");
            assertThat(failure(port, "spring.mail.username=" + USER, "spring.mail.password=wrong"))
                    .isEqualTo(new SendFailure(
                            false, "The mail server refused spring.mail.username and spring.mail.password."));
        } finally {
            server.stop();
        }
    }

    @Test
    void aServerMayBeEncryptedFromTheStart() throws Exception {
        GreenMail server = server(ServerSetup.PROTOCOL_SMTPS);
        try {
            send(
                    "spring.mail.protocol=smtps",
                    "spring.mail.port=" + server.getSmtps().getPort(),
                    "spring.mail.username=" + USER,
                    "spring.mail.password=" + PASSWORD,
                    "spring.mail.properties.mail.smtps.ssl.trust=127.0.0.1",
                    "spring.mail.properties.mail.smtps.ssl.checkserveridentity=false");

            assertThat(server.getReceivedMessages()).hasSize(1);
        } finally {
            server.stop();
        }
    }

    @Test
    void aServerMayAskForEncryption() throws Exception {
        try (MailServer server = MailServer.startEncrypted(SelfSigned.context(directory))) {
            String port = "spring.mail.port=" + server.port();
            send(
                    port,
                    "spring.mail.username=" + USER,
                    "spring.mail.password=secret",
                    "spring.mail.properties.mail.smtp.auth=true",
                    "spring.mail.properties.mail.smtp.starttls.enable=true",
                    "spring.mail.properties.mail.smtp.starttls.required=true",
                    "spring.mail.properties.mail.smtp.ssl.trust=127.0.0.1");

            assertThat(server.received())
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.encrypted()).isTrue());
            assertThat(server.commands())
                    .anySatisfy(command -> assertThat(command).startsWith("AUTH PLAIN"));
            // A certificate that nobody vouches for is none.
            assertThat(failure(port, "spring.mail.properties.mail.smtp.starttls.required=true")
                            .permanent())
                    .isFalse();
            assertThat(server.received()).hasSize(1);
        }
    }

    @Test
    void whatIsPermanentIsToldFromWhatPasses() {
        try (MailServer server = MailServer.start(0)) {
            String port = "spring.mail.port=" + server.port();

            server.answering("RCPT", "550 5.1.1 <ada@example.com>: no such user");
            assertThat(failure(port))
                    .isEqualTo(new SendFailure(true, "The mail server answered 550 to the recipient."));
            server.answering("RCPT", "451 4.7.1 greylisted, try again");
            assertThat(failure(port))
                    .isEqualTo(new SendFailure(false, "The mail server answered 451 to the recipient."));
            server.answering("RCPT", "552 mailbox full");
            assertThat(failure(port).permanent()).isFalse();
            server.recover();
            server.answering("MAIL", "550 not as this sender");
            assertThat(failure(port)).isEqualTo(new SendFailure(false, "The mail server answered 550 to the sender."));
            server.recover();
            server.answering(".", "554 looks like spam");
            assertThat(failure(port)).isEqualTo(new SendFailure(true, "The mail server answered 554 to the content."));
            server.answering(".", "452 no space");
            assertThat(failure(port).permanent()).isFalse();
            server.recover();
            server.answering("EHLO", "421 shutting down").answering("HELO", "421 shutting down");
            assertThat(failure(port).permanent()).isFalse();
            server.recover();
            server.hang();
            assertThat(failure(port).permanent()).isFalse();
            assertThat(server.received()).isEmpty();
        }
    }

    @Test
    void aServerThatIsGoneIsNamed() {
        int port;
        try (MailServer server = MailServer.start(0)) {
            port = server.port();
        }

        assertThat(failure("spring.mail.port=" + port))
                .isEqualTo(new SendFailure(false, "There is no connection to the mail server 127.0.0.1:" + port + "."));
    }

    @Test
    void whoForgetsTheLastWordHasTheLetterAnyway() {
        try (MailServer server = MailServer.start(0).answering("QUIT", "451 not yet")) {
            send("spring.mail.port=" + server.port());

            assertThat(server.received()).hasSize(1);
        }
    }

    private SendFailure failure(String... settings) {
        return SendFailure.of(catchThrowableOfType(MessagingException.class, () -> sendOnce(settings)));
    }

    private void send(String... settings) {
        assertThatCode(() -> sendOnce(settings)).doesNotThrowAnyException();
    }

    private void sendOnce(String... settings) throws MessagingException {
        MessagingException[] failures = new MessagingException[1];
        configuration.withPropertyValues(settings).run(context -> {
            try {
                MimeMessage message = new LetterWriter(new InternetAddress("bactrian@localhost"))
                        .write(SentMails.letter(SentMails.mail("ada@example.com", "Geändert")), LetterLinks.NONE);
                context.getBean(JavaMailSender.class).send(message);
            } catch (MessagingException failure) {
                failures[0] = failure;
            }
        });
        if (failures[0] != null) {
            throw failures[0];
        }
    }

    private static GreenMail server(String protocol) {
        GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", protocol));
        server.withConfiguration(new GreenMailConfiguration().withUser("bactrian@localhost", USER, PASSWORD));
        server.start();
        return server;
    }
}
