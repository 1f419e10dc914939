-- How often a browser has died under the visit.
ALTER TABLE job_visit ADD COLUMN deaths integer NOT NULL DEFAULT 0;
