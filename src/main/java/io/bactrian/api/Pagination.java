package io.bactrian.api;

/**
 * Which page of a list an answer is, as MapScraper's clients see it.
 *
 * @param total of all pages
 */
record Pagination(int page, int limit, long total, boolean hasMore) {

    static Pagination of(int page, int limit, long total) {
        return new Pagination(page, limit, total, (long) page * limit < total);
    }
}
