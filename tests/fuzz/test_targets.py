"""Seeds, findings of the fuzzer, and small changes to both: no reader breaks on them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from targets import TARGETS

FINDINGS = Path(__file__).parent / "findings"
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4), st.binary(max_size=4)), max_size=6)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_fed_is_read_or_refused(name):
    target = TARGETS[name]
    inputs = [*target.seeds(), *(path.read_bytes() for path in sorted(FINDINGS.glob(f"{name}/*")))]

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(inputs), CHANGES)
    def feed(data, changes):
        changed = bytearray(data)
        for place, cut, put in changes:
            at = int(place * len(changed))
            changed[at : at + cut] = put
        target.run(bytes(changed))

    for data in inputs:
        target.run(data)
    feed()
