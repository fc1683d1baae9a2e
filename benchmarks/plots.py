"""One picture for each benchmark: its ratios as bars, with the targets."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.result import Result

_COLORS = {None: "#7f8c9b", True: "#3a8f5c", False: "#c2553d"}


def draw(title: str, results: Sequence[Result], path: Path) -> None:
    """Draw the ratios, and save them as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import ScalarFormatter

    figure = Figure(figsize=(9, 1.3 + 0.24 * len(results)), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(results))
    ratios = [result.ratio for result in results]
    below = [max(0.0, result.ratio - result.spread[0]) for result in results]
    above = [max(0.0, result.spread[1] - result.ratio) for result in results]
    axes.barh(
        places, ratios, xerr=[below, above], color=[_COLORS[result.reached] for result in results], ecolor="#333333"
    )
    for place, result in zip(places, results, strict=True):
        target = result.at_most if result.at_most is not None else result.at_least
        if target is not None:
            axes.plot([target, target], [place - 0.45, place + 0.45], color="black", linewidth=2)
    axes.set_yticks(places, [f"{result.name} / {result.peer_name}" for result in results], fontsize=7)
    axes.margins(y=0.01)
    axes.invert_yaxis()
    if max(ratios) > 20 * min(ratios):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_xlabel("ours over the peer's; a black mark is the target")
    axes.set_title(title, fontsize=10)
    axes.grid(axis="x", alpha=0.3)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Software": None})
