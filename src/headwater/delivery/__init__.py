"""Delivery: every email is intended in the ledger, judged when it is claimed, sent, and settled.

The public face, in the order of a message's life:

- `ledger`    intend, cancel, progress, of_profile: the one row per intended email, and its states
- `sources`   what a flow or campaign vouches for when its message is claimed (register a Source)
- `gates`     may it go? (pure)          `smart_sending`  who gets no second email yet
- `claiming`  the transaction that claims a batch: due → gate → coupons and products → claimed
- `outgoing`  a claimed message to bytes  `sender`  the loop: claim, render, send, settle
- `settling`  the server's verdicts back into the ledger     `verdicts`  what each means (pure)
- `tracking`  the links and the pixel     `pages`  unsubscribe and web view
- `feedback`  opens, clicks, bounces, complaints, unsubscribes that come back as events
"""
