"""Why somebody did or did not get an email: everything that is known of a person, in order and in plain English.

`timeline` gathers and tells; `wording` holds the words and knows no database.
"""

from headwater.why.gathering import timeline

__all__ = ["timeline"]
