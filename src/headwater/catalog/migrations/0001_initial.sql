CREATE TABLE product (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id text NOT NULL,          -- the shop's own id
    title text NOT NULL,
    category text,
    brand text,
    price numeric,
    url text,
    image_url text,
    description text,
    published boolean NOT NULL DEFAULT true,
    stock int,                 -- NULL: not counted
    properties jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX product_category ON product (workspace_id, category);

CREATE TABLE review (
    workspace_id bigint NOT NULL,
    id text NOT NULL,
    product_id text NOT NULL,
    rating smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
    author text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, product_id) REFERENCES product (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX review_product ON review (workspace_id, product_id, rating DESC, created_at DESC);
CREATE INDEX review_newest ON review (workspace_id, created_at DESC);

-- Best sellers: units sold in the last 90 days per product, recomputed at most hourly (catalog/popularity.py).
CREATE TABLE product_popularity (
    workspace_id bigint NOT NULL,
    product_id text NOT NULL,
    category text,
    units bigint NOT NULL,
    computed_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, product_id)
);
CREATE INDEX product_popularity_rank ON product_popularity (workspace_id, units DESC);
CREATE INDEX product_popularity_category ON product_popularity (workspace_id, category, units DESC);

-- When a workspace's best sellers were last computed: there may have been nothing to rank.
CREATE TABLE popularity_run (
    workspace_id bigint PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
    computed_at timestamptz NOT NULL
);

CREATE TABLE coupon (
    workspace_id bigint NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL CHECK (name <> ''),   -- what templates say: BROWSE10
    kind text NOT NULL CHECK (kind IN ('static', 'generated', 'pool')),
    code text,                 -- static: the one code; generated: the prefix
    expires_after interval,    -- counted from the moment of issue
    expires_at timestamptz,    -- or a fixed end
    created_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name)
);

-- One row per code, or, of a static coupon, per person who was shown it. profile_id NULL: free, of a pool.
CREATE TABLE coupon_code (
    workspace_id bigint NOT NULL,
    coupon_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text NOT NULL,
    shared boolean NOT NULL DEFAULT false,   -- static: many people have the same one
    valid_until timestamptz,                 -- pool: the code's own end, as uploaded
    profile_id bigint,
    message_id bigint,                       -- the message that first showed it
    shown_again boolean NOT NULL DEFAULT false,  -- a later message showed it too: it can't be taken back
    assigned_at timestamptz,
    expires_at timestamptz,                  -- for this person
    redeemed_at timestamptz,
    PRIMARY KEY (workspace_id, coupon_id, id),
    FOREIGN KEY (workspace_id, coupon_id) REFERENCES coupon (workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX coupon_code_unique ON coupon_code (workspace_id, coupon_id, code) WHERE NOT shared;
CREATE INDEX coupon_code_profile ON coupon_code (workspace_id, profile_id, coupon_id, assigned_at) WHERE profile_id IS NOT NULL;
CREATE INDEX coupon_code_free ON coupon_code (workspace_id, coupon_id, id) WHERE profile_id IS NULL;
CREATE INDEX coupon_code_message ON coupon_code (workspace_id, message_id) WHERE message_id IS NOT NULL;
-- Redemption: an order names codes as the customer typed them.
CREATE INDEX coupon_code_lookup ON coupon_code (workspace_id, upper(code)) WHERE NOT shared;
