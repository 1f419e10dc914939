package io.bactrian.job;

/**
 * The right to move a job's lane on.
 *
 * @param sequence how often the lane's token was passed on before; a token with another one is a repetition
 */
record JobToken(long job, int lane, long sequence) {
    String laneId() {
        return Job.id(job) + "/" + lane;
    }
}
