-- Who published a version in the app; nobody: a key, the command line, or somebody who is gone.
ALTER TABLE flow_version ADD COLUMN published_by bigint REFERENCES app_user (id) ON DELETE SET NULL;
-- For the foreign key.
CREATE INDEX flow_version_published_by ON flow_version (published_by) WHERE published_by IS NOT NULL;
