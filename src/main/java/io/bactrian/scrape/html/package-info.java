/** The engine for static pages: one HTTP request, parsed by jsoup. */
@NullMarked
@NamedInterface("html")
package io.bactrian.scrape.html;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
