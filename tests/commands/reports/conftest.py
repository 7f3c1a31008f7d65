"""What the tests of the reports share: a spec with faults of each kind that a report shows differently."""

import pytest

FAULTY = """\
archspec: 1
name: Faulty
input: [N, 3, 32, 32]
blocks:
  Stem:
    model:
      - Conv2d: {out_channels: 8, kernel_size: 64}
model:
  - Stem
  - Conv2d: {"out_channels": 8, 💥: 3}
"""


@pytest.fixture
def faulty() -> str:
    """The text of a spec that is wrong inside a block that it calls, and right of a character outside the BMP."""
    return FAULTY
