-- A version that was only sent as a test: not one of the template's own, never current, not in its history.
ALTER TABLE template_version ADD COLUMN trial boolean NOT NULL DEFAULT false;
