/** The demonstration: a built-in sample shop and sample map, and a newcomer's client that scrapes them through the public API. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package io.bactrian.demo;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
