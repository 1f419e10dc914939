-- Searches for places that are repeated on a schedule.
CREATE TABLE saved_search (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id     uuid        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name           text        NOT NULL,
    -- As the client sent them: what a job is made of.
    params         text        NOT NULL,
    schedule       text        NOT NULL,
    timezone       text        NOT NULL,
    -- Saved with a test key: its jobs are small and free.
    test           boolean     NOT NULL,
    is_active      boolean     NOT NULL,
    only_new       boolean     NOT NULL,
    notify_webhook boolean     NOT NULL,
    -- Whether letters go to the account's own address, whatever that is at the time; otherwise to the one given, if any.
    notify_owner   boolean     NOT NULL,
    notify_email   text,
    next_run_at    timestamptz,
    last_run_at    timestamptz,
    created_at     timestamptz NOT NULL,
    CHECK (is_active OR next_run_at IS NULL)
);
CREATE INDEX saved_search_by_account ON saved_search (account_id, id);
CREATE INDEX saved_search_due ON saved_search (next_run_at) WHERE next_run_at IS NOT NULL;

-- What became of a saved search at a time that it was due. What its job said in the end is kept, for jobs can be deleted.
CREATE TABLE saved_search_run (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    search_id     bigint      NOT NULL REFERENCES saved_search (id) ON DELETE CASCADE,
    scheduled_for timestamptz NOT NULL,
    status        text        NOT NULL CHECK (status IN ('queued', 'completed', 'failed', 'cancelled')),
    job_id        bigint      UNIQUE,
    started_at    timestamptz,
    completed_at  timestamptz,
    result_count  integer     NOT NULL DEFAULT 0,
    new_count     integer     NOT NULL DEFAULT 0,
    credits_used  bigint      NOT NULL DEFAULT 0,
    error         text,
    -- When it was last asked for, which a crash of the broker may have lost.
    asked_at      timestamptz NOT NULL,
    CHECK ((status = 'queued') = (completed_at IS NULL)),
    UNIQUE (search_id, scheduled_for)
);
CREATE INDEX saved_search_run_waiting ON saved_search_run (asked_at) WHERE job_id IS NULL AND completed_at IS NULL;
CREATE INDEX saved_search_run_completed ON saved_search_run (completed_at) WHERE completed_at IS NOT NULL;

-- The places that runs of a search have found, as SHA-256 of their ids.
CREATE TABLE saved_search_place (
    search_id bigint NOT NULL REFERENCES saved_search (id) ON DELETE CASCADE,
    place     bytea  NOT NULL,
    PRIMARY KEY (search_id, place)
);
