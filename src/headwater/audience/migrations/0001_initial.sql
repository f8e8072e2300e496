-- A person (or a browser not yet known to be one) of a workspace.
CREATE TABLE profile (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    external_id text,
    email text,                -- as typed; the normalised form is in profile_identifier
    phone text,                -- E.164
    first_name text,
    last_name text,
    locale text,
    timezone text,             -- IANA name
    city text,
    region text,
    country text,              -- ISO 3166-1 alpha-2
    properties jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- Every identifier of a profile, normalised; an identifier belongs to exactly one profile.
CREATE TABLE profile_identifier (
    workspace_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('external_id', 'email', 'phone', 'anonymous_id')),
    value text NOT NULL,
    profile_id bigint NOT NULL,
    PRIMARY KEY (workspace_id, kind, value),
    FOREIGN KEY (workspace_id, profile_id) REFERENCES profile (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX profile_identifier_profile ON profile_identifier (workspace_id, profile_id);

-- A merged profile's old id leads to the survivor for ever, so that late events and old links resolve.
CREATE TABLE profile_alias (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    old_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    merged_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, old_id)
);
CREATE INDEX profile_alias_survivor ON profile_alias (workspace_id, profile_id);

-- Present consent of a profile per channel. No row: never subscribed.
CREATE TABLE consent (
    workspace_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    channel text NOT NULL DEFAULT 'email' CHECK (channel IN ('email')),
    state text NOT NULL CHECK (state IN ('subscribed', 'unsubscribed')),
    changed_at timestamptz NOT NULL,
    method text NOT NULL,      -- api, list_import, one_click_unsubscribe, unsubscribe_page, event, merge …
    open_tracking text CHECK (open_tracking IN ('granted', 'refused')),
    PRIMARY KEY (workspace_id, profile_id, channel),
    FOREIGN KEY (workspace_id, profile_id) REFERENCES profile (workspace_id, id) ON DELETE CASCADE
);

-- The proof: every change of consent, appended, never updated.
CREATE TABLE consent_record (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    profile_id bigint NOT NULL,
    channel text NOT NULL DEFAULT 'email',
    state text NOT NULL,
    at timestamptz NOT NULL,   -- when the person decided
    recorded_at timestamptz NOT NULL,
    method text NOT NULL,
    list_id bigint,
    detail jsonb NOT NULL DEFAULT '{}',  -- ip, user_agent, page, text shown, message_id …
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, profile_id) REFERENCES profile (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX consent_record_profile ON consent_record (workspace_id, profile_id, at);

-- Reasons why nothing may be sent to a profile, whatever its consent.
CREATE TABLE suppression (
    workspace_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    reason text NOT NULL CHECK (reason IN ('hard_bounce', 'invalid_email', 'spam_complaint', 'unsubscribe', 'user_suppressed')),
    at timestamptz NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, profile_id, reason),
    FOREIGN KEY (workspace_id, profile_id) REFERENCES profile (workspace_id, id) ON DELETE CASCADE
);

CREATE TABLE list (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (name <> ''),
    opt_in text NOT NULL DEFAULT 'single' CHECK (opt_in IN ('single')),
    created_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX list_name ON list (workspace_id, lower(name)) WHERE archived_at IS NULL;

CREATE TABLE list_member (
    workspace_id bigint NOT NULL,
    list_id bigint NOT NULL,
    profile_id bigint NOT NULL,
    added_at timestamptz NOT NULL,
    method text NOT NULL,
    PRIMARY KEY (workspace_id, list_id, profile_id),
    FOREIGN KEY (workspace_id, list_id) REFERENCES list (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, profile_id) REFERENCES profile (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX list_member_profile ON list_member (workspace_id, profile_id);

-- Addresses of erased people, hashed with the instance's key: a later import does not mail them again.
CREATE TABLE erased_address (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    address_hash bytea NOT NULL,
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, address_hash)
);
