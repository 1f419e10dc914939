/** Tests of selector plans. */
@NullMarked
package io.bactrian.scrape.select;

import org.jspecify.annotations.NullMarked;
