"""alpha of several drafts on several texts: at every temperature and top-p, from one reading of each text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..decode.drafter import Source
from ..decode.sampling import warp
from ..models.texts import Text
from ..simulate.estimates import Estimate, ratio_of
from .asking import ask
from .reading import Reading, compare, logits, mean_overlap

Setting = tuple[float, float]
"""A temperature and a top-p."""

Readings = dict[tuple[str, Setting], list[Reading]]
"""By draft and setting, one for each text."""


@dataclass(frozen=True)
class Alpha:
    """What is kept of one drafted token, on average over the prefixes of some texts where one is drafted.

    draft: its name. texts: "on-policy", written by the target at the settings of decoding, or "held-out".
    domain: of the texts; "" for all. drafts: the share of prefixes where something is drafted. For standard
    errors texts are independent of each other, and their tokens are not.
    """

    draft: str
    texts: str
    domain: str
    temperature: float
    top_p: float
    rule: str
    kept: Estimate
    drafts: Estimate


def read_all(
    target: Any,
    drafts: Mapping[str, Any],
    texts: Iterable[tuple[Text, int]],
    settings: Sequence[Setting],
    top_k: int,
    gamma: int,
) -> Readings:
    """What all models say along texts, compared at all settings; the first of these is that of decoding.

    texts: each with the number of its last tokens that count. gamma: for how many tokens to ask drafts that
    are no models. Those that draw their tokens are asked at the first setting only.
    """
    found: Readings = {}
    for text, count in texts:
        said = logits(target, text.tokens, count)
        laws = {setting: warp(setting[0], top_k, setting[1])(said) for setting in settings}
        for name, draft in drafts.items():
            for setting, reading in _readings(target, draft, text, laws, top_k, gamma):
                found.setdefault((name, setting), []).append(reading)
    return found


def _readings(
    target: Any, draft: Any, text: Text, laws: dict[Setting, np.ndarray], top_k: int, gamma: int
) -> list[tuple[Setting, Reading]]:
    main, count = next(iter(laws)), len(next(iter(laws.values())))
    warps = {setting: warp(setting[0], top_k, setting[1]) for setting in laws}
    if not isinstance(draft, Source):
        said = logits(draft, text.tokens, count)
        return [(setting, compare(text, law, warps[setting](said))) for setting, law in laws.items()]
    drafted, copies = ask(draft, target, text, count, warps[main], gamma)
    if copies is None:
        return [(main, compare(text, laws[main], drafted))]
    return [(setting, replace(compare(text, law, drafted), copies=copies)) for setting, law in laws.items()]


def alphas(readings: Readings, texts: str, rules: Sequence[str]) -> list[Alpha]:
    """Of every draft, setting and rule: over all texts, and over those of each domain if there are more."""
    found = []
    for (draft, (temperature, top_p)), some in readings.items():
        domains = list(dict.fromkeys(one.domain for one in some))
        for domain in ["", *domains] if len(domains) > 1 else [""]:
            here = [one for one in some if domain in ("", one.domain)]
            share = ratio_of(
                np.array([one.drafted.sum() for one in here]), np.array([one.count for one in here])
            )
            found += [
                Alpha(draft, texts, domain, temperature, top_p, rule, mean_overlap(here, rule), share)
                for rule in rules
            ]
    return found
