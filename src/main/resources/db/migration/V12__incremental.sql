-- Pages that accounts have fetched with max_age, to answer their later tasks from. Unlogged: a crash empties it, and the
-- pages are fetched again. The owner is the account; its pages are deleted with it.
CREATE UNLOGGED TABLE page_cache (
    owner         text        NOT NULL,
    -- SHA-256 of the URL and of what the request said.
    key           bytea       NOT NULL CHECK (length(key) = 32),
    final_url     text        NOT NULL,
    content_type  text,
    entity_tag    text,
    last_modified text,
    -- When the site was last asked for the page, or has confirmed it.
    fetched_at    timestamptz NOT NULL,
    -- About how many bytes the row takes.
    size          integer     NOT NULL,
    body          bytea       NOT NULL,
    PRIMARY KEY (owner, key)
);
-- What is too old, and what is too much, is found without a look at the rows.
CREATE INDEX page_cache_fetched_at ON page_cache (fetched_at) INCLUDE (size);

-- Bodies are compressed before they are stored.
ALTER TABLE page_cache ALTER COLUMN body SET STORAGE EXTERNAL;

-- A task that follows next links has up to max_pages pages for each of its URLs. The position of a row is then that of its
-- URL times max_pages, plus the number of the page; rows of next pages have their URL, the others find it in task_urls.
ALTER TABLE task_row ADD COLUMN url text;

-- Pages that next links might have led to, and have not: the task has so many fewer than pages_total.
ALTER TABLE task_lane ADD COLUMN pages_absent integer NOT NULL DEFAULT 0;
