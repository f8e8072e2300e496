"""The local mailbox: a real SMTP server that delivers to nobody, and a page and a JSON API to see what came.

For trying things out, for demos and for tests. reading.py (pure) understands a message, store.py keeps the newest as
files, receiving.py is the SMTP side, site.py the web side, run.py the process. They know nothing of the ledger.
"""
