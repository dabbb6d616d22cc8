"""Generates the Python code of proto/ beside its sources, with the grpcio-tools of the environment."""

import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parent
PACKAGE = ROOT / "pixret" / "scoring" / "v1"


def main() -> int:
    """Run protoc once over every source; the exit code is protoc's."""
    well_known = Path(protoc.__file__).parent / "_proto"
    return int(
        protoc.main(
            [
                "protoc",
                f"--proto_path={ROOT}",
                f"--proto_path={well_known}",
                f"--python_out={ROOT}",
                f"--pyi_out={ROOT}",
                f"--grpc_python_out={ROOT}",
                "--include_imports",
                f"--descriptor_set_out={PACKAGE / 'scoring.binpb'}",
                *(str(source) for source in sorted(PACKAGE.glob("*.proto"))),
            ]
        )
    )


if __name__ == "__main__":
    sys.exit(main())
