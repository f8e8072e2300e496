"""Why somebody did or did not get an email: everything that is known of a person, in order and in plain English.

`timeline` gathers and tells; `wording` and `ways` hold the words and know no database. `entering` says why somebody is
not in a flow, `whereabouts` where they stand in those they are in.
"""

from headwater.why.entering import entering
from headwater.why.gathering import timeline
from headwater.why.whereabouts import whereabouts

__all__ = ["entering", "timeline", "whereabouts"]
