package io.bactrian.credit;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest transactions of an account in one currency.
 *
 * @param transactions newest first
 * @param lastRefill when units last came by grant, refill or purchase, or null when they never did
 */
public record History(
        List<CreditTransaction> transactions, @Nullable Instant lastRefill) {}
