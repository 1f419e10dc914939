-- Which messages are due for the next attempt to send them, so that nodes share the overdue ones among them.
ALTER TABLE outbox
    ADD COLUMN attempts        integer     NOT NULL DEFAULT 0,
    ADD COLUMN next_attempt_at timestamptz NOT NULL DEFAULT now() + interval '10 seconds';
CREATE INDEX outbox_next_attempt_at ON outbox (next_attempt_at);

-- What this database is called in messages: a broker that several databases share has the messages of each apart.
CREATE TABLE installation (
    id         uuid PRIMARY KEY     DEFAULT gen_random_uuid(),
    only_one   boolean NOT NULL UNIQUE DEFAULT true CHECK (only_one)
);
INSERT INTO installation DEFAULT VALUES;
