-- Pictures of pages (config.screenshot); like rows without a foreign key, and deleted with their task.
CREATE TABLE task_screenshot (
    task_id  uuid    NOT NULL,
    position integer NOT NULL,
    png      bytea   NOT NULL,
    PRIMARY KEY (task_id, position)
);

-- PNG is compressed as it is.
ALTER TABLE task_screenshot ALTER COLUMN png SET STORAGE EXTERNAL;
