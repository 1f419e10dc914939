package io.bactrian.credit;

import java.time.Instant;

/**
 * One movement in the ledger.
 *
 * @param kind a {@link TransferKind}, in lower case
 * @param amount more than zero; the kind says in which direction
 * @param reference what it was for; one kind happens at most once for a reference
 */
public record Transfer(
        long id, String currency, String kind, long amount, String reference, String description, Instant at) {}
