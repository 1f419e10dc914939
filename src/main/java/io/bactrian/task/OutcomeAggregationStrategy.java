package io.bactrian.task;

import io.bactrian.scrape.Outcome;
import java.util.random.RandomGenerator;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** Gathers the outcome of each page of a split batch in the lane's step. */
@Component("outcomes")
final class OutcomeAggregationStrategy implements AggregationStrategy {
    private final Retries retries;
    private final RandomGenerator random = RandomGenerator.getDefault();

    OutcomeAggregationStrategy(Retries retries) {
        this.retries = retries;
    }

    @Override
    public Exchange aggregate(Exchange before, Exchange page) {
        if (page.getException() != null) {
            return page;
        }
        page.getVariable("step", LaneStep.class).add(page.getMessage().getBody(Outcome.class), retries, random);
        return page;
    }
}
