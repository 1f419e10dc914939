package io.bactrian.job;

/** What another room does when a job ends, in the transaction that ends it. */
public interface JobEnded {

    /**
     * Takes note of the end of a job, whatever the end.
     *
     * @param job as it is from now on; its places can be read
     */
    void ended(Job job);

    /**
     * Takes note of the end of a job that the service has abandoned, without a look at what may be broken.
     *
     * @param job as it is from now on; its places may be unreadable
     */
    void abandoned(Job job);
}
