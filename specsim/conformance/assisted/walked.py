"""The exact law of one assisted generation, against the target's own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..report import Diagnosis, Report
from ..writers import check_writer
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
    write, law = _writer(target, setting, length), _law(target)
    with _silence():
        report = check_writer(
            write, law, [setting.prompt], length, leaves=LEAVES, seconds=seconds, **setting.shape
        )
    if report.verdict == "lossy":
        report = replace(report, diagnosis=_named(report, setting))
    return replace(report, subject=name)


def _writer(target: Any, setting: Setting, length: int) -> Callable[[], list[Any]]:
    """A call of `generate`, unmodified."""
    import torch

    prompt = torch.tensor([setting.prompt])
    keywords = setting.keywords()

    def write() -> list[Any]:
        made = target.generate(
            prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=length, **keywords
        )
        return made[:, prompt.shape[1] :].tolist()

    return write


def _law(target: Any) -> Callable[[tuple[int, ...]], np.ndarray]:
    """The target's own laws: its logits, and a softmax in float64."""
    import torch

    def law(context: tuple[int, ...]) -> np.ndarray:
        with torch.no_grad():
            return target(torch.tensor([context])).logits[0, -1].double().softmax(-1).numpy()

    return law


class _silence:
    """transformers warns of settings, not of laws."""

    def __enter__(self) -> None:
        from transformers.utils import logging

        self.level = logging.get_verbosity()
        logging.set_verbosity_error()

    def __exit__(self, *_: Any) -> None:
        from transformers.utils import logging

        logging.set_verbosity(self.level)


def _named(report: Report, setting: Setting) -> Diagnosis:
    found = report.diagnosis
    assert found is not None
    if found.kind == "crash":
        return replace(found, fix="Report it to transformers.")
    words = setting.known or "Assisted generation has another law than plain sampling."
    return Diagnosis(
        "row" if setting.known else "acceptance", words, "Do without this setting where exactness matters."
    )
