package io.bactrian.mail;

import io.bactrian.account.AccountRemains;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The end of what the readers of a closed account's e-mail have said to it. */
@Component
class RecipientErasure implements AccountRemains {
    private final Recipients recipients;

    RecipientErasure(Recipients recipients) {
        this.recipients = recipients;
    }

    @Override
    public boolean eraseSome(UUID accountId) {
        recipients.forget(accountId);
        return false;
    }
}
