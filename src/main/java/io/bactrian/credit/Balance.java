package io.bactrian.credit;

/**
 * What an account holds of one currency.
 *
 * @param total all that was ever granted or bought, less what has expired or was refunded: available, reserved and used together
 * @param available what can be reserved now
 * @param reserved what open work may still use
 * @param used what finished work has used
 */
public record Balance(long total, long available, long reserved, long used) {}
