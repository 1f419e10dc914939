package io.bactrian.mail;

/** Whether an account's e-mail was handed over to be sent, or why it was held back. */
public enum EmailDecision {
    SENT("It is on its way."),
    INVALID_ADDRESS("This is no e-mail address."),
    ACCOUNT_CLOSED("The account is closed."),
    ACCOUNT_UNVERIFIED(
            "The account's own e-mail address is not verified yet. Follow the link in the e-mail that was sent"
                    + " there; POST /auth/email-verification sends another."),
    ASKED_TO_CONFIRM(
            "The address was asked to confirm that it wants e-mail of this account, and gets none before it does."),
    UNCONFIRMED("The address has not confirmed that it wants e-mail of this account."),
    UNSUBSCRIBED("The address wants no e-mail of this account."),
    QUOTA_REACHED("The account or the address has reached its number of e-mails for the day.");

    private final String reason;

    EmailDecision(String reason) {
        this.reason = reason;
    }

    /** A sentence for the account's owner. */
    public String reason() {
        return reason;
    }
}
