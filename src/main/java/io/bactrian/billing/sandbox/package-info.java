/** A provider that is no company: it plays both on this machine, and no money moves. */
@NullMarked
@NamedInterface("sandbox")
package io.bactrian.billing.sandbox;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
