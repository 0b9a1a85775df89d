#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""check.py JSON PLOTS - whether scripts/bench wrote all that it should, and nothing that can't be"""
import json, os, sys

with open(sys.argv[1]) as f:
    data = json.load(f)
wrong = []
def check(good, what):
    if not good:
        wrong.append(what)

found = set()
for row in data["rows"]:
    for what in ("us", "gb_per_s", "ratio"):
        least, median, most = (row[what + end] for end in ("_min", "", "_max"))
        check(0 < least <= median <= most, f"{what} out of order: {row}")
    # No memory of today takes 1 TB/s from one CPU.
    check(row["gb_per_s_max"] < 1000 * row["threads"], f"too fast: {row}")
    speed = row["bytes"] * row["threads"] / max(row["us"], 1e-9) / 1e3
    check(abs(speed - row["gb_per_s"]) < 0.02 * speed, f"us and GB/s do not agree: {row}")
    found.add((row["section"], row["bytes"], row["fault"], row["preempt"], row["string"],
               "one" if row["threads"] == 1 else "all", row["next"], row["label"]))

sizes = [1 << i for i in range(14, 22)] + [1 << 25, 1 << 30]
own, threads = data["string"], ["one", "all"] if data["cpus"] > 1 else ["one"]
rows = []
for label in ("base", "patched"):
    rows.append(("init", 1 << 21, None, "none", own, "one", "nothing", label))
    for size in sizes:
        rows += [("run", size, fault, preempt, own, "one", "nothing", label)
                 for fault in ("first", "middle", "last") for preempt in ("full", "none")]
        rows += [("run", size, "first", "full", string, "one", "nothing", label)
                 for string in ("orig", "rep", "erms")]
        rows += [("run", size, "first", "full", own, n, then, label) for n in threads
                 for then in ("nothing", "page", "whole", "random")
                 if n == "one" or size < 1 << 30 or then == "nothing"]
        rows += [("run", size, "first", "none", own, n, "nothing", label) for n in threads]
for store in data["stores"]:
    rows.append(("init", 1 << 21, None, None, None, "one", "nothing", store))
    rows += [("run", size, None, None, None, n, then, store) for size in sizes for n in threads
             for then in ("nothing", "page", "whole", "random")
             if n == "one" or size < 1 << 30 or then == "nothing"]
def left_out(size, threads):
    """With too little memory the longest are, and that is said."""
    name = f"{size >> 30} GiB" if size >> 30 else f"{size >> 20} MiB" if size >> 20 else f"{size >> 10} KiB"
    return any(note.startswith(f"{name} left out") or
               threads == "all" and note.startswith(f"{name} on all CPUs left out") for note in data["notes"])
for row in rows:
    check(row in found or left_out(row[1], row[5]), f"no row {row}")
for plot in ("throughput1", "next"):
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        name = os.path.join(sys.argv[2], f"{plot}.{kind}")
        with open(name, "rb") as f:
            check(f.read().startswith(start) and os.path.getsize(name) > 2000, f"{name} is no {kind}")
print("\n".join(wrong[:20]))
sys.exit(bool(wrong))
