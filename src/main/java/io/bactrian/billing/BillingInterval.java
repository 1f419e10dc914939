package io.bactrian.billing;

import java.util.Locale;

/** How often a plan is paid for. Its units come each month in both cases. */
public enum BillingInterval {
    MONTHLY,
    YEARLY;

    /** As clients read it. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
