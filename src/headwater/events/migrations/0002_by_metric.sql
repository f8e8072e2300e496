-- Events of one metric in the order of time, with what counting and summing them needs: windows over a whole workspace
-- are answered from the index alone, and a sweep finds what leaves or enters a window by one probe.
CREATE INDEX event_metric ON event (workspace_id, metric_id, ts) INCLUDE (profile_id, value);

-- By metric first: what is asked of everybody is asked metric by metric.
ALTER TABLE profile_metric DROP CONSTRAINT profile_metric_pkey;
ALTER TABLE profile_metric ADD PRIMARY KEY (workspace_id, metric_id, profile_id);
