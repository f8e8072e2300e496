-- An email document. Its content is in immutable versions; `current_version` is what the next render uses.
CREATE TABLE template (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (name <> ''),
    current_version bigint,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX template_name ON template (workspace_id, lower(name)) WHERE archived_at IS NULL;

CREATE TABLE template_version (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    template_id bigint NOT NULL,
    subject text NOT NULL,
    preview_text text NOT NULL DEFAULT '',
    mjml text NOT NULL,        -- MJML (or a full HTML document) with Liquid
    text text,                 -- NULL: derived from the HTML
    data jsonb NOT NULL DEFAULT '{}',  -- what it needs besides the profile: coupon, item, feeds, reviews (content/document.py)
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, template_id) REFERENCES template (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX template_version_template ON template_version (workspace_id, template_id, id DESC);
