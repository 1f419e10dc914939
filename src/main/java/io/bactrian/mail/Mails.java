package io.bactrian.mail;

import io.bactrian.NotFoundException;
import io.bactrian.account.AccountEmails;
import io.bactrian.account.AccountEmails.AccountEmail;
import io.bactrian.account.EmailAddress;
import io.bactrian.mail.Recipients.Consent;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Sends the e-mails of accounts, each with the transaction that is the reason for it.
 *
 * <p>An address gets them once it has confirmed: the account's own by being verified, any other by a link that was sent there
 * (unless {@code bactrian.mail.confirm-recipients} is false). None gets them after it has unsubscribed, or beyond the limits
 * of the account and of the address.
 */
@Service
public class Mails {
    private final AccountEmails emails;
    private final Recipients recipients;
    private final EmailConfirmations confirmations;
    private final EmailQuotas quotas;
    private final Letterbox letterbox;
    private final MailSettings settings;

    Mails(
            AccountEmails emails,
            Recipients recipients,
            EmailConfirmations confirmations,
            EmailQuotas quotas,
            Letterbox letterbox,
            MailSettings settings) {
        this.emails = emails;
        this.recipients = recipients;
        this.confirmations = confirmations;
        this.quotas = quotas;
        this.letterbox = letterbox;
        this.settings = settings;
    }

    /**
     * Has an account's e-mail sent if and only if the surrounding transaction commits, and the account and the address may
     * have it. If one of them has to confirm first, it is asked to.
     *
     * @return whether it is sent, and if not, why
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public EmailDecision send(UUID accountId, Mail mail) {
        if (!letterbox.open()) {
            letterbox.post(mail, accountId, false);
            return EmailDecision.SENT;
        }
        EmailDecision decision = decide(accountId, mail.to());
        if (decision == EmailDecision.SENT) {
            letterbox.post(mail, accountId, false);
        }
        return decision;
    }

    /** Has an e-mail sent to the operator of the service if and only if the surrounding transaction commits. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void sendToOperator(Mail mail) {
        letterbox.post(mail, null, false);
    }

    private EmailDecision decide(UUID accountId, String address) {
        if (!EmailAddress.isValid(address)) {
            return EmailDecision.INVALID_ADDRESS;
        }
        AccountEmail account;
        try {
            account = emails.find(accountId);
        } catch (NotFoundException closed) {
            return EmailDecision.ACCOUNT_CLOSED;
        }
        Recipient recipient = Recipient.of(accountId, address);
        Consent consent = recipients.consent(recipient);
        if (consent.unsubscribed()) {
            return EmailDecision.UNSUBSCRIBED;
        }
        if (settings.confirmRecipients()) {
            if (!account.verified()) {
                confirmations.ask(accountId, account, account.address(), false);
                return EmailDecision.ACCOUNT_UNVERIFIED;
            }
            if (!account.is(address) && !consent.confirmed()) {
                return confirmations.ask(accountId, account, address, false)
                        ? EmailDecision.ASKED_TO_CONFIRM
                        : EmailDecision.UNCONFIRMED;
            }
        } else if (!consent.confirmed() && recipients.suppressed(recipient)) {
            return EmailDecision.UNSUBSCRIBED;
        }
        return quotas.take(recipient, false) ? EmailDecision.SENT : EmailDecision.QUOTA_REACHED;
    }
}
