package io.bactrian.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The platform threads of this process that do something, and where they are. */
final class ThreadDump {
    private static final int MOST_FRAMES = 40;
    private static final int MOST_THREADS = 100;

    /** A thread that waits for something to do has not many frames above the place where it does. */
    private static final int IDLE_WITHIN = 8;

    /** Where threads are that wait for something to do. */
    private static final Set<String> IDLE = Set.of(
            "java.util.concurrent.ThreadPoolExecutor.getTask",
            "java.util.concurrent.ForkJoinPool.awaitWork",
            "java.util.TimerThread.mainLoop",
            "java.lang.ref.ReferenceQueue.remove",
            "java.lang.ref.Reference.waitForReferencePendingList",
            "sun.nio.ch.EPoll.wait",
            "sun.nio.ch.KQueue.poll",
            "io.netty.channel.epoll.Native.epollWait",
            "io.bactrian.ops.WorkWatch.lookFromTimeToTime",
            "io.bactrian.ops.ShutdownDeadline.enforce");

    private ThreadDump() {}

    /** A text for each thread that is not idle; virtual threads are not among them. */
    static List<String> busy() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> !thread.getKey().equals(Thread.currentThread()))
                .filter(thread -> thread.getValue().length > 0)
                .filter(thread -> !isIdle(thread.getValue()))
                .sorted(Map.Entry.comparingByKey((one, other) -> one.getName().compareTo(other.getName())))
                .limit(MOST_THREADS)
                .map(thread -> "The thread " + thread.getKey().getName() + " is "
                        + thread.getKey().getState() + frames(thread.getValue()))
                .toList();
    }

    private static boolean isIdle(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .limit(IDLE_WITHIN)
                .anyMatch(frame -> IDLE.contains(frame.getClassName() + "." + frame.getMethodName()));
    }

    /** The upper frames of a stack, a line each. */
    static String frames(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .limit(MOST_FRAMES)
                .map(frame -> "\n\tat " + frame)
                .collect(Collectors.joining());
    }
}
