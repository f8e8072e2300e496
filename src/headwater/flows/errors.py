"""What can be wrong with a flow, in words for the person who can put it right, and which step it is about."""

from __future__ import annotations

from dataclasses import dataclass

from headwater.segments.language import DefinitionError


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a flow from being published."""

    field: str
    """The path in the definition, or the name of a file."""
    step: str
    """'': in the head of the flow."""
    detail: str


class FlowError(ValueError):
    """A flow that cannot be published or changed like this.

    `path` leads to the field (or names the file) that is wrong; `step` is the id of the step it belongs to, if any.
    `problems`: everything that is wrong with the definition, this first, where a definition was checked whole.
    """

    def __init__(self, path: str, message: str, step: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message
        self.step = step
        self.problems = problems


class WrongStep(DefinitionError):
    """A definition that cannot be read, because of this step; and all of its problems, this first."""

    def __init__(self, path: str, message: str, step: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(path, message)
        self.step = step
        self.problems = problems


class UnknownFlow(LookupError):
    """There is no flow of this short name in the workspace."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no flow {slug}.")


def problems_of(error: Exception) -> tuple[Problem, ...]:
    """Everything that a refusal is about, one at least."""
    found: tuple[Problem, ...] = getattr(error, "problems", ())
    if found:
        return found
    if isinstance(error, FlowError | DefinitionError):
        return (Problem(error.path, getattr(error, "step", ""), error.message),)
    return (Problem("", "", str(error)),)
