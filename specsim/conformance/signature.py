"""How a foreign verifier wants to be called: each parameter with its role, positions where names say nothing.

The contract is `verify(target, draft, tokens, rng)`, with `parent` before `rng` for trees. Other names are
understood (see `roles`), other orders too where names tell; where they do not, each plausible order is tried.

>>> def mine(q_rows, p_rows, drafted, *, generator): ...
>>> [binding.roles for binding in bindings(mine, "chain")][0]
{'q_rows': 'draft', 'p_rows': 'target', 'drafted': 'tokens', 'generator': 'rng'}
"""

import inspect
from collections.abc import Collection, Mapping
from itertools import permutations
from typing import Any

from .binding import Binding, Role, Value, Verify
from .roles import is_certain, role_of

CONTRACT = {
    "chain": "verify(target (gamma + 1, V), draft (gamma, V), tokens (gamma,), rng) -> emitted tokens",
    "batch": "verify(target (B, gamma + 1, V), draft (B, gamma, V), tokens (B, gamma), rng) -> B of them",
    "tree": "verify(target (n + 1, V), draft (n, V), tokens (n,), parent, rng) -> emitted tokens",
    "generator": "generate(target, draft, prompt, max_new_tokens, rng, **options) -> new tokens",
}
ORDER = {
    "chain": ("target", "draft", "tokens", "rng"),
    "batch": ("target", "draft", "tokens", "rng"),
    "tree": ("target", "draft", "tokens", "parent", "rng"),
    "generator": ("target", "draft", "context", "length", "rng"),
}
ROLES = (
    *("target", "target logits", "target logs", "draft", "draft logits", "draft logs", "tokens", "parent"),
    *("rng", "uniforms", "exponentials", "gumbels", "seed", "bonus law", "bonus token", "out"),
    *(
        "gamma",
        "length",
        "vocab",
        "batch size",
        "context",
        "temperature",
        "top k",
        "top p",
        "device",
        "pad",
        "eos",
    ),
)
"""What a parameter can be given."""

NEEDED = {
    "chain": {"target", "tokens"},
    "batch": {"target", "tokens"},
    "tree": {"target", "tokens"},
    "generator": {"target", "context", "length"},
}
"""Roles without which nothing can be called."""


def bindings(
    verify: Verify, contract: str, arguments: Mapping[str, Any] | None = None, given: Collection[str] = ()
) -> list[Binding]:
    """The ways to call a verifier, the likeliest first.

    arguments: what the parameters of these names are given: a role (see ROLES) or a value. given: names of
    parameters that are taken care of elsewhere.
    Raises ValueError, with the contract, where a parameter cannot be given anything.
    """
    if not callable(verify):
        raise ValueError(f"a verifier is a function {CONTRACT[contract]}; got {verify!r}")
    asked = {name: _asked(value) for name, value in (arguments or {}).items()}
    parameters = [one for one in _parameters(verify, contract) if one.name not in given]
    _check_names(asked, parameters)
    named = _named(parameters, asked, contract)
    found = [
        _completed(named, parameters, order, contract, verify)
        for order in _orders(named, parameters, contract)
    ]
    return found + [_swap(one) for one in found if not any(map(is_certain, _of_laws(one))) and not asked]


def names_say(verify: Verify, arguments: Mapping[str, Any] | None) -> set[str]:
    """The roles that the names of the parameters, or `arguments`, speak of."""
    asked = {value for value in (arguments or {}).values() if isinstance(value, str)}
    if not callable(verify):
        return asked
    return asked | {role_of(one.name) or "" for one in _parameters(verify, "chain")}


def _asked(value: Any) -> Role:
    return value if isinstance(value, str) and value in ROLES else Value(value)


def _parameters(verify: Verify, contract: str) -> list[inspect.Parameter]:
    """The parameters of a callable; those of the contract where it does not show any."""
    try:
        found = list(inspect.signature(_shown(verify)).parameters.values())
    except (TypeError, ValueError):
        found = []
    plain = [one for one in found if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    if not plain and (not found or found[0].kind is inspect.Parameter.VAR_POSITIONAL):
        return [inspect.Parameter(role, inspect.Parameter.POSITIONAL_ONLY) for role in ORDER[contract]]
    return plain


def _shown(verify: Verify) -> Verify:
    """The function whose signature counts: a torch module's is that of `forward`."""
    return getattr(verify, "forward", verify) if not inspect.isroutine(verify) else verify


def _check_names(asked: Mapping[str, Role], parameters: list[inspect.Parameter]) -> None:
    names = [one.name for one in parameters]
    for name in asked:
        if name not in names:
            raise ValueError(
                f"arguments names {name!r}, but the verifier's parameters are {', '.join(names)}"
            )


def _named(
    parameters: list[inspect.Parameter], asked: Mapping[str, Role], contract: str
) -> dict[str, Role | None]:
    """The role of each parameter by its name; None where it says nothing, absent where the default serves."""
    meaning = _of_generators if contract == "generator" else role_of
    found: dict[str, Role | None] = {one.name: asked.get(one.name, meaning(one.name)) for one in parameters}
    found = _without_twins(found)
    for one in parameters:
        is_left = isinstance(one.default, bool) or not _wanted(found, one.name)
        if one.default is not one.empty and one.name not in asked and is_left:
            del found[one.name]
    return found


def _of_generators(name: str) -> str | None:
    """What a parameter of a generator is given: tokens are the prompt, a count is that of new tokens."""
    role = role_of(name)
    return {"tokens": "context", "gamma": None if len(name) < 3 else role}.get(role or "", role)


def _without_twins(found: dict[str, Role | None]) -> dict[str, Role | None]:
    """Where two names claim one role: the plainer of `draft` and `draft_probs` holds tokens, others wait."""
    roles = list(found.values())
    result = dict(found)
    for role in {"target", "draft", "tokens"} & {role for role in roles if isinstance(role, str)}:
        twins = [name for name, given in found.items() if given == role]
        if len(twins) > 1:
            plain = min(twins, key=len)
            result[plain] = "tokens" if role == "draft" and "tokens" not in roles else None
    return result


WANTED = ("target", "draft", "tokens", "parent", "rng", "context", "length")


def _wanted(found: Mapping[str, Role | None], name: str) -> bool:
    """Whether a parameter with a default is filled all the same: laws, tokens, one source of randomness."""
    role = found[name]
    if role == "uniforms":
        return "rng" not in found.values()
    return isinstance(role, str) and role.split()[0] in WANTED


def _orders(
    named: Mapping[str, Role | None], parameters: list[inspect.Parameter], contract: str
) -> list[tuple[str, ...]]:
    """In which orders the roles left over may go to the parameters whose names say nothing."""
    taken = {role.split()[0] for role in named.values() if isinstance(role, str)}
    if "uniforms" in taken:
        taken.add("rng")
    left = tuple(role for role in ORDER[contract] if role not in taken)
    unknown = [name for name, role in named.items() if role is None]
    if len(unknown) < 2:
        return [left]
    laws = [role for role in left if role in ("target", "draft", "tokens")]
    rest = [role for role in left if role not in laws]
    return [(*order, *rest) for order in permutations(laws)]


def _completed(
    named: Mapping[str, Role | None],
    parameters: list[inspect.Parameter],
    order: tuple[str, ...],
    contract: str,
    verify: Verify,
) -> Binding:
    waiting = iter(order)
    roles = {name: role if role is not None else next(waiting, None) for name, role in named.items()}
    lacking = [name for name, role in roles.items() if role is None]
    given = {role.split()[0] for role in roles.values() if isinstance(role, str)}
    if lacking or not NEEDED[contract] <= given:
        raise ValueError(_refusal(verify, contract, lacking, given))
    only_by_position = {one.name for one in parameters if one.kind is one.POSITIONAL_ONLY}
    return Binding(
        {name: role for name, role in roles.items() if role is not None}, frozenset(only_by_position)
    )


def _refusal(verify: Verify, contract: str, lacking: list[str], given: set[str]) -> str:
    missing = (
        f"nothing is known of its parameter {lacking[0]!r}"
        if lacking
        else (f"no parameter takes the {' or the '.join(sorted({'target', 'tokens'} - given))}")
    )
    return (
        f"a verifier is called as {CONTRACT[contract]}; {missing}. Say what each parameter is given, as in "
        f'arguments={{"my_probs": "target", "ids": "tokens", "scale": 1.0}}, or wrap it in a lambda. '
        f"Roles: {', '.join(sorted(ROLES))}"
    )


def _of_laws(binding: Binding) -> list[str]:
    return [
        name
        for name, role in binding.roles.items()
        if isinstance(role, str) and role.split()[0] in ("target", "draft")
    ]


def _swap(binding: Binding) -> Binding:
    """The same with target and draft exchanged."""
    other = {"target": "draft", "draft": "target"}

    def turned(role: Role) -> Role:
        if not isinstance(role, str):
            return role
        side, *form = role.split(" ")
        return " ".join([other.get(side, side), *form])

    return Binding({name: turned(role) for name, role in binding.roles.items()}, binding.by_position, True)
