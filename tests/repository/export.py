"""Make a repository of mini and distractors, with its index images in several files: ``python export.py FOLDER``.

The repository is ``FOLDER/repository``, and the images as they were drawn lie in ``FOLDER/raw/images``.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "support"))
from distractors import Distractors
from prepared import split_corpus

from pixret.loader import prepare, prepare_distractors
from pixret.repository import describe_repository
from pixret.synth import write_mini


def main():
    folder = Path(sys.argv[1])
    summary = write_mini(folder / "raw")
    prepare("mini", summary.source, folder / "repository", jobs=1)
    split_corpus(folder / "repository" / "mini")
    describe_repository(folder / "repository")
    prepare_distractors(Distractors(folder / "revisitop1m").write(), folder / "repository", archives=3, jobs=1)


main()
