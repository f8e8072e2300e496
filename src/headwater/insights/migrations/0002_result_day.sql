-- What emails and orders came to, a row a day (of the brand's zone) and flow or campaign: what reports add up, so that a
-- year of them is quick (insights/kept_days.py). Made from the ledger and the events, and made anew when they change.
CREATE TABLE result_day (
    workspace_id bigint NOT NULL,
    day date NOT NULL,
    source text NOT NULL,                    -- flow, campaign
    source_id bigint NOT NULL,
    sent int NOT NULL,
    bounced int NOT NULL,
    complained int NOT NULL,
    opened int NOT NULL,
    clicked int NOT NULL,
    unsubscribed int NOT NULL,
    orders int NOT NULL,
    revenue numeric NOT NULL,
    skipped jsonb NOT NULL,                  -- reason → emails
    PRIMARY KEY (workspace_id, day, source, source_id)
);

-- The same by the domain that the emails went to.
CREATE TABLE result_domain_day (
    workspace_id bigint NOT NULL,
    day date NOT NULL,
    domain text NOT NULL,
    sent int NOT NULL,
    bounced int NOT NULL,
    complained int NOT NULL,
    opened int NOT NULL,
    clicked int NOT NULL,
    PRIMARY KEY (workspace_id, day, domain)
);

-- The days that are kept; a day on which nothing happened has its row here, too.
CREATE TABLE result_day_kept (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    day date NOT NULL,
    zone text NOT NULL,                      -- the brand's, when it was made: another zone has other days
    engaged bytea NOT NULL,                  -- profiles that opened or clicked an email that left then, eight bytes each
    stale boolean NOT NULL DEFAULT false,    -- something has changed since
    PRIMARY KEY (workspace_id, day)
);

-- Until when a workspace's changes have been looked through, and when its days were last made anew whatever changed.
CREATE TABLE result_day_cursor (
    workspace_id bigint PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
    looked_until timestamptz NOT NULL,
    swept_on date NOT NULL,
    behind boolean NOT NULL                  -- days are missing or stale
);

-- Emails that a server refused have finished without being sent: reports go by the moment at which they finished.
DROP INDEX message_sent;
