-- What the whole of flows remembers of a person beside the step it waits before.
ALTER TABLE enrolment
    -- When the step is really due, where wake_at says to look earlier (something happened that a wait or a goal asks
    -- about); while held, when it was due. NULL: at wake_at.
    ADD COLUMN due_at timestamptz,
    -- Since when it stands in the step, waiting for something to happen; NULL: it stands before the step.
    ADD COLUMN since timestamptz,
    -- review: a person decides (approved, declined). stock: until the item is in stock (released). overdue: the flow was
    -- resumed and what was due meanwhile is skipped.
    ADD COLUMN held text CHECK (held IN ('review', 'approved', 'declined', 'stock', 'released', 'overdue')),
    ADD COLUMN item text,              -- held for stock: the product's id
    -- Finishes on the version it is on, whatever is published since.
    ADD COLUMN pinned boolean NOT NULL DEFAULT false;

-- The same cart may enter again later, the same event never.
ALTER TABLE enrolment DROP CONSTRAINT enrolment_workspace_id_flow_id_profile_id_entry_key_key;
ALTER TABLE enrolment ADD CONSTRAINT enrolment_once UNIQUE (workspace_id, flow_id, profile_id, entry_key, started_at);

-- Who waits for an item, the longest waiting first.
CREATE INDEX enrolment_stock ON enrolment (workspace_id, item, since) WHERE held = 'stock';

-- How often each step came to which outcome: rows are appended with the steps themselves, and summed up later into one an
-- hour, so that numbers per step are exact without reading everybody's steps and without a counter that all write to.
CREATE TABLE flow_step_count (
    workspace_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    step text NOT NULL,        -- '': the flow itself
    outcome text NOT NULL,     -- entered, intended, yes, skipped:message_draft, exited:exit_event …
    at timestamptz NOT NULL,
    count bigint NOT NULL,
    summed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (workspace_id, flow_id, id)
);
CREATE INDEX flow_step_count_new ON flow_step_count (workspace_id, at) WHERE NOT summed;

-- The variation of an A/B test that has won, once one has (flows/winners.py).
CREATE TABLE flow_winner (
    workspace_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    step text NOT NULL,
    variation text NOT NULL,
    decided_at timestamptz NOT NULL,
    detail jsonb NOT NULL,     -- the counts and the probability it was decided on
    PRIMARY KEY (workspace_id, flow_id, step),
    FOREIGN KEY (workspace_id, flow_id) REFERENCES flow (workspace_id, id) ON DELETE CASCADE
);
