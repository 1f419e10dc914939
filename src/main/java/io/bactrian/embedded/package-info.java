/** The embedded default: a PostgreSQL and an Artemis of our own for a node that is given neither. */
@NullMarked
package io.bactrian.embedded;

import org.jspecify.annotations.NullMarked;
