"""What surrounds the rule: seeds, batches, second calls, log-probabilities, each kept and each broken."""

import math

import numpy as np
import pytest

from specsim.conformance import GALLERY
from specsim.conformance.gallery.reference import generate
from specsim.conformance.state import (
    check_batch,
    check_logprobs,
    check_repeats,
    check_seeds,
    check_state,
    divergence,
)

RIGHT = GALLERY["C12"].run


@pytest.mark.parametrize("check", [check_batch, check_logprobs, check_repeats])
def test_what_keeps_a_promise_passes(check):
    assert check(RIGHT).verdict == "exact"


def test_log_probabilities_are_audited_under_the_options_that_were_asked_for():
    assert check_logprobs(RIGHT, temperature=0.5, length=2).verdict == "exact"

    def cold(target, draft, prompt, max_new_tokens, rng, *, temperature, logprobs):
        tokens, _ = RIGHT(target, draft, prompt, max_new_tokens, rng, temperature=temperature, logprobs=True)
        return tokens, [math.log(target((*prompt, *tokens[:i]))[x]) for i, x in enumerate(tokens)]

    report = check_logprobs(cold, temperature=0.5, length=2)
    assert report.diagnosis.words.endswith("before temperature, filters and processors.")


@pytest.mark.parametrize("id, words", [("M52", "a decision which has been made"), ("X27", "draft model's")])
def test_wrong_log_probabilities_are_told_apart(id, words):
    report = check_logprobs(GALLERY[id].run)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", "logprobs")
    assert words in report.diagnosis.words


def test_log_probabilities_that_do_not_come_are_asked_for():
    with pytest.raises(ValueError, match="returns \\(tokens, logprobs\\)"):
        check_logprobs(
            lambda target, draft, prompt, n, rng, logprobs: generate(target, draft, prompt, n, rng)
        )


def test_a_seed_that_replays_is_not_proved_exact():
    report = check_seeds(RIGHT)
    assert (report.verdict, report.method) == ("unknown", "sampled")
    assert report.samples > 0


def seeded(make):
    """A generator whose random numbers come from make(seed)."""

    def run(target, draft, prompt, max_new_tokens, rng=None, *, seed=None):
        return generate(target, draft, prompt, max_new_tokens, rng if seed is None else make(seed))

    return run


@pytest.mark.parametrize(
    "run, words",
    [
        (GALLERY["M51"].run, "In a batch"),
        (GALLERY["X26"].run, "The same request with the same seed"),
        (seeded(lambda seed: np.random.default_rng(3)), "the same for every seed"),
    ],
    ids=["one stream", "no use", "constant"],
)
def test_seeds_that_are_not_honoured_are_told_apart(run, words):
    report = check_seeds(run)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", "seed")
    assert words in report.diagnosis.words


def test_what_takes_no_batch_is_not_asked_for_one():
    report = check_seeds(seeded(np.random.default_rng))
    assert report.verdict == "unknown"
    assert any("batches were not looked at" in note for note in report.notes)


def shared_coins(target, draft, prompt, max_new_tokens, rng):
    """All rows of a batch take the same random numbers."""
    alone = np.isscalar(prompt[0])
    uniforms = rng.random(max_new_tokens)
    texts = []
    for begun in [prompt] if alone else prompt:
        text = list(begun)
        for u in uniforms:
            text.append(int(u >= target(tuple(text))[0]))
        texts.append(text[len(begun) :])
    return texts[0] if alone else texts


def swapped_rows(target, draft, prompt, max_new_tokens, rng):
    """Rows of a batch come back in the wrong order."""
    if np.isscalar(prompt[0]):
        return generate(target, draft, prompt, max_new_tokens, rng)
    return [generate(target, draft, row, max_new_tokens, rng) for row in reversed(prompt)]


@pytest.mark.parametrize("run, kind", [(shared_coins, "randomness"), (swapped_rows, "row")])
def test_batches_are_held_against_the_joint_law(run, kind):
    report = check_batch(run)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", kind)


def test_what_returns_no_list_of_texts_is_no_batch():
    with pytest.raises(ValueError, match="list of texts"):
        check_batch(lambda target, draft, prompt, n, rng: generate(target, draft, np.ravel(prompt), n, rng))


class Forgetful:
    """A cache that keeps its first text for ever."""

    def __init__(self):
        self.text = None

    def generate(self, target, draft, prompt, max_new_tokens, rng):
        self.text = self.text or tuple(prompt)
        new = generate(target, draft, self.text, max_new_tokens, rng)
        return new


def test_a_stale_cache_shows_at_the_second_call():
    report = check_repeats(Forgetful().generate)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", "context")
    assert check_repeats(generate).verdict == "exact"


@pytest.mark.parametrize("id", ["M37", "M41", "X25", "M52"])
def test_all_promises_are_found_in_the_signature(id):
    report = check_state(GALLERY[id].run)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", GALLERY[id].kind)


def test_a_generator_that_keeps_what_it_promises_is_exact():
    report = check_state(RIGHT, promises=("eos", "seed", "logprobs", "batch"))
    assert report.verdict == "exact"
    assert any(note.startswith("seed: nothing found") for note in report.notes)


def test_promises_that_nobody_can_make_are_refused():
    with pytest.raises(ValueError, match="'speed'"):
        check_state(RIGHT, promises=("speed",))


def test_more_than_no_token_is_too_many():
    def at_least_one(target, draft, prompt, max_new_tokens, rng):
        return generate(target, draft, prompt, max(1, max_new_tokens), rng)

    report = check_state(at_least_one)
    assert (report.verdict, report.diagnosis.kind) == ("lossy", "stopping")


def logits(drift):
    """A model of three tokens whose logits drift in passes over more than one token."""

    def rows(context, width):
        row = np.array([1.0, 1.5, 0.0]) + (width > 1) * np.array([drift, 0, 0])
        return np.tile(row, (width, 1))

    return rows


@pytest.mark.parametrize("drift, cause", [(0.0, "verifier"), (0.4, "verifier"), (0.6, "forward pass")])
def test_greedy_texts_part_by_the_forward_pass_only_where_it_moves_the_gap(drift, cause):
    found = divergence((0,), [1, 1], [1, 0], logits(drift), gamma=3)
    assert (found.at, found.plain, found.speculative, found.cause) == (1, 1, 0, cause)
    assert found.gap == pytest.approx(0.5)
    assert found.moved == pytest.approx(drift)


def test_texts_of_which_one_begins_the_other_do_not_part():
    assert divergence((0,), [1, 1], [1, 1, 2], logits(0.0), gamma=3) is None
