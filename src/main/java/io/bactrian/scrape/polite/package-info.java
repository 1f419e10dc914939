/** Good manners towards the sites that are scraped: robots.txt and pacing. */
@NullMarked
@NamedInterface("polite")
package io.bactrian.scrape.polite;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
