"""People: profiles and their identifiers, merging, consent with its proof, suppression, lists, erasure.

`identity.resolve` finds or makes the profiles that claims name; `profiles`, `consent` and `lists` read and write them.
Whoever writes identifiers first takes `identity.lock`.
"""
