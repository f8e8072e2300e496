"""What can be wrong with a flow, in words for the person who can put it right, and which step it is about."""

from __future__ import annotations

from headwater.segments.language import DefinitionError


class FlowError(ValueError):
    """A flow that cannot be published or changed like this.

    `path` leads to the field (or names the file) that is wrong; `step` is the id of the step it belongs to, if any.
    """

    def __init__(self, path: str, message: str, step: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message
        self.step = step


class WrongStep(DefinitionError):
    """A definition that cannot be read, because of this step."""

    def __init__(self, path: str, message: str, step: str) -> None:
        super().__init__(path, message)
        self.step = step


class UnknownFlow(LookupError):
    """There is no flow of this short name in the workspace."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no flow {slug}.")
