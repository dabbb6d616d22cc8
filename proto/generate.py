"""Generates the Python code of proto/ and a descriptor set, with the grpcio-tools of the environment.

The set holds the messages in the details of errors, too, so that a proxy or a tool can show them.
"""

import sys
from pathlib import Path

from google.rpc import error_details_pb2
from grpc_tools import protoc

ROOT = Path(__file__).parent
PACKAGE = ROOT / "pixret" / "scoring" / "v1"


def main() -> int:
    """Generate the code, then the descriptor set; the exit code is protoc's."""
    sources = [str(source) for source in sorted(PACKAGE.glob("*.proto"))]
    code = [f"--python_out={ROOT}", f"--pyi_out={ROOT}", f"--grpc_python_out={ROOT}"]
    descriptors = ["--include_imports", f"--descriptor_set_out={PACKAGE / 'scoring.binpb'}"]
    return run(*code, *sources) or run(*descriptors, *sources, "google/rpc/error_details.proto")


def run(*arguments: str) -> int:
    """Run protoc, which finds Google's own messages, those in the details of errors among them."""
    well_known = Path(protoc.__file__).parent / "_proto"
    rpc = Path(error_details_pb2.__file__).parents[2]
    return int(protoc.main(["protoc", *(f"--proto_path={folder}" for folder in (ROOT, well_known, rpc)), *arguments]))


if __name__ == "__main__":
    sys.exit(main())
