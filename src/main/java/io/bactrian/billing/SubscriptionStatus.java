package io.bactrian.billing;

import java.util.Locale;

/** Where a subscription stands with its provider. */
public enum SubscriptionStatus {
    /** The first payment has not come yet. */
    INCOMPLETE(false),
    TRIALING(true),
    ACTIVE(true),
    /** A payment has failed, and the provider tries it again. */
    PAST_DUE(true),
    /** The provider collects nothing for a while. */
    PAUSED(true),
    /** The provider has given up on a payment, and has not ended the subscription. */
    UNPAID(false),
    /** It is over, for good. */
    ENDED(false);

    private final boolean entitled;

    SubscriptionStatus(boolean entitled) {
        this.entitled = entitled;
    }

    /** Whether the account has the plan. */
    public boolean entitled() {
        return entitled;
    }

    /** As clients read it. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
