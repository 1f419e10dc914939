package io.bactrian.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestFork;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.core.client.impl.ClientSessionInternal;
import org.apache.activemq.artemis.core.config.FederationConfiguration;
import org.apache.activemq.artemis.core.config.federation.FederationDownstreamConfiguration;
import org.apache.activemq.artemis.core.protocol.core.CoreRemotingConnection;
import org.apache.activemq.artemis.core.protocol.core.Packet;
import org.apache.activemq.artemis.core.protocol.core.impl.PacketImpl;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.ClusterConnectMessage;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.CreateQueueMessage;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.FederationDownstreamConnectMessage;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.ReattachSessionMessage;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.ReattachSessionResponseMessage;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyConnectorFactory;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody without a login can do at the broker's port, as {@code config/broker.xml} has it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokerDoorTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

    private final int port = TestFork.freePort();
    private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        NoHttp.enable();
        String text = Files.readString(Path.of("config", "broker.xml"))
                // One JVM can have one in-process broker only, which another test may be using.
                .replaceAll("<acceptor name=\"in-process\">.*</acceptor>", "")
                // Its beans write a line in the audit log for each queue.
                .replace(
                        "<persistence-enabled>",
                        "<jmx-management-enabled>false</jmx-management-enabled><persistence-enabled>")
                .replace("${bactrian.broker.data}", directory.resolve("data").toString())
                .replace("${bactrian.broker.port}", Integer.toString(port))
                .replace("${bactrian.intake.max-body-size}", "16777216");
        Path copy = Files.writeString(directory.resolve("broker.xml"), text);
        broker.setConfigResourcePath(copy.toUri().toString());
        broker.setSecurityManager(new ActiveMQJAASSecurityManager(
                "bactrian",
                new BrokerUsers(
                        Path.of("config", "broker-users.properties"),
                        Path.of("config", "broker-roles.properties"),
                        "a password of the service")));
        broker.start();
    }

    @AfterAll
    void stop() throws Exception {
        broker.stop();
    }

    @Test
    void aPacketWithoutLoginMakesTheBrokerConnectToNobody() throws Exception {
        FederationDownstreamConfiguration downstream = new FederationDownstreamConfiguration().setName("foreign");
        downstream.setUpstreamConfiguration(new TransportConfiguration(NettyConnectorFactory.class.getName()));
        FederationDownstreamConnectMessage packet = new FederationDownstreamConnectMessage();
        packet.setName("foreign");
        packet.setCredentials(new FederationConfiguration.Credentials());
        packet.setStreamConfiguration(downstream);

        assertIsThrownOut(4, packet);
    }

    @Test
    void aPacketWithoutLoginMakesNoQueue() throws Exception {
        SimpleString name = SimpleString.of("made.up");

        assertIsThrownOut(1, new CreateQueueMessage(name, name, null, true, false, true));

        assertThat(broker.getActiveMQServer().locateQueue(name)).isNull();
    }

    @Test
    void aPacketOfAClusterIsRefused() throws Exception {
        assertIsThrownOut(3, new ClusterConnectMessage("producer", "producer"));
    }

    @Test
    void nobodyTakesOverAnothersSession() throws Exception {
        try (ServerLocator locator = locator().setConfirmationWindowSize(1024);
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession victim =
                        factory.createSession("producer", "producer", false, true, true, false, 0, "victim");
                ServerLocator attacker = locator();
                ClientSessionFactory connected = attacker.createSessionFactory()) {
            ReattachSessionResponseMessage answer =
                    (ReattachSessionResponseMessage) ((CoreRemotingConnection) connected.getConnection())
                            .getChannel(1, -1)
                            .sendBlocking(
                                    new ReattachSessionMessage(((ClientSessionInternal) victim).getName(), -1),
                                    PacketImpl.REATTACH_SESSION_RESP);

            assertThat(answer.isReattached()).isFalse();
            victim.createQueue(QueueConfiguration.of("bactrian.replies.victim").setRoutingType(RoutingType.ANYCAST));
        }
    }

    /** The packet ends its connection, and says nothing. */
    private void assertIsThrownOut(long channel, Packet packet) throws Exception {
        try (ServerLocator locator = locator();
                ClientSessionFactory factory = locator.createSessionFactory()) {
            CoreRemotingConnection connection = (CoreRemotingConnection) factory.getConnection();
            connection.getChannel(channel, -1).send(packet);

            await().atMost(LONG_ENOUGH)
                    .until(() -> !connection.getTransportConnection().isOpen());
        }
    }

    private ServerLocator locator() throws Exception {
        return ActiveMQClient.createServerLocator("tcp://127.0.0.1:" + port)
                .setReconnectAttempts(0)
                .setCallTimeout(10_000);
    }

    @Test
    void amqpWithoutAUserHasNoSession() {
        JmsConnectionFactory factory =
                new JmsConnectionFactory("amqp://127.0.0.1:%d?amqp.saslLayer=false".formatted(port));

        assertThatThrownBy(() -> {
                    try (Connection connection = factory.createConnection()) {
                        connection
                                .createSession()
                                .createBrowser(connection.createSession().createQueue("bactrian.replies"));
                    }
                })
                .isInstanceOf(JMSException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nOrigin: https://example.org\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000000\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"
            })
    void httpIsNotAnswered(String request) throws IOException {
        for (int first : new int[] {1, 2, request.length()}) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(5_000);
                socket.setTcpNoDelay(true);
                byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
                OutputStream out = socket.getOutputStream();
                out.write(bytes, 0, first);
                out.flush();
                if (first < 2) {
                    out.write(bytes, first, 1);
                    out.flush();
                }
                assertThat(endOf(socket)).isEqualTo(-1);
            }
        }
    }

    /** What comes next; a connection that is reset has ended. */
    private static int endOf(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (SocketException reset) {
            return -1;
        }
    }
}
