"""File names of generated code: in comes the source of a spec, out goes the name whose lines tracebacks show."""

import linecache
import tokenize
from functools import lru_cache
from hashlib import sha256
from io import StringIO
from threading import Lock

from archspec.source import Source

__all__ = ["filename_of"]

LONGEST_READ = 1 << 16
SHOWN_TEXTS = 256

# The texts whose lines tracebacks can show although they are not read from a file, the oldest first.
_SHOWN: dict[str, None] = {}
_SHOWING = Lock()


def filename_of(source: Source) -> str:
    """The file name that tracebacks, debuggers and profilers show.

    It is the path of the spec's file, so that editors open it. A spec that is in no file, or in one that would break
    TorchDynamo, gets a name in angle brackets and lends its lines to the name.
    """
    if source.path is not None and _is_harmless(source.text):
        return str(source.path)
    digest = sha256(source.text.encode()).hexdigest()[:8]
    name = f"<archspec {source.name.strip('<>')} {digest}>"
    with _SHOWING:
        if name not in _SHOWN:
            _SHOWN[name] = None
            linecache.cache[name] = (len(source.text), None, [f"{line}\n" for line in source.lines()], name)
        if len(_SHOWN) > SHOWN_TEXTS:
            oldest = next(iter(_SHOWN))
            del _SHOWN[oldest]
            linecache.cache.pop(oldest, None)
    return name


@lru_cache(maxsize=SHOWN_TEXTS)
def _is_harmless(text: str) -> bool:
    """Whether Python's tokenizer gets through a text.

    `torch/_dynamo/funcname_cache.py` tokenizes the file of every function that `torch.compile` traces, as Python. It
    lives with most faults, but not with an indentation that Python does not have, such as a list item's `when:` below
    its arguments.
    """
    if len(text) > LONGEST_READ:
        return False
    try:
        for _ in tokenize.generate_tokens(StringIO(text).readline):
            pass
    except tokenize.TokenError:
        return True
    except SyntaxError:
        return False
    return True
