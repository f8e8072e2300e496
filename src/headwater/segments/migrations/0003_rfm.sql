-- How far the daily scoring of a brand's buyers is (segments/rfm.py): the day (of the brand) as of which it scores, the
-- thresholds found for that day, and the last profile that was looked at.
CREATE TABLE rfm_run (
    workspace_id bigint PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
    day date NOT NULL,
    after_profile bigint NOT NULL DEFAULT 0,
    done boolean NOT NULL DEFAULT false,
    thresholds jsonb NOT NULL
) WITH (fillfactor = 50);
