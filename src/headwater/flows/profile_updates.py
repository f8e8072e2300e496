"""What an update_profile step makes of a person's properties. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.flows.steps import UpdateProfile
from headwater.segments.parsing import parse_path
from headwater.segments.properties import leads_to


def changed(step: UpdateProfile, held: Mapping[str, Any], trigger: Mapping[str, Any], today: str) -> dict[str, Any]:
    """What the step makes of these properties: only what it names; None: cleared."""
    made: dict[str, Any] = {name: _value(value, trigger, today) for name, value in step.set.items()}
    made |= dict.fromkeys(step.unset)
    for name, value in step.add_to.items():
        present = _listed({**held, **made}.get(name))
        made[name] = present if value in present else [*present, value]
    for name, value in step.remove_from.items():
        made[name] = [item for item in _listed({**held, **made}.get(name)) if item != value]
    return made


def _value(value: Any, trigger: Mapping[str, Any], today: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "date" in value:
        return today
    path = parse_path(value["event"], "event")
    return next(iter(leads_to(trigger.get("properties") or {}, path)), None)


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
