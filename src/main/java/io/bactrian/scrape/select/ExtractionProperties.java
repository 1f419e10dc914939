package io.bactrian.scrape.select;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The configuration {@code bactrian.extraction}: what of this node its pages may take together.
 *
 * @param memory bytes for the bodies of pages, and as many for parsed pages; a sixth of the heap where it is null
 * @param processors how many pages are parsed and searched at once; as many as there are processors where it is null
 */
@ConfigurationProperties("bactrian.extraction")
public record ExtractionProperties(
        @Nullable DataSize memory, @Nullable Integer processors) {

    /** The defaults for this machine. */
    public static ExtractionProperties defaults() {
        return new ExtractionProperties(null, null);
    }

    long memoryBytes() {
        return memory == null ? Runtime.getRuntime().maxMemory() / 6 : memory.toBytes();
    }

    int turns() {
        return processors == null ? Runtime.getRuntime().availableProcessors() : Math.max(1, processors);
    }
}
