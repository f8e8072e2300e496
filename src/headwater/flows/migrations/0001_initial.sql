CREATE TABLE flow (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    slug text NOT NULL,        -- the name in files: browse-abandonment
    name text NOT NULL,
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'live', 'paused', 'archived')),
    live_version int,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, slug)
);

-- Immutable once published.
CREATE TABLE flow_version (
    workspace_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    version int NOT NULL,
    definition jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, flow_id, version),
    FOREIGN KEY (workspace_id, flow_id) REFERENCES flow (workspace_id, id) ON DELETE CASCADE
);

-- A profile on its way through a flow. Waiting costs one index entry.
CREATE TABLE enrolment (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    flow_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    entry_key text NOT NULL,   -- the triggering event's id, or the key the flow is entered by (a cart, an order)
    version int NOT NULL,      -- of the definition at the last step taken
    started_at timestamptz NOT NULL,   -- the trigger event's own time: "since starting this flow"
    entered_at timestamptz NOT NULL,
    trigger jsonb NOT NULL,    -- the trigger event: metric, id, ts, properties; or the list joined
    step text,                 -- the step it waits before; NULL: the first
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'completed', 'exited')),
    reason text,               -- why exited
    wake_at timestamptz,       -- when the step is due; NULL once finished
    finished_at timestamptz,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, flow_id, profile_id, entry_key),
    FOREIGN KEY (workspace_id, flow_id) REFERENCES flow (workspace_id, id) ON DELETE CASCADE
);
-- By flow, so that the overdue people of a paused flow are never read while they are frozen.
CREATE INDEX enrolment_due ON enrolment (workspace_id, flow_id, wake_at) WHERE state = 'waiting';
CREATE INDEX enrolment_profile ON enrolment (workspace_id, profile_id, flow_id);

-- What each step decided, appended: the flow's half of "why".
CREATE TABLE enrolment_step (
    workspace_id bigint NOT NULL,
    enrolment_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    step text NOT NULL,
    at timestamptz NOT NULL,
    outcome text NOT NULL,     -- waited, intended, yes, no, exited …
    detail jsonb,
    PRIMARY KEY (workspace_id, enrolment_id, id)
);

-- Instead of a foreign key, whose check at every step would cost the runner a tenth of its rate.
CREATE FUNCTION forget_enrolment_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM enrolment_step
    USING gone
    WHERE enrolment_step.workspace_id = gone.workspace_id
      AND enrolment_step.enrolment_id = gone.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER enrolment_gone
AFTER DELETE ON enrolment
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION forget_enrolment_steps();
