-- Quartz ticks on each node and keeps nothing: a trigger that a dead node held in these tables stopped for good.
DROP TABLE quartz_fired_triggers, quartz_paused_trigger_grps, quartz_scheduler_state, quartz_locks, quartz_simple_triggers,
    quartz_cron_triggers, quartz_simprop_triggers, quartz_blob_triggers, quartz_triggers, quartz_job_details, quartz_calendars;
