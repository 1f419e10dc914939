package io.bactrian.mail;

import io.bactrian.OutsideText;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.util.MailConnectException;

/**
 * Why the mail server did not take a letter.
 *
 * <p>A refusal of the recipient or of the content by 5xx is permanent, as RFC 5321 has it. A refusal of ourselves is not: that
 * is the operator's to mend, and the letter may wait for it.
 *
 * @param description a sentence without what the server has said, since servers repeat addresses
 */
record SendFailure(boolean permanent, String description) {
    SendFailure {
        description = OutsideText.clean(description, OutsideText.LINE);
    }

    /** Of a recipient, this once meant too many of them, and RFC 5321 (4.5.3.1.10) has it tried again. */
    private static final int TOO_MUCH = 552;

    static SendFailure of(MessagingException failure) {
        List<Throwable> causes = causes(failure);
        for (Throwable cause : causes) {
            if (cause instanceof SMTPAddressFailedException refusal) {
                int code = refusal.getReturnCode();
                return new SendFailure(
                        isPermanent(code) && code != TOO_MUCH,
                        "The mail server answered " + code + " to the recipient.");
            }
        }
        for (Throwable cause : causes) {
            if (cause instanceof SMTPSendFailedException refusal) {
                int code = refusal.getReturnCode();
                boolean ofSender =
                        refusal.getCommand() != null && refusal.getCommand().startsWith("MAIL");
                return new SendFailure(
                        isPermanent(code) && !ofSender,
                        "The mail server answered " + code + (ofSender ? " to the sender." : " to the content."));
            }
        }
        for (Throwable cause : causes) {
            if (cause instanceof MailConnectException refusal) {
                return new SendFailure(
                        false,
                        "There is no connection to the mail server " + refusal.getHost() + ":" + refusal.getPort()
                                + ".");
            }
            if (cause instanceof AuthenticationFailedException) {
                return new SendFailure(false, "The mail server refused spring.mail.username and spring.mail.password.");
            }
        }
        Throwable first = causes.getLast();
        return new SendFailure(
                false,
                first instanceof IOException
                        ? "The connection to the mail server failed: " + LetterText.line(String.valueOf(first)) + "."
                        : "The mail server did not take it (" + first.getClass().getSimpleName() + ").");
    }

    private static boolean isPermanent(int code) {
        return code >= 500 && code < 600;
    }

    /** The failure and what led to it, the outermost first; Jakarta Mail chains failures in a way of its own too. */
    private static List<Throwable> causes(MessagingException failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> causes = new ArrayList<>();
        collect(failure, seen, causes);
        return causes;
    }

    private static void collect(Throwable failure, Set<Throwable> seen, List<Throwable> causes) {
        if (!seen.add(failure)) {
            return;
        }
        causes.add(failure);
        if (failure instanceof MessagingException mail && mail.getNextException() != null) {
            collect(mail.getNextException(), seen, causes);
        }
        if (failure.getCause() != null) {
            collect(failure.getCause(), seen, causes);
        }
    }
}
