package io.bactrian.monitor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * That a selector gives another value than before, as it is told. Values that are very long are cut.
 *
 * @param old the value that the owner was told last, or the first one
 * @param current the new value
 * @param difference the relative change of a number, such as 0.05 for 5 %; null for all else, and where the old number is 0
 */
record ValueChange(
        String selector,
        JsonNode old,
        @JsonProperty("new") JsonNode current,
        @Nullable BigDecimal difference) {}
