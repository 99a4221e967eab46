"""What explains the law of a generator's texts.

First errors and texts of the wrong form. Then options: what is exact without an option and not with it is
that option's fault. Then positions where the target was never asked, and at last the law of two tokens: one
drafted token, verified, then whatever follows. There the known mistakes of a round can be told apart.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .budget import DOUBLE
from .comparing import Comparison
from .engine import Crash, Unsupported
from .fixes import FIXES
from .known_texts import KNOWN, two_tokens
from .models import Asked
from .readings import Unreadable
from .report import Diagnosis
from .telling import Teller, Told, tell
from .wholes import apart

SAME = 2e-5
SECONDS = 5.0
OPTIONS = {
    "eos": (
        "stopping",
        "The text does not end where it should.",
        "End at the first end token, kept or drawn.",
    ),
    "processor": (
        "state",
        "The processor is not applied at every position with the text before that position.",
        "Apply it to every row of the target, with the prompt, new tokens and drafted tokens before it.",
    ),
}
SHAPED = (
    "state",
    "The law that is verified is not the one asked for: {} does not shape the target everywhere.",
    "Apply temperature, top_k and top_p to the target's laws before they are verified.",
)


UNKNOWN = Diagnosis("acceptance", "The law of the texts is off, in no known way.", FIXES["acceptance"])


def explain(teller: Teller, told: Sequence[Told], faults: Sequence[Told]) -> Diagnosis:
    """The explanation of the faults among these requests."""
    return (
        crash_of(max((one.comparison for one in faults), key=lambda one: one.crashed))
        or _form(faults)
        or _option(teller, faults[0])
        or _context(told)
        or _first_two(teller, told)
        or UNKNOWN
    )


def crash_of(found: Comparison) -> Diagnosis | None:
    """The error that it raises, where that is half of what is off."""
    if found.crashed < 0.5 * found.tv:
        return None
    error = next(key for key, came, _ in found.rows if isinstance(key, Crash) and came)
    words = f"It raises an error with chance {found.crashed:.2g}: {error.kind}: {error.message}."
    return Diagnosis("crash", words, FIXES["crash"])


def _form(faults: Sequence[Told]) -> Diagnosis | None:
    """Texts that are too long, too short, or go on behind their end."""
    for fault in faults:
        eos, length = fault.asked.options.get("eos"), fault.asked.length
        for text, chance in fault.law.items():
            if isinstance(text, Crash) or chance < SAME:
                continue
            if len(text) > length:
                words = f"{len(text)} tokens come out where {length} were asked for."
            elif eos in text[:-1]:
                words = "The text goes on behind its end token."
            elif len(text) < length and (not text or text[-1] != eos):
                words = f"{len(text)} tokens come out where {length} were asked for, and no end token."
            else:
                continue
            return Diagnosis("stopping", words, "Cut the round at the first end token and at max_new_tokens.")
    return None


def _as_it_is(context: tuple[int, ...], law: np.ndarray) -> np.ndarray:
    """A processor that changes nothing."""
    return law


NEUTRAL = {"eos": None, "processor": _as_it_is, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
"""Options that shape the text, with the values that do not."""


def _option(teller: Teller, fault: Told) -> Diagnosis | None:
    """The option without which the generator is exact."""
    for name in fault.asked.options:
        if name not in NEUTRAL:
            continue
        without = {**fault.asked.options, name: NEUTRAL[name]}
        if not _exact(teller, replace(fault.asked, options=without)):
            continue
        if fault.asked.options.get("temperature") == 0 and _emits_ties(fault):
            return Diagnosis(
                "arithmetic",
                "Of equally likely tokens another one is taken than by plain greedy decoding.",
                "Take the lowest id among equals in both places.",
            )
        kind, words, fix = OPTIONS.get(name, SHAPED)
        return Diagnosis(kind, words.format(name), fix)
    return None


def _emits_ties(fault: Told) -> bool:
    """Whether each emitted token is one of the target's most likely ones."""
    for text, chance in fault.law.items():
        if isinstance(text, Crash) or chance < SAME:
            continue
        for i, token in enumerate(text):
            law = fault.asked.pair.laws((*fault.asked.prompt, *text[:i]))[0]
            if law[token] < law.max() - 1e-12:
                return False
    return True


def _exact(teller: Teller, asked: Asked) -> bool:
    try:
        told = tell(teller, asked, DOUBLE, time.monotonic() + SECONDS)
    except (Unsupported, Unreadable):
        return False
    return told.comparison.verdict == "exact"


def _context(told: Sequence[Told]) -> Diagnosis | None:
    """Tokens where the target was never asked."""
    unasked = max(one.unasked for one in told)
    if unasked < SAME:
        return None
    return Diagnosis(
        "context",
        f"With chance {unasked:.2g} a token comes out after a text that the target was never shown.",
        "Let the target read every emitted token, and forget what was rejected, before the next round.",
    )


def _first_two(teller: Teller, told: Sequence[Told]) -> Diagnosis | None:
    """The known mistake of a round with one drafted token that gives the law of two tokens."""
    pairs = [one for one in told if one.asked.length == 2 and not set(one.asked.options) & set(NEUTRAL)]
    for one in KNOWN if pairs else ():
        if all(apart(told_.law, two_tokens(told_.asked, one)) < SAME for told_ in pairs):
            return Diagnosis(one.kind, one.words, FIXES.get(one.kind, FIXES["draft"]))
    return None
