/** Scraping a page: what is asked for, what came of it, and the engines that do it. */
@NullMarked
package io.bactrian.scrape;

import org.jspecify.annotations.NullMarked;
