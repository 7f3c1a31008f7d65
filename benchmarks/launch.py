"""`python -I -S launch.py COMMAND …`: runs a program, and prints what it took as `wall cpu peak`.

It is a small process that does nothing else, because the kernel counts the memory of whoever starts a program as the
program's own, until that replaces it.
"""

import os
import sys
import time

__all__ = ["main"]


def main() -> None:
    """Run the command with its output thrown away; the exit code is that of the command."""
    command = sys.argv[1:]
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=silence)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024  # of `ru_maxrss`
    print(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
