"""A model whose passes are timed, so that the time of a round can be told apart."""

from typing import Any

from ..decode.timing import seconds


class Timed:
    """A model as it is, but of each pass of its sessions the seconds are kept in `seconds`."""

    def __init__(self, model: Any) -> None:
        self._model, self.seconds = model, list[float]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def __call__(self, tokens: Any) -> Any:
        return self._model(tokens)

    def session(self, *how: Any) -> "TimedSession":
        """A session of the model, watched."""
        return TimedSession(self._model.session(*how), self.seconds)


class TimedSession:
    """A session as it is, but the seconds of each `extend` are added to a list."""

    def __init__(self, reader: Any, seconds: list[float]) -> None:
        self._reader, self._seconds = reader, seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def extend(self, *read: Any, **how: Any) -> Any:
        """Read, on the clock."""
        start = seconds()
        laws = self._reader.extend(*read, **how)
        self._seconds.append(seconds() - start)
        return laws
