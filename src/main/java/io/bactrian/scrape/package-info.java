/** Scraping a page: what is asked for, what came of it, and the engines that do it. */
@NullMarked
@ApplicationModule(allowedDependencies = {"egress"})
package io.bactrian.scrape;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
