package io.bactrian.task;

import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;
import org.springframework.stereotype.Component;

/** Gives the place that a step takes among its node's consumers back when the step is over, whatever became of it. */
@Component("lanePlace")
final class LanePlaceProcessor implements Processor {
    @Override
    public void process(Exchange exchange) {
        LaneStep step = Objects.requireNonNull(exchange.getMessage().getBody(LaneStep.class));
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                step.leave();
            }

            @Override
            public boolean allowHandover() {
                return false;
            }
        });
    }
}
