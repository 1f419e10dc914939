/** Bactrian, a scraping service: two public APIs on one engine. */
@NullMarked
package io.bactrian;

import org.jspecify.annotations.NullMarked;
