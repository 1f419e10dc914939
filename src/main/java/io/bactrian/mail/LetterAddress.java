package io.bactrian.mail;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.UnsupportedEncodingException;
import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** E-mail addresses as a letter's headers may have them: one, in ASCII, on one line. */
final class LetterAddress {
    /** RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3, less the angle brackets. */
    private static final int LONGEST_MAILBOX = 64;

    private static final int LONGEST = 254;

    /** A dot-atom, as RFC 5322 has it. */
    private static final Pattern MAILBOX =
            Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*+");

    private static final Pattern DOMAIN = Pattern.compile(
            "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*+");

    private LetterAddress() {}

    /**
     * An address alone, without a name.
     *
     * @throws AddressException if it is none, is more than one, or needs a server that takes addresses beyond ASCII
     */
    static InternetAddress bare(String text) throws AddressException {
        int at = text.lastIndexOf('@');
        String mailbox = at < 0 ? "" : text.substring(0, at);
        String domain = ascii(text.substring(at + 1));
        if (mailbox.length() > LONGEST_MAILBOX
                || mailbox.length() + 1 + domain.length() > LONGEST
                || !MAILBOX.matcher(mailbox).matches()
                || !DOMAIN.matcher(domain).matches()) {
            throw new AddressException("This is no e-mail address");
        }
        return new InternetAddress(mailbox + "@" + domain, true);
    }

    /** An address, or {@code Name <address>}. */
    static InternetAddress named(String text) throws AddressException {
        int bracket = text.indexOf('<');
        if (bracket < 0) {
            return bare(text.strip());
        }
        if (!text.endsWith(">")) {
            throw new AddressException("This is no e-mail address");
        }
        InternetAddress address = bare(text.substring(bracket + 1, text.length() - 1));
        try {
            address.setPersonal(name(text.substring(0, bracket)), StandardCharsets.UTF_8.name());
        } catch (UnsupportedEncodingException e) {
            throw new IllegalStateException("UTF-8 is always there.", e);
        }
        return address;
    }

    /** What can be told of an address in a log. */
    static String withoutMailbox(String text) {
        int at = text.lastIndexOf('@');
        return at < 0 ? "…" : "…@" + LetterText.line(text.substring(at + 1));
    }

    private static @Nullable String name(String text) {
        String name = LetterText.line(text).replaceAll("^\"|\"$", "").strip();
        return name.isEmpty() ? null : name;
    }

    private static String ascii(String domain) throws AddressException {
        try {
            return IDN.toASCII(domain);
        } catch (IllegalArgumentException e) {
            throw new AddressException("This is no host name");
        }
    }
}
