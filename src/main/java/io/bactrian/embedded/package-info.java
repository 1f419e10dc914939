/** The embedded default: PostgreSQL and Artemis, started by a node that is given no others. */
@NullMarked
package io.bactrian.embedded;

import org.jspecify.annotations.NullMarked;
