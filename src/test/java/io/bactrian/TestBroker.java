package io.bactrian;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;

/** An Artemis of its own, without users and persistence, that a test stops and starts. */
public final class TestBroker implements AutoCloseable {
    private final int port = freePort();
    private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
    private EmbeddedActiveMQ server = started();

    /**
     * A message that it was sent.
     *
     * @param durable whether a broker with a disk would keep it there
     * @param scheduled whether it is to be delivered at a later time
     */
    public record Sent(String address, int priority, boolean durable, boolean scheduled) {}

    /** Where it listens. */
    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    /** All messages that it was sent to an address, in their order. */
    public List<Sent> sentTo(String address) {
        return sent.stream()
                .filter(message -> message.address().equals(address))
                .toList();
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
            Configuration configuration = new ConfigurationImpl()
                    .setPersistenceEnabled(false)
                    .setSecurityEnabled(false)
                    .setJMXManagementEnabled(false)
                    .addAcceptorConfiguration("tests", url());
            configuration.registerBrokerPlugin(new Recorder());
            started.setConfiguration(configuration);
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

    private final class Recorder implements ActiveMQServerMessagePlugin {
        @Override
        public void beforeSend(
                ServerSession session,
                Transaction transaction,
                Message message,
                boolean direct,
                boolean noAutoCreateQueue) {
            Long scheduled = message.getScheduledDeliveryTime();
            sent.add(new Sent(
                    message.getAddress(),
                    message.getPriority(),
                    message.isDurable(),
                    scheduled != null && scheduled > 0));
        }
    }
}
