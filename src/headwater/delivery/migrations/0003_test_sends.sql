-- An email that members of the brand send to themselves before anyone else gets it (delivery/test_sends.py). The ledger's
-- messages of the source "test" lead here.
CREATE TABLE test_send (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    template_version_id bigint NOT NULL,
    shown_as bigint,           -- the profile whose data it is filled in with; NULL: nobody's
    event jsonb,               -- the trigger event's properties
    message_name text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
-- For merging and erasing that person.
CREATE INDEX test_send_shown_as ON test_send (workspace_id, shown_as) WHERE shown_as IS NOT NULL;
