-- The people among the profiles: a browser that has not said who it is belongs to no segment.
CREATE INDEX profile_known ON profile (workspace_id, id)
    WHERE email IS NOT NULL OR external_id IS NOT NULL OR phone IS NOT NULL;

-- What joined, was decided or was suppressed in a span of time: windows that end are found without a scan.
CREATE INDEX list_member_added ON list_member (workspace_id, list_id, added_at);
CREATE INDEX consent_changed ON consent (workspace_id, changed_at);
CREATE INDEX suppression_at ON suppression (workspace_id, at);
