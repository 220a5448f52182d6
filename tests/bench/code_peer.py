#!/usr/bin/env python3
"""Python's difflib on bench_code's pairs of texts.

usage: code_peer.py FILE

Prints one line, "MICROSECONDS SAME": the median time of a pair, and 1 if every ratio is the one in the
file."""
import difflib
import statistics
import sys
import time

times = []
same = 1
with open(sys.argv[1], "rb") as f:
    for head in f:
        autojunk, n_a, n_b, ratio = head.split()
        a = f.read(int(n_a)).decode()
        b = f.read(int(n_b)).decode()
        if sum(times) > 20:
            continue
        start = time.process_time()
        got = difflib.SequenceMatcher(None, a, b, autojunk=autojunk == b"1").ratio()
        times.append(time.process_time() - start)
        same &= got == float(ratio)
print("%.1f %d" % (statistics.median(times) * 1e6, same))
