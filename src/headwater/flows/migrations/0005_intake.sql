-- People taken in by a date among their properties, by hand, or from the past.

-- Which published versions begin with a date: asked every few seconds, answered without reading any.
CREATE INDEX flow_version_dates ON flow_version (workspace_id, flow_id, version)
    WHERE definition -> 'trigger' ? 'date';

-- The dates that live date flows go by, in the order of days (flows/arrivals/kept_dates.py). `day` is the day as it is written;
-- `value` all of it, cut off where no date is that long.
CREATE TABLE flow_date (
    workspace_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    day text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (workspace_id, profile_id, flow_id),
    FOREIGN KEY (workspace_id, profile_id) REFERENCES profile (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX flow_date_day ON flow_date (workspace_id, flow_id, day) INCLUDE (profile_id);
CREATE INDEX flow_date_of_year ON flow_date (workspace_id, flow_id, substr(day, 6)) INCLUDE (profile_id);

-- How far the looking ahead of a live date flow is (flows/arrivals/date_rounds.py).
--   waiting:   for every transaction to end that may not know that the flow is live (`barrier`)
--   clearing:  what is left of an earlier time is being removed
--   filling:   everybody's dates are being written down, up to `after_profile`
--   ready:     the dates until `until` are taken in; those until `target` are, for profiles up to `after_profile`
CREATE TABLE flow_dates (
    workspace_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    version int NOT NULL,
    path text NOT NULL,        -- of the property
    stage text NOT NULL DEFAULT 'waiting' CHECK (stage IN ('waiting', 'clearing', 'filling', 'ready')),
    barrier xid8 NOT NULL,
    after_profile bigint NOT NULL DEFAULT 0,
    until timestamptz NOT NULL,
    target timestamptz,        -- NULL: nothing is being taken in
    PRIMARY KEY (workspace_id, flow_id),
    FOREIGN KEY (workspace_id, flow_id) REFERENCES flow (workspace_id, id) ON DELETE CASCADE
);

-- A date starts its flow once for a person, also where their time zone changes just then.
CREATE UNIQUE INDEX enrolment_once_a_date ON enrolment (workspace_id, flow_id, profile_id, entry_key)
    WHERE trigger ? 'day';

-- Many people put into a flow at once, by hand or from the past, part by part (flows/arrivals/adding.py).
--   running:  profiles after `after_profile` (of a selection by events: events after `after_ts`) are still to be taken in
CREATE TABLE flow_adding (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    flow_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('manual', 'backfill')),
    selection jsonb NOT NULL,  -- profiles, segment, list or metric; since when and from what they count
    by text NOT NULL,          -- who asked for it, for people
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed')),
    total bigint,              -- about so many to look at; NULL: nobody has counted
    done bigint NOT NULL DEFAULT 0,
    entered bigint NOT NULL DEFAULT 0,
    after_profile bigint NOT NULL DEFAULT 0,
    after_ts timestamptz,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    error text,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, flow_id) REFERENCES flow (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX flow_adding_running ON flow_adding (workspace_id, id) WHERE state = 'running';
CREATE INDEX flow_adding_flow ON flow_adding (workspace_id, flow_id, id);
