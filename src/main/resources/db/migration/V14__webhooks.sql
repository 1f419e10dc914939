-- What an account's webhooks are signed with: encrypted with the master key, because its owner may read it again. One that was
-- replaced signs for another day.
CREATE TABLE signing_secret (
    account_id  uuid        PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    ciphertext  bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    replaced    bytea,
    replaced_at timestamptz,
    CHECK ((replaced IS NULL) = (replaced_at IS NULL))
);

-- What is to be sent to a customer's endpoint, and what has become of it.
CREATE TABLE webhook_delivery (
    id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id      uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- What it is about, such as a job's id.
    subject         text        NOT NULL,
    format          text        NOT NULL,
    url             text        NOT NULL,
    event           text        NOT NULL,
    -- The webhook-id of all its attempts.
    event_id        text        NOT NULL UNIQUE,
    status          text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts        integer     NOT NULL DEFAULT 0,
    -- Counts the messages that it has had; the message with the last number is the one that counts.
    sequence        bigint      NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    created_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
    CHECK ((status = 'pending') = (ended_at IS NULL))
);

CREATE INDEX webhook_delivery_subject ON webhook_delivery (account_id, subject, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_attempt_at) WHERE status = 'pending';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE webhook_attempt (
    delivery_id   bigint      NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    number        integer     NOT NULL,
    begun_at      timestamptz NOT NULL,
    status_code   integer,
    duration_ms   bigint      NOT NULL,
    error         text,
    response_body text,
    PRIMARY KEY (delivery_id, number)
);
