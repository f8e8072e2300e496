-- Pausing while it goes out, and the day of a campaign in the calendar (campaigns/pausing.py, campaigns/calendar.py).
ALTER TABLE campaign DROP CONSTRAINT campaign_status_check;
ALTER TABLE campaign ADD CONSTRAINT campaign_status_check
    CHECK (status IN ('draft', 'scheduled', 'adding_recipients', 'sending', 'paused', 'sent', 'cancelled', 'no_recipients'));
CREATE INDEX campaign_day ON campaign (workspace_id, send_at) WHERE send_at IS NOT NULL;

-- What became of a campaign's messages when it was last counted: a list of campaigns does not count them all again.
CREATE TABLE campaign_figures (
    workspace_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    counted_at timestamptz NOT NULL,
    figures jsonb NOT NULL,                  -- campaigns/figures.py
    PRIMARY KEY (workspace_id, campaign_id),
    FOREIGN KEY (workspace_id, campaign_id) REFERENCES campaign (workspace_id, id) ON DELETE CASCADE
);
