ALTER TABLE list DROP CONSTRAINT list_opt_in_check;
ALTER TABLE list ADD CONSTRAINT list_opt_in_check CHECK (opt_in IN ('single', 'double'));

-- Who asked to join a list with double opt-in and has not confirmed yet (audience/joining.py).
CREATE TABLE list_pending (
    workspace_id bigint NOT NULL,
    list_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    asked_at timestamptz NOT NULL,           -- the last time that an email asked to confirm
    asked_again int NOT NULL DEFAULT 0,      -- how often they asked after the first time, with an email or without
    mailed_at timestamptz[] NOT NULL DEFAULT '{}',  -- when the last few emails were asked for, oldest first
    method text NOT NULL,                    -- how they asked: api, form …
    detail jsonb NOT NULL DEFAULT '{}',      -- the proof of asking, where given: ip, form, page, text shown …
    PRIMARY KEY (workspace_id, list_id, profile_id),
    FOREIGN KEY (workspace_id, list_id) REFERENCES list (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, profile_id) REFERENCES profile (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX list_pending_profile ON list_pending (workspace_id, profile_id);
CREATE INDEX list_pending_asked ON list_pending (workspace_id, asked_at);
