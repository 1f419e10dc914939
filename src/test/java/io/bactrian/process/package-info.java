/** The service as a process of its own: started, stopped, killed and started again. */
@NullMarked
package io.bactrian.process;

import org.jspecify.annotations.NullMarked;
