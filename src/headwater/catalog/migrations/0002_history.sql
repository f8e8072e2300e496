-- What changed of products: appended with the change itself, in the order in which changes were committed (catalog/history.py).
CREATE TABLE product_change (
    workspace_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    product_id text NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('price', 'stock')),
    before numeric,            -- NULL: there was no price, or the stock was not counted
    after numeric,
    PRIMARY KEY (workspace_id, id)
);
-- The prices that a product had lately.
CREATE INDEX product_change_product ON product_change (workspace_id, product_id, id);
