/** Selector plans: the selectors of a task, compiled once and applied to each page. */
@NullMarked
@NamedInterface("select")
package io.bactrian.scrape.select;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
