-- Calls to other systems and notes to the team: an outbox that the runner writes in its own transaction (flows/calls/outbox.py).
CREATE TABLE flow_call (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    flow_id bigint NOT NULL,
    enrolment_id bigint NOT NULL,
    step text NOT NULL,
    profile_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('webhook', 'notice')),
    host text NOT NULL,                      -- whom a breaker is kept for: host of the URL, '(mail)' for notices
    spec jsonb NOT NULL,                     -- the step as it was: url, headers, body; or to, subject, text
    trigger jsonb NOT NULL,                  -- of the enrolment: metric, id, ts, value, properties
    state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'claimed', 'done', 'failed')),
    attempts int NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,            -- a failed attempt moves it
    deadline timestamptz NOT NULL,           -- no attempt after it
    fence bigint NOT NULL DEFAULT 0,         -- grows with each claim; a late worker's token no longer fits
    lease_until timestamptz,                 -- wall clock
    reached text[] NOT NULL DEFAULT '{}',    -- notice: who has it already
    response_status int,
    error text,                              -- of the last attempt, for people
    planned_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, flow_id, enrolment_id, step),
    FOREIGN KEY (workspace_id, flow_id) REFERENCES flow (workspace_id, id) ON DELETE CASCADE
);
-- By host, so that the backlog of one that is away is never read while others are served.
CREATE INDEX flow_call_due ON flow_call (workspace_id, host, next_at) WHERE state = 'planned';
CREATE INDEX flow_call_leased ON flow_call (workspace_id, host, lease_until) WHERE state = 'claimed';
CREATE INDEX flow_call_deadline ON flow_call (workspace_id, deadline) WHERE state = 'planned';
CREATE INDEX flow_call_flow ON flow_call (workspace_id, flow_id, id);
CREATE INDEX flow_call_profile ON flow_call (workspace_id, profile_id);

-- Each host that a workspace's flows call, and how it does: the circuit breaker, shared by all workers.
CREATE TABLE flow_call_host (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    host text NOT NULL,
    failures int NOT NULL DEFAULT 0,         -- in a row
    openings int NOT NULL DEFAULT 0,         -- how often it was left alone since it last answered
    open_until timestamptz,                  -- until when it is left alone
    PRIMARY KEY (workspace_id, host)
);
