package io.bactrian.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.SettableClock;
import io.bactrian.TestDatabase;
import io.bactrian.account.AccountEmails;
import io.bactrian.mail.EmailConsent.Question;
import io.bactrian.outbox.Outbox;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/** Who is written to, and who is asked first, on a real database; messages stay in the outbox. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MailsTest {
    private final TestDatabase database = TestDatabase.create();
    private final SettableClock clock = new SettableClock();
    private final ObjectMapper json = new ObjectMapper().findAndRegisterModules();
    private final AnnotationConfigApplicationContext room = room();
    private final EmailLinks links = MailRoom.links(database, clock);
    private final EmailConsent consent =
            new EmailConsent(links, room.getBean(Recipients.class), room.getBean(AccountEmails.class));
    private int addresses;

    @EnableTransactionManagement(proxyTargetClass = true)
    static class Transactions {}

    @AfterEach
    void emptyOutbox() {
        messages();
    }

    @AfterAll
    void close() {
        room.close();
        database.close();
    }

    @Test
    void theVerifiedAddressOfAnAccountIsWrittenTo() {
        UUID account = account("Ada%d@example.com".formatted(++addresses), true);

        assertThat(send(account, "aDA%d@example.com".formatted(addresses))).isEqualTo(EmailDecision.SENT);

        assertThat(sent()).containsExactly("notice to aDA%d@example.com".formatted(addresses));
    }

    @Test
    void anUnverifiedAccountWritesToNobodyAndIsAskedItself() {
        String own = address();
        UUID account = account(own, false);

        assertThat(send(account, address())).isEqualTo(EmailDecision.ACCOUNT_UNVERIFIED);
        assertThat(send(account, own)).isEqualTo(EmailDecision.ACCOUNT_UNVERIFIED);
        assertThat(sent()).containsExactly("confirmation to " + own);

        assertThat(consent.confirm(
                        token(links.of(Recipient.of(account, own), true).confirm())))
                .isTrue();
        assertThat(send(account, own)).isEqualTo(EmailDecision.SENT);
    }

    @Test
    void anotherAddressIsAskedOnceAndWrittenToOnceItHasConfirmed() {
        UUID account = account(address(), true);
        String stranger = address();

        assertThat(send(account, stranger)).isEqualTo(EmailDecision.ASKED_TO_CONFIRM);
        for (int minute = 0; minute < 100; minute++) {
            clock.advance(Duration.ofMinutes(1));
            assertThat(send(account, stranger)).isEqualTo(EmailDecision.UNCONFIRMED);
        }
        assertThat(sent()).containsExactly("confirmation to " + stranger);

        String token = token(links.of(Recipient.of(account, stranger), true).confirm());
        assertThat(consent.question(token)).isEqualTo(Question.NOTICES);
        assertThat(send(account, stranger)).as("after a look at the page").isEqualTo(EmailDecision.UNCONFIRMED);
        assertThat(consent.confirm(token)).isTrue();
        assertThat(send(account, stranger)).isEqualTo(EmailDecision.SENT);
        assertThat(send(account(address(), true), stranger))
                .as("of another account")
                .isEqualTo(EmailDecision.ASKED_TO_CONFIRM);
    }

    @Test
    void anEmailThatAsksSaysNothingThatTheAccountHasChosen() {
        UUID account = account(address(), true);
        String stranger = address();

        send(account, new Mail(stranger, "Your bill is due", List.of("Pay at evil.example"), null));

        assertThat(messages())
                .singleElement()
                .satisfies(message -> assertThat(message.toString()).doesNotContain("bill", "evil"));
    }

    @Test
    void whoDoesNotAnswerIsAskedThreeTimesInAll() {
        UUID account = account(address(), true);
        String stranger = address();

        for (int day = 0; day < 10; day++) {
            send(account, stranger);
            clock.advance(Duration.ofDays(1));
        }

        assertThat(sent()).hasSize(3).allMatch(("confirmation to " + stranger)::equals);
    }

    @Test
    void manyAccountsCannotAskOneAddressMoreThanItsLimit() {
        String victim = address();
        for (int i = 0; i < 10; i++) {
            send(account(address(), true), victim);
        }

        assertThat(sent()).hasSize(MailRoom.CONFIRMATIONS_PER_ADDRESS);
    }

    @Test
    void oneAccountCannotAskMoreAddressesThanItsLimit() {
        UUID account = account(address(), true);
        for (int i = 0; i < 10; i++) {
            send(account, address());
        }
        assertThat(sent()).hasSize(MailRoom.CONFIRMATIONS_PER_ACCOUNT);

        clock.advance(Duration.ofHours(24));
        assertThat(send(account, address())).isEqualTo(EmailDecision.ASKED_TO_CONFIRM);
    }

    @Test
    void emailsOfADayAreLimitedByAccountAndByAddress() {
        String own = address();
        UUID account = account(own, true);
        String friend = address();
        MailRoom.confirm(database.jdbc(), clock, account, friend);

        for (int i = 0; i < MailRoom.PER_ADDRESS; i++) {
            assertThat(send(account, own)).isEqualTo(EmailDecision.SENT);
        }
        assertThat(send(account, own)).as("to the address").isEqualTo(EmailDecision.QUOTA_REACHED);
        for (int i = MailRoom.PER_ADDRESS; i < MailRoom.PER_ACCOUNT; i++) {
            assertThat(send(account, friend)).isEqualTo(EmailDecision.SENT);
        }
        assertThat(send(account, friend)).as("of the account").isEqualTo(EmailDecision.QUOTA_REACHED);

        clock.advance(Duration.ofHours(24));
        assertThat(send(account, own)).isEqualTo(EmailDecision.SENT);
        assertThat(room.getBean(EmailQuotas.class).forgetOld()).isFalse();
        assertThat(database.jdbc()
                        .sql("SELECT count(*) FROM email_sent WHERE account_id = ?")
                        .param(account)
                        .query(Integer.class)
                        .single())
                .isOne();
    }

    @Test
    void whoUnsubscribesGetsNoMoreOfThatAccount() {
        String own = address();
        UUID account = account(own, true);
        UUID other = account(address(), true);
        String friend = address();
        MailRoom.confirm(database.jdbc(), clock, account, friend);
        MailRoom.confirm(database.jdbc(), clock, other, friend);
        String token = token(links.of(Recipient.of(account, friend), false).unsubscribe());

        assertThat(consent.unsubscribes(token)).isTrue();
        assertThat(send(account, friend)).as("after a look at the page").isEqualTo(EmailDecision.SENT);
        assertThat(consent.unsubscribe(token)).isTrue();

        assertThat(send(account, friend)).isEqualTo(EmailDecision.UNSUBSCRIBED);
        assertThat(send(account, own)).isEqualTo(EmailDecision.SENT);
        assertThat(send(other, friend)).isEqualTo(EmailDecision.SENT);
    }

    @Test
    void whoUnsubscribesInsteadOfConfirmingIsAskedByNobody() {
        UUID account = account(address(), true);
        String victim = address();
        send(account, victim);
        LetterLinks letter = links.of(Recipient.of(account, victim), true);
        consent.unsubscribe(token(letter.unsubscribe()));
        sent();

        assertThat(send(account, victim)).isEqualTo(EmailDecision.UNSUBSCRIBED);
        assertThat(send(account(address(), true), victim)).isEqualTo(EmailDecision.UNCONFIRMED);
        UUID own = account(victim, false);
        assertThat(room.getBean(EmailConfirmations.class).verify(own)).isFalse();
        assertThat(sent()).isEmpty();

        consent.confirm(token(letter.confirm()));
        assertThat(send(account, victim)).as("after a change of mind").isEqualTo(EmailDecision.SENT);
    }

    @Test
    void theOwnerMayAskForTheLinkAgainThreeTimesADay() {
        String own = address();
        UUID account = account(own, false);
        EmailConfirmations confirmations = room.getBean(EmailConfirmations.class);

        for (int i = 0; i < MailRoom.CONFIRMATIONS_PER_ADDRESS; i++) {
            assertThat(confirmations.verify(account)).isTrue();
        }
        assertThat(confirmations.verify(account)).isFalse();
        clock.advance(Duration.ofHours(24));
        assertThat(confirmations.verify(account)).isTrue();

        String token = token(links.of(Recipient.of(account, own), true).confirm());
        assertThat(consent.question(token)).isEqualTo(Question.ACCOUNT);
        consent.confirm(token);
        assertThat(room.getBean(AccountEmails.class).find(account).verified()).isTrue();
        assertThat(confirmations.verify(account)).as("of a verified address").isFalse();
    }

    @Test
    void whereTheOperatorWantsItNobodyIsAsked() {
        Mails trusting = new Mails(
                room.getBean(AccountEmails.class),
                room.getBean(Recipients.class),
                room.getBean(EmailConfirmations.class),
                room.getBean(EmailQuotas.class),
                room.getBean(Letterbox.class),
                MailRoom.settings("bactrian@mail.example", List.of(), false));
        UUID account = account(address(), false);
        String friend = address();

        assertThat(in(() -> trusting.send(account, SentMails.mail(friend, "Changed"))))
                .isEqualTo(EmailDecision.SENT);
        consent.unsubscribe(token(links.of(Recipient.of(account, friend), false).unsubscribe()));
        assertThat(in(() -> trusting.send(account, SentMails.mail(friend, "Changed"))))
                .isEqualTo(EmailDecision.UNSUBSCRIBED);
        for (int i = 0; i < MailRoom.PER_ACCOUNT + 1; i++) {
            in(() -> trusting.send(account, SentMails.mail(address(), "Changed")));
        }
        assertThat(sent()).hasSize(MailRoom.PER_ACCOUNT);
    }

    @Test
    void manyAtOnceAskAnAddressOnce() throws Exception {
        UUID account = account(address(), true);
        String stranger = address();
        CyclicBarrier barrier = new CyclicBarrier(6);
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            List<Future<EmailDecision>> decisions = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                decisions.add(threads.submit(() -> in(() -> {
                    EmailDecision decision =
                            room.getBean(Mails.class).send(account, SentMails.mail(stranger, "Changed"));
                    // Nobody commits before all have decided.
                    await(barrier);
                    return decision;
                })));
            }
            for (Future<EmailDecision> decision : decisions) {
                assertThat(decision.get()).isIn(EmailDecision.ASKED_TO_CONFIRM, EmailDecision.UNCONFIRMED);
            }
        }
        assertThat(sent()).containsExactly("confirmation to " + stranger);
    }

    @Test
    void aLinkIsGoodForItsPurposeAndItsReaderAlone() {
        UUID account = account(address(), true);
        Recipient reader = Recipient.of(account, address());
        LetterLinks letter = links.of(reader, true);
        String confirm = token(letter.confirm());
        String unsubscribe = token(letter.unsubscribe());

        assertThat(letter.confirm()).startsWith("https://scrape.example/email/confirm?token=");
        assertThat(letter.unsubscribe()).startsWith("https://scrape.example/email/unsubscribe?token=");
        assertThat(consent.confirm(unsubscribe)).isFalse();
        assertThat(consent.unsubscribe(confirm)).isFalse();
        byte[] bytes = Base64.getUrlDecoder().decode(confirm);
        for (int index = 0; index < bytes.length; index++) {
            byte[] forged = bytes.clone();
            forged[index] ^= 1;
            assertThat(consent.confirm(Base64.getUrlEncoder().withoutPadding().encodeToString(forged)))
                    .as("byte " + index)
                    .isFalse();
        }
        for (String nonsense :
                List.of("", "x", "ä", confirm.substring(4), confirm + "AAAA", "A".repeat(confirm.length()))) {
            assertThat(consent.confirm(nonsense)).as(nonsense).isFalse();
        }
        assertThat(consent.confirm(confirm)).isTrue();

        clock.advance(Duration.ofDays(7));
        assertThat(consent.question(confirm)).isEqualTo(Question.NONE);
        assertThat(consent.confirm(confirm)).isFalse();
        clock.advance(Duration.ofDays(3_000));
        assertThat(consent.unsubscribe(unsubscribe)).isTrue();
    }

    @Test
    void linksAreStillGoodAfterARotationOfTheMasterKey() {
        UUID account = account(address(), true);
        String token = token(links.of(Recipient.of(account, address()), false).unsubscribe());

        assertThat(MailRoom.keys(database).rotate(links)).isEqualTo(1);

        EmailLinks restarted = MailRoom.links(database, clock);
        assertThat(restarted.recipient(EmailLinks.Purpose.UNSUBSCRIBE, token)).isPresent();
    }

    @Test
    void theLinksOfAClosedAccountAreGoodForNothing() {
        UUID account = account(address(), true);
        String friend = address();
        MailRoom.confirm(database.jdbc(), clock, account, friend);
        LetterLinks letter = links.of(Recipient.of(account, friend), true);
        database.jdbc()
                .sql("UPDATE account SET is_active = false WHERE id = ?")
                .param(account)
                .update();
        new RecipientErasure(room.getBean(Recipients.class)).eraseSome(account);

        assertThat(consent.question(token(letter.confirm()))).isEqualTo(Question.NONE);
        assertThat(consent.confirm(token(letter.confirm()))).isFalse();
        assertThat(consent.unsubscribe(token(letter.unsubscribe()))).isFalse();
        assertThat(send(account, friend)).isEqualTo(EmailDecision.ACCOUNT_CLOSED);
        assertThat(database.jdbc()
                        .sql("SELECT count(*) FROM email_recipient WHERE account_id = ?")
                        .param(account)
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    private AnnotationConfigApplicationContext room() {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(JdbcClient.class, database::jdbc);
        context.registerBean("transactionManager", JdbcTransactionManager.class, database::transactionManager);
        context.registerBean(ObjectMapper.class, () -> json);
        context.registerBean(Clock.class, () -> clock);
        context.register(Transactions.class, Outbox.class, MailRoom.WithServer.class);
        context.refresh();
        return context;
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    private String address() {
        return "reader" + ++addresses + "@example.com";
    }

    private UUID account(String email, boolean verified) {
        return MailRoom.account(database.jdbc(), clock, email, verified);
    }

    private EmailDecision send(UUID account, String to) {
        return send(account, SentMails.mail(to, "Changed"));
    }

    private EmailDecision send(UUID account, Mail mail) {
        return in(() -> room.getBean(Mails.class).send(account, mail));
    }

    private EmailDecision in(Supplier<EmailDecision> action) {
        return Objects.requireNonNull(database.transactions().execute(transaction -> action.get()));
    }

    private static String token(@Nullable String url) {
        return Objects.requireNonNull(url).replaceFirst(".*token=", "");
    }

    /** What was put into the outbox since the last call: the kind of each e-mail and its address. */
    private List<String> sent() {
        return messages().stream()
                .map(message -> (message.path("confirmation").asBoolean() ? "confirmation to " : "notice to ")
                        + message.path("mail").path("to").asText())
                .toList();
    }

    private List<JsonNode> messages() {
        return database.jdbc().sql("DELETE FROM outbox RETURNING body").query(String.class).list().stream()
                .map(this::parsed)
                .toList();
    }

    private JsonNode parsed(String message) {
        try {
            return json.readTree(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
