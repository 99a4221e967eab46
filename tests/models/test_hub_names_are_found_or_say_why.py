"""A name on the Hugging Face hub is asked for once; where nobody answers, that is said at once."""

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from specsim.models import hub, load


def answering(monkeypatch, answer, stored=None):
    """A hub that answers so, and a store that holds the model or does not."""

    def model_info(self, name, timeout):
        if answer is not None:
            raise answer
        return name

    monkeypatch.setattr(HfApi, "model_info", model_info)
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda name, file: stored)


SILENT = ConnectionError("Name or service not known")


def refusal(kind):
    """An error of this kind, without the response of a server that it wants to be made of."""
    return type(kind.__name__, (kind,), {"__init__": lambda self: None})()


def test_a_hub_that_answers_is_asked_for_the_files(monkeypatch):
    answering(monkeypatch, None)
    assert hub.only_stored("org/name") is False


def test_without_an_answer_the_store_is_used(monkeypatch, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    answering(monkeypatch, SILENT, str(tmp_path / "config.json"))
    assert hub.only_stored("org/name") is True


def test_without_an_answer_and_a_stored_model_both_are_named(monkeypatch):
    answering(monkeypatch, SILENT)
    with pytest.raises(FileNotFoundError, match=r"org/name is not on this machine.*cannot be reached"):
        load("org/name")


@pytest.mark.parametrize("kind", [RepositoryNotFoundError, GatedRepoError])
def test_what_the_hub_does_not_give_out_is_said(monkeypatch, kind):
    answering(monkeypatch, refusal(kind))
    with pytest.raises(FileNotFoundError, match=f"does not give out org/name.*{kind.__name__}"):
        load("org/name")


def test_what_cannot_be_a_name_is_refused():
    with pytest.raises(ValueError, match="'no such thing' is neither a folder nor a name"):
        load("no such thing")
