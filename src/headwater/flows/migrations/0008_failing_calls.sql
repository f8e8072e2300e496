-- Calls that failed, or that failed so far: what needs attention (flows/calls/troubles.py). Few among many.
CREATE INDEX flow_call_error ON flow_call (workspace_id, planned_at) WHERE error IS NOT NULL;
