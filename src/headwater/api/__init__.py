"""The public HTTP API (django-ninja), a router per resource, and the pages of a logged-in person: home and log-in.

Views are thin: one transaction, the workspace of the presented key, a domain function, and the answer.
"""
