package io.bactrian.billing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.BactrianException;
import io.bactrian.NotFoundException;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import io.bactrian.recovery.Recovery;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The events of payment providers, from their arrival to what they change.
 *
 * <p>An event is stored as it came before the provider is told that it arrived, and then applied once, by a message. What
 * cannot be applied yet is tried again by itself, with growing waits, for about three days; what cannot be applied at all has
 * failed, and is applied again when the operator says so.
 */
@Service
public class BillingEvents {
    private static final Logger LOG = LoggerFactory.getLogger(BillingEvents.class);

    private static final Duration PATIENCE = Duration.ofDays(3);
    private static final Duration SHORTEST_WAIT = Duration.ofSeconds(2);
    private static final Duration LONGEST_WAIT = Duration.ofHours(3);
    private static final int WOKEN_AT_ONCE = 200;
    private static final int MOST_QUESTIONS = 3;
    private static final int MOST_REPETITIONS = 5;

    private final TransactionTemplate transactions;
    private final BillingRecords records;
    private final BillingFacts facts;
    private final PaymentProviders providers;
    private final Outbox outbox;
    private final ObjectMapper json;
    private final Clock clock;

    BillingEvents(
            TransactionTemplate transactions,
            BillingRecords records,
            BillingFacts facts,
            PaymentProviders providers,
            Outbox outbox,
            ObjectMapper json,
            Clock clock) {
        this.transactions = transactions;
        this.records = records;
        this.facts = facts;
        this.providers = providers;
        this.outbox = outbox;
        this.json = json;
        this.clock = clock;
    }

    /**
     * The message that has an event applied.
     *
     * @param attempts how often that was tried when the message was written
     */
    record Apply(UUID event, int attempts) {
        static Apply of(ProviderEvent event) {
            return new Apply(event.id, event.attempts);
        }
    }

    /**
     * An event for the operator to look at.
     *
     * @param reason why it waits or has failed
     */
    public record Entry(
            UUID id,
            Provider provider,
            String providerId,
            String type,
            EventStatus status,
            @Nullable String reason,
            int attempts,
            Instant createdAt,
            Instant receivedAt) {}

    /**
     * Stores an event that has come in, once however often it comes, and has it applied soon.
     *
     * @param header gives the value of the request's header of that name, or null
     * @throws InvalidEventException if it is not the provider's
     * @throws BillingNotConfiguredException if this service knows no secret of that provider
     */
    public void receive(Provider provider, byte[] body, Function<String, @Nullable String> header) {
        store(providers.reader(provider).verify(body, header));
    }

    private void store(ProviderMessage message) {
        try {
            transactions.executeWithoutResult(transaction -> {
                if (records.event(message.provider(), message.id()).isEmpty()) {
                    ProviderEvent event = new ProviderEvent(message, providers.sandbox(), clock.instant());
                    records.addNow(event);
                    send(Apply.of(event), null);
                }
            });
        } catch (DataIntegrityViolationException twice) {
            boolean stored = Objects.requireNonNull(transactions.execute(transaction ->
                    records.event(message.provider(), message.id()).isPresent()));
            if (!stored) {
                throw twice;
            }
        }
    }

    private void send(Apply apply, @Nullable Instant at) {
        outbox.write(Destination.BILLING_EVENTS, apply, Map.of(), at);
    }

    /**
     * Applies an event that is not applied yet. A message that has the event tried again does nothing where it was tried
     * since that message was written: another one follows that attempt.
     */
    public void apply(String message) throws JsonProcessingException {
        Apply apply = json.readValue(message, Apply.class);
        apply(apply.event(), event -> event.attempts == apply.attempts());
    }

    void apply(UUID id) {
        apply(id, event -> true);
    }

    private void apply(UUID id, Predicate<ProviderEvent> due) {
        try {
            take(id, due);
        } catch (OwnerUnknownException | PaymentProviderUnavailableException early) {
            postpone(id, due, early);
        } catch (BactrianException invalid) {
            fail(id, due, invalid);
        } catch (RuntimeException defect) {
            if (!Recovery.isTheWorks(defect)) {
                throw defect;
            }
            LOG.error("The event {} makes this service fail", id, defect);
            fail(id, due, new InvalidEventException("This service failed at it; its log says why."));
        }
    }

    /** Asks the provider where only it can tell which state holds, until nothing changes between question and answer. */
    private void take(UUID id, Predicate<ProviderEvent> due) {
        @Nullable Answer answer = null;
        for (int question = 0; question <= MOST_QUESTIONS; question++) {
            try {
                takeOnce(id, due, answer);
                return;
            } catch (AmbiguousStateException ambiguous) {
                answer = ask(id, ambiguous);
            }
        }
        throw new OwnerUnknownException(
                "The subscription of the event changes faster than its provider answers.", null);
    }

    /** What a provider has told of a subscription that was of a version before the question. */
    private record Answer(SubscriptionState state, int version) {}

    private Answer ask(UUID id, AmbiguousStateException ambiguous) {
        Provider provider = Objects.requireNonNull(
                transactions.execute(transaction -> records.lockedEvent(id).orElseThrow().provider));
        return new Answer(providers.get(provider).subscription(ambiguous.subscription()), ambiguous.version());
    }

    /** Two events that touch the same payment at once cannot both be applied: whoever loses begins again. */
    private void takeOnce(UUID id, Predicate<ProviderEvent> due, @Nullable Answer answer) {
        for (int repetition = 1; repetition < MOST_REPETITIONS; repetition++) {
            try {
                takeInTransaction(id, due, answer);
                return;
            } catch (ConcurrencyFailureException | DataIntegrityViolationException conflict) {
                LOG.debug("Event {} met another of the same objects", id, conflict);
            }
        }
        takeInTransaction(id, due, answer);
    }

    private void takeInTransaction(UUID id, Predicate<ProviderEvent> due, @Nullable Answer answer) {
        transactions.executeWithoutResult(transaction -> open(id, due).ifPresent(event -> {
            List<BillingFact> said = providers.reader(event.provider).facts(event.body);
            List<String> known = new ArrayList<>();
            for (BillingFact fact : said) {
                if (!answers(answer, fact, event)) {
                    known.addAll(facts.take(event.provider, fact, event.sandbox));
                }
            }
            event.end(said.isEmpty() ? EventStatus.KEPT : EventStatus.APPLIED, clock.instant());
            if (!known.isEmpty()) {
                records.waitingEvents(event.provider, known, WOKEN_AT_ONCE)
                        .forEach(other -> send(new Apply(other.id(), other.attempts()), null));
            }
        }));
    }

    /** Whether the answer holds in place of what the event says. */
    private boolean answers(@Nullable Answer answer, BillingFact fact, ProviderEvent event) {
        return answer != null
                && fact instanceof SubscriptionState state
                && state.id().equals(answer.state().id())
                && facts.takeAnswer(event.provider, answer.state(), answer.version(), event.sandbox);
    }

    private Optional<ProviderEvent> open(UUID id, Predicate<ProviderEvent> due) {
        return records.lockedEvent(id).filter(event -> !event.done()).filter(due);
    }

    private void postpone(UUID id, Predicate<ProviderEvent> due, BactrianException why) {
        transactions.executeWithoutResult(transaction -> open(id, due).ifPresent(event -> {
            if (event.receivedAt.plus(PATIENCE).isBefore(clock.instant())) {
                failed(event, why);
                return;
            }
            event.put(EventStatus.WAITING, why);
            send(Apply.of(event), clock.instant().plus(wait(event.attempts)));
        }));
    }

    private static Duration wait(int attempts) {
        Duration wait = SHORTEST_WAIT.multipliedBy(1L << Math.min(attempts - 1, 20));
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }

    private void fail(UUID id, Predicate<ProviderEvent> due, BactrianException why) {
        transactions.executeWithoutResult(transaction -> open(id, due).ifPresent(event -> failed(event, why)));
    }

    private static void failed(ProviderEvent event, BactrianException why) {
        event.put(EventStatus.FAILED, why);
        LOG.error(
                "The event {} ({}) of {} could not be applied: {} It is kept; apply it again with POST /admin/billing/events/{}/apply.",
                event.providerId,
                event.type,
                event.provider.title(),
                why.getMessage(),
                event.id);
    }

    /**
     * Has an event applied again that is not applied.
     *
     * @throws NotFoundException if there is no such event
     */
    public Entry again(UUID id) {
        return Objects.requireNonNull(transactions.execute(transaction -> {
            ProviderEvent event = records.lockedEvent(id).orElseThrow(() -> new NotFoundException("Event"));
            if (!event.done()) {
                event.status = EventStatus.RECEIVED;
                event.attempts = 0;
                send(Apply.of(event), null);
            }
            return entry(event);
        }));
    }

    /**
     * Events by what became of them, the newest first.
     *
     * @param first how many to leave out
     */
    public List<Entry> list(Set<EventStatus> statuses, int first, int most) {
        return Objects.requireNonNull(transactions.execute(transaction -> records.events(statuses, first, most).stream()
                .map(BillingEvents::entry)
                .toList()));
    }

    /** How many there are. */
    public long count(Set<EventStatus> statuses) {
        return Objects.requireNonNull(transactions.execute(transaction -> records.countEvents(statuses)));
    }

    private static Entry entry(ProviderEvent event) {
        return new Entry(
                event.id,
                event.provider,
                event.providerId,
                event.type,
                event.status,
                event.reason,
                event.attempts,
                event.createdAt,
                event.receivedAt);
    }
}
