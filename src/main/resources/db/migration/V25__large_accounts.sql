-- What an account with a million tasks, jobs or transfers reads is found by an index, in order, or has been counted already.

-- Admissions that were asked for while one of the same account was under way. Unlogged: what is under way when the database
-- fails is asked for again by the broker.
CREATE UNLOGGED TABLE admission_again (
    turn text PRIMARY KEY
);

-- Who is next, and how many places are taken, each by one look at an index. Checks wait and run by their own table.
CREATE INDEX task_next ON task (account_id, priority DESC, created_at, id)
    WHERE status = 'pending' AND task_type <> 'monitoring';
CREATE INDEX task_running ON task (account_id) WHERE status = 'running' AND task_type <> 'monitoring';

ALTER TABLE task_check
    ADD COLUMN account_id uuid,
    -- As the task's.
    ADD COLUMN priority   smallint;
UPDATE task_check c SET account_id = t.account_id, priority = t.priority FROM task t WHERE t.id = c.task_id;
DELETE FROM task_check WHERE account_id IS NULL;
ALTER TABLE task_check
    ALTER COLUMN account_id SET NOT NULL,
    ALTER COLUMN priority SET NOT NULL;
CREATE INDEX task_check_next ON task_check (account_id, priority DESC, requested_at, task_id) WHERE begun_at IS NULL;
CREATE INDEX task_check_begun ON task_check (account_id) WHERE begun_at IS NOT NULL;

-- Lists of tasks: each order has an index that answers which ids are on a page, and ties follow the direction of the order.
DROP INDEX task_by_account;
CREATE INDEX task_by_account ON task (account_id, created_at, id) INCLUDE (status, task_type);
CREATE INDEX task_by_status ON task (account_id, status, created_at, id) INCLUDE (task_type);
CREATE INDEX task_by_update ON task (account_id, updated_at, id) INCLUDE (status, task_type);
CREATE INDEX task_by_name ON task (account_id, name, id) INCLUDE (status, task_type);

-- Parts of names. Entries are written at once, so that no transaction pays for the backlog of others.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX task_name_parts ON task USING gin (lower(name) gin_trgm_ops) WITH (fastupdate = off);

-- Lists of jobs.
DROP INDEX job_by_account;
CREATE INDEX job_by_account ON job (account_id, id) INCLUDE (status);
CREATE INDEX job_by_status ON job (account_id, status, id);

-- What the estimate of a job's end reads.
DROP INDEX job_pace;
CREATE INDEX job_pace ON job (provider, completed_at DESC) WHERE status = 'completed' AND result_count > 0;
CREATE INDEX job_backlog ON job (provider, id) WHERE status IN ('queued', 'running');

-- How many tasks and jobs an account has. Each change adds a row, so that nobody waits for a counter; the rows of an account are
-- folded into one for each status and kind now and then, and the count is always their sum.
CREATE TABLE tally (
    list       text    NOT NULL CHECK (list IN ('task', 'job')),
    account_id uuid    NOT NULL,
    status     text    NOT NULL,
    -- The task's type; empty for jobs.
    kind       text    NOT NULL,
    entries    bigint  NOT NULL,
    folded     boolean NOT NULL DEFAULT false
);
CREATE INDEX tally_by_account ON tally (account_id, list);
CREATE INDEX tally_unfolded ON tally (account_id) WHERE NOT folded;

INSERT INTO tally SELECT 'task', account_id, status, task_type, count(*), true FROM task GROUP BY 2, 3, 4;
INSERT INTO tally SELECT 'job', account_id, status, '', count(*), true FROM job GROUP BY 2, 3;

CREATE FUNCTION tally_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO tally VALUES ('task', OLD.account_id, OLD.status, OLD.task_type, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO tally VALUES ('task', NEW.account_id, NEW.status, NEW.task_type, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER task_tally AFTER INSERT OR DELETE ON task FOR EACH ROW EXECUTE FUNCTION tally_task();
CREATE TRIGGER task_tally_status AFTER UPDATE OF status ON task
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION tally_task();

CREATE FUNCTION tally_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO tally VALUES ('job', OLD.account_id, OLD.status, '', -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO tally VALUES ('job', NEW.account_id, NEW.status, '', 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER job_tally AFTER INSERT OR DELETE ON job FOR EACH ROW EXECUTE FUNCTION tally_job();
CREATE TRIGGER job_tally_status AFTER UPDATE OF status ON job
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION tally_job();

-- The history of a monitor. A summary of ranges of pages excludes nothing once space is used again, so these are trees.
DROP INDEX monitor_row_checked_at;
CREATE INDEX monitor_row_checked_at ON monitor_row (checked_at);
DROP INDEX monitor_change_checked_at;
CREATE INDEX monitor_change_checked_at ON monitor_change (checked_at);
DROP INDEX monitor_change_listed;
CREATE INDEX monitor_change_listed ON monitor_change (task_id, check_number DESC, position, notified DESC) INCLUDE (id);

-- Deliveries of an endpoint, of one status too.
DROP INDEX event_delivery_listed;
CREATE INDEX event_delivery_listed ON event_delivery (endpoint_id, id DESC) INCLUDE (status);

-- All that an account has in the ledger, and when something last came.
CREATE INDEX credit_transfer_by_account ON credit_transfer (account_id, id);
CREATE INDEX credit_transfer_came ON credit_transfer (account_id, currency, id) WHERE kind IN ('grant', 'refill', 'purchase');

-- Counted where the account's balance is locked anyway.
ALTER TABLE credit_balance
    -- Only of "available": how many transfers its owner sees in the history.
    ADD COLUMN shown bigint NOT NULL DEFAULT 0;
UPDATE credit_balance b SET shown = t.shown
  FROM (SELECT account_id, currency, count(*) AS shown FROM credit_transfer
         WHERE kind NOT IN ('reserve', 'release') GROUP BY 1, 2) t
 WHERE b.account_id = t.account_id AND b.currency = t.currency AND b.bucket = 'available';

CREATE FUNCTION credit_shown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE credit_balance SET shown = shown + 1
     WHERE account_id = NEW.account_id AND currency = NEW.currency AND bucket = 'available';
    RETURN NULL;
END $$;
CREATE TRIGGER credit_transfer_shown AFTER INSERT ON credit_transfer
    FOR EACH ROW WHEN (NEW.kind NOT IN ('reserve', 'release')) EXECUTE FUNCTION credit_shown();

-- Ends work: what it has used is settled, and what it has not is released, while the account's balance is locked once. Answers
-- as credit_move does, and where the reference moved another amount before, which of the two it was.
CREATE FUNCTION credit_end(
    p_account uuid, p_currency text, p_used bigint, p_unused bigint, p_reference text, p_description text, p_at timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_outcome text := 'moved';
BEGIN
    IF p_used > 0 THEN
        v_outcome := credit_move(
            p_account, p_currency, 'settle', 'reserved', 'used', p_used, p_reference, p_description, p_at);
        IF v_outcome = 'conflict' THEN
            RETURN 'settled differently';
        END IF;
    END IF;
    IF p_unused > 0 AND v_outcome <> 'insufficient' THEN
        v_outcome := credit_move(
            p_account, p_currency, 'release', 'reserved', 'available', p_unused, p_reference, p_description, p_at);
        IF v_outcome = 'conflict' THEN
            RETURN 'released differently';
        END IF;
    END IF;
    RETURN v_outcome;
END $$;

-- Lists are read out of indexes alone as long as their pages are known to be visible to all.
ALTER TABLE task SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE job SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE event_delivery SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE task_log SET (autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE tally SET (autovacuum_vacuum_scale_factor = 0.02);
