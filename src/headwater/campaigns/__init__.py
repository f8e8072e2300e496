"""Campaigns: one-time sends to chosen lists and segments, alone or as a series that leaves buyers out.

- `campaigns`  create, change, schedule, cancel, report     `series`    several campaigns planned together
- `audience`   who: lists and segments as one statement     `preflight` what keeps a campaign from being scheduled
- `schedule`   what happens next (pure)                     `runner`    makes it happen, chunk by chunk
- `source`     what a campaign says when its message is claimed
"""
