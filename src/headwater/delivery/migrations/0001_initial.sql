-- The ledger: one row per email that anything wants to send (delivery/ledger.py).
-- Partitioned by origin_at (when the enrolment began, when the campaign was scheduled), which is constant per source,
-- so that the intent key is unique across partitions.
CREATE SEQUENCE message_id CACHE 32;
CREATE TABLE message (
    workspace_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('message_id'),
    origin_at timestamptz NOT NULL,
    source text NOT NULL,                    -- flow, campaign, test
    source_id bigint NOT NULL,
    step text NOT NULL DEFAULT '',           -- flow: the step's id
    profile_id bigint NOT NULL,
    occurrence bigint NOT NULL DEFAULT 0,    -- flow: the enrolment
    template_version_id bigint,              -- NULL until claimed: the source says which then
    state text NOT NULL DEFAULT 'planned',   -- planned claimed sent delivered bounced complained skipped failed cancelled
    reason text,                             -- why skipped, failed, cancelled (delivery/reasons.py)
    detail text,                             -- for people: the template error, the server's words
    planned_at timestamptz NOT NULL,
    send_at timestamptz NOT NULL,            -- a deferred attempt moves it
    deadline timestamptz,                    -- set by the first failed attempt: no further one after it
    attempts smallint NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,         -- grows with each claim; a late worker's token no longer fits
    lease_until timestamptz,                 -- wall clock
    address text,                            -- where it went, as claimed
    sent_at timestamptz,
    finished_at timestamptz,
    smtp_code smallint,
    opened_at timestamptz,
    clicked_at timestamptz,
    context jsonb,                           -- what the render used and nothing else keeps: coupon, items shown
    PRIMARY KEY (workspace_id, id, origin_at),
    UNIQUE (workspace_id, source, source_id, step, profile_id, occurrence, origin_at)
) PARTITION BY RANGE (origin_at);
CREATE INDEX message_due ON message (workspace_id, send_at) WHERE state = 'planned';
CREATE INDEX message_leased ON message (workspace_id, lease_until) WHERE state = 'claimed';
CREATE INDEX message_profile ON message (workspace_id, profile_id, planned_at);
-- What an ended enrolment still had planned; campaigns' rows (occurrence 0) are not in it.
CREATE INDEX message_enrolment ON message (workspace_id, occurrence) WHERE state = 'planned' AND occurrence <> 0;

-- Smart sending: until when a profile gets no further email, and the message that set it.
CREATE TABLE smart_sending (
    workspace_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    until timestamptz NOT NULL,
    message_id bigint NOT NULL,
    PRIMARY KEY (workspace_id, profile_id)
) WITH (fillfactor = 80);

-- Consecutive soft bounces of a profile; any delivery removes the row.
CREATE TABLE soft_bounce (
    workspace_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    consecutive int NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, profile_id)
);
