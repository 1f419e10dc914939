/** Hibernate and JDBC in the same transactions, for all rooms. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.persistence;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
