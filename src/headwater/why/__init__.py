"""Why somebody did or did not get an email: everything that is known of a person, in order and in plain English.

`timeline` gathers and tells; `wording` and `ways` hold the words and know no database. `entering` says why somebody is
not in a flow.
"""

from headwater.why.entering import entering
from headwater.why.gathering import timeline

__all__ = ["entering", "timeline"]
