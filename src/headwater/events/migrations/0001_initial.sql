-- A kind of event of a workspace: 'Placed Order', 'Viewed Product' …
CREATE TABLE metric (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name)
);

-- Acknowledged and not yet processed: one row per workspace and group commit, holding many items (events/inbox.py).
CREATE TABLE inbox (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    received_at timestamptz NOT NULL,
    count int NOT NULL,
    items bytea NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- Items that could not be processed, kept with the reason: nothing acknowledged is lost.
CREATE TABLE inbox_failure (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    received_at timestamptz NOT NULL,
    failed_at timestamptz NOT NULL,
    item bytea NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- What happened. `id` is derived from the sender's message id, so that a repeated delivery counts once.
CREATE TABLE event (
    workspace_id bigint NOT NULL,
    id uuid NOT NULL,
    ts timestamptz NOT NULL,
    metric_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    value numeric,             -- money, in the workspace's currency
    history boolean NOT NULL DEFAULT false,  -- imported or late: never triggers a flow
    received_at timestamptz NOT NULL,
    properties jsonb NOT NULL,
    PRIMARY KEY (workspace_id, id, ts)
) PARTITION BY RANGE (ts);
CREATE INDEX event_profile ON event (workspace_id, profile_id, metric_id, ts);

-- All-time aggregates per profile and metric.
CREATE TABLE profile_metric (
    workspace_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    metric_id bigint NOT NULL,
    count bigint NOT NULL,
    sum numeric NOT NULL,
    first_ts timestamptz NOT NULL,
    last_ts timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, profile_id, metric_id)
) WITH (fillfactor = 80);

-- The same per UTC day: answers windows without reading events, except at their edges.
CREATE TABLE profile_metric_day (
    workspace_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    metric_id bigint NOT NULL,
    day date NOT NULL,
    count int NOT NULL,
    sum numeric NOT NULL,
    PRIMARY KEY (workspace_id, metric_id, profile_id, day)
) WITH (fillfactor = 80);

-- Per workspace and metric, for reports. Written only by the workspace's one processor, so it is no hot row.
CREATE TABLE metric_day (
    workspace_id bigint NOT NULL,
    metric_id bigint NOT NULL,
    day date NOT NULL,
    count bigint NOT NULL,
    sum numeric NOT NULL,
    PRIMARY KEY (workspace_id, metric_id, day)
) WITH (fillfactor = 50);
