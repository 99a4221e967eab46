"""Whole generators by sampling: teacher-forced, against a second generator, and what needs no law at all."""

import os
from collections import Counter
from typing import Any

import numpy as np
import pytest

from specsim import decode
from specsim.conformance import EProcess, SwapTest, check_generator
from specsim.conformance.gallery import GALLERY
from specsim.conformance.gallery.reference import generate
from specsim.conformance.gallery.toys import TOYS
from specsim.conformance.generator import takes_models
from specsim.conformance.teacher import forced
from specsim.models import load_pair, markov

TOY = TOYS["toy"]
PROMPTS = [(0,), (1,), (2,)]


def bound(wrong: Any = None) -> Any:
    """A speculative decoder of the toy with its models inside; `wrong` corrects a finished text."""

    def run(prompt: Any, max_new_tokens: int, rng: Any) -> list[int]:
        text = generate(TOY.target, TOY.draft, prompt, max_new_tokens, rng, gamma=2)
        return text if wrong is None else wrong(list(text), rng)

    return run


def tilted(text: list[int], rng: np.random.Generator) -> list[int]:
    """Every fifth token is replaced by 0."""
    return [0 if rng.random() < 0.2 else token for token in text]


def plain(prompt: Any, max_new_tokens: int, rng: Any, model: Any = TOY.target) -> list[int]:
    text = tuple(prompt)
    for _ in range(max_new_tokens):
        text += (int(rng.choice(4, p=model(text))),)
    return list(text[len(prompt) :])


def test_a_right_generator_passes_and_says_what_it_would_have_caught():
    report = check_generator(bound(), TOY.target, TOY.draft, prompts=PROMPTS, max_tokens=400, rng=1)
    assert (report.verdict, report.method) == ("unknown", "sampled")
    assert report.samples >= 400
    assert 0 < report.detectable < 0.5
    assert "would have caught TV" in str(report)


@pytest.mark.parametrize("draft", [None, TOY.draft], ids=["target alone", "with the draft"])
def test_a_wrong_generator_is_lossy(draft):
    report = check_generator(bound(tilted), TOY.target, draft, prompts=PROMPTS, max_tokens=4000, rng=1)
    assert (report.verdict, report.method) == ("lossy", "sampled")
    assert report.evalue >= 1e6


def test_a_draft_that_is_never_verified_is_found_soon():
    report = check_generator(
        lambda prompt, n, rng: plain(prompt, n, rng, TOY.draft), TOY.target, TOY.draft, prompts=PROMPTS, rng=2
    )
    assert report.verdict == "lossy"
    assert report.samples < 300


def test_specsims_own_decoder_passes():
    pair = load_pair("toy")

    def run(prompt: Any, max_new_tokens: int, rng: Any) -> Any:
        made = decode.generate(
            pair.target, pair.draft, prompt, gamma=3, max_new_tokens=max_new_tokens, rng=rng
        )
        return made.tokens

    report = check_generator(run, pair.target, pair.draft, prompts=[(0,), (1,)], max_tokens=300, rng=3)
    assert report.verdict == "unknown"


def test_what_cannot_be_walked_is_sampled_if_there_are_prompts():
    def run(target: Any, draft: Any, prompt: Any, max_new_tokens: int, rng: Any) -> list[int]:
        hidden = np.random.default_rng(int.from_bytes(os.urandom(4)))
        return generate(target, draft, prompt, max_new_tokens, hidden)

    assert check_generator(run, seconds=2).verdict == "unknown"
    sampled = check_generator(run, TOY.target, TOY.draft, prompts=PROMPTS, max_tokens=60, seconds=2)
    assert (sampled.verdict, sampled.method) == ("unknown", "sampled")


def test_a_generator_that_takes_its_models_is_judged_by_its_exact_law():
    report = check_generator(generate, options={"gamma": 1})
    assert (report.verdict, report.method) == ("exact", "exact law")


@pytest.mark.parametrize(
    "wrong, kind",
    [
        (lambda text, rng: [*text, 0], "stopping"),
        (lambda text, rng: [3, *text[1:]], "stopping"),
        (lambda text, rng: [1 // 0], "crash"),
    ],
    ids=["too long", "beyond the end token", "crash"],
)
def test_what_is_wrong_whatever_the_law_is_seen_at_once(wrong, kind):
    report = check_generator(bound(wrong), TOY.target, prompts=PROMPTS, eos=3, rng=0)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", kind)


def test_a_token_without_chance_is_seen_at_once():
    never = markov([1, 0], [[1, 0], [0.5, 0.5]])
    report = check_generator(
        lambda prompt, n, rng: [1], never, prompts=[(0,)], max_new_tokens=1, tolerance=0, rng=0
    )
    assert report.verdict == "lossy"
    assert "no chance" in report.diagnosis.words


def test_options_that_shape_the_law_are_asked_of_the_target_too():
    given = {"temperature": 0.5, "gamma": 2}
    right, wrong = GALLERY["C12"].run, GALLERY["M09"].run
    options = {"prompts": PROMPTS, "options": given, "exactly": False, "max_tokens": 900, "rng": 4}
    assert check_generator(right, TOY.target, TOY.draft, **options).verdict == "unknown"
    assert check_generator(wrong, TOY.target, TOY.draft, **options).verdict == "lossy"


def test_a_test_can_be_gone_on_with():
    test = EProcess(tolerance=1e-6)
    for seed in (1, 2):
        check_generator(bound(), TOY.target, prompts=PROMPTS, max_tokens=50, rng=seed, test=test)
    assert test.tokens >= 100


def test_without_laws_a_second_generator_serves():
    right = check_generator(bound(), reference=plain, prompts=[(0,)], max_new_tokens=4, max_tokens=800, rng=5)
    wrong = check_generator(bound(tilted), reference=plain, prompts=[(0,)], max_new_tokens=4, rng=5)
    assert (right.verdict, wrong.verdict) == ("unknown", "lossy")
    assert 0 < right.detectable <= 1


def test_a_saved_comparison_goes_on_as_if_never_stopped(tmp_path):
    rng = np.random.default_rng(8)
    pairs = [(rng.integers(0, 3, 3), rng.integers(0, 2, 3)) for _ in range(12)]
    whole, part = SwapTest(alpha=1e-3), SwapTest(alpha=1e-3)
    for one, other in pairs:
        whole.update(one, other, prompt=np.array([1, 2]))
    for one, other in pairs[:5]:
        part.update(one, other, prompt=np.array([1, 2]))
    part.save(tmp_path / "test.json")
    resumed = SwapTest.load(tmp_path / "test.json")
    for one, other in pairs[5:]:
        resumed.update(one, other, prompt=(1, 2))
    for name in ("alpha", "evalue", "peak", "pairs", "tokens"):
        assert getattr(resumed, name) == getattr(whole, name)
    with pytest.raises(ValueError, match=r"as EProcess\.save writes it"):
        EProcess.load(tmp_path / "test.json")


def test_a_comparison_can_be_gone_on_with():
    test, asked = SwapTest(), {"prompts": [(0,)], "max_new_tokens": 4, "max_tokens": 40}
    for seed in (1, 2):
        check_generator(bound(), reference=plain, rng=seed, test=test, **asked)
    assert test.tokens >= 80
    with pytest.raises(ValueError, match="SwapTest is needed, got EProcess"):
        check_generator(bound(), reference=plain, test=EProcess(), **asked)


def test_exchanging_the_generators_gives_mean_one():
    """Each pair of texts and its exchange: the two factors average to 1, in every history and strategy."""
    rng, test = np.random.default_rng(6), SwapTest()
    for _ in range(20):
        one, other = rng.integers(0, 3, 4).tolist(), rng.integers(0, 3, 4).tolist()
        before = test._log.copy()
        counts = {name: tuple(Counter(c) for c in pair) for name, pair in test._counts.items()}
        grown = []
        for texts in ((one, other), (other, one)):
            test._log = before.copy()
            test._counts = {name: tuple(Counter(c) for c in pair) for name, pair in counts.items()}
            test.update(*texts)
            grown.append(np.exp(test._log - before))
        assert abs(sum(grown) / 2 - 1).max() < 1e-12


def test_teachers_of_every_kind_agree():
    pair = load_pair("toy")
    text = [0, 1, 2, 2, 0]
    by_context = forced(lambda context: pair.target(np.array([context]))[0], (1,), text)
    assert (forced(pair.target, (1,), text) == by_context).all()
    assert forced(markov([0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]]), (), [0, 1]).tolist() == [
        [0.5, 0.5],
        [0.9, 0.1],
    ]

    class Network:
        def laws(self, prompt: Any, tokens: Any) -> Any:
            return by_context

    assert (forced(Network(), (1,), text) == by_context).all()


def test_models_among_the_arguments_are_recognised():
    assert takes_models(generate)
    assert not takes_models(plain)


def test_nothing_to_compare_with_is_refused():
    with pytest.raises(ValueError, match="nothing to hold the texts against"):
        check_generator(plain, prompts=PROMPTS)
    with pytest.raises(ValueError, match="needs prompts"):
        check_generator(plain, TOY.target)
    with pytest.raises(ValueError, match="generate is called as"):
        check_generator(lambda prompt: [0], TOY.target, prompts=PROMPTS)
