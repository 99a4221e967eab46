"""One way to call a foreign function: which of its parameters is given what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Verify = Callable[..., Any]


class Value:
    """A constant that `arguments` asks for."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return repr(self.value)


Role = str | Value


@dataclass(frozen=True)
class Binding:
    """Which parameter gets what. swapped: target and draft are the other way round than usual.

    positional: roles handed over in order; roles: those handed over by name.
    """

    roles: Mapping[str, Role]
    by_position: frozenset[str] = frozenset()
    swapped: bool = False

    def call(self, verify: Verify, supply: Callable[[str], Any]) -> Any:
        """Call the verifier with what `supply` has for each role."""
        given = {name: _value(role, supply) for name, role in self.roles.items()}
        first = [value for name, value in given.items() if name in self.by_position]
        return verify(
            *first, **{name: value for name, value in given.items() if name not in self.by_position}
        )

    def __str__(self) -> str:
        return ", ".join(f"{name} = {role}" for name, role in self.roles.items())


def _value(role: Role, supply: Callable[[str], Any]) -> Any:
    return role.value if isinstance(role, Value) else supply(role)
