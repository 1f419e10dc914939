package io.bactrian.billing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.BactrianException;
import io.bactrian.NotFoundException;
import io.bactrian.billing.BillingFact.SubscriptionState;
import io.bactrian.outbox.Destination;
import io.bactrian.outbox.Outbox;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

    /** The message that has an event applied. */
    record Apply(UUID event) {}

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
                    send(event.id, null);
                }
            });
        } catch (DataIntegrityViolationException twice) {
            LOG.debug("Event {} of {} has come twice at once", message.id(), message.provider(), twice);
        }
    }

    private void send(UUID event, @Nullable Instant at) {
        outbox.write(Destination.BILLING_EVENTS, new Apply(event), Map.of(), at);
    }

    /** Applies an event that is not applied yet. */
    public void apply(String message) throws JsonProcessingException {
        apply(json.readValue(message, Apply.class).event());
    }

    void apply(UUID id) {
        try {
            apply(id, null);
        } catch (AmbiguousStateException ambiguous) {
            ask(id, ambiguous);
        } catch (OwnerUnknownException | PaymentProviderUnavailableException early) {
            postpone(id, early);
        } catch (BactrianException invalid) {
            fail(id, invalid);
        }
    }

    private void ask(UUID id, AmbiguousStateException ambiguous) {
        try {
            Provider provider = transactions.execute(transaction ->
                    records.lockedEvent(id).map(event -> event.provider).orElse(null));
            if (provider != null) {
                apply(id, providers.get(provider).subscription(ambiguous.subscription()));
            }
        } catch (AmbiguousStateException again) {
            throw new IllegalStateException("A state that was asked for has no time", again);
        } catch (OwnerUnknownException | PaymentProviderUnavailableException early) {
            postpone(id, early);
        } catch (BactrianException refused) {
            fail(id, refused);
        }
    }

    /** @param present the subscription's state as the provider has just told it, in place of what the event says; or null */
    private void apply(UUID id, @Nullable SubscriptionState present) {
        transactions.executeWithoutResult(transaction -> {
            ProviderEvent event =
                    records.lockedEvent(id).filter(found -> !found.done()).orElse(null);
            if (event == null) {
                return;
            }
            List<BillingFact> said = providers.reader(event.provider).facts(event.body);
            boolean news = false;
            for (BillingFact fact : said) {
                BillingFact holds = present != null
                                && fact instanceof SubscriptionState state
                                && state.id().equals(present.id())
                        ? present
                        : fact;
                news |= facts.take(event.provider, holds, event.sandbox);
            }
            event.end(said.isEmpty() ? EventStatus.KEPT : EventStatus.APPLIED, clock.instant());
            if (news) {
                records.waitingEvents(event.provider, WOKEN_AT_ONCE).forEach(other -> send(other, null));
            }
        });
    }

    private void postpone(UUID id, BactrianException why) {
        transactions.executeWithoutResult(transaction -> records.lockedEvent(id)
                .filter(event -> !event.done())
                .ifPresent(event -> {
                    if (event.receivedAt.plus(PATIENCE).isBefore(clock.instant())) {
                        failed(event, why);
                        return;
                    }
                    event.put(EventStatus.WAITING, String.valueOf(why.getMessage()));
                    send(id, clock.instant().plus(wait(event.attempts)));
                }));
    }

    private static Duration wait(int attempts) {
        Duration wait = SHORTEST_WAIT.multipliedBy(1L << Math.min(attempts - 1, 20));
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }

    private void fail(UUID id, BactrianException why) {
        transactions.executeWithoutResult(transaction ->
                records.lockedEvent(id).filter(event -> !event.done()).ifPresent(event -> failed(event, why)));
    }

    private static void failed(ProviderEvent event, BactrianException why) {
        event.put(EventStatus.FAILED, String.valueOf(why.getMessage()));
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
                send(id, null);
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
