"""What happened: metrics (kinds of event), the inbox, the event store with its roll-ups, and what is read from them.

`inbox.put` / `Writer` acknowledge; `store.append` stores events and their roll-ups; `timeline.of_profile` and
`purchases.units_sold` read. SQL that reads the event table stands here and in `segments` only.
"""
