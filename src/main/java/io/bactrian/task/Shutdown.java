package io.bactrian.task;

import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Says when the process has begun to stop, so that lanes store what they have and leave the rest to the next start. */
@Component
public final class Shutdown implements SmartLifecycle {
    private volatile boolean running;

    /** Whether the process has begun to stop. */
    public boolean begun() {
        return !running;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** The last phase starts last and stops first: before the routes that carry the lanes. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
