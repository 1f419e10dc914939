package io.bactrian.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.TestBroker;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;

class BrokerTest {
    private final TestBroker server = new TestBroker();
    private final JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
    private final Broker broker;

    BrokerTest() {
        pool.setConnectionFactory(new ActiveMQConnectionFactory(server.url() + "?consumerWindowSize=0"));
        broker = new Broker(pool, new ObjectMapper());
    }

    @AfterEach
    void stop() {
        pool.stop();
        server.close();
    }

    @Test
    void aBrokerThatStopsIsNoticedThoughTheConnectionsOfThePoolWereGood() throws JMSException {
        try (Connection pooled = pool.createConnection()) {
            pooled.start();
            assertThatCode(broker::check).doesNotThrowAnyException();

            server.stop();

            assertThatThrownBy(broker::check).isInstanceOf(JMSException.class);
            assertThatThrownBy(broker::waiting).isInstanceOf(JMSException.class);
            server.restart();
            assertThatCode(broker::check).doesNotThrowAnyException();
        }
    }

    @Test
    void messagesThatAreBeingWorkedOnOrDueLaterOrNoWorkDoNotWait() throws Exception {
        try (Connection connection = pool.createConnection();
                Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE)) {
            assertThat(broker.waiting()).isZero();

            send(session, "bactrian.lanes.html", 4);
            send(session, "bactrian.tasks.end", 2);
            send(session, "bactrian.dead-letters", 8);
            send(session, "elsewhere", 16);
            try (MessageProducer later = session.createProducer(session.createQueue("bactrian.lanes.html"))) {
                later.setDeliveryDelay(600_000);
                later.send(session.createTextMessage("later"));
            }
            connection.start();
            assertThat(session.createConsumer(session.createQueue("bactrian.lanes.html"))
                            .receive(10_000))
                    .as("what is being worked on")
                    .isNotNull();

            assertThat(broker.waiting()).isEqualTo(3 + 2);
        }
    }

    private static void send(Session session, String queue, int count) throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (int i = 0; i < count; i++) {
                producer.send(session.createTextMessage("work"));
            }
        }
    }
}
