-- A file of people, and how far taking it in is (audience/imports).
--   draft:      read and stored; somebody says what its columns are
--   running:    rows of the parts after `parts_done` are still to be taken in
--   done, cancelled, failed (for the reason in `error`): nothing more is taken in
CREATE TABLE profile_import (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,               -- of the file
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'done', 'cancelled', 'failed')),
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    bytes bigint NOT NULL,
    encoding text NOT NULL,
    delimiter text NOT NULL,
    header boolean NOT NULL,
    columns text[] NOT NULL,
    mapping jsonb NOT NULL,           -- what each column becomes
    list_id bigint,                   -- to put them on
    starts_flows boolean NOT NULL DEFAULT false,
    consent_source text,              -- they have consented: how,
    consented_at timestamptz,         -- and when
    existing text NOT NULL DEFAULT 'update' CHECK (existing IN ('update', 'skip')),
    total bigint NOT NULL DEFAULT 0,  -- rows of the file
    parts int NOT NULL DEFAULT 0,
    parts_done int NOT NULL DEFAULT 0,
    -- Rows by what became of them.
    made bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0,
    same bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    noted bigint NOT NULL DEFAULT 0,        -- taken in, but not with all that they say
    -- People.
    subscribed bigint NOT NULL DEFAULT 0,
    kept_out bigint NOT NULL DEFAULT 0,     -- unsubscribed or suppressed, so not subscribed
    joined bigint NOT NULL DEFAULT 0,       -- the list
    error text,
    PRIMARY KEY (workspace_id, id)
) WITH (fillfactor = 50);
CREATE INDEX profile_import_running ON profile_import (workspace_id, id) WHERE state = 'running';

-- The rows of a file that is not taken in yet, some thousand a part: lines of JSON, [row number, cells].
CREATE TABLE profile_import_part (
    workspace_id bigint NOT NULL,
    import_id bigint NOT NULL,
    number int NOT NULL,
    rows bytea NOT NULL,
    PRIMARY KEY (workspace_id, import_id, number),
    FOREIGN KEY (workspace_id, import_id) REFERENCES profile_import (workspace_id, id) ON DELETE CASCADE
);

-- Rows that were refused, or taken in without a part of what they say, kept for a month.
CREATE TABLE profile_import_error (
    workspace_id bigint NOT NULL,
    import_id bigint NOT NULL,
    row bigint NOT NULL,              -- as a spreadsheet counts
    refused boolean NOT NULL,
    reason text NOT NULL,
    cells text[] NOT NULL,
    PRIMARY KEY (workspace_id, import_id, row),
    FOREIGN KEY (workspace_id, import_id) REFERENCES profile_import (workspace_id, id) ON DELETE CASCADE
);
