/** The contract: the two OpenAPI documents, and the checks of requests against them. */
@NullMarked
package io.bactrian.api.contract;

import org.jspecify.annotations.NullMarked;
