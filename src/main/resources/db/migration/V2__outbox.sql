-- Messages that a transaction causes, sent to the broker after its commit and then deleted here.
CREATE TABLE outbox (
    id          uuid PRIMARY KEY,
    destination text        NOT NULL,
    body        text        NOT NULL,
    properties  text        NOT NULL,
    deliver_at  timestamptz,
    created_at  timestamptz NOT NULL
);
CREATE INDEX outbox_created_at ON outbox (created_at);
