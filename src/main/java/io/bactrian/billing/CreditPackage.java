package io.bactrian.billing;

import java.math.BigDecimal;

/**
 * Credits that are bought once.
 *
 * @param credits how many; they do not expire
 * @param price US dollars
 */
public record CreditPackage(String name, long credits, BigDecimal price) {}
