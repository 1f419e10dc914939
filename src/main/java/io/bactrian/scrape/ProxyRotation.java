package io.bactrian.scrape;

import org.jspecify.annotations.Nullable;

/**
 * How a task's requests are spread over a pool of proxies.
 *
 * @param pool the name of the pool in the configuration, or null for the default one
 * @param perLane whether a lane keeps its proxy while that is healthy; otherwise each page takes the next one
 */
public record ProxyRotation(@Nullable String pool, boolean perLane) {}
