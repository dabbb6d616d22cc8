"""Which files there are, and where."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pixret.rawfiles import RAW_BENCHMARKS


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A published file: its name, its addresses in the order in which they are tried, its SHA-256 where it is known."""

    name: str
    urls: tuple[str, ...]
    sha256: str | None = None

    @property
    def is_archive(self) -> bool:
        """Whether its name is that of an archive."""
        return self.name.endswith((".tgz", ".tar.gz", ".zip", ".rar"))


@dataclass(frozen=True, slots=True)
class RawFiles:
    """What a benchmark is made of.

    `labels` is an archive that holds the folder with the pair map; `images` lists sets of archives, each of which has
    all images, the preferred one first.
    """

    labels: RemoteFile
    gnd: RemoteFile
    images: tuple[tuple[RemoteFile, ...], ...]

    def without_images(self) -> "RawFiles":
        """The annotations alone."""
        return replace(self, images=((),))

    def without(self, unwanted: Collection[str]) -> "RawFiles":
        """The same, without the sets of archives that have one whose name is unwanted."""
        kept = tuple(way for way in self.images if not any(file.name in unwanted for file in way))
        return replace(self, images=kept)


# robots.ox.ac.uk redirects to thor.robots.ox.ac.uk, which also answers when the former does not.
_OXFORD = ("https://www.robots.ox.ac.uk/~vgg/data/oxbuildings", "https://thor.robots.ox.ac.uk/oxbuildings")
_PARIS = ("https://www.robots.ox.ac.uk/~vgg/data/parisbuildings", "https://thor.robots.ox.ac.uk/parisbuildings")
_REVISITOP = ("http://cmp.felk.cvut.cz/revisitop/data/datasets", "https://cmp.felk.cvut.cz/revisitop/data/datasets")
_AUTHORS = ("https://sgvr.kaist.ac.kr/~guoyuan/Segment_retrieval",)
_DISTRACTORS = ("http://ptak.felk.cvut.cz/revisitop/revisitop1m", "https://ptak.felk.cvut.cz/revisitop/revisitop1m")


def _file(bases: tuple[str, ...], path: str, sha256: str | None = None) -> RemoteFile:
    return RemoteFile(path.rpartition("/")[2], tuple(f"{base}/{path}" for base in bases), sha256)


_LABELS = _file(_AUTHORS, "pixel_retrieval_benchmarks.rar")
_ALL_IMAGES = (_file(_AUTHORS, "revisitop.zip"),)

RAW_FILES: Mapping[str, RawFiles] = MappingProxyType(
    {
        "proxford": RawFiles(
            labels=_LABELS,
            gnd=_file(_REVISITOP, "roxford5k/gnd_roxford5k.pkl", RAW_BENCHMARKS["proxford"].gnd_sha256),
            images=(
                (_file(_OXFORD, "oxbuild_images-v1.tgz"),),
                _ALL_IMAGES,
                (_file(_OXFORD, "oxbuild_images.tgz"),),
            ),
        ),
        "prparis": RawFiles(
            labels=_LABELS,
            gnd=_file(_REVISITOP, "rparis6k/gnd_rparis6k.pkl", RAW_BENCHMARKS["prparis"].gnd_sha256),
            images=(
                (_file(_PARIS, "paris_1-v1.tgz"), _file(_PARIS, "paris_2-v1.tgz")),
                _ALL_IMAGES,
                (_file(_PARIS, "paris_1.tgz"), _file(_PARIS, "paris_2.tgz")),
            ),
        ),
    }
)
"""The files of each benchmark that can be downloaded, by its name."""

DISTRACTORS: tuple[RemoteFile, ...] = (
    _file(_DISTRACTORS, "revisitop1m.txt"),
    *(_file(_DISTRACTORS, f"jpg/revisitop1m.{number}.tar.gz") for number in range(1, 101)),
)
"""The names of the 1M distractors of revisitop, and the archives with their images."""
