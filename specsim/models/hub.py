"""Names on the Hugging Face hub: whether anybody answers there is found out at once.

Its client tries again and again, for half a minute, before it says that nobody does. So it is asked one
question first. Where nobody answers, a model that was loaded here before is still in the client's own store.
"""

from pathlib import Path

PATIENCE = 10.0
"""Seconds to wait for an answer."""


def only_stored(name: str) -> bool:
    """Whether a model has to come from the store on this machine, because nobody answers.

    Raises FileNotFoundError if it is not there either, or if the hub knows no such model or keeps it closed;
    ValueError for a text that cannot be a name.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    try:
        HfApi().model_info(name, timeout=PATIENCE)
    except HFValidationError as error:
        raise ValueError(
            f"{name!r} is neither a folder nor a name on the Hugging Face hub: {error}"
        ) from error
    except RepositoryNotFoundError as error:
        raise FileNotFoundError(
            f"the Hugging Face hub does not give out {name} ({type(error).__name__}); is the name right? "
            "Closed models ask for a login: hf auth login"
        ) from error
    except Exception as error:  # whatever the client's own client raises where there is no network
        if not _is_stored(name):
            raise FileNotFoundError(
                f"{name} is not on this machine, and the Hugging Face hub cannot be reached ({error}); "
                "pass a folder, or load it once where there is a network"
            ) from error
        return True
    return False


def _is_stored(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "config.json")
    return isinstance(found, str) and Path(found).is_file()
