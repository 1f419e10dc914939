package io.bactrian.flow;

import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;

/** Where the running service's broker listens, for CORE, AMQP and STOMP alike. */
record BrokerPort(int number) {

    /** A producer over that protocol, signed in as {@code producer}. */
    QueueProducer producer(Protocol protocol) {
        return switch (protocol) {
            case CORE -> JmsProducer.open(new ActiveMQConnectionFactory("tcp://127.0.0.1:" + number));
            case AMQP -> JmsProducer.open(new JmsConnectionFactory("amqp://127.0.0.1:" + number));
            case STOMP -> StompProducer.open(number);
        };
    }

    /** What producers speak. */
    enum Protocol {
        CORE,
        AMQP,
        STOMP
    }
}
