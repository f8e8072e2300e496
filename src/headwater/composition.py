"""Which rooms plug into which: the one place where lower rooms learn what higher rooms add to them.

Lower rooms offer registries (what else a merge moves, what a joined list starts, who vouches for a message); higher
rooms fill them. `compose()` does it, once, in every process: web, worker, command line and tests.
"""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1)
def compose() -> None:
    """Plug the rooms together. Calling it again does nothing."""
    _events()
    _segments()
    _catalog()
    _delivery()
    _flows()
    _campaigns()


def _events() -> None:
    """Events follow a merged profile to its survivor, and go with an erased one."""
    from headwater.audience import merging, profiles
    from headwater.events import store

    merging.on_merge(store.merge)
    profiles.on_erase(store.erase)


def _segments() -> None:
    """Segments follow what people do and are."""
    from headwater.audience import listeners, merging, profiles
    from headwater.segments import marks

    listeners.register(marks)
    merging.on_merge(marks.on_merge)
    profiles.on_erase(marks.on_erase)


def _catalog() -> None:
    """Coupon codes stay with the person."""
    from headwater.audience import merging
    from headwater.catalog import issuing

    merging.on_merge(issuing.merge)


def _campaigns() -> None:
    """Campaigns answer for their messages."""
    from headwater.campaigns.source import CampaignSource
    from headwater.delivery import sources

    sources.register("campaign", CampaignSource())


def _delivery() -> None:
    """Messages follow a merged or erased profile; who must confirm that they want a list is asked by email."""
    from headwater.audience import joining, merging, profiles
    from headwater.delivery import confirmation, sources, test_sends
    from headwater.delivery import profiles as delivery_profiles

    sources.register(test_sends.SOURCE, test_sends.TestSource())
    sources.register(confirmation.SOURCE, confirmation.ConfirmationSource())
    joining.on_ask(confirmation.ask)
    merging.on_merge(delivery_profiles.merge)
    profiles.on_erase(delivery_profiles.erase)


def _flows() -> None:
    """Flows answer for their messages, begin with what happens to people, and follow a merged or erased profile."""
    from headwater.audience import listeners, lists, merging, profiles
    from headwater.delivery import sources
    from headwater.flows import entry, watching_people
    from headwater.flows import profiles as flow_profiles
    from headwater.flows.arrivals import date_entry
    from headwater.flows.calls import outbox
    from headwater.flows.source import FlowSource

    sources.register("flow", FlowSource())
    lists.on_join(entry.on_list_join)
    listeners.register(watching_people)
    merging.on_merge(flow_profiles.merge)
    merging.on_merge(outbox.merge)
    merging.on_merge(date_entry.on_merge)
    profiles.on_erase(flow_profiles.erase)
    profiles.on_erase(outbox.erase)
