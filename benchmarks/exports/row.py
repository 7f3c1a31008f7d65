"""`python -m benchmarks.exports.row NAME SUFFIX…`: measures cells of one preset, and prints them as JSON."""

import json
import sys

from benchmarks.exports.cells import measure

if __name__ == "__main__":
    name, *suffixes = sys.argv[1:]
    print(json.dumps(measure(name, suffixes)))
