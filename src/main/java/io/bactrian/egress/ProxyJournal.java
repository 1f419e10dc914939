package io.bactrian.egress;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happened to the connections of one listener since {@link #begin}; bounded, and safe for use by many threads. */
final class ProxyJournal {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyJournal.class);
    private static final int MOST_TARGETS = 1000;

    private final Map<ProxyTarget, RuntimeException> failures = new LinkedHashMap<>();
    private @Nullable UpstreamProxy failedUpstream;
    private volatile Count count = new Count(Long.MAX_VALUE, () -> {});

    synchronized void begin(long mostBytes, Runnable tooMany) {
        failures.clear();
        failedUpstream = null;
        count = new Count(mostBytes, tooMany);
    }

    void received(int bytes) {
        count.add(bytes);
    }

    synchronized void connected(ProxyTarget target) {
        failures.remove(target);
    }

    synchronized void failed(ProxyTarget target, RuntimeException why) {
        failures.remove(target);
        if (failures.size() >= MOST_TARGETS) {
            failures.remove(failures.keySet().iterator().next());
        }
        failures.put(target, why);
    }

    synchronized void failed(UpstreamProxy upstream) {
        failedUpstream = upstream;
    }

    synchronized @Nullable RuntimeException failure(ProxyTarget target) {
        return failures.get(target);
    }

    synchronized @Nullable UpstreamProxy failedUpstream() {
        return failedUpstream;
    }

    /** Bytes from the network, and whom to tell when there are too many. */
    private static final class Count {
        private final long mostBytes;
        private final Runnable tooMany;
        private final AtomicLong received = new AtomicLong();

        Count(long mostBytes, Runnable tooMany) {
            this.mostBytes = mostBytes;
            this.tooMany = tooMany;
        }

        void add(int bytes) {
            long before = received.getAndAdd(bytes);
            if (before <= mostBytes && before + bytes > mostBytes) {
                try {
                    tooMany.run();
                } catch (RuntimeException defect) {
                    LOG.error("What was to be done about too many bytes failed", defect);
                }
            }
        }
    }
}
