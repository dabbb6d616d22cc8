"""Makes `mini`, a small benchmark of drawn landmarks in the raw layout of PROxford and PRParis."""

from pixret.synth._errors import SynthError
from pixret.synth._submissions import QUALITIES
from pixret.synth._writer import MiniSummary, write_mini

__all__ = ["QUALITIES", "MiniSummary", "SynthError", "write_mini"]
