"""Automations: a trigger, filters, exits and steps that run for everyone who shows the behaviour.

Pure: `definition` (what a flow is), `reading` and `files` (from YAML and JSON), `delays`, `engine.advance` (what comes
next), `wording`. With the database: `entry.on_events` and `entry.on_list_join` take people in, `exits` lets them go,
`runner.run_due` moves those whose step is due, `source.FlowSource` answers when their messages are claimed, and
`publishing` puts flows live.
"""
