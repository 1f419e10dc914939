package io.bactrian.scrape;

/** The pages that are kept for those who asked for it by {@link PageCaching}. */
public interface CachedPages {

    /**
     * Forgets some of the pages that are kept for an owner.
     *
     * @return whether there may be more
     */
    boolean forget(String owner);
}
