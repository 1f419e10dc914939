/** What the engines share: how the head of an answer is judged, and which of a task's headers go where. */
@NullMarked
@NamedInterface("page")
package io.bactrian.scrape.page;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
