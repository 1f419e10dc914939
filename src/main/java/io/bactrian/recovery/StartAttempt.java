package io.bactrian.recovery;

/** What came of the attempt to start a task or a job that waits. */
public enum StartAttempt {
    STARTED,
    /** It can never start and has ended; the account's balance stays locked until the transaction ends. */
    FAILED,
    /** It could neither start nor end, and nothing of it was changed or is locked but the row itself. */
    PASSED_OVER
}
