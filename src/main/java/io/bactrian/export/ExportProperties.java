package io.bactrian.export;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How places are exported.
 *
 * @param directory where the formats of customer relationship management systems are described, one YAML file each
 */
@ConfigurationProperties("bactrian.exports")
record ExportProperties(@DefaultValue("config/exports") String directory) {
    Path path() {
        return Path.of(directory);
    }
}
