package io.bactrian.mail;

import io.bactrian.NotFoundException;
import io.bactrian.account.AccountEmails;
import io.bactrian.account.AccountEmails.AccountEmail;
import io.bactrian.mail.EmailLinks.Purpose;
import java.util.Optional;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What readers say by the links in their e-mails; whoever has a link is its reader. */
@Service
public class EmailConsent {
    private final EmailLinks links;
    private final Recipients recipients;
    private final AccountEmails emails;

    EmailConsent(EmailLinks links, Recipients recipients, AccountEmails emails) {
        this.links = links;
        this.recipients = recipients;
        this.emails = emails;
    }

    /** What a link to confirm asks its reader. */
    public enum Question {
        /** Nothing: it is not valid. */
        NONE,
        /** Whether the reader has registered the account, whose address is the reader's. */
        ACCOUNT,
        /** Whether the reader wants e-mail of somebody else's account. */
        NOTICES
    }

    /** What the link to confirm with that token asks; changes nothing. */
    @Transactional(readOnly = true)
    public Question question(String token) {
        return recipient(Purpose.CONFIRM, token)
                .map(recipient ->
                        recipient.is(emails.find(recipient.accountId()).address())
                                ? Question.ACCOUNT
                                : Question.NOTICES)
                .orElse(Question.NONE);
    }

    /** Whether that is the token of a link to unsubscribe, which changes nothing. */
    @Transactional(readOnly = true)
    public boolean unsubscribes(String token) {
        return recipient(Purpose.UNSUBSCRIBE, token).isPresent();
    }

    /**
     * Confirms that the reader wants e-mail of the account. Where the address is the account's own, it is verified.
     *
     * @return whether the token was good
     */
    @Transactional
    public boolean confirm(String token) {
        Optional<Recipient> reader = recipient(Purpose.CONFIRM, token);
        reader.ifPresent(recipient -> {
            AccountEmail account = emails.find(recipient.accountId());
            if (recipient.is(account.address())) {
                emails.verify(recipient.accountId(), account.address());
            }
            recipients.confirm(recipient);
        });
        return reader.isPresent();
    }

    /**
     * Stops the e-mail of the account to the reader. One who has never wanted any is not asked by other accounts either.
     *
     * @return whether the token was good
     */
    @Transactional
    public boolean unsubscribe(String token) {
        Optional<Recipient> reader = recipient(Purpose.UNSUBSCRIBE, token);
        reader.ifPresent(recipient -> recipients.unsubscribe(recipient, !wanted(recipient)));
        return reader.isPresent();
    }

    private boolean wanted(Recipient recipient) {
        AccountEmail account = emails.find(recipient.accountId());
        return recipients.consent(recipient).confirmed() || (account.verified() && recipient.is(account.address()));
    }

    /** The reader that a token is for, if the account is still there. */
    private Optional<Recipient> recipient(Purpose purpose, String token) {
        return links.recipient(purpose, token).filter(this::isOpen);
    }

    private boolean isOpen(Recipient recipient) {
        try {
            emails.find(recipient.accountId());
            return true;
        } catch (NotFoundException closed) {
            return false;
        }
    }
}
