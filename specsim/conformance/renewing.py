"""A foreign verifier as it was when it was handed over, again and again.

The walk calls it thousands of times, each time as if for the first: an object that remembers its calls is
copied. A class is made an object of. Functions are used as they are; the engine notices where one of them
answers differently because it was called before.
"""

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

Verify = Callable[..., Any]


class Renewed:
    """Makes instances of a callable in its present state."""

    def __init__(self, verify: Verify) -> None:
        self.owner, self.name = _owner(verify)
        self.verify = verify
        self.kept = _copied(self.owner)

    @property
    def has_memory(self) -> bool:
        """Whether it is an object, which may remember its calls."""
        return self.owner is not None

    def state(self, verify: Verify) -> Any:
        """What an instance remembers, as something that can be compared."""
        owner = getattr(verify, "__self__", verify)
        try:
            return pickle.dumps(vars(owner))
        except Exception:  # what cannot be told apart counts as changed
            return object()

    def __call__(self) -> Verify:
        """An instance of the verifier."""
        if self.kept is None:
            return self.verify
        twin = copy.deepcopy(self.kept, _shared(self.kept))
        return getattr(twin, self.name) if self.name else twin


def _owner(verify: Verify) -> tuple[Any, str | None]:
    """The object that may remember calls, and the name of its method; None for functions and classes."""
    bound = getattr(verify, "__self__", None)
    if bound is not None and not inspect.ismodule(bound) and not inspect.isclass(bound):
        return bound, verify.__name__
    if inspect.isroutine(verify) or inspect.isclass(verify):
        return None, None
    return verify, None


def _copied(owner: Any) -> Any:
    """A copy of an object; None where there is no object or it cannot be copied."""
    if owner is None:
        return None
    try:
        return copy.deepcopy(owner)
    except Exception:  # whatever a foreign object raises: it is used as it is
        return None


def _shared(kept: Any) -> dict[int, Any]:
    """What a copy shares with the original: sources of randomness that the engine has put there."""
    parts = [kept, *vars(kept).values()] if hasattr(kept, "__dict__") else [kept]
    return {
        id(part): part for part in parts if type(part).__module__.startswith("specsim.conformance.engine")
    }
