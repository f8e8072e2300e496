"""A flow while it lives: published, compared, paused, reviewed, undone; and the people inside as that happens."""
