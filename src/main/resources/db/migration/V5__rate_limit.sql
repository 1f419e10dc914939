-- Token buckets of callers. What is lost in a crash is a minute's memory, so the table writes no log; a missing row is a full
-- bucket. Nothing but the key is indexed, so that an update stays in its page and leaves no dead index entry.
CREATE UNLOGGED TABLE rate_limit (
    id         text PRIMARY KEY,
    state      text        NOT NULL,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
