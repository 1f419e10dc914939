-- Request headers and cookies of a task: encrypted, bound to its row. The config has masks in their place.
ALTER TABLE task ADD COLUMN secrets bytea;
-- How many URLs the client gave; those of a sitemap come after them.
ALTER TABLE task ADD COLUMN urls_given integer;
-- Tasks from before, whose secrets are encrypted by the housekeeping; empty from then on.
CREATE INDEX task_unsealed ON task (id)
    WHERE secrets IS NULL AND (config LIKE '%"custom_headers"%' OR config LIKE '%"cookies"%');
