package io.bactrian.mail;

import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.nio.charset.StandardCharsets;
import java.util.Date;

/** Writes letters as mail servers take them: {@code multipart/alternative}, with plain text first and HTML second. */
final class LetterWriter {
    private static final String UTF_8 = StandardCharsets.UTF_8.name();

    private final InternetAddress sender;
    private final String domain;

    LetterWriter(InternetAddress sender) {
        this.sender = sender;
        String address = sender.getAddress();
        this.domain = address.substring(address.lastIndexOf('@') + 1);
    }

    /**
     * Writes a letter; all that tells it from others, as id and date, is the same each time.
     *
     * @throws jakarta.mail.internet.AddressException if the recipient is no single e-mail address
     */
    MimeMessage write(Letter letter, LetterLinks links) throws MessagingException {
        LetterText text = new LetterText(letter.mail(), links);
        MimeMessage message = new MimeMessage((Session) null);
        message.setFrom(sender);
        message.setRecipient(
                RecipientType.TO, LetterAddress.bare(letter.mail().to().strip()));
        message.setSubject(text.subject(), UTF_8);
        message.setSentDate(Date.from(letter.writtenAt()));
        message.setHeader("Message-ID", "<" + letter.id() + "@" + domain + ">");
        // RFC 3834: so that no machine answers.
        message.setHeader("Auto-Submitted", "auto-generated");
        if (links.unsubscribe() != null) {
            // RFC 8058: a mail program's button for it sends a POST to the link.
            message.setHeader("List-Unsubscribe", "<" + links.unsubscribe() + ">");
            message.setHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        message.setContent(new MimeMultipart("alternative", part(text.plain(), "plain"), part(text.html(), "html")));
        return message;
    }

    private static MimeBodyPart part(String text, String subtype) throws MessagingException {
        MimeBodyPart part = new MimeBodyPart();
        part.setText(text, UTF_8, subtype);
        return part;
    }
}
