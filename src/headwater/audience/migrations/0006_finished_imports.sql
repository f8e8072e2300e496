-- Imports that have ended, by when: those that need attention (audience/imports/troubles.py).
CREATE INDEX profile_import_finished ON profile_import (workspace_id, finished_at) WHERE finished_at IS NOT NULL;
