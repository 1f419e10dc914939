package io.bactrian.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.TestFork;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.ActiveMQSecurityException;
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
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody without a login can do at the broker's port, as {@code config/broker.xml} has it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokerDoorTest {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

    private static final String SERVICE = "a password of the service";
    private static final String OWN = "11111111-1111-4111-8111-111111111111";
    private static final String OTHER = "22222222-2222-4222-8222-222222222222";
    private static final int ADDRESSES = 400;

    /** Messages of this length have a file each. */
    private static final String LARGE = "{" + " ".repeat(300_000) + "}";

    private static final String EVENTS = "bactrian.tasks.events";

    private final int port = TestFork.freePort();
    private Path data = Path.of("");
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
                .replace("${bactrian.intake.max-body-size}", "16777216")
                .replace("\"addresses\" value=\"10000\"", "\"addresses\" value=\"" + ADDRESSES + "\"")
                .replace(
                        "${bactrian.broker.accounts:config/broker-accounts.properties}",
                        Files.writeString(directory.resolve("accounts.properties"), "producer=*\npartner=" + OWN + "\n")
                                .toString());
        Path copy = Files.writeString(directory.resolve("broker.xml"), text);
        broker.setConfigResourcePath(copy.toUri().toString());
        broker.setSecurityManager(new ActiveMQJAASSecurityManager(
                "bactrian",
                new BrokerUsers(
                        Path.of("src", "test", "resources", "broker", "users.properties"),
                        Path.of("src", "test", "resources", "broker", "roles.properties"),
                        directory.resolve("producer-password"),
                        SERVICE)));
        broker.start();
        ProducerBounds.bindAll(broker.getActiveMQServer());
        data = directory.resolve("data");
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

    private ConnectionFactory core() {
        return new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port);
    }

    private ConnectionFactory factory(String protocol) {
        return protocol.equals("CORE") ? core() : new JmsConnectionFactory("amqp://127.0.0.1:" + port);
    }

    private void publish(String account, String text) throws JMSException {
        try (JMSContext service = core().createContext("bactrian", SERVICE)) {
            service.createProducer().setProperty("account_id", account).send(service.createTopic(EVENTS), text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CORE", "AMQP"})
    void aUserReadsTheEventsOfItsOwnAccountsAlone(String protocol) throws JMSException {
        try (JMSContext partner = factory(protocol).createContext("partner", "partner")) {
            JMSConsumer events = partner.createConsumer(partner.createTopic(EVENTS));
            publish(OTHER, "of another");
            publish(OWN, "its own");

            assertThat(events.receiveBody(String.class, 10_000)).isEqualTo("its own");
            assertThat(events.receive(300)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CORE", "AMQP"})
    void aDurableSubscriptionOfABoundUserGoesOnWhereItWas(String protocol) throws JMSException {
        String name = "partner-" + protocol;
        try (JMSContext partner = factory(protocol).createContext("partner", "partner")) {
            partner.setClientID(name);
            partner.createDurableConsumer(partner.createTopic(EVENTS), "events");
        }
        publish(OTHER, "of another, meanwhile");
        publish(OWN, "its own, meanwhile");
        try (JMSContext partner = factory(protocol).createContext("partner", "partner")) {
            partner.setClientID(name);
            JMSConsumer events = partner.createDurableConsumer(partner.createTopic(EVENTS), "events");

            assertThat(events.receiveBody(String.class, 10_000)).isEqualTo("its own, meanwhile");
            assertThat(events.receive(300)).isNull();
            events.close();
            partner.unsubscribe("events");
        }
    }

    @Test
    void nobodyReadsAnothersEventsOutOfAnothersQueue() throws Exception {
        try (JMSContext producer = core().createContext("producer", "producer");
                JMSContext partner = core().createContext("partner", "partner")) {
            producer.setClientID("all");
            JMSConsumer all = producer.createDurableConsumer(producer.createTopic(EVENTS), "all");
            all.close();
            publish(OTHER, "of another");

            Queue queue = partner.createQueue(EVENTS + "::all.all");
            try (JMSConsumer reader = partner.createConsumer(queue)) {
                assertThat(reader.receive(300)).isNull();
            }
            assertThat(partner.createBrowser(queue).getEnumeration().hasMoreElements())
                    .isFalse();

            assertThat(producer.createDurableConsumer(producer.createTopic(EVENTS), "all")
                            .receiveBody(String.class, 10_000))
                    .isEqualTo("of another");
        }
    }

    @Test
    void aUserDeletesItsOwnQueuesAlone() throws Exception {
        try (ServerLocator locator = locator();
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession producer = factory.createSession("producer", "producer", false, true, true, false, 0);
                ClientSession partner = factory.createSession("partner", "partner", false, true, true, false, 0)) {
            producer.createQueue(QueueConfiguration.of("bactrian.replies.own").setRoutingType(RoutingType.ANYCAST));

            assertThatThrownBy(() -> partner.deleteQueue("bactrian.replies.own"))
                    .isInstanceOf(ActiveMQSecurityException.class);
            assertThatThrownBy(() -> producer.deleteQueue("bactrian.replies"))
                    .isInstanceOf(ActiveMQSecurityException.class);
            producer.deleteQueue("bactrian.replies.own");
        }
    }

    @Test
    void aUserHasNoMoreThanAHundredQueues() throws Exception {
        try (ServerLocator locator = locator();
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession partner = factory.createSession("partner", "partner", false, true, true, false, 0)) {
            int made = 0;
            try {
                for (int i = 0; i < 150; i++) {
                    partner.createQueue(
                            QueueConfiguration.of("bactrian.replies.many-" + i).setRoutingType(RoutingType.ANYCAST));
                    made++;
                }
            } catch (ActiveMQSecurityException refused) {
                assertThat(refused).hasMessageContaining("partner has 100 queues");
            }
            assertThat(made).isEqualTo(100);
            for (int i = 0; i < made; i++) {
                partner.deleteQueue("bactrian.replies.many-" + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void nobodyListensToTheAnswersOfAllByAWildcard(RoutingType type) throws Exception {
        String wildcard = "bactrian.replies.wildcard-" + type;
        try (ServerLocator locator = locator();
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession partner = factory.createSession("partner", "partner", false, true, true, false, 0);
                JMSContext producer = core().createContext("producer", "producer");
                JMSContext service = core().createContext("bactrian", SERVICE)) {
            partner.createQueue(QueueConfiguration.of(wildcard)
                    .setAddress("bactrian.replies.#")
                    .setRoutingType(type));
            Queue replies = producer.createQueue("bactrian.replies.erp-" + type);
            JMSConsumer answers = producer.createConsumer(replies);
            service.createProducer().send(replies, "an answer");

            assertThat(answers.receiveBody(String.class, 10_000)).isEqualTo("an answer");
            assertThat(broker.getActiveMQServer().locateQueue(wildcard).getMessagesAdded())
                    .isZero();
            partner.deleteQueue(wildcard);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CORE", "AMQP"})
    void aTemporaryQueueIsReadByItsMakerAlone(String protocol) throws JMSException {
        try (JMSContext producer = factory(protocol).createContext("producer", "producer");
                JMSContext partner = core().createContext("partner", "partner");
                JMSContext service = core().createContext("bactrian", SERVICE)) {
            TemporaryQueue replies = producer.createTemporaryQueue();
            Queue named = service.createQueue(replies.getQueueName());
            service.createProducer().send(named, "an answer");

            try (JMSConsumer reader = partner.createConsumer(named)) {
                assertThat(reader.receive(300)).isNull();
            }
            assertThat(producer.createConsumer(replies).receiveBody(String.class, 10_000))
                    .isEqualTo("an answer");
        }
    }

    @Test
    void addressesWithoutQueuesAreBoundedAndMadeForQueuesAlone() throws Exception {
        ActiveMQServer server = broker.getActiveMQServer();
        try (ServerLocator locator = locator();
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession partner = factory.createSession("partner", "partner", false, true, true, false, 0)) {
            for (String name : List.of("bactrian.replies.empty", "bactrian.temporary.empty", OWN)) {
                assertThatThrownBy(() -> partner.createAddress(SimpleString.of(name), RoutingType.ANYCAST, false))
                        .isInstanceOf(ActiveMQSecurityException.class);
            }

            assertThatThrownBy(() -> {
                        for (int i = 0; i <= ADDRESSES; i++) {
                            partner.createAddress(
                                    SimpleString.of("bactrian.replies.empty-" + i), RoutingType.ANYCAST, true);
                        }
                    })
                    .isInstanceOf(ActiveMQSecurityException.class)
                    .hasMessageContaining("The broker has 400 addresses");
        } finally {
            for (SimpleString address : server.getPostOffice().getAddresses()) {
                if (address.toString().startsWith("bactrian.replies.empty-")) {
                    server.removeAddressInfo(address, null);
                }
            }
        }
    }

    @Test
    void keysDoNotLieOnTheDisk() throws Exception {
        String key = "sk_live_" + "K".repeat(40);
        for (String protocol : List.of("CORE", "AMQP")) {
            try (JMSContext producer = factory(protocol).createContext("producer", "producer")) {
                producer.createProducer()
                        .setProperty("api_key", key)
                        .send(producer.createQueue("bactrian.tasks.inbox"), "{\"mark\": \"%s\"}".formatted(protocol));
            }
        }
        try (JMSContext producer = core().createContext("producer", "producer")) {
            producer.createProducer()
                    .setProperty("api_key", key)
                    .send(producer.createQueue("bactrian.tasks.inbox"), LARGE);
        }
        for (String body : List.of("{}", LARGE)) {
            try (Socket stomp = new Socket(InetAddress.getLoopbackAddress(), port)) {
                stomp.setSoTimeout(10_000);
                stomp.getOutputStream()
                        .write(("CONNECT\naccept-version:1.2\nhost:localhost\nlogin:producer\npasscode:producer\n\n\0"
                                        + "SEND\ndestination:bactrian.tasks.inbox\npersistent:true\nreceipt:1\napi_key:"
                                        + key + "\n\n" + body + "\0")
                                .getBytes(StandardCharsets.UTF_8));
                StringBuilder answers = new StringBuilder();
                while (!answers.toString().contains("receipt-id:1")) {
                    answers.append((char) stomp.getInputStream().read());
                }
            }
        }
        try (JMSContext service = core().createContext("bactrian", SERVICE)) {
            JMSConsumer inbox = service.createConsumer(service.createQueue("bactrian.tasks.inbox"));
            assertThat(contain(key)).isEmpty();
            for (int i = 0; i < 5; i++) {
                Message message = inbox.receive(10_000);
                assertThat(message.getStringProperty("api_key")).isNull();
                assertThat(message.getStringProperty("bactrian_key_digest")).matches("sk_[0-9a-f]{64}");
            }
        }
    }

    private List<Path> contain(String text) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> contains(file, text))
                    .toList();
        }
    }

    private static boolean contains(Path file, String text) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return new String(bytes, StandardCharsets.ISO_8859_1).contains(text)
                    || new String(bytes, StandardCharsets.UTF_16LE).contains(text)
                    || new String(bytes, StandardCharsets.UTF_16BE).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aPasswordIsMadeOnceAndIsForItsOwnerAlone(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("producer-password");

        String password = ProducerPassword.at(file);

        assertThat(password).hasSize(32);
        assertThat(ProducerPassword.at(file)).isEqualTo(password);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void whatIsNoAccountIsRefusedByName(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("accounts.properties"), "partner=everything\n");

        assertThatThrownBy(() -> new BrokerAccounts(file))
                .isInstanceOf(StartupRefusedException.class)
                .hasMessageContaining("the user partner is bound to \"everything\"");
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
