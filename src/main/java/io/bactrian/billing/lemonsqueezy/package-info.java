/** Lemon Squeezy: its events and its API. */
@NullMarked
package io.bactrian.billing.lemonsqueezy;

import org.jspecify.annotations.NullMarked;
