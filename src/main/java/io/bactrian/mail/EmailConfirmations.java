package io.bactrian.mail;

import io.bactrian.account.AccountEmails;
import io.bactrian.account.AccountEmails.AccountEmail;
import java.util.List;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The e-mails that ask the readers of addresses to confirm. They say nothing that an account has chosen but its own verified
 * address, and their number is limited by account and by address, so that they are no way to write to strangers.
 */
@Service
public class EmailConfirmations {
    private final AccountEmails emails;
    private final Recipients recipients;
    private final EmailQuotas quotas;
    private final Letterbox letterbox;
    private final String publicUrl;

    EmailConfirmations(
            AccountEmails emails,
            Recipients recipients,
            EmailQuotas quotas,
            Letterbox letterbox,
            @Value("${bactrian.public-url:http://localhost:3001}") String publicUrl) {
        this.emails = emails;
        this.recipients = recipients;
        this.quotas = quotas;
        this.letterbox = letterbox;
        this.publicUrl = publicUrl;
    }

    /** Whether this service sends e-mail at all. */
    public boolean available() {
        return letterbox.open();
    }

    /**
     * Sends an account's owner the link that verifies the account's address, with the surrounding transaction. Does nothing
     * where no mail server is set or the address is verified.
     *
     * @return whether it was sent
     */
    @Transactional
    public boolean verify(UUID accountId) {
        AccountEmail account = emails.find(accountId);
        return letterbox.open() && !account.verified() && ask(accountId, account, account.address(), true);
    }

    /**
     * Asks the reader of an address to confirm, unless the reader has been asked often enough.
     *
     * @return whether the e-mail that asks is sent now
     */
    @Transactional(propagation = Propagation.MANDATORY)
    boolean ask(UUID accountId, AccountEmail account, String address, boolean byRequest) {
        Recipient recipient = Recipient.of(accountId, address);
        if (recipients.suppressed(recipient)
                || recipients.consent(recipient).unsubscribed()
                || !recipients.mayAsk(recipient, byRequest)
                || !quotas.take(recipient, true)) {
            return false;
        }
        letterbox.post(account.is(address) ? ofOwner(address) : ofOther(address, account.address()), accountId, true);
        return true;
    }

    private Mail ofOwner(String address) {
        return new Mail(
                address,
                "Verify your e-mail address",
                List.of(
                        "Somebody, probably you, has registered this address at " + publicUrl + ", a scraping service.",
                        "Verify that it is yours, so that it can be sent notices, and so that your account stays yours."
                                + " The link opens a page that asks once more.",
                        "If it was not you, do nothing; or unsubscribe, and nobody can have you asked again."),
                null);
    }

    private Mail ofOther(String address, String accountAddress) {
        return new Mail(
                address,
                "Confirm that you want notices by e-mail",
                List.of(
                        "The account " + accountAddress + " at " + publicUrl
                                + ", a scraping service, wants to send its notices to this address.",
                        "It cannot before you confirm. The link opens a page that asks once more.",
                        "If you do not want that, do nothing; or unsubscribe, and nobody can have you asked again."),
                null);
    }
}
