"""The plots of a page."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from pixret.metrics import THRESHOLDS, Protocol
from pixret.pages import _curves, _overlaps
from pixret.pages._curves import Curves
from pixret.pages._overlaps import LEVELS, Overlaps
from pixret.pages._svg import color, new_figure, to_svg
from pixret.pages._views import THRESHOLD_KEYS, VIEWS, View
from pixret.reports import ScoreReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 4.4, 3.0
_NOTHING = -0.14  # where the bar of what has no IoU stands
_COLORS = {"segmentation": "masks", "detection": "boxes"}
_DASHED, _DOTTED = (0, (4, 2)), (0, (1, 2))

Lines = Mapping[View, Mapping[float, float]]
"""MAP by IoU threshold, in percent, where it is defined."""


def plot_thresholds(report: ScoreReport) -> dict[Protocol, Markup]:
    """MAP by IoU threshold, on the same scale in every protocol: a line for each convention and task that has one."""
    lines = {view: values for view in VIEWS if (values := _maps(report, view))}
    greatest = max((value for values in lines.values() for value in values.values()), default=0.0)
    step = 10 if greatest > 10 else 1
    top = 1.02 * step * max(1, math.ceil(greatest / step))  # so that a line at the top is not cut in half
    return {protocol: _plot_protocol(lines, protocol, top) for protocol in Protocol}


def _maps(report: ScoreReport, view: View) -> dict[float, float]:
    values = [view.metric(f"map@{key}").read(report).value for key in THRESHOLD_KEYS]
    pairs = zip(THRESHOLDS.tolist(), values, strict=True)
    return {threshold: 100 * value for threshold, value in pairs if value is not None}


def _plot_protocol(lines: Lines, protocol: Protocol, top: float) -> Markup:
    said = []
    with new_figure(_WIDTH, _HEIGHT) as figure:
        axes = figure.add_subplot(xlim=(0.48, 0.97), ylim=(0, top), xticks=THRESHOLDS[::2], xlabel="IoU threshold")
        axes.grid(axis="y", linewidth=0.6)
        for view, values in lines.items():
            if view.protocol is protocol:
                _draw_line(axes, view, values)
                first, last = values[min(values)], values[max(values)]
                said.append(f"{view.convention} {_COLORS[view.task]} from {first:.1f} to {last:.1f}")
        words = "; ".join(said) or "none is defined"
        return to_svg(figure, f"thresholds-{protocol}", f"mAP in percent at IoU thresholds from 0.50 to 0.95: {words}")


def _draw_line(axes: "Axes", view: View, values: Mapping[float, float]) -> None:
    dash = _DASHED if view.convention == "official" else "solid"
    places, heights = list(values.keys()), list(values.values())
    axes.plot(places, heights, color=color(_COLORS[view.task]), linestyle=dash, marker="o", markersize=3)


def plot_curves(curves: Curves, view: View) -> Markup:
    """Precision over recall, a line for each IoU threshold and one for the ranking alone."""
    recall = (np.arange(_curves.BINS) + 0.5) * 100 / _curves.BINS
    with new_figure(_WIDTH, _HEIGHT) as figure:
        axes = figure.add_subplot(xlim=(0, 100), ylim=(0, 102), xlabel="recall")
        axes.grid(linewidth=0.6)
        axes.plot(recall, 100 * curves.ranking, color=color("soft"), linestyle=_DOTTED)
        for step, precision in enumerate(curves.by_threshold):
            axes.plot(recall, 100 * precision, color=color(f"step-{step}"))
        return to_svg(figure, f"curves-{view.convention}-{view.protocol}-{view.task}", _describe_curves(curves))


def _describe_curves(curves: Curves) -> str:
    low, high, ranking = (100 * each.mean() for each in (*curves.by_threshold[[0, -1]], curves.ranking))
    areas = f"{low:.1f} at IoU above 0.50, {high:.1f} above 0.95, {ranking:.1f} of the ranking alone"
    return f"Precision over recall in percent; areas: {areas}"


def plot_overlaps(overlaps: Overlaps, convention: str, task: str) -> Markup:
    """How many positives have which IoU, hard ones upon easy ones; those in which nothing was found stand apart."""
    from matplotlib.ticker import MaxNLocator

    places = np.array([_NOTHING, *(np.arange(_overlaps.BINS) + 0.5) / _overlaps.BINS])
    below = np.zeros(len(places))
    marks = np.linspace(0, 1, 6)
    with new_figure(_WIDTH, _HEIGHT) as figure:
        axes = figure.add_subplot(xlim=(-0.19, 1.02), xlabel="IoU")
        axes.grid(axis="y", linewidth=0.6)
        for level in LEVELS:
            counts = np.array([overlaps.nothing[level], *overlaps.counts[level]])
            axes.bar(places, counts, 0.85 / _overlaps.BINS, below, color=color(level.name.lower()))
            below += counts
        axes.set_xticks([_NOTHING, *marks], ["none", *(f"{mark:.1f}" for mark in marks)])
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        return to_svg(figure, f"overlaps-{convention}-{task}", _describe_overlaps(overlaps))


def _describe_overlaps(overlaps: Overlaps) -> str:
    words = [
        f"{overlaps.total(level)} {level.name.lower()}, of these {overlaps.nothing[level]} with nothing found and "
        f"{overlaps.counts[level][_overlaps.BINS // 2 :].sum()} with an IoU of 0.5 or more"
        for level in LEVELS
    ]
    return f"Positives by IoU: {'; '.join(words)}"
