"""The rules of the core as a table."""

from rich import box
from rich.table import Table

from ..core import rules


def rules_table() -> Table:
    """Name, whether the output law is the target's own, drafts that are verified, source."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in ("rule", "output", "drafts", "source"):
        table.add_column(heading, overflow="fold")
    for name in rules.names():
        rule = rules.get(name)
        drafts = "chains" if rule.chains_only else "any tree"
        table.add_row(name, "exact" if rule.exact else "lossy", drafts, rule.source)
    return table
