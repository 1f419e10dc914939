package io.bactrian.api;

import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The open connections of each client network, and the bound on their number.
 *
 * <p>A closed channel says so itself, so nobody has to report the end of a connection: a network's closed channels are dropped
 * when it seems to have too many, and everybody's when the table has doubled since the last time.
 *
 * <p>Safe for use by many threads.
 */
final class OpenConnections {
    private static final int SMALL = 1_024;

    private final int most;
    private final Map<String, List<Channel>> channels = new HashMap<>();
    private int added;
    private int nextSweep = SMALL;

    OpenConnections(int most) {
        this.most = most;
    }

    /** Adds a connection, unless its network has as many as it may. */
    synchronized boolean admit(String network, Channel channel) {
        List<Channel> open = channels.computeIfAbsent(network, first -> new ArrayList<>());
        if (open.size() >= most) {
            open.removeIf(known -> !known.isOpen());
            if (open.size() >= most) {
                return false;
            }
        }
        open.add(channel);
        if (++added >= nextSweep) {
            sweep();
        }
        return true;
    }

    private void sweep() {
        channels.values().forEach(open -> open.removeIf(known -> !known.isOpen()));
        channels.values().removeIf(List::isEmpty);
        added = 0;
        nextSweep =
                Math.max(SMALL, channels.values().stream().mapToInt(List::size).sum());
    }
}
