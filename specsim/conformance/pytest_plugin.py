"""The kit in anybody's tests: `pip install specsim-decoding[pytest]`.

    def test_mine(sd_conform):
        sd_conform(my_verify)                              # fails with the words of the report

    @pytest.mark.sd_lossless(tol=1e-6)
    def test_mine():
        return my_verify                                   # the same; options go to the check

    pytest --sd-method sample                              # walk (exact), inject, or sample

A summary at the end says what was found, and by which method. What was sampled is never "exact" there: it
was not rejected, and would have been, with probability 0.99, if it were further off than stated.

Nothing is imported before a test asks for it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

METHODS = ("exact", "inject", "sample")
KEY = "sd_conform"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--sd-method`."""
    group = parser.getgroup("specsim", "exactness of speculative decoding")
    group.addoption(
        "--sd-method",
        choices=METHODS,
        default="exact",
        help="how verifiers are checked: by exact law, by injected uniforms, or by sampling (default: exact)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker."""
    config.addinivalue_line(
        "markers",
        "sd_lossless(tol=1e-6, **options): the test returns a verifier, generator or drafter to check",
    )


@pytest.fixture
def sd_conform(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """A function that checks a verifier, a generator or a drafter, and fails with the words of the report.

    sd_conform(subject, tol=..., method=..., **options) -> Report; see specsim.conformance.front.check_any.
    """

    def conform(subject: Any, **options: Any) -> Any:
        return _conform(request.node, subject, {**_marked(request.node), **options})

    return conform


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A marked test returns what is to be checked."""
    if pyfuncitem.get_closest_marker("sd_lossless") is None:
        return None
    names = pyfuncitem._fixtureinfo.argnames
    subject = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    if subject is not None:
        _conform(pyfuncitem, subject, _marked(pyfuncitem))
    elif "sd_conform" not in names:
        pytest.fail(
            "a test marked sd_lossless returns what is to be checked, or uses sd_conform", pytrace=False
        )
    return True


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for everything that was checked."""
    lines = list(_lines(terminalreporter.stats))
    if lines:
        terminalreporter.section("speculative decoding")
        for line in lines:
            terminalreporter.write_line(line)


def _lines(stats: dict[str, list[Any]]) -> Iterator[str]:
    for reports in stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                yield from (
                    f"{report.nodeid}: {words}" for key, words in report.user_properties if key == KEY
                )


def _marked(item: Any) -> dict[str, Any]:
    marker = item.get_closest_marker("sd_lossless")
    return dict(marker.kwargs) if marker else {}


def _conform(item: Any, subject: Any, options: dict[str, Any]) -> Any:
    """Check, note the result, and fail where it is not the one hoped for."""
    from .front import check_any

    options.setdefault("method", item.config.getoption("--sd-method"))
    if "tol" in options:
        options["tolerance"] = options.pop("tol")
    report = check_any(subject, **options)
    item.user_properties.append((KEY, _words(report)))
    if report.verdict == "lossy" or (report.verdict == "unknown" and report.method != "sampled"):
        pytest.fail(str(report), pytrace=False)
    return report


def _words(report: Any) -> str:
    """The result in a line."""
    if report.method == "sampled" and report.verdict == "unknown":
        if report.detectable is None:
            return "not rejected"
        return f"not rejected at power 0.99 for TV >= {report.detectable:.2g} ({report.samples} tokens)"
    tv = "" if report.tv is None else f", TV {report.tv:.2g}"
    return f"{report.verdict} ({report.method}{tv})"
