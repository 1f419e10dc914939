package io.bactrian.billing;

import io.bactrian.BactrianException;
import io.bactrian.OutsideText;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An event of a provider as it came, and what became of it. */
@Entity
@Table(name = "billing_event")
@NamedQuery(
        name = ProviderEvent.BY_PROVIDER_ID,
        query = "from ProviderEvent where provider = :provider and providerId = :id")
@NamedQuery(
        name = ProviderEvent.WAITING,
        query = "select id, attempts from ProviderEvent where provider = :provider and status = WAITING"
                + " and awaited in :objects order by receivedAt, id")
@NamedQuery(
        name = ProviderEvent.BY_STATUS,
        query = "from ProviderEvent where status in :statuses order by receivedAt desc, id")
@NamedQuery(name = ProviderEvent.COUNT, query = "select count(*) from ProviderEvent where status in :statuses")
class ProviderEvent {
    static final String BY_PROVIDER_ID = "ProviderEvent.byProviderId";
    static final String WAITING = "ProviderEvent.waiting";
    static final String BY_STATUS = "ProviderEvent.byStatus";
    static final String COUNT = "ProviderEvent.count";

    @Id
    UUID id;

    @Enumerated(EnumType.STRING)
    Provider provider;

    String providerId;
    boolean sandbox;
    String type;
    String body;

    @Enumerated(EnumType.STRING)
    EventStatus status = EventStatus.RECEIVED;

    @Nullable
    String reason;

    /** What it waits for, as {@link OwnerUnknownException#awaited} has it; null where only time helps. */
    @Nullable
    String awaited;

    int attempts;
    Instant createdAt;
    Instant receivedAt;

    @Nullable
    Instant appliedAt;

    @Version
    int version;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected ProviderEvent() {}

    ProviderEvent(ProviderMessage message, boolean sandbox, Instant receivedAt) {
        this.id = UUID.randomUUID();
        this.provider = message.provider();
        this.providerId = message.id();
        this.sandbox = sandbox;
        this.type = message.type();
        this.body = message.body();
        this.createdAt = message.created();
        this.receivedAt = receivedAt;
    }

    /** Whether there is nothing to do with it any more. */
    boolean done() {
        return status == EventStatus.APPLIED || status == EventStatus.KEPT;
    }

    void end(EventStatus end, Instant at) {
        status = end;
        reason = null;
        awaited = null;
        appliedAt = at;
    }

    void put(EventStatus open, BactrianException why) {
        status = open;
        reason = OutsideText.clean(String.valueOf(why.getMessage()), OutsideText.LINE);
        awaited = why instanceof OwnerUnknownException unknown ? unknown.awaited() : null;
        attempts++;
    }
}
