package io.bactrian.credit;

import java.time.Instant;

/**
 * A movement as the owner of an account sees it: units that came, went or were used, but not those that were set aside.
 *
 * @param number counts the account's transactions in this currency from 1, oldest first
 * @param amount above zero where units came, below where they went or were used
 */
public record CreditTransaction(
        long number, TransferKind kind, long amount, String reference, String description, Instant at) {}
