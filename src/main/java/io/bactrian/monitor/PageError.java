package io.bactrian.monitor;

import org.jspecify.annotations.Nullable;

/**
 * Why a check has not seen a value.
 *
 * @param selector the one that has found nothing, or null where the whole page could not be had
 */
record PageError(@Nullable String selector, String code, String message) {}
