CREATE TABLE task (
    id              uuid PRIMARY KEY,
    account_id      uuid        NOT NULL,
    name            text        NOT NULL,
    description     text,
    task_type       text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
    priority        smallint    NOT NULL CHECK (priority BETWEEN 1 AND 10),
    -- As the client sent it, but for the URLs, which are in task_urls.
    config          text        NOT NULL,
    plan_id         text        NOT NULL,
    pages_total     integer     NOT NULL CHECK (pages_total > 0),
    unit_price      integer     NOT NULL,
    units_estimated bigint      NOT NULL,
    units_consumed  bigint      NOT NULL DEFAULT 0,
    -- Final counts; while the task runs, its lanes have them.
    pages_done      integer     NOT NULL DEFAULT 0,
    pages_had       integer     NOT NULL DEFAULT 0,
    error_message   text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    started_at      timestamptz,
    completed_at    timestamptz
);
CREATE INDEX task_by_account ON task (account_id, created_at DESC);
CREATE INDEX task_open ON task (account_id, status, priority DESC, created_at) WHERE status IN ('pending', 'running');

-- The tables below have no foreign keys to task: each row would lock the task's, and lanes write many rows at once.
-- Deleting a task deletes from all of them.

-- URLs in chunks of 500, so that a task of 100,000 is 200 rows to write and a batch is one row to read.
CREATE TABLE task_urls (
    task_id        uuid    NOT NULL,
    first_position integer NOT NULL,
    urls           text[]  NOT NULL,
    PRIMARY KEY (task_id, first_position)
);

-- Which batch is next to be claimed; apart from the task, because every lane updates it.
CREATE TABLE task_cursor (
    task_id    uuid PRIMARY KEY,
    next_batch integer NOT NULL,
    batches    integer NOT NULL,
    batch_size integer NOT NULL,
    pages      integer NOT NULL
) WITH (fillfactor = 20);

-- A lane is one of the parallel requests of a running task. Its token in the broker carries the sequence: a token with
-- another one is a repetition and is dropped, so that a lane moves by one step at a time whatever is delivered twice.
CREATE TABLE task_lane (
    task_id       uuid        NOT NULL,
    lane          integer     NOT NULL,
    sequence      bigint      NOT NULL,
    next_position integer     NOT NULL DEFAULT 0,
    end_position  integer     NOT NULL DEFAULT 0,
    deferred      text        NOT NULL DEFAULT '[]',
    pages_done    integer     NOT NULL DEFAULT 0,
    pages_had     integer     NOT NULL DEFAULT 0,
    retired       boolean     NOT NULL DEFAULT false,
    due_at        timestamptz NOT NULL,
    PRIMARY KEY (task_id, lane)
) WITH (fillfactor = 50);
CREATE INDEX task_lane_due ON task_lane (due_at) WHERE NOT retired;

CREATE TABLE task_row (
    task_id       uuid    NOT NULL,
    position      integer NOT NULL,
    data          text,
    error_code    text,
    error_message text,
    metadata      text    NOT NULL,
    PRIMARY KEY (task_id, position),
    CHECK ((data IS NULL) <> (error_code IS NULL))
);

-- Rows are written once and read a few times: compressing them would cost more processor time than the disk is worth.
ALTER TABLE task_row ALTER COLUMN data SET STORAGE EXTERNAL;

-- The pace of one task towards one host, where the task has a rate_limit.
CREATE TABLE task_host_clock (
    task_id uuid        NOT NULL,
    host    text        NOT NULL,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (task_id, host)
) WITH (fillfactor = 50);

CREATE TABLE task_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id   uuid        NOT NULL,
    task_id    uuid        NOT NULL,
    level      text        NOT NULL CHECK (level IN ('DEBUG', 'INFO', 'WARNING', 'ERROR')),
    step       text        NOT NULL,
    message    text        NOT NULL,
    metadata   text        NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX task_log_by_task ON task_log (task_id, id);

CREATE TABLE idempotency_key (
    account_id   uuid        NOT NULL,
    key          text        NOT NULL,
    request_hash text       NOT NULL,
    answer       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
