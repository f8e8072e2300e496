"""Ways to hand a finished message to the world. One file a provider; each takes parcels and gives one verdict a parcel.

parcel.py is the shape they share, replies.py reads what servers answer, smtp.py is the pool of SMTP connections.
They know nothing of the ledger, of templates or of the database.
"""
