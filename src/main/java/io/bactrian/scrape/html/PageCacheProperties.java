package io.bactrian.scrape.html;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The bounds of the page cache.
 *
 * @param maxSize what the cached pages of all accounts may take together, compressed; the oldest go first
 */
@ConfigurationProperties("bactrian.page-cache")
record PageCacheProperties(@DefaultValue("1GB") DataSize maxSize) {}
