/** The ledger: credits and compute units as append-only double entry. */
@NullMarked
package io.bactrian.credit;

import org.jspecify.annotations.NullMarked;
