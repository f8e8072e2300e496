-- For the table of profiles (segments/people.py): people look at a page of a million profiles by search, filter and sort.
-- All are of the people alone (a browser that has not said who it is has no entry), and none holds what events change,
-- so an event or a property still updates a profile in place (HOT).
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- The newest first, and who came since a day. With the country, a rare country is found from the index alone.
CREATE INDEX profile_created ON profile (workspace_id, created_at, id) INCLUDE (country)
    WHERE email IS NOT NULL OR external_id IS NOT NULL OR phone IS NOT NULL;

-- By address and by name; who has none comes last.
CREATE INDEX profile_email ON profile (workspace_id, (COALESCE(lower(email), '~') COLLATE "C"), id)
    WHERE email IS NOT NULL OR external_id IS NOT NULL OR phone IS NOT NULL;
CREATE INDEX profile_name ON profile (
    workspace_id,
    (COALESCE(NULLIF(lower(COALESCE(first_name, '') || ' ' || COALESCE(last_name, '')), ' '), '~') COLLATE "C"),
    id
)
    WHERE email IS NOT NULL OR external_id IS NOT NULL OR phone IS NOT NULL;

-- Any part of what a person is known by. The workspace stands in it, so a small brand beside large ones is quick too.
CREATE INDEX profile_search ON profile USING gin (
    workspace_id,
    lower(
        ' ' || COALESCE(email, '') || ' ' || COALESCE(first_name, '') || ' ' || COALESCE(last_name, '') || ' '
        || COALESCE(external_id, '') || ' ' || COALESCE(phone, '')
    ) gin_trgm_ops
)
    WHERE email IS NOT NULL OR external_id IS NOT NULL OR phone IS NOT NULL;

-- The few who said no, among the many who said yes.
CREATE INDEX consent_unsubscribed ON consent (workspace_id, profile_id) WHERE state = 'unsubscribed';

-- How many people a search will find: the index keeps trigrams, of which the planner learns nothing.
CREATE STATISTICS profile_words ON (
    lower(
        ' ' || COALESCE(email, '') || ' ' || COALESCE(first_name, '') || ' ' || COALESCE(last_name, '') || ' '
        || COALESCE(external_id, '') || ' ' || COALESCE(phone, '')
    )
) FROM profile;
