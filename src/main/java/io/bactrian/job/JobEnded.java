package io.bactrian.job;

/** What another room does when a job ends, in the transaction that ends it. */
public interface JobEnded {

    /**
     * Takes note of the end of a job, whatever the end.
     *
     * @param job as it is from now on; its places can be read
     */
    void ended(Job job);
}
