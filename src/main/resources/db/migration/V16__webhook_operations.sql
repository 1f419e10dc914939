-- For the erasure of closed accounts.
CREATE INDEX webhook_event_account ON webhook_event (account_id);
