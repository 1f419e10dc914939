/** Scraping tasks: their life, their lanes, their rows and their log. */
@NullMarked
package io.bactrian.task;

import org.jspecify.annotations.NullMarked;
