package io.bactrian;

/**
 * Where in an ordered list a page is found: so many entries after its beginning or before its end, whichever is nearer.
 *
 * <p>A query that skips entries reads them. From the nearer end it skips half of a list at most, and the last page is as quick as
 * the first one.
 *
 * @param fromEnd whether to read in the reverse order
 * @param offset how many entries to skip
 * @param limit how many to give; 0 for a page after the end
 */
public record Window(boolean fromEnd, long offset, long limit) {

    /**
     * The place of a page.
     *
     * @param total how many entries the list has
     * @param page from 1
     */
    public static Window of(long total, int page, int pageSize) {
        long before = (page - 1L) * pageSize;
        long limit = Math.clamp(total - before, 0, pageSize);
        long after = total - before - limit;
        if (limit == 0) {
            return new Window(false, 0, 0);
        }
        return after < before ? new Window(true, after, limit) : new Window(false, before, limit);
    }

    /**
     * The direction, in SQL, in which to read a list.
     *
     * @param ascending whether the list itself ascends
     */
    public String direction(boolean ascending) {
        return ascending == fromEnd ? "DESC" : "ASC";
    }
}
