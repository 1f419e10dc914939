package io.bactrian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** This JVM among those that run the tests side by side: what it uses and the others do not. */
public final class TestFork {
    /** From 1 on; 1 too where a single test is run by hand. */
    private static final int NUMBER = Integer.getInteger("bactrian.test.fork", 1);

    /** All ports lie below those that Linux gives to outgoing connections, which would take one before its server does. */
    private static final int PORTS = 9_000;

    private static final int FIRST_PORT = 1_000 + NUMBER * PORTS;

    private static final AtomicInteger PORTS_TRIED =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

    private TestFork() {}

    /** A directory or file below {@code target/}; it need not exist, but where it is to be does. */
    public static Path directory(String name) {
        Path own = Path.of("target", "fork-" + NUMBER).toAbsolutePath();
        try {
            return Files.createDirectories(own).resolve(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port of the loopback interface that nothing listens on, and that is given once. */
    public static int freePort() {
        for (int i = 0; i < PORTS; i++) {
            int port = FIRST_PORT + PORTS_TRIED.getAndIncrement() % PORTS;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("There is no free port from %d on.".formatted(FIRST_PORT));
    }

    /** Several of them. */
    public static List<Integer> freePorts(int count) {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ports.add(freePort());
        }
        return ports;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (BindException taken) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
