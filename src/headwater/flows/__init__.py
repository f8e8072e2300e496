"""Automations: a trigger, filters, exits and steps that run for everyone who shows the behaviour.

What a flow is: `definition`, `steps`, `triggers`, and `reading.parse`, which makes one from plain data. What it does
next: `engine.advance`, a pure function. With the database: `entry.on_events` and `entry.on_list_join` take people in
(and `arrivals` by other ways), `exits` lets them go, `waking` has those looked at who wait for something,
`runner.run_due` moves those whose step is due, `source.FlowSource` answers when their messages are claimed. `editing`
publishes, compares, pauses and undoes; `trials` simulates, tests and replays; `calls` reaches other systems; `shelves`
watches the catalog; `numbers` counts.
"""
