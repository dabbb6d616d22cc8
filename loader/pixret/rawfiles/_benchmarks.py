"""Where the authors keep what, for each benchmark."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class RawCounts:
    """How much a ground truth file holds: queries, index images, and pairs of each level."""

    queries: int
    images: int
    easy: int
    hard: int
    junk: int


@dataclass(frozen=True, slots=True)
class RawBenchmark:
    """Names of the raw files of one benchmark, and what is known about them.

    `pair_map` and `gnd` are relative to the authors' folder ``pixel_retrieval_benchmarks``; `masks` is the file in
    ``results/pixel-level/METHOD/matching_result``, and `rankings` are the files, in order of preference, in
    ``results/image-level/RANKING``. The archives hold the images: as first released, with faces blurred, and others
    whose images may be either. `gnd_sha256` and `counts` are None where no particular file is meant.
    """

    name: str
    pair_map: str
    gnd: str
    masks: str
    rankings: tuple[str, ...]
    ignored_queries: tuple[int, ...]
    gnd_sha256: str | None
    counts: RawCounts | None
    original_archives: tuple[str, ...] = ()
    blurred_archives: tuple[str, ...] = ()
    other_archives: tuple[str, ...] = ()


_ALL = (
    RawBenchmark(
        name="proxford",
        pair_map="oxford_pair2labelpath.npy",
        gnd="revisitop/data/roxford5k/gnd_roxford5k.pkl",
        masks="proxford.npy",
        rankings=("roxford.npy", "R1Moxford.npy"),
        ignored_queries=(56, 63),
        gnd_sha256="ba7967754bd2d7d2210a5799f9c45ad5835e269a80ef9d3eba44caa35816c471",
        counts=RawCounts(queries=70, images=4993, easy=3029, hard=2497, junk=1356),
        original_archives=("oxbuild_images.tgz",),
        blurred_archives=("oxbuild_images-v1.tgz",),
        other_archives=("revisitop.zip",),
    ),
    RawBenchmark(
        name="prparis",
        pair_map="paris_pair2labelpath.npy",
        gnd="revisitop/data/rparis6k/gnd_rparis6k.pkl",
        masks="prparis.npy",
        rankings=("rparis.npy", "R1Mparis.npy"),
        ignored_queries=(57, 59),
        gnd_sha256="d2e729a5293dda7dda8a15c8383424a42e4964a2c4cfea2f32fa85d11d2df499",
        counts=RawCounts(queries=70, images=6322, easy=6874, hard=10350, junk=7153),
        original_archives=("paris_1.tgz", "paris_2.tgz"),
        blurred_archives=("paris_1-v1.tgz", "paris_2-v1.tgz"),
        other_archives=("revisitop.zip",),
    ),
    RawBenchmark(
        name="mini",
        pair_map="mini_pair2labelpath.npy",
        gnd="revisitop/data/mini/gnd_mini.pkl",
        masks="mini.npy",
        rankings=("mini.npy",),
        ignored_queries=(11,),
        gnd_sha256=None,
        counts=None,
    ),
)

RAW_BENCHMARKS: Mapping[str, RawBenchmark] = MappingProxyType({layout.name: layout for layout in _ALL})
"""Every known layout, by the name of its benchmark."""
