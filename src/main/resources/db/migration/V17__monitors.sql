-- The check of a monitoring task that is asked for or under way. It holds one of its account's places from begun_at on, and
-- the units of its pages until it has ended. Its lanes, cursor and rows are the task's.
CREATE TABLE task_check (
    task_id      uuid        PRIMARY KEY,
    -- From 1, over the task's life.
    number       integer     NOT NULL,
    units        bigint      NOT NULL,
    requested_at timestamptz NOT NULL,
    begun_at     timestamptz
);
CREATE INDEX task_check_waiting ON task_check (requested_at) WHERE begun_at IS NULL;

-- When a monitoring task is checked, and how its checks went. As the other tables of tasks without a foreign key.
CREATE TABLE monitor (
    task_id        uuid    PRIMARY KEY,
    paused         boolean NOT NULL DEFAULT false,
    -- Null while it is paused, and after its end.
    next_check_at  timestamptz,
    -- Since when a check is due and not over; until then no other one is.
    fired_at       timestamptz,
    last_check_at  timestamptz,
    -- Checks that are over, and how many of the last ones in a row had an error.
    checks         integer NOT NULL DEFAULT 0,
    failed_checks  integer NOT NULL DEFAULT 0,
    -- Whether its owner was told that units are missing, since the last check that had them.
    told_of_units  boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70);
CREATE INDEX monitor_due ON monitor (next_check_at) WHERE fired_at IS NULL AND next_check_at IS NOT NULL;
CREATE INDEX monitor_fired ON monitor (fired_at) WHERE fired_at IS NOT NULL;

-- What each selector gave at each of the task's URLs, as JSON.
CREATE TABLE monitor_value (
    task_id  uuid    NOT NULL,
    position integer NOT NULL,
    selector text    NOT NULL,
    -- What later values are compared with: that of the last notification, or else the first.
    notified text    NOT NULL,
    -- The last one, where it differs and has not been worth a notification.
    seen     text,
    PRIMARY KEY (task_id, position, selector)
) WITH (fillfactor = 70);

-- URLs that had an error in the last check.
CREATE TABLE monitor_failure (
    task_id  uuid    NOT NULL,
    position integer NOT NULL,
    -- In a row.
    checks   integer NOT NULL,
    told     boolean NOT NULL,
    PRIMARY KEY (task_id, position)
);

-- The rows of the checks that are over, one for each of the task's URLs.
CREATE TABLE monitor_row (
    task_id       uuid        NOT NULL,
    check_number  integer     NOT NULL,
    position      integer     NOT NULL,
    data          text,
    error_code    text,
    error_message text,
    metadata      text,
    checked_at    timestamptz NOT NULL,
    PRIMARY KEY (task_id, check_number, position),
    CHECK ((data IS NULL) <> (error_code IS NULL))
);
-- Rows come in the order of time, so a summary of each range of pages finds the old ones.
CREATE INDEX monitor_row_checked_at ON monitor_row USING brin (checked_at);

CREATE TABLE monitor_change (
    id           uuid        PRIMARY KEY,
    task_id      uuid        NOT NULL,
    check_number integer     NOT NULL,
    position     integer     NOT NULL,
    url          text        NOT NULL,
    -- [{"selector", "old", "new", "difference"}]
    changes      text        NOT NULL,
    notified     boolean     NOT NULL,
    checked_at   timestamptz NOT NULL
);
CREATE INDEX monitor_change_listed ON monitor_change (task_id, check_number DESC, position, notified DESC);
CREATE INDEX monitor_change_checked_at ON monitor_change USING brin (checked_at);
