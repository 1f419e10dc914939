-- What accounts buy: checkouts, subscriptions, invoices and payments as the payment providers tell of them.

-- Periods that payments make, instead of the calendar: by which subscription, and until when it is paid for.
ALTER TABLE plan_period
    ADD COLUMN paid_by              uuid,
    ADD COLUMN paid_until           timestamptz,
    ADD COLUMN cancel_at_period_end boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT plan_period_paid CHECK ((paid_by IS NULL) = (paid_until IS NULL));

CREATE TABLE billing_checkout (
    id              uuid        PRIMARY KEY,
    account_id      uuid        NOT NULL,
    provider        text        NOT NULL CHECK (provider IN ('STRIPE', 'LEMONSQUEEZY')),
    sandbox         boolean     NOT NULL,
    api             text        NOT NULL CHECK (api IN ('SELEXTRACT', 'MAPSCRAPER')),
    kind            text        NOT NULL CHECK (kind IN ('PACKAGE', 'PLAN')),
    -- The id of the package or plan.
    item            text        NOT NULL,
    -- US cents, and the credits of a package.
    amount          bigint      NOT NULL CHECK (amount >= 0),
    units           bigint      NOT NULL CHECK (units >= 0),
    success_url     text        NOT NULL,
    cancel_url      text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('OPEN', 'PAID', 'DECLINED', 'CANCELLED', 'EXPIRED')),
    -- Null until the provider has made its page.
    provider_id     text,
    url             text,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    version         integer     NOT NULL,
    UNIQUE (provider, provider_id)
);
CREATE INDEX billing_checkout_account ON billing_checkout (account_id, created_at);
-- A second click finds the checkout of the first.
CREATE UNIQUE INDEX billing_checkout_open
    ON billing_checkout (account_id, provider, sandbox, item, md5(success_url || ' ' || cancel_url)) WHERE status = 'OPEN';
-- What the housekeeping looks for.
CREATE INDEX billing_checkout_expiry ON billing_checkout (expires_at) WHERE status = 'OPEN';
CREATE INDEX billing_checkout_unpaid ON billing_checkout (expires_at) WHERE status NOT IN ('OPEN', 'PAID');

CREATE TABLE billing_subscription (
    id                   uuid        PRIMARY KEY,
    account_id           uuid        NOT NULL,
    provider             text        NOT NULL CHECK (provider IN ('STRIPE', 'LEMONSQUEEZY')),
    sandbox              boolean     NOT NULL,
    api                  text        NOT NULL CHECK (api IN ('SELEXTRACT', 'MAPSCRAPER')),
    provider_id          text        NOT NULL,
    customer_id          text,
    plan_id              text        NOT NULL,
    quantity             integer     NOT NULL,
    status               text        NOT NULL CHECK (
        status IN ('INCOMPLETE', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'PAUSED', 'UNPAID', 'ENDED')),
    period_start         timestamptz,
    period_end           timestamptz,
    -- The provider's time of the newest state that told of a period.
    period_at            timestamptz,
    cancel_at_period_end boolean     NOT NULL,
    payment_method       text,
    started_at           timestamptz NOT NULL,
    ended_at             timestamptz,
    -- The provider's time of the newest state that was taken.
    changed_at           timestamptz NOT NULL,
    version              integer     NOT NULL,
    UNIQUE (provider, provider_id)
);
CREATE INDEX billing_subscription_account ON billing_subscription (account_id, api);
CREATE INDEX billing_subscription_customer ON billing_subscription (provider, customer_id);

-- They outlive their accounts, as books do.
CREATE TABLE billing_invoice (
    id              uuid        PRIMARY KEY,
    account_id      uuid        NOT NULL,
    provider        text        NOT NULL CHECK (provider IN ('STRIPE', 'LEMONSQUEEZY')),
    sandbox         boolean     NOT NULL,
    api             text        NOT NULL CHECK (api IN ('SELEXTRACT', 'MAPSCRAPER')),
    provider_id     text        NOT NULL,
    -- The provider's id of the subscription that it is for; null for a package.
    subscription_id text,
    number          text        NOT NULL,
    description     text        NOT NULL,
    -- US cents.
    amount          bigint      NOT NULL,
    refunded        bigint      NOT NULL,
    currency        text        NOT NULL,
    status          text        NOT NULL CHECK (
        status IN ('DRAFT', 'OPEN', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'VOID', 'UNCOLLECTIBLE')),
    -- Whether it is for a change within a period of its subscription.
    changes         boolean     NOT NULL,
    -- What its payment gave, in credits.
    units           bigint      NOT NULL CHECK (units >= 0),
    period_start    timestamptz,
    period_end      timestamptz,
    created_at      timestamptz NOT NULL,
    due_at          timestamptz,
    paid_at         timestamptz,
    -- Where the provider shows it; null for the sandbox's, whose document is made here.
    document_url    text,
    changed_at      timestamptz NOT NULL,
    version         integer     NOT NULL,
    UNIQUE (provider, provider_id)
);
CREATE INDEX billing_invoice_account ON billing_invoice (account_id, api, created_at DESC);
CREATE INDEX billing_invoice_subscription ON billing_invoice (provider, subscription_id);

-- A payment of credits: how many it gave, and how many its refunds and disputes have taken back. What tells of it comes in any
-- order, so each part may be there before the others.
CREATE TABLE billing_payment (
    id          uuid        PRIMARY KEY,
    provider    text        NOT NULL CHECK (provider IN ('STRIPE', 'LEMONSQUEEZY')),
    provider_id text        NOT NULL,
    account_id  uuid,
    -- The provider's id of the invoice that it pays, where one is known.
    invoice_id  text,
    amount      bigint      NOT NULL CHECK (amount >= 0),
    units       bigint      NOT NULL CHECK (units >= 0),
    refunded    bigint      NOT NULL CHECK (refunded >= 0),
    dispute     text        NOT NULL CHECK (dispute IN ('NONE', 'OPEN', 'WON', 'LOST')),
    -- How many credits are back, how many could not be taken because they were spent, and how often units were moved.
    taken       bigint      NOT NULL CHECK (taken >= 0),
    missing     bigint      NOT NULL CHECK (missing >= 0),
    moves       integer     NOT NULL,
    created_at  timestamptz NOT NULL,
    version     integer     NOT NULL,
    UNIQUE (provider, provider_id)
);
CREATE INDEX billing_payment_invoice ON billing_payment (provider, invoice_id);

-- Every event that a provider has sent, as it came.
CREATE TABLE billing_event (
    id          uuid        PRIMARY KEY,
    provider    text        NOT NULL CHECK (provider IN ('STRIPE', 'LEMONSQUEEZY')),
    provider_id text        NOT NULL,
    sandbox     boolean     NOT NULL,
    type        text        NOT NULL,
    body        text        NOT NULL,
    status      text        NOT NULL CHECK (status IN ('RECEIVED', 'APPLIED', 'KEPT', 'WAITING', 'FAILED')),
    -- Why it waits or has failed.
    reason      text,
    -- What it waits for: the kind of object and the provider's id of it.
    awaited     text,
    attempts    integer     NOT NULL,
    created_at  timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    applied_at  timestamptz,
    version     integer     NOT NULL,
    UNIQUE (provider, provider_id)
);
CREATE INDEX billing_event_status ON billing_event (status, received_at);
CREATE INDEX billing_event_awaited ON billing_event (provider, awaited, received_at) WHERE awaited IS NOT NULL;
