-- Messages that wait for their hours, and what counts towards frequency caps (delivery/hours.py, delivery/turns.py).
ALTER TABLE message
    ADD COLUMN wanted_at timestamptz,        -- the first send_at, kept once a hold has moved it: lateness counts from here
    ADD COLUMN transactional boolean NOT NULL DEFAULT false;  -- as its source said at the claim: counts towards no cap
