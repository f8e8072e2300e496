"""What came of it all: the overview, the reports of flows, campaigns and mailbox providers, what is stored.

- `spans`      the days that are asked for, in the brand's zone     `overview`   the home page in one answer
- `sending`    emails and orders together, by day and source        `reports`    per flow and per campaign
- `attention`  what somebody should look at                         `deliverability`  per mailbox provider
- `setup`      what a new brand has still to do                     `stored`     how much is kept
- `kept_days`  days that are over, a row a flow or campaign         `keeping`    makes them, and anew when they change

Reads the ledger and the roll-ups through the rooms below; writes nothing but the days that it keeps.
"""
