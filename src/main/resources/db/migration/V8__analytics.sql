-- Each count of the analytics reads one of these indexes and nothing else, so an account with very many tasks is counted
-- in milliseconds.

-- As before, with what is counted of the tasks created in a time. A task's status is in the predicate of task_open, so an
-- update of it has to write to every index already.
DROP INDEX task_by_account;
CREATE INDEX task_by_account ON task (account_id, created_at DESC) INCLUDE (status, task_type);

-- What was completed and what failed in a time.
CREATE INDEX task_ended ON task (account_id, completed_at) INCLUDE (status) WHERE completed_at IS NOT NULL;

-- What was used in a time.
CREATE INDEX credit_transfer_settled ON credit_transfer (account_id, currency, created_at) INCLUDE (amount)
    WHERE kind = 'settle';
