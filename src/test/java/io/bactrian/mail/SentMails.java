package io.bactrian.mail;

import io.bactrian.mail.Mail.Table;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Letters for tests, and what a reader's program makes of them. */
final class SentMails {
    static final Instant WRITTEN_AT = Instant.parse("2026-03-04T05:06:07Z");
    static final UUID ID = UUID.fromString("0a1b2c3d-0000-4000-8000-000000000001");

    private SentMails() {}

    static Mail mail(String to, String subject) {
        return new Mail(
                to,
                subject,
                List.of("The price of Zürich's finest changed.", "It was checked <today> & now."),
                new Table(List.of("Value", "Was", "Is"), List.of(List.of("price", "1 €", "2 €"))));
    }

    static Letter letter(Mail mail) {
        return new Letter(ID, WRITTEN_AT, 0, mail, null, false);
    }

    /** A letter as it is after its way over the wire. */
    static MimeMessage overTheWire(MimeMessage message) throws MessagingException, IOException {
        String id = message.getMessageID();
        message.saveChanges();
        message.setHeader("Message-ID", id);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        message.writeTo(bytes);
        return new MimeMessage((Session) null, new ByteArrayInputStream(bytes.toByteArray()));
    }

    static MimeMessage parsed(String content) throws MessagingException {
        return new MimeMessage((Session) null, new ByteArrayInputStream(content.getBytes(StandardCharsets.ISO_8859_1)));
    }

    static String plain(MimeMessage message) throws MessagingException, IOException {
        return part(message, 0, "text/plain");
    }

    static String html(MimeMessage message) throws MessagingException, IOException {
        return part(message, 1, "text/html");
    }

    private static String part(MimeMessage message, int number, String type) throws MessagingException, IOException {
        if (!message.isMimeType("multipart/alternative")) {
            throw new AssertionError(message.getContentType());
        }
        MimeMultipart parts = (MimeMultipart) message.getContent();
        MimeBodyPart part = (MimeBodyPart) parts.getBodyPart(number);
        if (parts.getCount() != 2 || !part.isMimeType(type)) {
            throw new AssertionError(part.getContentType() + " of " + parts.getCount());
        }
        return ((String) part.getContent()).replace("\r\n", "\n");
    }
}
