"""What is wrong with a definition, gathered while it is read: all of it can then be put right at once. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from headwater.flows.errors import FlowError
from headwater.segments.language import DefinitionError

MOST = 200
"""Of so many problems nobody reads more."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Findings:
    """The problems of one definition, in the order in which they were met; the first of each field."""

    def __init__(self) -> None:
        self.errors: list[DefinitionError | FlowError] = []
        self._fields: set[str] = set()

    def note(self, error: DefinitionError | FlowError) -> None:
        if error.path not in self._fields and len(self.errors) < MOST:
            self._fields.add(error.path)
            self.errors.append(error)

    def at(self, path: str) -> bool:
        """Whether something is wrong here, or in something below."""
        return any(field == path or field.startswith((f"{path}.", f"{path}[")) for field in self._fields)

    def attempt(self, instead: _T, read: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What `read` answers; where it refuses, that is noted, and reading goes on with something else."""
        try:
            return read(*args, **kwargs)
        except (DefinitionError, FlowError) as error:
            self.note(error)
            return instead
