"""Writes docs/scoring-api.md from the contract and its comments."""

import subprocess
import sys
from pathlib import Path

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).parent
CONTRACT = "pixret/scoring/v1/scoring.proto"
PAGE = ROOT.parent / "docs" / "scoring-api.md"


class Reference:
    """What the template asks of the contract: comments and types. A path is that of `SourceCodeInfo.Location`."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self.file = file
        self._comments = {tuple(place.path): place for place in file.source_code_info.location}

    def introduction(self) -> str:
        """The comment at the head of the file."""
        return self.comment(FileDescriptorProto.SYNTAX_FIELD_NUMBER)

    def comment(self, *path: int) -> str:
        """The comment before an element, in one line."""
        return " ".join(self._comments[path].leading_comments.split())

    def type(self, field: FieldDescriptorProto) -> str:
        """The type of a field, with a link if it is one of the contract."""
        name = self.link(field.type_name) if field.type_name else FieldDescriptorProto.Type.Name(field.type)
        words = name if field.type_name else name.removeprefix("TYPE_").lower()
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            return f"repeated {words}"
        return f"optional {words}" if field.proto3_optional else words

    def link(self, type_name: str) -> str:
        """The name of a type, linked to where it is described."""
        name = type_name.removeprefix(f".{self.file.package}.")
        return name.removeprefix(".") if name.startswith(".") else f"[{name}](#{name.lower()})"


def main() -> None:
    """Read the contract with buf, which keeps the comments, and write the page."""
    build = [Path(sys.executable).with_name("buf"), "build", "--output", "-#format=binpb"]
    image = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603, no input from outside
    (file,) = (file for file in FileDescriptorSet.FromString(image).file if file.name == CONTRACT)
    loader = FileSystemLoader(ROOT)
    templates = Environment(  # noqa: S701, the page is Markdown and holds the project's own words
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.filters["cell"] = lambda text: text.replace("|", r"\|")
    page = templates.get_template("reference.md.j2").render(reference=Reference(file), file=file)
    PAGE.write_text(page.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
