-- Why work failed last, by the work that its message names, such as task:…:lane:0. A reissue counts against work only if the
-- work has failed since it was issued: a token that a broker lost, or that waits in a long queue, is nobody's failure.
CREATE TABLE work_failure (
    work      text        PRIMARY KEY,
    queue     text        NOT NULL,
    cause     text        NOT NULL,
    failures  integer     NOT NULL DEFAULT 1,
    failed_at timestamptz NOT NULL
);
CREATE INDEX work_failure_failed_at ON work_failure (failed_at);

-- Whether work has failed since then.
CREATE FUNCTION work_failed(p_work text, p_since timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM work_failure WHERE work = p_work AND failed_at >= p_since)
$$;

-- How long work waits after its last issue until it is issued again: twice as long after each reissue that counted.
CREATE FUNCTION work_wait(p_lost_seconds double precision, p_reissues integer) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT make_interval(secs => p_lost_seconds * power(2, least(p_reissues, 10)))
$$;

-- Reissues that counted, since the last progress. An abandoned lane has retired without doing its pages.
ALTER TABLE task_lane
    ADD COLUMN reissues  integer NOT NULL DEFAULT 0,
    ADD COLUMN abandoned boolean NOT NULL DEFAULT false;
ALTER TABLE job_lane ADD COLUMN reissues integer NOT NULL DEFAULT 0;
ALTER TABLE webhook_lane ADD COLUMN reissues integer NOT NULL DEFAULT 0;
ALTER TABLE webhook_delivery ADD COLUMN reissues integer NOT NULL DEFAULT 0;
ALTER TABLE saved_search_run ADD COLUMN reissues integer NOT NULL DEFAULT 0;

-- When the end, or the sitemap, was last asked for again; null where it was not.
ALTER TABLE task
    ADD COLUMN asked_at timestamptz,
    ADD COLUMN reissues integer NOT NULL DEFAULT 0;
ALTER TABLE job
    ADD COLUMN asked_at timestamptz,
    ADD COLUMN reissues integer NOT NULL DEFAULT 0;
-- When the check that is due was last asked for again.
ALTER TABLE monitor
    ADD COLUMN asked_at timestamptz,
    ADD COLUMN reissues integer NOT NULL DEFAULT 0;

-- When the admission of an account's tasks or jobs was last asked for again.
CREATE TABLE admission_request (
    account_id uuid        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('tasks', 'jobs')),
    asked_at   timestamptz NOT NULL,
    PRIMARY KEY (account_id, kind)
);
CREATE INDEX admission_request_asked_at ON admission_request (asked_at);
