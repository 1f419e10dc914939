package io.bactrian.webhook;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The lanes of webhook endpoints: as many requests as an endpoint may be sent at once, each with a token while it has work. */
@Service
public class EndpointLanes {

    /** Makes sure that deliveries of an endpoint that are due, or are being made due by this transaction, find a lane. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void wake(long endpointId) {}
}
