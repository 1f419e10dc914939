package io.bactrian.outbox;

import org.apache.camel.Endpoint;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.support.LifecycleStrategySupport;
import org.springframework.stereotype.Component;

/**
 * Lets the routes take only messages of this node's database from its queues.
 *
 * <p>A message names work by its id, which means nothing in another database: a node that took it would find nothing to do and
 * acknowledge it. The inbox is everybody's, and its messages say all that is needed.
 */
@Component
final class OwnMessages extends LifecycleStrategySupport {
    private static final String INBOX = "bactrian.tasks.inbox";

    private final Installation installation;

    OwnMessages(Installation installation) {
        this.installation = installation;
    }

    @Override
    public void onEndpointAdd(Endpoint endpoint) {
        if (endpoint instanceof JmsEndpoint queue
                && queue.getDestinationName().startsWith("bactrian.")
                && !queue.getDestinationName().equals(INBOX)
                && queue.getSelector() == null) {
            queue.setSelector(installation.selector());
        }
    }
}
