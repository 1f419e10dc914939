/** The engine for static pages: one HTTP request, parsed by jsoup; the cache of pages; sitemaps. */
@NullMarked
@NamedInterface("html")
package io.bactrian.scrape.html;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
