-- Flows that watch the catalog (flows/shelves/watch.py) and people who wait for stock (flows/shelves/restock.py).

-- Which published versions begin with a change in the catalog: asked every few seconds, answered without reading any.
CREATE INDEX flow_version_shelves ON flow_version (workspace_id, flow_id, version)
    WHERE definition -> 'trigger' ?| ARRAY['price_drop', 'low_stock'];

-- How far a workspace's changes are judged, and where the telling of them stands. There is a row while a flow of that kind is live.
CREATE TABLE shelf_cursor (
    workspace_id bigint PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
    after_id bigint NOT NULL,  -- product_change: judged up to this one
    stage text CHECK (stage IN ('checkout', 'cart', 'viewed', 'telling')),  -- NULL: nothing is being told
    read_until timestamptz,    -- of the stage's events; NULL: none are read yet
    full_slices int NOT NULL DEFAULT 0,
    rest_until timestamptz     -- the next round begins no sooner
);

-- What is to be told of a product, or is being told.
CREATE TABLE shelf_notice (
    workspace_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    product_id text NOT NULL,
    change_id bigint NOT NULL,
    at timestamptz NOT NULL,   -- of the change
    was numeric NOT NULL,
    became numeric NOT NULL,
    audience text[] NOT NULL,
    within interval NOT NULL,
    PRIMARY KEY (workspace_id, flow_id, product_id)
);

-- Whom it is to be told, found so far; a row goes as its item comes into the inbox.
CREATE TABLE shelf_person (
    workspace_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    product_id text NOT NULL,
    profile_id bigint NOT NULL,
    did text NOT NULL,         -- the most serious of what they did with it
    PRIMARY KEY (workspace_id, flow_id, product_id, profile_id)
);

-- How far a workspace's changes are looked at for those who wait for stock.
CREATE TABLE restock_cursor (
    workspace_id bigint PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
    after_id bigint NOT NULL,  -- product_change
    look_again_at timestamptz NOT NULL   -- at everything that is waited for
);

-- Releases under way: people at a step of a flow who wait for a product that is in stock again.
CREATE TABLE restock_release (
    workspace_id bigint NOT NULL,
    flow_id bigint NOT NULL,
    step text NOT NULL,
    product_id text NOT NULL,
    began_at timestamptz NOT NULL,   -- the present batch
    remaining bigint,          -- of the present batch; NULL: the next one has not begun, or has no limit
    next_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, flow_id, step, product_id)
);
CREATE INDEX restock_release_next ON restock_release (workspace_id, next_at);
