package io.bactrian.flow;

import static io.bactrian.flow.RawAmqp.binary;
import static io.bactrian.flow.RawAmqp.described;
import static io.bactrian.flow.RawAmqp.fixed;
import static io.bactrian.flow.RawAmqp.join;
import static io.bactrian.flow.RawAmqp.list;
import static io.bactrian.flow.RawAmqp.map;
import static io.bactrian.flow.RawAmqp.nothing;
import static io.bactrian.flow.RawAmqp.string;
import static io.bactrian.flow.RawAmqp.symbol;
import static io.bactrian.flow.RawAmqp.uint;
import static io.bactrian.flow.RawAmqp.variable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.flow.BrokerPort.Protocol;
import io.bactrian.flow.QueueProducer.Letter;
import io.bactrian.flow.QueueProducer.Received;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.core.protocol.core.CoreRemotingConnection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Messages that nobody can read, or that explode when they are read: each is answered once, where it says whom, and is a dead
 * letter once; neighbours are worked on; and no key is in any log.
 */
@ExtendWith({OutputCaptureExtension.class, RunningService.class})
class PoisonedInboxTest {
    private static final String DEAD_LETTERS = "bactrian.tasks.inbox.dlq";
    private static final byte[] ILL_FORMED = {'a', (byte) 0xff, (byte) 0xc0, 'b'};

    private final BrokerPort broker;
    private final Account account;
    private final String key;
    private final String replies = "bactrian.replies.poison-" + UUID.randomUUID();
    private final String task = TaskRequest.simple("http://10.0.0.1/").json().toString();

    PoisonedInboxTest(Service service, BrokerPort broker) {
        this.broker = broker;
        this.account = service.register();
        this.key = account.mapKey();
    }

    @Test
    void whatAmqpCanSayIsAnsweredOnceAndNoKeyIsLogged(CapturedOutput output) throws Exception {
        Map<String, byte[]> messages = new LinkedHashMap<>();
        odd().forEach((name, value) -> {
            messages.put("property " + name, message(string("odd"), value, value(string(task)), new byte[0]));
            messages.put("value " + name, message(string("odd"), nothing(), value(value), new byte[0]));
            messages.put("list of " + name, message(string("odd"), nothing(), value(list(value, value)), new byte[0]));
            messages.put(
                    "sequence of " + name,
                    message(string("odd"), nothing(), described(0x76, list(value)), new byte[0]));
            messages.put("map of " + name, message(string("odd"), nothing(), value(map(value, value)), new byte[0]));
            messages.put(
                    "footer " + name,
                    message(string("odd"), nothing(), value(string(task)), described(0x78, map(symbol("x"), value))));
            messages.put(
                    "footer with the key " + name,
                    message(string("odd"), nothing(), value(string(task)), described(0x78, map(value, string("x")))));
            messages.put(
                    "property with the key " + name, message(value, string("x"), value(string(task)), new byte[0]));
            messages.put(
                    "annotation " + name,
                    join(described(0x72, map(symbol("x-opt-y"), value)), message(value(string(task)))));
            messages.put(
                    "delivery time " + name,
                    join(described(0x72, map(symbol("x-opt-delivery-delay"), value)), message(value(string(task)))));
            messages.put(
                    "delivery annotation " + name,
                    join(described(0x71, map(symbol("x-opt-y"), value)), message(value(string(task)))));
        });
        messages.put("no body", message(string("odd"), nothing(), new byte[0], new byte[0]));
        messages.put("data that is ill-formed", message(described(0x75, binary(ILL_FORMED))));
        messages.put(
                "data twice", message(join(described(0x75, binary(ILL_FORMED)), described(0x75, binary(ILL_FORMED)))));
        messages.put("a body that ends early", message(new byte[] {0, 0x53, 0x77, (byte) 0xb1, 0, 0, 9, 9, 'x'}));
        messages.put("a section that nobody knows", message(described(0x6f, list())));
        messages.put(
                "claims to be compressed",
                message(string("_AMQ_LARGE_COMPRESSED"), new byte[] {0x41}, value(string(task)), new byte[0]));
        messages.put(
                "a header that has been delivered often",
                join(
                        described(
                                0x70, list(new byte[] {0x41}, fixed(0x50, (byte) 200), nothing(), nothing(), uint(-1))),
                        message(value(string(task)))));
        messages.put(
                "marked as one of ours",
                message(string("bactrian_refused"), string("NONSENSE"), value(string(task)), new byte[0]));

        Map<String, String> sent = new TreeMap<>();
        for (Map.Entry<String, byte[]> each : messages.entrySet()) {
            String id = UUID.randomUUID().toString();
            byte[] bytes = replaced(each.getValue(), id);
            try (RawAmqp sender = new RawAmqp(broker.number(), QueueProducer.INBOX)) {
                sent.put(id, each.getKey() + " " + sender.send(bytes));
            }
        }

        assertThat(sent.values()).noneMatch(outcome -> outcome.endsWith("SILENT"));
        assertOnce(sent);
        assertQuiet(output);
    }

    private static Map<String, byte[]> odd() {
        Map<String, byte[]> values = new LinkedHashMap<>();
        values.put("timestamp", fixed(0x83, new byte[8]));
        values.put("uuid", fixed(0x98, new byte[16]));
        values.put("list", list(uint(1)));
        values.put("map", map(uint(1), list()));
        values.put("array", variable(0xf0, new byte[] {0, 0, 0, 1, 0x70, 0, 0, 0, 1}));
        values.put("uint", uint(7));
        values.put("ulong", fixed(0x80, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}));
        values.put("char", fixed(0x73, new byte[] {0, 1, (byte) 0xf6, 0}));
        values.put("decimal128", fixed(0x94, new byte[16]));
        values.put("binary", binary(ILL_FORMED));
        values.put("symbol", symbol("x"));
        values.put("null", nothing());
        values.put("described", join(new byte[] {0}, symbol("x:y"), string("x")));
        values.put("ill-formed text", variable(0xb1, ILL_FORMED));
        return values;
    }

    private static byte[] value(byte[] content) {
        return described(0x77, content);
    }

    private byte[] message(byte[] body) {
        return message(string("odd"), nothing(), body, new byte[0]);
    }

    /** With a correlation id that is replaced for each message. */
    private byte[] message(byte[] name, byte[] property, byte[] body, byte[] footer) {
        return join(
                described(
                        0x73,
                        list(
                                nothing(),
                                nothing(),
                                nothing(),
                                nothing(),
                                string(replies),
                                string("00000000-0000-0000-0000-000000000000"))),
                described(0x74, map(string("api_key"), string(key), name, property)),
                body,
                footer);
    }

    private static byte[] replaced(byte[] message, String id) {
        return new String(message, StandardCharsets.ISO_8859_1)
                .replace("00000000-0000-0000-0000-000000000000", id)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void brokenAndExplodingBodiesOfCoreAreAnsweredOnceAndNoKeyIsLogged(CapturedOutput output) throws Exception {
        Map<String, String> sent = new TreeMap<>();
        try (ServerLocator locator = ActiveMQClient.createServerLocator("tcp://127.0.0.1:" + broker.number());
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession session = factory.createSession("producer", "producer", false, true, true, false, 0);
                ClientProducer producer = session.createProducer(QueueProducer.INBOX)) {
            for (byte type : new byte[] {
                Message.DEFAULT_TYPE,
                Message.OBJECT_TYPE,
                Message.TEXT_TYPE,
                Message.BYTES_TYPE,
                Message.MAP_TYPE,
                Message.STREAM_TYPE,
                Message.EMBEDDED_TYPE,
                77
            }) {
                for (byte[] body : new byte[][] {
                    {}, {1}, {1, 0x7f, -1, -1, -1}, {1, -1, -1, -1, -1}, {1, 0, 0, 0, 8, 'a'}, {0x7f, -1, -1, -1, 3, 9}
                }) {
                    ClientMessage message =
                            message(session, type, sent, "type %d, %s".formatted(type, Arrays.toString(body)));
                    message.getBodyBuffer().writeBytes(body);
                    send(producer, message);
                }
            }
            ClientMessage liar = message(session, Message.TEXT_TYPE, sent, "compressed, 1.9 GB claimed");
            compressed(liar, text("{"), 1_900_000_000L);
            send(producer, liar);
            ClientMessage bomb = message(session, Message.TEXT_TYPE, sent, "compressed, 400 MB");
            compressed(bomb, zeros(400 << 20), 400L << 20);
            send(producer, bomb);
            ClientMessage quiet = message(session, Message.BYTES_TYPE, sent, "compressed, 400 MB, 10 claimed");
            compressed(quiet, zeros(400 << 20), 10);
            send(producer, quiet);
            ClientMessage broken = message(session, Message.TEXT_TYPE, sent, "compressed, broken");
            compressed(broken, text(task), 100);
            broken.getBodyBuffer().setByte(broken.getBodyBuffer().writerIndex() - 3, (byte) 9);
            send(producer, broken);
            ClientMessage mark = message(session, Message.TEXT_TYPE, sent, "marked as one of ours");
            mark.putStringProperty("bactrian_refused", "NONSENSE");
            mark.getBodyBuffer().writeNullableSimpleString(SimpleString.of(task));
            send(producer, mark);
            ClientMessage odd = message(session, Message.TEXT_TYPE, sent, "properties of ours that are no numbers");
            odd.putStringProperty("_AMQ_LARGE_SIZE", "many");
            odd.putStringProperty("JMSXDeliveryCount", "many");
            odd.putStringProperty("JMSReplyTo", replies);
            odd.getBodyBuffer().writeNullableSimpleString(SimpleString.of(task));
            send(producer, odd);
        }

        assertOnce(sent);
        assertQuiet(output);
    }

    /** With compression on, the client compresses what it sends; what it inflates to is read. */
    @Test
    void aCompressedMessageWithinBoundsIsRead() throws Exception {
        Map<String, String> sent = new TreeMap<>();
        try (ServerLocator locator = ActiveMQClient.createServerLocator("tcp://127.0.0.1:" + broker.number())
                        .setCompressLargeMessage(true)
                        .setMinLargeMessageSize(1_000);
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession session = factory.createSession("producer", "producer", false, true, true, false, 0);
                ClientProducer producer = session.createProducer(QueueProducer.INBOX)) {
            ClientMessage small = message(session, Message.TEXT_TYPE, sent, "small");
            small.getBodyBuffer().writeNullableSimpleString(SimpleString.of(task + " ".repeat(100_000)));
            producer.send(small);
            ClientMessage large = message(session, Message.TEXT_TYPE, sent, "large");
            StringBuilder random = new StringBuilder(task);
            new Random(1).ints(50_000, 0, 3).forEach(i -> random.append(" \n\t".charAt(i)));
            large.getBodyBuffer().writeNullableSimpleString(SimpleString.of(random.toString()));
            producer.send(large);
        }
        assertThat(answers(sent))
                .hasSize(2)
                .containsOnlyKeys("small", "large")
                .containsValue(201)
                .doesNotContainValue(400);
    }

    private ClientMessage message(ClientSession session, byte type, Map<String, String> sent, String name) {
        String id = UUID.randomUUID().toString();
        sent.put(id, name);
        ClientMessage message = session.createMessage(type, true);
        message.putStringProperty("api_key", key);
        message.putStringProperty("JMSReplyTo", "queue://" + replies);
        message.putStringProperty("JMSCorrelationID", id);
        return message;
    }

    private static void send(ClientProducer producer, ClientMessage message) {
        try {
            producer.send(message);
        } catch (ActiveMQException refused) {
            assertThat(refused.getMessage()).isNotNull();
        }
    }

    private static byte[] text(String text) {
        byte[] utf16 = SimpleString.of(text).getData();
        return ByteBuffer.allocate(5 + utf16.length)
                .put((byte) 1)
                .putInt(utf16.length)
                .put(utf16)
                .array();
    }

    private static InputStream zeros(long size) {
        return new InputStream() {
            private long left = size;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                int read = (int) Math.min(left, length);
                left -= read;
                return read == 0 ? -1 : read;
            }
        };
    }

    private static void compressed(ClientMessage message, byte[] body, long claimed) throws IOException {
        compressed(message, new ByteArrayInputStream(body), claimed);
    }

    private static void compressed(ClientMessage message, InputStream body, long claimed) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(bytes, new Deflater(9))) {
            body.transferTo(deflater);
        }
        message.putBooleanProperty(Message.HDR_LARGE_COMPRESSED, true);
        message.putLongProperty(Message.HDR_LARGE_BODY_SIZE, claimed);
        message.getBodyBuffer().writeBytes(bytes.toByteArray());
    }

    @Test
    void oddFramesOfStompAreAnsweredOnceAndNoKeyIsLogged(CapturedOutput output) throws Exception {
        Map<String, String> sent = new TreeMap<>();
        for (String headers : new String[] {
            "",
            "content-length:-1\n",
            "content-length:many\n",
            "content-length:99999999999999999999\n",
            "content-type:\\x\n",
            "content-type:text/plain;charset=nonsense\n",
            "_AMQ_LARGE_COMPRESSED:true\n",
            "_AMQ_LARGE_COMPRESSED:true\n_AMQ_LARGE_SIZE:1900000000\n",
            "_AMQ_SCHED_DELIVERY:soon\n",
            "expires:never\n",
            "priority:many\n",
            "bactrian_refused:NONSENSE\n",
            "JMSXDeliveryCount:many\n",
            "JMSXGroupID:x\nJMSXGroupSeq:many\n",
            ":empty\n",
            "no colon\n"
        }) {
            for (byte[] body : new byte[][] {ILL_FORMED, task.getBytes(StandardCharsets.UTF_8)}) {
                String id = UUID.randomUUID().toString();
                sent.put(id, headers.strip() + " " + body.length);
                stomp(id, headers, body);
            }
        }

        assertOnce(sent);
        assertQuiet(output);
    }

    @Test
    void aConnectionThatBreaksWithinAMessageIsNoOutage(CapturedOutput output) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.number())) {
            socket.setSoTimeout(10_000);
            socket.setSoLinger(true, 0);
            socket.getOutputStream()
                    .write(("CONNECT\naccept-version:1.2\nhost:localhost\nlogin:producer\npasscode:producer\n\n\0SEND\n"
                                    + "destination:bactrian.tasks.inbox\ncontent-length:100000\n\n{")
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(read(socket)).isEqualTo('C');
        }
        try (RawAmqp sender = new RawAmqp(broker.number(), QueueProducer.INBOX)) {
            sender.breakOff();
        }
        try (ServerLocator locator = ActiveMQClient.createServerLocator("tcp://127.0.0.1:" + broker.number())
                        .setReconnectAttempts(0);
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession session = factory.createSession("producer", "producer", false, true, true, false, 0);
                ClientProducer producer = session.createProducer(QueueProducer.INBOX)) {
            ClientMessage large = message(session, Message.TEXT_TYPE, new TreeMap<>(), "breaks off");
            large.setBodyInputStream(new BreakingStream(factory));
            assertThatThrownBy(() -> producer.send(large)).isInstanceOf(ActiveMQException.class);
        }

        await().atMost(Duration.ofSeconds(20))
                .until(() -> output.getAll().contains("AMQP connection failure to")
                        && output.getAll().split("Cleared up resources for session", -1).length > 2);
        assertThat(answers(Map.of())).isEmpty();
        assertThat(output.getAll()).doesNotContain("is away");
    }

    /** Ends the connection once a part of the message is on its way. */
    @SuppressWarnings("InputStreamSlowMultibyteRead") // It is to come in parts.
    private static final class BreakingStream extends InputStream {
        private final ClientSessionFactory factory;
        private int left = 400_000;

        BreakingStream(ClientSessionFactory factory) {
            this.factory = factory;
        }

        @Override
        public int read() {
            left--;
            if (left == 0) {
                ((CoreRemotingConnection) factory.getConnection())
                        .getTransportConnection()
                        .close();
            }
            return left < -400_000 ? -1 : ' ';
        }
    }

    private void stomp(String id, String headers, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.number())) {
            socket.setSoTimeout(3_000);
            socket.getOutputStream()
                    .write(join(
                            ("CONNECT\naccept-version:1.2\nhost:localhost\nlogin:producer\npasscode:producer\n\n\0SEND\n"
                                            + "destination:bactrian.tasks.inbox\nreceipt:sent\nreply-to:" + replies
                                            + "\ncorrelation-id:" + id + "\napi_key:" + key + "\n" + headers + "\n")
                                    .getBytes(StandardCharsets.UTF_8),
                            body,
                            new byte[1],
                            "DISCONNECT\nreceipt:gone\n\n\0".getBytes(StandardCharsets.UTF_8)));
            String answered = "";
            for (int next = read(socket);
                    next >= 0 && !answered.contains("gone\n") && !answered.contains("ERROR\n");
                    next = read(socket)) {
                answered += (char) next;
            }
        }
    }

    private static int read(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (SocketException | SocketTimeoutException ended) {
            return -1;
        }
    }

    /** Every answer that comes until one that was asked for after them all has come: its status, by the name of the message. */
    private Map<String, Integer> answers(Map<String, String> sent) {
        Map<String, Integer> statuses = new TreeMap<>();
        try (QueueProducer producer = broker.producer(Protocol.CORE)) {
            String last = UUID.randomUUID().toString();
            producer.send(
                    QueueProducer.INBOX,
                    Letter.of(task, Map.of("api_key", key)).answeredAt(replies).correlated(last));
            boolean ended = false;
            for (Received answer = producer.take(replies, null, 30_000);
                    answer != null;
                    answer = producer.take(replies, null, ended ? 2_000 : 30_000)) {
                if (last.equals(answer.correlationId())) {
                    assertThat(answer.status()).as("the neighbour").isEqualTo(201);
                    ended = true;
                    continue;
                }
                String name = sent.getOrDefault(answer.correlationId(), "unknown " + answer.correlationId());
                assertThat(statuses.put(name, answer.status()))
                        .as("the second answer to " + name)
                        .isNull();
            }
            assertThat(ended).as("the neighbour is answered").isTrue();
        }
        return statuses;
    }

    /** Each message is answered, or the broker has told its sender; whatever was not understood is one dead letter. */
    private void assertOnce(Map<String, String> sent) {
        Map<String, Integer> statuses = answers(sent);
        try (QueueProducer producer = broker.producer(Protocol.CORE)) {
            sent.forEach((id, name) -> {
                int letters = 0;
                @Nullable Received letter;
                while ((letter = producer.take(DEAD_LETTERS, "JMSCorrelationID = '" + id + "'", 50)) != null) {
                    letters++;
                    assertThat(letter.properties().toString()).doesNotContain(key);
                    assertThat(letter.properties().get("error")).isNotEmpty();
                }
                Integer status = statuses.get(name);
                assertThat(letters)
                        .as("dead letters of %s, answered %s", name, status)
                        .isEqualTo(status == null || status == 201 ? 0 : 1);
            });
        }
    }

    private void assertQuiet(CapturedOutput output) {
        assertThat(output.getAll()).doesNotContain(key);
        assertThat(output.getAll().lines().filter(line -> line.contains(" at ")).count())
                .as("lines of stack traces")
                .isLessThan(1_000);
    }
}
