package io.bactrian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;

/** An Artemis of its own, without users and persistence, that a test stops and starts. */
public final class TestBroker implements AutoCloseable {
    private final int port = freePort();
    private EmbeddedActiveMQ server = started();

    /** Where it listens. */
    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    public void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The broker of the test did not stop.", e);
        }
    }

    /** Starts again at the same address, with nothing that it had before. */
    public void restart() {
        server = started();
    }

    private EmbeddedActiveMQ started() {
        try {
            EmbeddedActiveMQ started = new EmbeddedActiveMQ();
            started.setConfiguration(new ConfigurationImpl()
                    .setPersistenceEnabled(false)
                    .setSecurityEnabled(false)
                    .setJMXManagementEnabled(false)
                    .addAcceptorConfiguration("tests", url()));
            return started.start();
        } catch (Exception e) {
            throw new IllegalStateException("The broker of the test did not start.", e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
