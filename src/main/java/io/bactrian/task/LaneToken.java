package io.bactrian.task;

import java.util.UUID;

/**
 * The right to take a lane's next step.
 *
 * @param sequence which step of the lane it is for; a token for another step is a repetition
 */
record LaneToken(UUID task, int lane, long sequence) {
    /** Identifies the lane among those of all tasks. */
    String laneId() {
        return task + "/" + lane;
    }
}
