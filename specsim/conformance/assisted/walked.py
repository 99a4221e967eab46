"""The exact law of one assisted generation, against the target's own."""

import time
from dataclasses import replace
from typing import Any

import numpy as np

from ..budget import DOUBLE
from ..comparing import Comparison, compare
from ..engine import Crash, Law, Unsupported, exact_law
from ..gallery.contracts import asked, text_law
from ..models import SHAPING
from ..report import Counterexample, Diagnosis, Report
from ..walking import quiet
from .pairs import model
from .settings import SETTINGS, Setting

LENGTH = 3
LEAVES = 20_000


def check_setting(name: str, *, length: int = LENGTH, seconds: float = 60.0) -> Report:
    """The report on one of SETTINGS. Raises ValueError for a name that is none.

    length: new tokens. seconds: after which the rest is left unexplored.
    """
    if name not in SETTINGS:
        raise ValueError(f"a setting is one of {', '.join(SETTINGS)}, got {name!r}")
    setting = SETTINGS[name]
    target = model(1, layers=setting.layers)
    report = Report("unknown", "exact law", unexplored=1.0, tolerance=DOUBLE.tolerance, subject=name)
    began = time.monotonic()
    try:
        law = _walked(target, setting, length, seconds)
    except Unsupported as refused:
        return replace(report, notes=(str(refused),))
    found = compare(law.chances, _due(target, setting, length), law.unexplored)
    spent = f"{law.leaves} runs in {time.monotonic() - began:.0f} s"
    report = replace(
        report,
        verdict=found.verdict,
        tv=found.tv,
        unexplored=found.unexplored,
        cases=1,
        notes=(*_remarks(found), spent),
    )
    if found.verdict != "lossy":
        return report
    return replace(report, diagnosis=_named(found, setting), counterexample=_shown(setting, found, length))


def _walked(target: Any, setting: Setting, length: int, seconds: float) -> Law:
    """Every random choice of a call of `generate`."""
    import torch

    prompt = torch.tensor([setting.prompt])
    keywords = setting.keywords()

    def generate() -> list[int]:
        with quiet():
            made = target.generate(
                prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=length, **keywords
            )
        return made[0, prompt.shape[1] :].tolist()

    with _silence(), torch.random.fork_rng():
        generate()  # what it imports on the way is loaded before the walk
        return exact_law(generate, leaves=LEAVES, seconds=seconds)


def _due(target: Any, setting: Setting, length: int) -> dict[Any, float]:
    """The law of texts, from the target's logits and a softmax in float64."""
    import torch

    def law(context: tuple[int, ...]) -> np.ndarray:
        with torch.no_grad():
            return target(torch.tensor([context])).logits[0, -1].double().softmax(-1).numpy()

    shape = {name: value for name, value in setting.shape.items() if name in SHAPING}
    return text_law(asked(law, **shape), setting.prompt, length, setting.shape.get("eos"))


class _silence:
    """transformers warns of settings, not of laws."""

    def __enter__(self) -> None:
        from transformers.utils import logging

        self.level = logging.get_verbosity()
        logging.set_verbosity_error()

    def __exit__(self, *_: Any) -> None:
        from transformers.utils import logging

        logging.set_verbosity(self.level)


def _remarks(found: Comparison) -> tuple[str, ...]:
    said = []
    if found.forbidden:
        said.append(f"texts that must not come: chance {found.forbidden:.2g}")
    if found.crashed:
        said.append(f"it raises an error: chance {found.crashed:.2g}")
    return tuple(said)


def _named(found: Comparison, setting: Setting) -> Diagnosis:
    crash = next((key for key, came, _ in found.rows if isinstance(key, Crash) and came), None)
    if crash is not None and found.crashed > found.tv / 2:
        return Diagnosis("crash", f"It raises {crash.kind}: {crash.message}", "Report it to transformers.")
    words = setting.known or "Assisted generation has another law than plain sampling."
    return Diagnosis(
        "row" if setting.known else "acceptance", words, "Do without this setting where exactness matters."
    )


def _shown(setting: Setting, found: Comparison, length: int) -> Counterexample:
    inputs = {"prompt": list(setting.prompt), "max_new_tokens": length, "setting": setting.words}
    return Counterexample(inputs, found.rows[:27], found.tv)
