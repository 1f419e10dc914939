-- Where an account wants to hear of events: registered by its owner, or named as webhook_url by a task.
CREATE TABLE webhook_endpoint (
    id                bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id        uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- False for the webhook_url of a task, which is signed with the account's secret and nobody's to list or change.
    registered        boolean     NOT NULL,
    url               text        NOT NULL,
    events            text[]      NOT NULL,
    -- Encrypted with the master key; null where not registered. One that was replaced signs for another day.
    ciphertext        bytea,
    replaced          bytea,
    replaced_at       timestamptz,
    is_active         boolean     NOT NULL DEFAULT true,
    -- Why the service has switched it off; null where it has not. What is paused by its owner is inactive without a reason.
    disabled_reason   text,
    -- The first failure since the last success.
    failing_since     timestamptz,
    -- Whether it has lately been slow or has not answered: then it has one lane, among those of its like.
    slow              boolean     NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL,
    last_delivered_at timestamptz,
    CHECK (registered = (ciphertext IS NOT NULL)),
    CHECK ((replaced IS NULL) = (replaced_at IS NULL))
);
CREATE INDEX webhook_endpoint_account ON webhook_endpoint (account_id, id);
CREATE UNIQUE INDEX webhook_endpoint_unregistered ON webhook_endpoint (account_id, url) WHERE NOT registered;

-- A lane is one of the requests that an endpoint may be sent at once. As task_lane: the sequence decides which token moves it.
CREATE TABLE webhook_lane (
    endpoint_id bigint      NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    lane        integer     NOT NULL,
    sequence    bigint      NOT NULL DEFAULT 0,
    -- When its token is due; null while it is idle, and has none.
    due_at      timestamptz,
    PRIMARY KEY (endpoint_id, lane)
) WITH (fillfactor = 50);
CREATE INDEX webhook_lane_due ON webhook_lane (due_at) WHERE due_at IS NOT NULL;

-- What the receivers of an event are sent, byte for byte.
CREATE TABLE webhook_event (
    id         text        PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    type       text        NOT NULL,
    body       bytea       NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX webhook_event_created_at ON webhook_event (created_at);

CREATE TABLE event_delivery (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id     bigint      NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
    event_id        text        NOT NULL,
    event           text        NOT NULL,
    status          text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts        integer     NOT NULL DEFAULT 0,
    -- Of the attempts, those before it was last asked for anew: the schedule of retries begins again after them.
    attempts_before integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    -- The lane that is delivering it, or null.
    lane            integer,
    created_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    UNIQUE (endpoint_id, event_id),
    CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
    CHECK ((status = 'pending') = (ended_at IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX event_delivery_event ON event_delivery (event_id);
CREATE INDEX event_delivery_listed ON event_delivery (endpoint_id, id DESC);
CREATE INDEX event_delivery_due ON event_delivery (endpoint_id, next_attempt_at, id) WHERE status = 'pending';
CREATE INDEX event_delivery_ended ON event_delivery (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE event_attempt (
    delivery_id   bigint      NOT NULL REFERENCES event_delivery (id) ON DELETE CASCADE,
    number        integer     NOT NULL,
    begun_at      timestamptz NOT NULL,
    status_code   integer,
    duration_ms   bigint      NOT NULL,
    error         text,
    response_body text,
    PRIMARY KEY (delivery_id, number)
);
