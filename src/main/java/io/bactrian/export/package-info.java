/**
 * Downloads: the rows of a task as JSON, JSON lines, CSV or XLSX, and the places of a job for people and for CRMs, one at a
 * time in bounded memory.
 */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.export;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
