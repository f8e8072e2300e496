-- A definition that is being written, beside the version that runs.
ALTER TABLE flow ADD COLUMN draft jsonb;

-- The version whose publishing this one took back.
ALTER TABLE flow_version ADD COLUMN undoes int;

-- Where an enrolment stands, as its row says it.
CREATE TYPE flow_place AS (
    state text,
    reason text,
    step text,
    wake_at timestamptz,
    due_at timestamptz,
    since timestamptz,
    held text,
    item text,
    version int,
    pinned boolean,
    finished_at timestamptz
);

-- Whom the last publish of a flow moved, so that undoing it puts back those who still stand where it put them. Moves of
-- earlier publishes go with the next (flows/editing/moves.py).
CREATE TABLE flow_move (
    workspace_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    version int NOT NULL,      -- the one that was published
    enrolment_id bigint NOT NULL,
    was flow_place NOT NULL,
    put flow_place,            -- NULL: being moved, in the publishing transaction
    PRIMARY KEY (workspace_id, flow_id, version, enrolment_id),
    FOREIGN KEY (workspace_id, enrolment_id) REFERENCES enrolment (workspace_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
-- For the foreign key.
CREATE INDEX flow_move_enrolment ON flow_move (workspace_id, enrolment_id);
