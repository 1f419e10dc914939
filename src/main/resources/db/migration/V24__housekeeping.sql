-- Which node does the housekeeping: the holder, until that time. One UPDATE takes or renews the lease, by the clock of the
-- database; it needs no session, so that it also works through a pooler.
CREATE TABLE leader (
    name   text PRIMARY KEY,
    holder text,
    until  timestamptz NOT NULL
);
INSERT INTO leader (name, until) VALUES ('housekeeping', '-infinity');

-- When the housekeeping looks at a row again. Only the housekeeping changes it, so that the many updates of a row touch no
-- index and stay in its page, and the rows to delete are found without a look at all of them.
ALTER TABLE rate_limit ADD COLUMN sweep_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX rate_limit_sweep ON rate_limit (sweep_at);
ALTER TABLE host_clock ADD COLUMN sweep_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX host_clock_sweep ON host_clock (sweep_at);

-- The deliveries that the lane's step has claimed: to release them needs no look at all others of the endpoint.
ALTER TABLE webhook_lane ADD COLUMN claimed bigint[] NOT NULL DEFAULT '{}';
UPDATE event_delivery SET lane = NULL WHERE lane IS NOT NULL;

-- When the webhook_url of a task last got an event, to the day; null where that was within a day of its creation. An endpoint
-- that nobody wants for long is deleted, unless an event comes meanwhile and changes this.
ALTER TABLE webhook_endpoint ADD COLUMN wanted_at timestamptz;
CREATE INDEX webhook_endpoint_idle ON webhook_endpoint (coalesce(wanted_at, created_at)) WHERE NOT registered;

-- For the housekeeping: endpoints whose deliveries are given up, and secrets that no longer sign.
CREATE INDEX webhook_endpoint_inactive ON webhook_endpoint (id) WHERE NOT is_active;
CREATE INDEX webhook_endpoint_replaced ON webhook_endpoint (replaced_at) WHERE replaced_at IS NOT NULL;
CREATE INDEX signing_secret_replaced ON signing_secret (replaced_at) WHERE replaced_at IS NOT NULL;

-- Closed accounts are visited in the order of their ids, so that one that cannot be erased keeps no other waiting.
CREATE INDEX account_to_erase ON account (id) WHERE closed_at IS NOT NULL AND erased_at IS NULL;
DROP INDEX account_closing;

-- Deliveries whose event was deleted under them can never be made; their lanes would look at them without end.
UPDATE event_delivery d SET status = 'failed', next_attempt_at = NULL, ended_at = now()
 WHERE status = 'pending' AND NOT EXISTS (SELECT 1 FROM webhook_event e WHERE e.id = d.event_id);
