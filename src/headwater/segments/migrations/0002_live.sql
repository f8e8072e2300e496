-- `version` is what people asked for last, `live_version` what the stored membership stands for; they differ while the
-- newer one is being built. `timed`: its answers change by the passing of time; `as_of`: up to when that has been given
-- effect. `members` is written only by the workspace's one membership worker.
ALTER TABLE segment
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN live_version int,
    ADD COLUMN as_of timestamptz,
    ADD COLUMN timed boolean NOT NULL DEFAULT false,
    ADD COLUMN members bigint NOT NULL DEFAULT 0,
    ADD COLUMN starred boolean NOT NULL DEFAULT false;

-- A definition as it was saved, and how far its building is.
--   waiting:   saved; to be evaluated once every transaction that may not know of it has ended (`barrier`)
--   filling:   evaluated at `evaluated_at`; its members, in `segment_chunk`, are being stored
--   live:      what the segment is
--   leaving:   replaced, or given up; its members are being removed
--   retired:   nothing is left of it but the definition
--   failed:    could not be evaluated, for the reason in `error`; tried again at `retry_at` (wall clock)
CREATE TABLE segment_version (
    workspace_id bigint NOT NULL,
    segment_id bigint NOT NULL,
    version int NOT NULL,
    definition jsonb NOT NULL,
    state text NOT NULL DEFAULT 'waiting' 
        CHECK (state IN ('waiting', 'filling', 'live', 'leaving', 'retired', 'failed')),
    created_at timestamptz NOT NULL,
    barrier xid8,
    evaluated_at timestamptz,
    found bigint,              -- members to store
    stored bigint NOT NULL DEFAULT 0,
    retry_at timestamptz,
    error text,
    PRIMARY KEY (workspace_id, segment_id, version),
    FOREIGN KEY (workspace_id, segment_id) REFERENCES segment (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX segment_version_unfinished ON segment_version (workspace_id)
    WHERE state IN ('waiting', 'filling', 'leaving', 'failed');

INSERT INTO segment_version (workspace_id, segment_id, version, definition, created_at)
SELECT workspace_id, id, 1, definition, updated_at
FROM segment
WHERE archived_at IS NULL;

-- Who is in a segment, by version: a new version is stored beside the standing one and takes its place at once.
CREATE TABLE segment_member (
    workspace_id bigint NOT NULL,
    segment_id bigint NOT NULL,
    version int NOT NULL,
    profile_id bigint NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, segment_id, version, profile_id)
);
-- Almost free, and enough to find who joined in a short span of time.
CREATE INDEX segment_member_entered ON segment_member USING brin (entered_at) WITH (pages_per_range = 16);

-- What an evaluation found and is not stored yet: profile ids by the ten thousand.
CREATE TABLE segment_chunk (
    workspace_id bigint NOT NULL,
    segment_id bigint NOT NULL,
    version int NOT NULL,
    number int NOT NULL,
    profile_ids bigint[] NOT NULL,
    PRIMARY KEY (workspace_id, segment_id, version, number)
);

-- Profiles whose answer may have changed, committed with what changed it. `held_for`: to be asked again once that
-- version is live. `marked_at` is the wall clock's.
CREATE TABLE segment_mark (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    segment_id bigint NOT NULL,
    count int NOT NULL,
    profile_ids bigint[] NOT NULL,
    held_for int,
    marked_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- A segment's size at the end of each day (of the brand), and how many entered and left. One writer a workspace.
CREATE TABLE segment_day (
    workspace_id bigint NOT NULL,
    segment_id bigint NOT NULL,
    day date NOT NULL,
    members bigint NOT NULL,
    entered bigint NOT NULL,
    "left" bigint NOT NULL,
    PRIMARY KEY (workspace_id, segment_id, day)
) WITH (fillfactor = 50);

-- The dates among profiles' properties that conditions look at, in the order of time. `day` is the brand's calendar
-- day, `at` is set where the property names an instant.
CREATE TABLE profile_date (
    workspace_id bigint NOT NULL,
    path text NOT NULL,
    profile_id bigint NOT NULL,
    day text NOT NULL,
    at timestamptz,
    PRIMARY KEY (workspace_id, path, profile_id),
    FOREIGN KEY (workspace_id, profile_id) REFERENCES profile (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX profile_date_profile ON profile_date (workspace_id, profile_id);
CREATE INDEX profile_date_day ON profile_date (workspace_id, path, day);
CREATE INDEX profile_date_at ON profile_date (workspace_id, path, at) WHERE at IS NOT NULL;
CREATE INDEX profile_date_of_year ON profile_date (workspace_id, path, substr(day, 6));

-- A text as an instant, or null when it is none: ISO 8601 with a time of day; without an offset it is UTC.
-- The expression is that of `segments/dates.py`, which answers the same.
CREATE FUNCTION headwater_instant(value text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    IF value !~ '^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?$' THEN
        RETURN NULL;
    END IF;
    BEGIN
        IF value ~ '(Z|[+-][0-9]{2}:[0-9]{2})$' THEN
            RETURN value::timestamptz;
        END IF;
        RETURN (value || 'Z')::timestamptz;
    EXCEPTION WHEN OTHERS THEN
        RETURN NULL;
    END;
END
$$;

-- A segment as a CSV file, made in the background; its content in parts, of which there are `parts`.
--   running:  members after `after_profile` are still to be written
--   done:     all of it is there, until it is too old
--   expired:  it was too old; its parts are being removed, or are gone
--   failed:   for the reason in `error`; its parts too
CREATE TABLE segment_export (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    segment_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'expired')),
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    columns text[] NOT NULL,
    after_profile bigint NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    parts int NOT NULL DEFAULT 0,
    error text,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, segment_id) REFERENCES segment (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX segment_export_running ON segment_export (workspace_id, id) WHERE state = 'running';
CREATE INDEX segment_export_kept ON segment_export (workspace_id, finished_at) WHERE state <> 'running' AND parts > 0;

CREATE TABLE segment_export_part (
    workspace_id bigint NOT NULL,
    export_id bigint NOT NULL,
    number int NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (workspace_id, export_id, number),
    FOREIGN KEY (workspace_id, export_id) REFERENCES segment_export (workspace_id, id) ON DELETE CASCADE
);
