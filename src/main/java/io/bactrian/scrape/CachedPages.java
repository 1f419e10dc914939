package io.bactrian.scrape;

/** The pages that are kept for those who asked for it by {@link PageCaching}. */
public interface CachedPages {

    /** Forgets every page that is kept for an owner. */
    void forget(String owner);
}
