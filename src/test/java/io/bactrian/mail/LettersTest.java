package io.bactrian.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.outbox.OutboxMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.mail.MessagingException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

@ExtendWith(OutputCaptureExtension.class)
class LettersTest {
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Mail MAIL = SentMails.mail("ada.lovelace@example.com", "Changed");

    private static final UUID ACCOUNT = UUID.randomUUID();

    private final SettableClock clock = new SettableClock();
    private final ObjectMapper json = new ObjectMapper().findAndRegisterModules();
    private final AnnotationConfigApplicationContext room = new AnnotationConfigApplicationContext();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Outbox outbox = outbox();
    private final Letters letters = letters("mail.example");

    @AfterEach
    void closeRoom() {
        room.close();
    }

    @AfterAll
    static void closeDatabase() {
        DATABASE.close();
    }

    @Test
    void aLetterIsPostedWithItsTransaction() throws Exception {
        DATABASE.transactions()
                .executeWithoutResult(transaction -> new Letterbox(outbox, clock, "").post(MAIL, ACCOUNT, true));

        OutboxMessage message = onlyMessage();
        assertThat(message.destination()).isEqualTo(Destination.MAILS_SEND.name());
        Letter letter = letters.read(message.body());
        assertThat(letter.mail()).isEqualTo(MAIL);
        assertThat(letter.accountId()).isEqualTo(ACCOUNT);
        assertThat(letter.confirmation()).isTrue();
        assertThat(letter.writtenAt()).isEqualTo(clock.instant());
        assertThat(letter.attempts()).isZero();
    }

    @Test
    void whatPassesIsTriedAgainLaterAndLaterAndGivenUpInTheEnd(CapturedOutput output) throws Exception {
        Letter letter = SentMails.letter(MAIL);
        for (Duration wait : List.of(Duration.ofMinutes(1), Duration.ofHours(6))) {
            fail(letter);
            OutboxMessage message = onlyMessage();
            assertThat(message.deliverAt()).isEqualTo(clock.instant().plus(wait));
            Letter next = letters.read(message.body());
            assertThat(next).isEqualTo(letter.afterFailure());
            letter = next;
        }
        fail(letter);

        assertThat(outbox.committed()).isEmpty();
        assertThat(output)
                .contains("is tried again in 60 s, after attempt 1")
                .contains("to …@example.com is given up after 3 attempts")
                .doesNotContain("lovelace");
        assertThat(givenUp("attempts")).isOne();
    }

    @Test
    void whatTheServiceItselfFailsToSendIsTriedAgainAndGivenUpInTheEnd(CapturedOutput output) throws Exception {
        Letter letter = SentMails.letter(MAIL);
        for (int attempt = 0; attempt < 2; attempt++) {
            breakDown(letter);
            letter = letters.read(onlyMessage().body());
        }
        breakDown(letter);

        assertThat(outbox.committed()).isEmpty();
        assertThat(output).contains("is given up after 3 attempts: The service failed");
        assertThat(givenUp("attempts")).isOne();
    }

    @Test
    void aLetterThatIsTooOldIsGivenUp(CapturedOutput output) throws Exception {
        clock.advance(Duration.between(clock.instant(), SentMails.WRITTEN_AT.plus(Duration.ofDays(3))));
        assertThat(letters.write(SentMails.letter(MAIL))).isNotNull();

        clock.advance(Duration.ofSeconds(1));
        assertThat(letters.write(SentMails.letter(MAIL))).isNull();

        assertThat(output).contains("is given up after 0 attempts", "bactrian.mail.give-up-after");
        assertThat(givenUp("age")).isOne();
    }

    @Test
    void whoHasUnsubscribedMeanwhileGetsNoLetter() throws Exception {
        UUID account = MailRoom.account(DATABASE.jdbc(), clock, UUID.randomUUID() + "@example.com", true);
        Letter letter = new Letter(SentMails.ID, clock.instant(), 0, MAIL, account, false);
        assertThat(Objects.requireNonNull(letters.write(letter)).getHeader("List-Unsubscribe"))
                .singleElement()
                .asString()
                .startsWith("<https://scrape.example/email/unsubscribe?token=");

        new Recipients(DATABASE.jdbc(), clock).unsubscribe(Recipient.of(account, MAIL.to()), false);

        assertThat(letters.write(letter)).isNull();
    }

    private double givenUp(String reason) {
        return meters.counter("bactrian.mails.given-up", "reason", reason).count();
    }

    private void breakDown(Letter letter) {
        DATABASE.transactions()
                .executeWithoutResult(transaction -> letters.broken(letter, new IllegalStateException("defect")));
    }

    @Test
    void withoutAServerLettersAreThrownAwayAndThatIsSaidOnce(CapturedOutput output) throws Exception {
        Letters nowhere = letters(" ");

        assertThat(nowhere.write(SentMails.letter(MAIL))).isNull();
        assertThat(nowhere.write(SentMails.letter(MAIL))).isNull();

        assertThat(output.toString().split("set spring.mail.host", -1)).hasSize(2);
    }

    @Test
    void aLetterToNobodyIsGivenUp(CapturedOutput output) throws Exception {
        assertThat(letters.write(SentMails.letter(SentMails.mail("ada.lovelace at home", "Changed"))))
                .isNull();

        assertThat(output).contains("Its recipient is no e-mail address").doesNotContain("lovelace");
    }

    private Outbox outbox() {
        room.registerBean(JdbcClient.class, DATABASE::jdbc);
        room.registerBean(ObjectMapper.class, () -> json);
        room.registerBean(Clock.class, () -> clock);
        room.register(Outbox.class);
        room.refresh();
        return room.getBean(Outbox.class);
    }

    private Letters letters(String host) {
        MailSettings settings =
                MailRoom.settings("bactrian@localhost", List.of(Duration.ofMinutes(1), Duration.ofHours(6)));
        return new Letters(
                outbox,
                settings,
                MailRoom.links(DATABASE, clock),
                new Recipients(DATABASE.jdbc(), clock),
                meters,
                json,
                clock,
                host);
    }

    private void fail(Letter letter) {
        DATABASE.transactions()
                .executeWithoutResult(transaction -> letters.failed(letter, new MessagingException("busy")));
    }

    private OutboxMessage onlyMessage() {
        List<OutboxMessage> messages = outbox.committed();
        assertThat(messages).hasSize(1);
        return messages.getFirst();
    }
}
