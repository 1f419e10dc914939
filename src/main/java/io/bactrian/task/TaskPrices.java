package io.bactrian.task;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What a page costs.
 *
 * @param units compute units for each page that was had, by task type
 */
@ConfigurationProperties("bactrian.tasks")
record TaskPrices(Map<String, Integer> units) {

    TaskPrices {
        for (TaskType type : TaskType.values()) {
            if (!units.containsKey(type.code())) {
                throw new IllegalArgumentException(
                        "bactrian.tasks.units.%s is missing: set the compute units of one page."
                                .formatted(type.code()));
            }
        }
    }

    int of(TaskType type) {
        return units.getOrDefault(type.code(), 0);
    }
}
