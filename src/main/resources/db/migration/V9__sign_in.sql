-- Sign-ins that were tried, by a hash of the e-mail or of the client's address. Each is counted before its password is
-- checked, so that many at once cannot slip through together.
CREATE TABLE sign_in_attempt (
    subject       bytea PRIMARY KEY CHECK (length(subject) = 32),
    attempts      integer     NOT NULL,
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);
CREATE INDEX sign_in_attempt_last_at ON sign_in_attempt (last_at);

-- When the owner deleted the account, and when the last of its results was gone. The row stays without personal data,
-- because the ledger refers to it.
ALTER TABLE account ADD COLUMN closed_at timestamptz, ADD COLUMN erased_at timestamptz;
CREATE INDEX account_closing ON account (closed_at) WHERE closed_at IS NOT NULL AND erased_at IS NULL;
