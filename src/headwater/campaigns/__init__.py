"""Campaigns: one-time sends to chosen lists and segments, alone or as a series that leaves buyers out.

- `campaigns`  create, change, schedule, cancel             `series`    several campaigns planned together
- `audience`   who: lists and segments as one statement     `breakdown` the same taken apart, part by part
- `preflight`  what keeps a campaign from being scheduled   `review`    everything to know before it is
- `schedule`   what happens next (pure)                     `runner`    makes it happen, chunk by chunk
- `source`     what a campaign says when its message is claimed
- `pausing`, `duplicating`, `series_editing`                what else its author can do
- `listing`, `calendar`, `figures`, `progress`, `reporting` how it is looked at
"""
