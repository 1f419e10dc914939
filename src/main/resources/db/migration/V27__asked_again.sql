-- What was asked for again is looked at once a minute, and is rare.
CREATE INDEX task_asked ON task (asked_at) WHERE asked_at IS NOT NULL;
CREATE INDEX monitor_asked ON monitor (asked_at) WHERE asked_at IS NOT NULL;
