/** The transactional outbox: messages written in the transaction that causes them, sent after its commit. */
@NullMarked
package io.bactrian.outbox;

import org.jspecify.annotations.NullMarked;
