-- The movable clock of a test or demo instance (core/clock.py). At most one row.
CREATE TABLE instance_clock (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    virtual_base timestamptz NOT NULL,
    wall_base timestamptz NOT NULL,
    speed double precision NOT NULL
);
