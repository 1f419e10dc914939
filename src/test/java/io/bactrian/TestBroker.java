package io.bactrian;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.activemq.artemis.core.config.DivertConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.jspecify.annotations.Nullable;

/** An Artemis of its own, without users and persistence, that a test stops and starts. */
public final class TestBroker implements AutoCloseable {
    private final int port = TestFork.freePort();
    private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
    private @Nullable ActiveMQConnectionFactory copies;
    private EmbeddedActiveMQ server = started();

    /**
     * A message as a consumer gets it.
     *
     * @param persistent whether a broker with a disk would keep it there
     */
    public record Sent(int priority, boolean persistent) {}

    /** Where it listens. */
    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    /**
     * Waits before what has failed is delivered again, one second and then twice as long each time, as config/broker.xml has it;
     * otherwise ten failures at once use up all deliveries of a message.
     */
    public TestBroker waitingBeforeRedelivery() {
        server.getActiveMQServer()
                .getAddressSettingsRepository()
                .addMatch("#", new AddressSettings().setRedeliveryDelay(1_000).setRedeliveryMultiplier(2));
        return this;
    }

    /** How many consumers a queue has. */
    public int consumers(String queue) {
        return server.getActiveMQServer().locateQueue(queue).getConsumerCount();
    }

    /** Begins to note the messages that are delivered from an address, whoever takes them. */
    public void note(String address) {
        String copy = address + ".copy";
        try {
            ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(url());
            copies = factory;
            JMSContext consumer = factory.createContext();
            consumer.createConsumer(consumer.createQueue(copy)).setMessageListener(this::note);
            server.getActiveMQServer()
                    .deployDivert(new DivertConfiguration()
                            .setName(address + ".divert")
                            .setAddress(address)
                            .setForwardingAddress(copy));
        } catch (Exception e) {
            throw new IllegalStateException("The broker of the test does not copy messages.", e);
        }
    }

    private void note(Message message) {
        try {
            sent.add(new Sent(message.getJMSPriority(), message.getJMSDeliveryMode() == DeliveryMode.PERSISTENT));
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The messages that were noted. */
    public List<Sent> noted() {
        return List.copyOf(sent);
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

    @Override
    public void close() {
        if (copies != null) {
            copies.close();
        }
        stop();
    }
}
