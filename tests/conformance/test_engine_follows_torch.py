"""The exact law of torch code: its own random operations, decided below autograd and above the kernels."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from specsim.conformance.engine import Unsupported, exact_law, numpy_rng, torch_rng  # noqa: E402

from .test_engine_agrees_with_real_draws import fits  # noqa: E402

LAW = torch.tensor([0.25, 0.5, 0.25])
MINE = torch.Generator().manual_seed(4)
QUARTERS = {0: 0.25, 1: 0.5, 2: 0.25}


def race_in_place():
    noise = torch.empty_like(LAW)
    noise.exponential_(generator=MINE)
    return LAW.clone().div_(noise).argmax(dim=-1)


def two_generators():
    noise = torch.empty(2, 3).exponential_()
    noise[1].exponential_(generator=MINE)
    return (LAW.expand(2, 3) / noise).argmax(-1)[1]


def assigned():
    box = torch.zeros(3)
    box[1] = torch.rand(())
    return (box[1] >= 0.25).int() + (box[1:2] >= 0.75).sum()


WAYS = {
    "multinomial": lambda: torch.multinomial(LAW, 1),
    "multinomial item": lambda: torch.multinomial(LAW, 1).item(),
    "multinomial with generator": lambda: torch.multinomial(LAW, 1, generator=torch_rng())[0],
    "multinomial of two": lambda: torch.multinomial(LAW, 2)[0],
    "with replacement": lambda: torch.multinomial(LAW, 2, replacement=True)[1],
    "unscaled weights": lambda: torch.multinomial(LAW * 8, 1),
    "categorical": lambda: torch.distributions.Categorical(LAW).sample(),
    "categorical of logits": lambda: torch.distributions.Categorical(logits=LAW.log()).sample(),
    "coins": lambda: torch.bernoulli(torch.full((2,), 0.5)).sum().int(),
    "coins in place": lambda: torch.empty(2).bernoulli_(0.5).sum().long(),
    "bernoulli": lambda: torch.distributions.Bernoulli(0.5).sample((2,)).sum().int(),
    "cumsum": lambda: (LAW.cumsum(-1) <= torch.rand(1)).sum(),
    "searchsorted": lambda: torch.searchsorted(LAW.cumsum(-1), torch.rand(1, generator=MINE), right=True),
    "bucketize": lambda: torch.bucketize(torch.rand(()), LAW.cumsum(-1), right=True),
    "two comparisons": lambda: ((u := torch.rand(1)) >= 0.25).int() + (u >= 0.75),
    "the other way round": lambda: ((u := torch.rand(1)) >= 0.25).int() + (u >= 0.75),
    "item": lambda: 0 if (u := torch.rand(1).item()) < 0.25 else 1 if u < 0.75 else 2,
    "float": lambda: 0 if (u := float(torch.rand(()))) < 0.25 else 1 if u < 0.75 else 2,
    "tolist": lambda: sum(u < 0.5 for u in torch.rand(2).tolist()),
    "numpy": lambda: int((torch.rand(2).numpy() < 0.5).sum()),
    "vector": lambda: (torch.rand(2) < torch.tensor([0.5, 0.5])).sum(),
    "where": lambda: torch.where(torch.rand(2) < 0.5, 1, 0).sum(),
    "rand_like": lambda: (torch.rand_like(LAW[:2]) < 0.5).sum(),
    "uniform in place": lambda: (torch.empty(2).uniform_(1, 3) < 2).sum(),
    "double": lambda: (torch.rand(2, dtype=torch.float64) < 0.5).sum(),
    "arithmetic": lambda: torch.tensor([0, 1, 1, 2])[(4 * torch.rand(1)).long()],
    "a product": lambda: ((u := torch.rand(1)) * LAW.sum() >= 0.25).int() + (u * LAW.sum() >= 0.75),
    "a logarithm": lambda: (
        (-torch.log(u := torch.rand(1)) <= math.log(4)).int() + (u.log() >= math.log(0.75))
    ),
    "gumbel": lambda: (LAW.log() - torch.log(-torch.log(torch.rand(3)))).argmax(),
    "guarded gumbel": lambda: (LAW.log() - torch.log(-torch.log(torch.rand(3) + 1e-20) + 1e-20)).argmax(-1),
    "gumbel distribution": lambda: (LAW.log() + torch.distributions.Gumbel(0, 1).sample((3,))).argmax(),
    "gumbel with temperature": lambda: (
        ((LAW.log() - torch.empty(3).exponential_().log()) / 0.7).max(-1).indices
    ),
    "top of gumbel": lambda: (LAW.log() - torch.log(-torch.log(torch.rand(3)))).topk(2).indices[0],
    "argmin": lambda: (torch.empty(3).exponential_() / LAW).argmin(),
    "permutation": lambda: torch.tensor([0, 1, 1, 2])[torch.randperm(4)[0]],
    "randint": lambda: torch.randint(0, 2, (2,)).sum(),
    "random in place": lambda: torch.empty(2, dtype=torch.long).random_(2).sum(),
    "gathered": lambda: torch.rand(2)[torch.tensor([1, 0])].lt(0.5).sum(),
    "int as a type": lambda: (torch.rand(2) < 0.5).to(int).sum(dtype=int) + torch.zeros(1, dtype=int),
    "float as a type": lambda: (torch.rand(2) < 0.5).sum(dtype=float) + torch.zeros_like(LAW[0], dtype=float),
    "from numpy": lambda: (torch.from_numpy(numpy_rng().random(2)) < 0.5).sum(),
    "of an array": lambda: (torch.tensor(numpy_rng().random(2)) < 0.5).sum(),
    "of an array in float32": lambda: (torch.as_tensor(numpy_rng().random(2, dtype="f")) < 0.5).sum(),
    "of a part": lambda: (
        ((u := torch.asarray(np.split(numpy_rng().random(2), 2)[1])) >= 0.25).int() + (u >= 0.75)
    ),
    "of a list": lambda: ((u := torch.tensor([0.3, numpy_rng().random()]))[1] >= 0.25).int() + (u[1] >= 0.75),
    "full": lambda: ((u := torch.full((1,), numpy_rng().random())) >= 0.25).int() + (u >= 0.75),
    **{way.__name__: way for way in (race_in_place, two_generators, assigned)},
}


def token(outcome):
    """The one number in nested tuples."""
    while isinstance(outcome, tuple):
        (outcome,) = outcome
    return int(outcome)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_quarters_are_quarters(way):
    law = exact_law(way, lattice="ideal").map(token)
    assert set(law.chances) == set(QUARTERS)
    assert law.unexplored <= 1e-6
    assert all(abs(law.chances[k] - QUARTERS[k]) <= 1e-6 for k in QUARTERS)
    native = exact_law(way).map(token).chances
    assert all(abs(native.get(k, 0.0) - QUARTERS[k]) <= 2e-3 for k in QUARTERS)


def test_zero_is_drawn_as_often_as_each_type_draws_it():
    chances = {
        kind: exact_law(lambda: (torch.rand(1, dtype=kind) <= 0).item()).chances[True]  # noqa: B023
        for kind in (torch.float64, torch.float32, torch.float16, torch.bfloat16)
    }
    assert [math.log2(chance) for chance in chances.values()] == pytest.approx([-53, -24, -12, -9], abs=2e-3)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("bound", [0.3, 0.999, 2.0**-10])
def test_comparisons_in_small_types_are_those_of_torch(kind, bound):
    """Every point of the lattice, compared by torch itself."""
    points = (torch.arange(2**24, dtype=torch.float32) * 2.0**-24).to(kind)
    points[points == 1] = 0
    for compare in (torch.lt, torch.le):
        share = compare(points, bound).double().mean().item()
        law = exact_law(lambda: compare(torch.rand((), dtype=kind), bound).item())  # noqa: B023
        assert law.chances[True] == pytest.approx(share, abs=1e-12)


def test_seeding_again_repeats_the_numbers():
    def twice():
        return [
            torch.rand(1, generator=torch.Generator().manual_seed(3)).item() < bound for bound in (0.25, 0.5)
        ]

    assert exact_law(twice, lattice="ideal").chances == {
        (True, True): 0.25,
        (False, True): 0.25,
        (False, False): 0.5,
    }


def test_manual_seed_inside_is_reported():
    def seeded():
        torch.manual_seed(0)
        return (torch.rand(1) < 0.5).item()

    law = exact_law(seeded)
    assert law.chances == {True: 0.5, False: 0.5}
    assert any("manual_seed(0)" in note for note in law.notes)


def test_saved_states_repeat_the_numbers():
    def saved():
        state = MINE.get_state()
        first = torch.rand(1, generator=MINE) < 0.5
        MINE.set_state(state)
        return first.item() == (torch.rand(1, generator=MINE) < 0.5).item()

    assert exact_law(saved).chances == {True: 1.0}


def test_generators_are_left_as_they_were():
    before, mine = torch.get_rng_state(), MINE.get_state()
    exact_law(lambda: (torch.rand(3) < 0.5).sum() + (torch.rand(3, generator=MINE) < 0.5).sum())
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(mine, MINE.get_state())
    assert isinstance(torch.rand(1).item(), float)


def test_an_impossible_law_crashes_as_torch_does():
    law = exact_law(lambda: torch.multinomial(torch.tensor([math.nan, 1.0]), 1))
    (crash,) = law.chances
    assert crash.kind == "RuntimeError"


REFUSED = {
    "normal": lambda: (torch.randn(1) < 0).item(),
    "sorting": lambda: (torch.rand(3).sort().values[0] < 0.5).item(),
    "sum": lambda: (torch.rand(3).sum() < 1).item(),
    "the number itself": lambda: torch.rand(1),
    "two shapes from one state": lambda: [
        (torch.rand(size, generator=torch.Generator().manual_seed(1)) < 0.5).sum().item() for size in (1, 2)
    ],
    "softmax of noise": lambda: (torch.softmax(torch.rand(3), 0)[0] < 0.3).item(),
    "one race for two picks": lambda: [(noise := torch.rand(3)).argmax(), noise.argmin()],
}


@pytest.mark.parametrize("way", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_followed_is_refused(way):
    with pytest.raises(Unsupported):
        exact_law(way)


def test_real_draws_of_torch_follow_the_exact_law():
    def draw():
        some = torch.multinomial(torch.tensor([0.1, 0.2, 0.3, 0.4]), 2)
        return tuple(some.tolist()), torch.bernoulli(LAW[:1]).item(), (torch.rand(2) * 3).long().sum().item()

    law = exact_law(draw).chances
    torch.manual_seed(5)
    assert fits(law, Counter(draw() for _ in range(20_000)))


def expected_speculative(target, draft, tokens):
    """The law of one verification from the formulas, in float64."""
    law, reached = Counter(), 1.0
    for position, drafted in enumerate(tokens):
        keep = min(1.0, target[position, drafted] / draft[position, drafted])
        rest = np.maximum(target[position] - draft[position], 0)
        for other in np.flatnonzero(rest):
            law[(*tokens[:position], int(other))] += reached * (1 - keep) * rest[other] / rest.sum()
        reached *= keep
    for other, chance in enumerate(target[-1]):
        law[(*tokens, other)] += reached * chance
    return law


def test_transformers_speculative_sampling_has_the_law_of_the_formula():
    utils = pytest.importorskip("transformers.generation.utils")
    generator = torch.Generator().manual_seed(2)
    new, old = torch.randn(1, 3, 4, generator=generator), torch.randn(1, 2, 4, generator=generator)
    for tokens in itertools.product(range(4), repeat=2):
        ids = torch.tensor([[0, *tokens]])
        law = exact_law(lambda: utils._speculative_sampling(ids, old, 2, new)[0][0]).chances  # noqa: B023
        laws = [rows[0].double().softmax(-1).numpy() for rows in (new, old)]
        expected = expected_speculative(*laws, tokens)
        assert sum(abs(law.get(k, 0) - expected[k]) for k in {*law, *expected}) <= 1e-6


@pytest.fixture(scope="module")
def llamas():
    """Two random Llamas of three tokens."""
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        vocab_size=3,
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=64,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=0,
        initializer_range=1.0,
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return [transformers.LlamaForCausalLM(config).eval() for _ in range(2)]


def test_transformers_assisted_generation_has_the_targets_law(llamas):
    target, draft = llamas
    prompt = torch.tensor([[0, 1]])
    draft.generation_config.num_assistant_tokens = 1
    draft.generation_config.num_assistant_tokens_schedule = "constant"
    draft.generation_config.assistant_confidence_threshold = 0.0
    options = {"do_sample": True, "top_k": 0, "max_new_tokens": 3, "attention_mask": torch.ones_like(prompt)}
    law = exact_law(lambda: target.generate(prompt, assistant_model=draft, **options)[0, 2:])
    with torch.no_grad():
        for text in itertools.product(range(3), repeat=3):
            rows = target(torch.tensor([[0, 1, *text]])).logits[0].double().log_softmax(-1)
            chance = math.exp(sum(rows[1 + place, token] for place, token in enumerate(text)))
            assert law.chances[text] == pytest.approx(chance, abs=1e-6)
