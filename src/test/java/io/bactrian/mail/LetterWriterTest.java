package io.bactrian.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.mail.Mail.Table;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LetterWriterTest {
    private static final String TO = "ada@example.com";

    @Test
    void aLetterIsPlainTextAndHtmlOfTheSameContent() throws Exception {
        MimeMessage message = written(SentMails.mail(TO, "A price changed"));

        assertThat(SentMails.plain(message)).isEqualTo("""
                The price of Zürich's finest changed.

                It was checked <today> & now.

                Value: price
                Was: 1 €
                Is: 2 €
                """);
        Document page = Jsoup.parse(SentMails.html(message));
        assertThat(page.select("p").eachText())
                .containsExactly("The price of Zürich's finest changed.", "It was checked <today> & now.");
        assertThat(page.select("th").eachText()).containsExactly("Value", "Was", "Is");
        assertThat(page.select("td").eachText()).containsExactly("price", "1 €", "2 €");
        assertThat(page.title()).isEqualTo("A price changed");
    }

    @Test
    void headersAreThoseOfAMachineAndTheSameEachTime() throws Exception {
        MimeMessage message = written(SentMails.mail(TO, "A price changed"));

        assertThat(message.getFrom()).containsExactly(new InternetAddress("Bactrian <bactrian@mail.example>"));
        assertThat(message.getAllRecipients()).containsExactly(new InternetAddress(TO));
        assertThat(message.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(message.getMessageID()).isEqualTo("<" + SentMails.ID + "@mail.example>");
        assertThat(message.getSentDate()).isEqualTo(Date.from(SentMails.WRITTEN_AT));
        assertThat(message.getHeader("MIME-Version")).containsExactly("1.0");
    }

    @Test
    void aSubjectMayHaveAnyLetters() throws Exception {
        String subject = "Zürich 東京 🐫 ".repeat(10).strip();

        MimeMessage message = written(SentMails.mail(TO, subject));

        assertThat(message.getSubject()).isEqualTo(subject);
        assertThat(message.getHeader("Subject")[0]).isASCII();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\nBcc: eve@example.com",
                "\nBcc: eve@example.com",
                "\rBcc: eve@example.com",
                "\u2028Bcc: x",
                "\u0085Bcc: x",
                "\r\n\r\n<h1>",
                "\0Bcc: x"
            })
    void aSubjectIsOneLineWhateverItHolds(String end) throws Exception {
        MimeMessage message = written(SentMails.mail(TO, "Changed" + end));

        assertThat(message.getHeader("Bcc")).isNull();
        assertThat(message.getSubject()).startsWith("Changed ").doesNotContainPattern("\\p{Cc}");
        assertThat(message.getAllRecipients()).hasSize(1);
        assertThat(SentMails.plain(message)).startsWith("The price");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ada",
                "@example.com",
                "ada@",
                "ada@example.com\r\nBcc: eve@example.com",
                "ada@example.com,eve@example.com",
                "ada@example.com eve@example.com",
                "Ada <ada@example.com>",
                "ada@@example.com",
                ".ada@example.com",
                "ada@-example.com",
                "\"ada\"@example.com",
                "ada@exa\u0000mple.com",
                "ädä@example.com",
                "ada@[127.0.0.1]",
                "undisclosed: ada@example.com;"
            })
    void whatIsNoSingleAddressGetsNoLetter(String address) {
        assertThatThrownBy(() -> written(SentMails.mail(address, "Changed"))).isInstanceOf(AddressException.class);
        assertThatThrownBy(() -> written(SentMails.mail("a".repeat(65) + "@example.com", "Changed")))
                .isInstanceOf(AddressException.class);
    }

    @Test
    void aDomainBeyondAsciiIsWrittenAsDnsHasIt() throws Exception {
        assertThat(written(SentMails.mail("o'neil+x=1@zürich.example", "Changed"))
                        .getAllRecipients())
                .containsExactly(new InternetAddress("o'neil+x=1@xn--zrich-kva.example"));
    }

    @Test
    void contentIsNeverMarkup() throws Exception {
        String hostile = "</td></table><script>alert(1)</script><img src=x onerror=\"x\" /> '&lt;\u0007";

        MimeMessage message = written(new Mail(
                TO,
                "<script>" + hostile,
                List.of(hostile, "first\r\nsecond\rthird"),
                new Table(List.of(hostile), List.of(List.of(hostile)))));

        Document page = Jsoup.parse(SentMails.html(message));
        assertThat(page.select("script, img")).isEmpty();
        String shown = hostile.replace('\u0007', ' ').strip();
        assertThat(page.select("td").text()).isEqualTo(shown);
        assertThat(page.select("th").text()).isEqualTo(shown);
        assertThat(page.select("p").eachText()).containsExactly(shown, "first second third");
        assertThat(page.select("p br")).hasSize(2);
        assertThat(SentMails.plain(message))
                .contains(shown, "first\nsecond\nthird")
                .doesNotContain("\u0007");
    }

    @Test
    void hugeContentIsCut() throws Exception {
        Mail mail = new Mail(
                TO,
                "🐫".repeat(1_000),
                List.of("🐫".repeat(100_000)),
                new Table(List.of("Place"), Collections.nCopies(10_000, List.of("x".repeat(10)))));

        MimeMessage message = written(mail);

        assertThat(message.getSubject()).isEqualTo("🐫".repeat(249) + "…");
        assertThat(SentMails.plain(message))
                .startsWith("🐫".repeat(3_999) + "…\n")
                .endsWith("\n… and 9800 more.\n");
        assertThat(Jsoup.parse(SentMails.html(message)).select("tr")).hasSize(201);
    }

    @Test
    void itsLinksAreInBothContentsAndInTheHeadersOfAMailProgramsButton() throws Exception {
        LetterLinks links = new LetterLinks("https://scrape.example/c?a=1&token=1", "https://scrape.example/u?token=2");

        MimeMessage message = written(SentMails.mail(TO, "Confirm"), links);

        assertThat(SentMails.plain(message))
                .endsWith("\nConfirm: %s\n\nUnsubscribe: %s\n".formatted(links.confirm(), links.unsubscribe()));
        assertThat(Jsoup.parse(SentMails.html(message)).select("a").eachAttr("href"))
                .containsExactly(links.confirm(), links.unsubscribe());
        assertThat(message.getHeader("List-Unsubscribe")).containsExactly("<" + links.unsubscribe() + ">");
        assertThat(message.getHeader("List-Unsubscribe-Post")).containsExactly("List-Unsubscribe=One-Click");
    }

    @ParameterizedTest
    @CsvSource({
        "Kettle, \u201cKettle\u201d",
        "'Pay\r\nBcc: eve@example.com', \u201cPay Bcc: eve@example.com\u201d",
        "'\u202egnp.exe\u2066', \u201cgnp.exe\u201d",
        "'a\u201d: your bill \u201cb', '\u201ca\": your bill \"b\u201d'"
    })
    void aNameThatAUserHasChosenIsQuotedAndCut(String name, String quoted) {
        assertThat(Mail.quoted(name)).isEqualTo(quoted);
        assertThat(Mail.quoted("🐫".repeat(61))).isEqualTo("\u201c" + "🐫".repeat(59) + "…\u201d");
    }

    @Test
    void theSenderMayHaveAName() throws Exception {
        InternetAddress sender = MailRoom.settings("\"Zürich Prices\" <prices@example.com>", List.of())
                .sender();

        assertThat(sender.getPersonal()).isEqualTo("Zürich Prices");
        assertThat(sender.toString()).isASCII().endsWith(" <prices@example.com>");
        assertThatThrownBy(() -> MailRoom.settings("nobody", List.of())).hasMessageContaining("bactrian.mail.from");
    }

    private static MimeMessage written(Mail mail) throws MessagingException, IOException {
        return written(mail, LetterLinks.NONE);
    }

    private static MimeMessage written(Mail mail, LetterLinks links) throws MessagingException, IOException {
        InternetAddress sender =
                MailRoom.settings("Bactrian <bactrian@mail.example>", List.of()).sender();
        return SentMails.overTheWire(new LetterWriter(sender).write(SentMails.letter(mail), links));
    }
}
