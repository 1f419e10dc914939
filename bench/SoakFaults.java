import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/** Kills nodes and browsers at random, and starts again whatever is not there. */
final class SoakFaults {
    private static final Duration ORPHANS_GONE_WITHIN = Duration.ofSeconds(30);

    /** The milliseconds from each kill of a node until it served again. */
    final List<Long> recoveries = new ArrayList<>();

    final List<String> problems = new ArrayList<>();
    volatile int nodeKills;
    volatile int browserKills;
    volatile int exits;

    private final List<SoakNode> nodes;
    private final Random random;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicBoolean killing = new AtomicBoolean(true);
    private final List<Thread> threads = new ArrayList<>();

    SoakFaults(List<SoakNode> nodes, long seed) {
        this.nodes = nodes;
        this.random = new Random(seed);
    }

    void start(Duration killNodesEvery, Duration killBrowsersEvery) {
        threads.add(Thread.ofVirtual().start(() -> nodes(killNodesEvery)));
        if (killBrowsersEvery.isPositive()) {
            threads.add(Thread.ofVirtual().start(() -> browsers(killBrowsersEvery)));
        }
    }

    /** Kills nothing any more, and waits until all nodes serve. */
    void stopKilling() throws InterruptedException {
        killing.set(false);
        long end = System.nanoTime() + Duration.ofMinutes(4).toNanos();
        while (!nodes.stream().allMatch(SoakNode::isUp) && System.nanoTime() < end) {
            Thread.sleep(200);
        }
    }

    void stop() throws InterruptedException {
        running.set(false);
        for (Thread thread : threads) {
            thread.join(Duration.ofMinutes(4));
        }
    }

    private void nodes(Duration every) {
        long next = System.nanoTime() + every.toNanos();
        try {
            while (running.get()) {
                Thread.sleep(200);
                for (SoakNode node : nodes) {
                    if (running.get() && !node.isAlive()) {
                        exits++;
                        problems.add("Node " + node.number + " ended by itself; see its last log.");
                        restart(node, System.nanoTime());
                    }
                }
                if (!killing.get() || !every.isPositive() || System.nanoTime() < next) {
                    continue;
                }
                // About so often, and never at the same second of the minute, to which schedules keep.
                next = System.nanoTime() + (long) (every.toNanos() * (0.7 + 0.6 * random.nextDouble()));
                List<SoakNode> up = nodes.stream().filter(SoakNode::isUp).toList();
                if (up.size() < 2 && nodes.size() > 1 || up.isEmpty()) {
                    continue;
                }
                SoakNode node = up.get(random.nextInt(up.size()));
                long killed = System.nanoTime();
                List<ProcessHandle> orphans = node.kill();
                nodeKills++;
                Thread.ofVirtual().start(() -> watch(node, orphans));
                restart(node, killed);
            }
        } catch (Exception e) {
            problems.add("Nodes are killed and started no more: " + e);
        }
    }

    private void restart(SoakNode node, long since) throws Exception {
        node.start();
        if (node.awaitReady() >= 0) {
            recoveries.add((System.nanoTime() - since) / 1_000_000);
        } else {
            problems.add("Node " + node.number + " did not become ready again.");
        }
    }

    private void watch(SoakNode node, List<ProcessHandle> orphans) {
        try {
            Thread.sleep(ORPHANS_GONE_WITHIN);
        } catch (InterruptedException e) {
            return;
        }
        List<ProcessHandle> left = orphans.stream().filter(ProcessHandle::isAlive).toList();
        if (!left.isEmpty()) {
            problems.add(left.size() + " processes outlived the kill of node " + node.number + ": "
                    + left.getFirst().info().command().orElse("?"));
            left.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private void browsers(Duration every) {
        try {
            while (running.get()) {
                Thread.sleep(Duration.ofMillis((long) (every.toMillis() * (0.7 + 0.6 * random.nextDouble()))));
                boolean done = false;
                while (!done && running.get() && killing.get()) {
                    List<ProcessHandle> browsers = nodes.get(random.nextInt(nodes.size())).browsers();
                    if (!browsers.isEmpty()) {
                        browsers.get(random.nextInt(browsers.size())).destroyForcibly();
                        browserKills++;
                        done = true;
                    } else {
                        Thread.sleep(100);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
