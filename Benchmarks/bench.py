"""Compares epsim with a PyTorch gloo pair and with what oneDNN and libzmq allow, all in one run.

The contenders take turns, A B A B, in rounds of a few steps; ratios of medians are the result, since absolute times
are noise on a shared machine. `make bench` prepares what this needs and starts it.
"""

import argparse
import dataclasses
import fcntl
import pathlib
import shutil
import signal
import sys
import time

from comparison import growth, results, works
from comparison.compare import Setting, compare
from comparison.contender import ContenderError


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="WORK", help="works whose name begins so; may be repeated")
    parser.add_argument("--dtype", choices=works.DTYPES, action="append", help="one dtype; both unless given")
    parser.add_argument("--rounds", type=int, default=7, help="measured rounds of each contender (7)")
    parser.add_argument("--seconds", type=float, default=0.6, help="about how long epsim's turn takes (0.6)")
    parser.add_argument("--quick", action="store_true", help="few works, three rounds: to see whether all is well")
    parser.add_argument("--smallest", action="store_true", help="seconds, without PyTorch: what `make test` runs")
    parser.add_argument("--growth", action=argparse.BooleanOptionalAction, help="the tables of growth")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(".build"), help="the build folder (.build)")
    parser.add_argument("--epsim", type=pathlib.Path, help="the program to measure (BUILD/release/epsim)")
    parser.add_argument("--list", action="store_true", help="list the works")
    return parser.parse_args()


QUICK = ("decode", "fine-grained-512", "wire-1024-512-2w")


def chosen_works(options):
    """Works in the order of the table."""
    if options.smallest:
        return works.SMALLEST
    try:
        return works.chosen(options.only or (QUICK if options.quick else None))
    except ValueError as error:
        sys.exit(f"bench: {error}")


def measure(options, setting):
    """All comparisons; one that fails is told and does not end the others."""
    found, failed = [], []
    for work in chosen_works(options):
        for dtype in options.dtype or works.DTYPES:
            start = time.monotonic()
            print(f"{work.name} {dtype}", file=sys.stderr, flush=True)
            try:
                found += compare(work, dtype, setting)
            except ContenderError as error:
                failed.append(f"{work.name} {dtype}: {error}")
                print(f"  {error}", file=sys.stderr)
            print(f"  took {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return found, failed


def main():
    options = arguments()
    if options.list:
        print(results.table(["work", *(field.name for field in dataclasses.fields(works.Work)[1:])],
                            [dataclasses.astuple(work) for work in works.WORKS.values()]))
        return 0
    # Whoever ends this program ends its contenders, also where a script started it in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    build = options.build.resolve()
    folder = build / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    lock = open(folder / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"bench: another benchmark is running in {folder}; two would measure each other")
    setting = Setting(
        folder=folder,
        epsim=(options.epsim or build / "release" / "epsim").resolve(),
        limits=folder / "bin",
        rounds=1 if options.smallest else 3 if options.quick else options.rounds,
        seconds=0.02 if options.smallest else 0.3 if options.quick else options.seconds,
        has_gloo=not options.smallest,
    )
    found, failed = measure(options, setting)
    if options.growth or (options.growth is None and not options.only and not options.smallest):
        found += growth.measure(setting, quick=options.quick)
    path = build / ("bench-smallest.json" if options.smallest else "bench.json")
    results.write(path, found)
    print(f"processor: {results.processor()}\n")
    print(results.verdicts(found))
    print(f"\nwritten to {path}")
    for line in failed:
        print(f"FAILED: {line}")
    for place in folder.glob("*-*"):
        if place.is_dir() and not place.name.startswith("checkpoint-"):
            shutil.rmtree(place)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
