"""Who works here: workspaces (brands), users, roles and API keys. The only room whose tables are Django models."""
