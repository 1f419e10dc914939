/** Downloads: the rows of a task as JSON, JSON lines, CSV or XLSX, one row at a time in bounded memory. */
@NullMarked
package io.bactrian.export;

import org.jspecify.annotations.NullMarked;
