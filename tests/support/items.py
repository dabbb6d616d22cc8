"""Items as plain values, which compare where arrays do not."""

import numpy as np

from pixret.metrics import Polygons, Ranking, Runs


def plain(item):
    """All that an item says, as nested tuples and lists."""
    if isinstance(item, Ranking):
        return "Ranking", item.query, np.asarray(item.images).tolist()
    return item.query, item.image, item.score, item.rank, _plain_region(item.region)


def plain_rejection(rejection):
    """A rejection with its names as text: the wire and the report carry them so."""
    image = None if rejection.image is None else str(rejection.image)
    return (
        rejection.offset,
        rejection.reason,
        rejection.field,
        rejection.message,
        str(rejection.query),
        image,
    )


def _plain_region(region):
    match region:
        case Polygons(polygons):
            return "Polygons", [np.asarray(polygon).tolist() for polygon in polygons]
        case Runs(height, width, counts):
            return "Runs", height, width, list(counts)
    return region
