package io.bactrian.api;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The configuration {@code bactrian.downloads}.
 *
 * @param perAccount files that one account may be sent at once from this node
 * @param atOnce files that this node sends at once
 */
@ConfigurationProperties("bactrian.downloads")
record DownloadProperties(
        @DefaultValue("8") int perAccount,
        @DefaultValue("96") int atOnce) {}
