-- Campaigns that belong together and leave out whoever bought since the first (a three-day sale).
CREATE TABLE series (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (name <> ''),
    exclude_metric text NOT NULL DEFAULT 'Placed Order',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE campaign (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (name <> ''),
    status text NOT NULL DEFAULT 'draft'
        CHECK (status IN ('draft', 'scheduled', 'adding_recipients', 'sending', 'sent', 'cancelled', 'no_recipients')),
    template_id bigint,
    template_version_id bigint,              -- frozen when scheduled
    included jsonb NOT NULL DEFAULT '[]',    -- [{"list": id} | {"segment": id}]
    excluded jsonb NOT NULL DEFAULT '[]',
    audience_at text NOT NULL DEFAULT 'send' CHECK (audience_at IN ('schedule', 'send')),
    smart_sending boolean NOT NULL DEFAULT true,
    series_id bigint,
    position smallint,                       -- in the series, from 1
    send_at timestamptz,
    origin_at timestamptz,                   -- when it was scheduled: the ledger's partition key
    cursor bigint NOT NULL DEFAULT 0,        -- audience: the last profile id already in the ledger
    recipients bigint NOT NULL DEFAULT 0,
    audience_done_at timestamptz,            -- everyone of the audience is in the ledger
    status_reason text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, series_id) REFERENCES series (workspace_id, id)
);
CREATE INDEX campaign_due ON campaign (workspace_id, send_at) WHERE status IN ('scheduled', 'adding_recipients', 'sending');
CREATE INDEX campaign_series ON campaign (workspace_id, series_id) WHERE series_id IS NOT NULL;
