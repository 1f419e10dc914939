package io.bactrian.outage;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import org.apache.camel.component.jms.DefaultJmsMessageListenerContainer;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.component.jms.MessageListenerContainerFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.stereotype.Component;

/**
 * Makes the consumers of queues whose messages are steps that may take minutes: each message has a consumer of its own, closed
 * as soon as the message is there.
 *
 * <p>A consumer of Artemis asks for one message at a time ({@code consumerWindowSize=0}), and takes its wish back when it has
 * waited in vain. A message that comes just then is received by the next wish, so two are outstanding: the second message lies
 * in the consumer, unseen by those that are free, for as long as the step of the first takes. Closing the consumer gives it
 * back to the queue.
 */
@Component("stepConsumers")
final class StepConsumersFactory implements MessageListenerContainerFactory {
    @Override
    public AbstractMessageListenerContainer createMessageListenerContainer(JmsEndpoint endpoint) {
        return new StepConsumers(endpoint);
    }

    /** Needs {@code cacheLevelName: CACHE_SESSION}, or the next message would be asked for at a closed consumer. */
    private static final class StepConsumers extends DefaultJmsMessageListenerContainer {
        StepConsumers(JmsEndpoint endpoint) {
            super(endpoint);
        }

        @Override
        protected @Nullable Message receiveMessage(MessageConsumer consumer) throws JMSException {
            Message message = super.receiveMessage(consumer);
            if (message != null) {
                consumer.close();
            }
            return message;
        }
    }
}
