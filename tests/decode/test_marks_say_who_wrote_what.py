"""Every token of a text is marked: drafted and kept, a correction, a bonus, or the target's own."""

from collections import Counter

import pytest

from specsim.core import paths
from specsim.decode import autoregressive, generate, prompt_lookup
from specsim.decode.marks import kinds, pieces
from specsim.models import iid, load_pair
from specsim.report import coloured
from specsim.shapes import read_shape

BUILTIN = load_pair("builtin")
PROMPT = "The list of lists is a list of"


def made_with(draft=BUILTIN.draft, **settings):
    return generate(BUILTIN.target, draft, PROMPT, max_new_tokens=40, **{"gamma": 3, "rng": 2, **settings})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"draft": prompt_lookup(1)},
        {"gamma": None, "shape": "tree:2,2"},
        {"stop": " the"},
        {"temperature": 0},
    ],
    ids=str,
)
def test_the_pieces_make_up_the_text_and_count_what_the_rounds_did(settings):
    made = made_with(**settings)
    assert "".join(text for _, text in pieces(made, BUILTIN.tokenizer)) == made.text
    found = Counter(kind for one in made.rounds for kind in kinds(one))
    assert sum(found.values()) == len(made.tokens)
    assert sum(min(one.kept, one.emitted) for one in made.rounds) == found["accepted"]


def test_pieces_of_ids_are_the_ids():
    pair = load_pair("toy")
    made = generate(pair.target, pair.draft, [0], gamma=2, max_new_tokens=9, rng=1)
    assert "".join(text for _, text in pieces(made, None)).split() == [str(token) for token in made.tokens]


def test_plain_text_is_marked_as_undrafted():
    made = autoregressive(BUILTIN.target, PROMPT, max_new_tokens=9, rng=1)
    assert pieces(made, BUILTIN.tokenizer) == [("undrafted", made.text)]


def test_the_token_behind_a_whole_draft_is_a_bonus_and_all_others_are_corrections():
    laws = iid([0.6, 0.4]), iid([0.4, 0.6])
    for name in ("chain:3", "tree:2,2", "parent:0,1,0"):
        tree = read_shape(name)
        parent = getattr(tree, "parent", tree)
        leaves = {len(path) for node, path in enumerate(paths(parent)) if node and node not in parent}
        made = generate(*laws, [0], shape=name, max_new_tokens=60, rng=3)
        for one in made.rounds[:-2]:
            assert one.full == (kinds(one)[-1] == "bonus")
            if leaves == {max(leaves)}:  # all as deep as each other
                assert one.full == (one.kept == max(leaves))
    assert any(one.full and one.kept == 1 for one in made.rounds)  # the short branch of the last tree
    assert any(not one.full and one.kept == 1 for one in made.rounds)  # its long branch, left half-way


def test_html_shows_the_text_and_the_counts_and_nothing_raw():
    made = generate(BUILTIN.target, BUILTIN.draft, "if a < b:", gamma=3, max_new_tokens=30, rng=2)
    page = coloured(made, BUILTIN.tokenizer)
    assert "a &lt; b" in page
    assert f"{sum(one.kept for one in made.rounds)} <span" in page
    assert f"{made.tokens_per_round:.2f} tokens per round" in page
