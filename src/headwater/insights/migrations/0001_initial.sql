-- What reports read by. The ledger's are block ranges: they cost a send next to nothing, keep an update within its page, and
-- leave months out that have nothing of the span.
CREATE INDEX message_sent ON message USING brin (sent_at) WITH (autosummarize = on);
CREATE INDEX message_finished ON message USING brin (finished_at) WITH (autosummarize = on);

-- Changes of consent in a span of time: the growth of the list, day by day.
CREATE INDEX consent_record_at ON consent_record (workspace_id, at);

-- Who is held until somebody decides: a handful among all who wait.
CREATE INDEX enrolment_review ON enrolment (workspace_id, flow_id) WHERE held = 'review' AND state = 'waiting';
