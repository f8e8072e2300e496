"""How long the answer of a flow's exits and filters stands, once they have let somebody go on. Pure.

An answer changes with an event of a metric that is asked about, with a change of the person, or when an event comes to
lie outside a rolling window. Until then asking again would say the same. Where a condition can change with time in
other ways, nothing is promised.
"""

from __future__ import annotations

from dataclasses import dataclass

from headwater.events import standard as metrics
from headwater.flows.definition import FlowDefinition
from headwater.flows.trials.person_in_time import NEVER, Person, length
from headwater.segments.conditions import Did, ProfileTest, Sample, leaves, offsets
from headwater.segments.needs import needs
from headwater.segments.referring import refers


@dataclass(frozen=True)
class Guard:
    """Tells until when those who may go on now may go on, as long as nothing but time passes."""

    metrics: tuple[str, ...]
    """Whose events can change the answer."""
    windows: tuple[tuple[str, int], ...]
    """Metrics with the lengths (ticks) of rolling windows on them."""
    promises: bool
    events_only: bool
    """Nothing but events and time can change the answer."""
    alike: bool
    """So it is, whichever event started the flow."""

    def stands_until(self, person: Person) -> int:
        """In ticks, from the person's cursor on."""
        at = person.at
        if not self.promises:
            return at
        until = NEVER
        for metric in self.metrics:
            series = person.series.get(metric)
            if series is not None:
                until = min(until, series.next(at, None))
        for metric, span in self.windows:
            series = person.series.get(metric)
            if series is not None:
                until = min(until, series.next(at - span, None) + span)
        return until

    def stands_for_others_until(self, person: Person) -> int:
        """The same for runs that begin later: what happens in the instant in which one begins counts for it alone."""
        before = person.at - 1
        for metric in self.metrics:
            series = person.series.get(metric)
            if series is not None and series.next(before, None) == person.at:
                return person.at
        return self.stands_until(person)


def guard_of(definition: FlowDefinition) -> Guard:
    """What the answer of a definition's exits and filters hangs on."""
    asked = [*leaves(definition.exits), *leaves(definition.profile_filters)]
    looked = needs(definition.exits) | needs(definition.profile_filters)
    named = looked.totals | {metric for metric, _ in looked.events}
    own = {metrics.COUPON_ASSIGNED, metrics.UNSUBSCRIBED}  # a simulation brings these about itself
    dids = [leaf for leaf in asked if isinstance(leaf, Did)]
    promises = all(isinstance(leaf, Did | ProfileTest | Sample) for leaf in asked)
    events_only = all(isinstance(leaf, Did | Sample) for leaf in asked) and not named & own
    return Guard(
        tuple(sorted(named)),
        tuple(dict.fromkeys((leaf.metric, length(span)) for leaf in dids for span in offsets(leaf.window))),
        promises,
        events_only,
        promises and events_only and not any(refers(leaf.where) for leaf in dids),
    )
