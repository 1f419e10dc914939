-- Searches for places. The number is the one in job_…; it begins where no client takes it for a count of jobs.
CREATE SEQUENCE job_number START WITH 1700000000001;

CREATE TABLE job (
    id               bigint PRIMARY KEY,
    account_id       uuid        NOT NULL,
    status           text        NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    provider         text        NOT NULL,
    -- As the client sent them.
    params           text        NOT NULL,
    -- As the provider is asked.
    query            text        NOT NULL,
    enriched         boolean     NOT NULL,
    plan_id          text        NOT NULL,
    max_results      integer     NOT NULL CHECK (max_results > 0),
    credits_reserved bigint      NOT NULL,
    credits_used     bigint      NOT NULL DEFAULT 0,
    result_count     integer     NOT NULL DEFAULT 0 CHECK (result_count <= max_results),
    -- Why the provider serves the job no more, where it said so.
    blocked          text,
    -- Whether there was more to look at than a job may.
    limited          boolean     NOT NULL DEFAULT false,
    error            text,
    warning          text,
    estimated_at     timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    started_at       timestamptz,
    completed_at     timestamptz
);
CREATE INDEX job_by_account ON job (account_id, id DESC);
CREATE INDEX job_open ON job (status, account_id, id) WHERE status IN ('queued', 'running');
CREATE INDEX job_pace ON job (provider, completed_at DESC) WHERE status = 'completed';

-- The tables below have no foreign keys to job, as those of tasks have none: deleting a job deletes from all of them.

-- The steps of a search: what it still has to look at, and what it has looked at.
CREATE TABLE job_visit (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id        bigint      NOT NULL,
    kind          text        NOT NULL CHECK (kind IN ('search', 'place', 'contact')),
    key           text        NOT NULL,
    target        text        NOT NULL,
    status        text        NOT NULL CHECK (status IN ('waiting', 'taken', 'done', 'failed')),
    attempt       integer     NOT NULL DEFAULT 1,
    not_before    timestamptz NOT NULL,
    booked        boolean     NOT NULL DEFAULT false,
    error_message text,
    UNIQUE (job_id, key)
);
CREATE INDEX job_visit_open ON job_visit (job_id, kind, id) WHERE status IN ('waiting', 'taken');

-- As task_lane: the sequence decides which token moves the lane.
CREATE TABLE job_lane (
    job_id   bigint      NOT NULL,
    lane     integer     NOT NULL,
    contacts boolean     NOT NULL,
    sequence bigint      NOT NULL,
    visit_id bigint,
    retired  boolean     NOT NULL,
    due_at   timestamptz NOT NULL,
    PRIMARY KEY (job_id, lane)
);
CREATE INDEX job_lane_due ON job_lane (due_at) WHERE NOT retired;

CREATE TABLE job_place (
    job_id   bigint  NOT NULL,
    position integer NOT NULL,
    place_id text    NOT NULL,
    place    text    NOT NULL,
    PRIMARY KEY (job_id, position),
    UNIQUE (job_id, place_id)
);
