-- How fast requests may go to a host, over all nodes and tenants; a task's own rate_limit has clocks of its own here, under
-- keys that begin with "task". What is lost in a crash is a minute's memory, so the table writes no log, and nothing that is
-- committed in it waits for the disk; a missing row is a host that has been left alone for long. Nothing but the key is
-- indexed, so that an update stays in its page and leaves no dead index entry.
CREATE UNLOGGED TABLE host_clock (
    host       text PRIMARY KEY,
    -- The first slot that nobody has booked.
    next_at    timestamptz NOT NULL,
    -- When the next request is due, by those that have really gone out.
    due_at     timestamptz NOT NULL,
    -- The host has asked to be left alone until then.
    hold_until timestamptz NOT NULL,
    -- The requests under way, each with the time at which it counts as lost, in seconds since the epoch.
    leases     jsonb       NOT NULL DEFAULT '{}'
) WITH (fillfactor = 50);

-- Lets a request to a host go, and gives null; or books a slot for it, and gives that. The class HostClock tells why it
-- decides as it does.
CREATE FUNCTION take_host_turn(
    wanted     text,
    moment     timestamptz,
    is_booked  boolean,     -- whether the request comes on a slot that was booked for it
    pace       interval,    -- from one request to the next
    tolerance  interval,
    most       integer,     -- requests under way at once, or null for any number
    lease      text,
    lease_end  timestamptz,
    horizon    interval     -- how far ahead slots are booked
) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    clock     host_clock%ROWTYPE;
    under_way jsonb := '{}';
    busy      boolean := false;
    slot      timestamptz;
BEGIN
    LOOP
        SELECT * INTO clock FROM host_clock c WHERE c.host = wanted FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO host_clock (host, next_at, due_at, hold_until) VALUES (wanted, moment, moment, moment)
        ON CONFLICT DO NOTHING;
    END LOOP;
    IF most IS NOT NULL THEN
        SELECT coalesce(jsonb_object_agg(l.key, l.value), '{}'), count(*) >= most INTO under_way, busy
          FROM jsonb_each(clock.leases) l WHERE l.value::numeric > extract(epoch FROM moment);
    END IF;
    IF NOT busy AND clock.hold_until <= moment AND clock.due_at - tolerance <= moment
            AND (is_booked OR clock.next_at <= moment) THEN
        UPDATE host_clock c
           SET due_at = greatest(clock.due_at, moment) + pace,
               next_at = CASE WHEN is_booked THEN c.next_at ELSE moment + pace END,
               leases = CASE WHEN most IS NULL THEN '{}'
                             ELSE under_way || jsonb_build_object(lease, extract(epoch FROM lease_end)) END
         WHERE c.host = wanted;
        RETURN NULL;
    END IF;
    slot := greatest(clock.next_at, clock.due_at, clock.hold_until, moment);
    IF busy THEN
        -- Nobody knows when a request ends; lanes that look four times a second do no harm.
        slot := greatest(slot, moment + interval '250 milliseconds');
    END IF;
    slot := least(slot, greatest(moment, clock.hold_until) + horizon);
    UPDATE host_clock c SET next_at = slot + pace WHERE c.host = wanted;
    RETURN slot;
END
$$;

-- Turns that were booked there are booked again; nobody is asked faster than before.
DROP TABLE task_host_clock;

-- The JMS priority with which a message is sent.
ALTER TABLE outbox ADD COLUMN priority smallint NOT NULL DEFAULT 4 CHECK (priority BETWEEN 0 AND 9);
