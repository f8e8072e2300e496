"""Calls to other systems and notes to the team: an outbox that the runner writes to, and what sends it."""
