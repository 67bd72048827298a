"""`make demo`."""

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column

from deploy.local.accounts import Running
from deploy.local.home import Home, Refusal

from .adoption import adopt
from .field_work import field_work
from .households import handover
from .licensing import license_centers
from .opening_day import Protocol, open_province
from .page import page
from .screening import screen


def main() -> int:
    console, home = Console(), Home.from_environment()
    progress = Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=10),
        TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=7)),
        TextColumn("{task.fields[result]}"),
        console=console,
    )
    try:
        running = Running.in_folder(home)
        with progress:
            protocol = Protocol(progress)
            report = open_province(running, handover, protocol)
            work = field_work(running, report, protocol)
            autumn = screen(running, report, protocol)
            licences = license_centers(running, home, report, protocol)
            adoptions = adopt(running, report, protocol)
    except Refusal as error:
        sys.stderr.write(f"{error}\n")
        return 1
    file = home.folder / "opening-day.html"
    file.write_text(page(report, work, autumn, licences), encoding="utf-8")
    console.print()
    console.print(report.table())
    console.print(work.table(report.counties))
    console.print(autumn.table(report.counties))
    console.print(licences.table(report.counties))
    console.print(adoptions.table(report.counties))
    console.print(f"Map and tables: {file.as_uri()}", soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
