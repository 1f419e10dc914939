/** Stripe, as a provider of payments: its events and its API. */
@NullMarked
package io.bactrian.billing.stripe;

import org.jspecify.annotations.NullMarked;
