"""The distractors in revisitop's layout: twelve images in three archives."""

import io
import tarfile

from PIL import Image


class Distractors:
    """The list, and archives in each of which the images lie in the opposite order; to be changed before `write`."""

    def __init__(self, root):
        self.root = root
        self.names = [f"{folder}/{i:02x}" for folder in ("ab", "0c") for i in range(6)]
        images = {f"{name}.jpg": _picture((20 + i, 10)) for i, name in enumerate(self.names)}
        parts = [dict(list(images.items())[i : i + 4]) for i in (0, 4, 8)]
        self.archives = {number: dict(reversed(part.items())) for number, part in enumerate(parts, 1)}

    def write(self):
        """Write the list and the archives."""
        self.root.mkdir(exist_ok=True, parents=True)
        (self.root / "revisitop1m.txt").write_text("".join(f"{name}.jpg\n" for name in self.names))
        for number, files in self.archives.items():
            self.pack(number, files)
        return self.root

    def pack(self, number, files):
        """Write one archive."""
        with tarfile.open(self.root / f"revisitop1m.{number}.tar.gz", "w:gz") as archive:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))


def _picture(size):
    content = io.BytesIO()
    Image.new("RGB", size, (180, 90, 30)).save(content, "JPEG")
    return content.getvalue()
