#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh DIR JSON - whether a quick scripts/bench left all that it should in
# DIR and JSON, and no figure that can't be. Says what is wrong.

set -eu
dir=$1 json=$2

awk -F'\t' '
function wrong(what) { print what; bad++ }
function size_name(n) {
	return n >= 1073741824 ? n / 1073741824 " GiB" : n >= 1048576 ? n / 1048576 " MiB" : n / 1024 " KiB"
}
# A row that has to be there. With too little memory the longest are not, and that is said.
function want(section, size, fault, preempt, string, one_or_all, next_, label,	name, i) {
	if ((section, size, fault, preempt, string, one_or_all, next_, label) in found)
		return
	name = size_name(size)
	for (i = 1; i <= notes; i++)
		if (index(note[i], name " left out") == 1 ||
		    one_or_all == "all" && index(note[i], name " on all CPUs left out") == 1)
			return
	wrong("no row " section " " name " " fault " " preempt " " string " " one_or_all " " next_ " " label)
}
/^#string/ { own = $2 }
/^#cpus/ { cpus = $2 }
/^#store/ { store[++stores] = $2 }
/^#note/ { note[++notes] = $2 }
/^#/ { next }
{
	rows++
	for (i = 10; i <= 16; i += 3)
		if ($(i + 1) > $i || $i > $(i + 2) || $(i + 1) <= 0)
			wrong("out of order: " $0)
	# No memory of today takes 1 TB/s from one CPU, unless nothing is to be cleared.
	if ($15 >= 1000 * $6 && !($1 == "once" && $3 == "pool-1st"))
		wrong("too fast: " $0)
	speed = $2 * $6 / $10 / 1000
	if ($13 - speed > 0.02 * speed || speed - $13 > 0.02 * speed)
		wrong("us and GB/s do not agree: " $0)
	# CLZERO copies nothing.
	if ($1 == "copy" && $9 == "base")
		short = $5
	found[$1, $2, $3, $4, $5, $6 == 1 ? "one" : "all", $7, $9] = 1
}
END {
	n_faults = split("first middle last", fault, " ")
	n_models = split("full none", model, " ")
	n_strings = split("orig rep erms", string, " ")
	n_copied = split("first middle last folio", copied, " ")
	n_nexts = split("nothing page whole random", nexts, " ")
	n_threads = split(cpus > 1 ? "one all" : "one", threads, " ")
	n_labels = split("base patched", label, " ")
	n_sizes = split("16384 32768 65536 131072 262144 524288 1048576 2097152 33554432 1073741824", size, " ")
	for (l = 1; l <= n_labels + stores; l++) {
		tree = l <= n_labels
		name = tree ? label[l] : store[l - n_labels]
		want("init", 2097152, "-", tree ? "none" : "-", tree ? own : "-", "one", "nothing", name)
		for (i = 1; tree && i <= n_strings; i++) {
			want("page", 4096, "again", "none", string[i], "one", "nothing", name)
			want("page", 4096, "stream", "none", string[i], "one", "nothing", name)
		}
		for (i = 1; tree && i <= 2; i++)
			for (m = 1; m <= n_models; m++) {
				want("once", 65536, i == 1 ? "anon" : "shmem", m == 1 ? "alloc" : "free", own, "one", "nothing", name)
				want("once", 2097152, i == 1 ? "surplus" : "pool-1st", m == 1 ? "alloc" : "free", own, "one", "whole", name)
				want("once", 1073741824, "pool-2nd", m == 1 ? "alloc" : "free", own, "one", "nothing", name)
			}
		for (f = 1; tree && f <= n_copied; f++)
			for (m = 1; m <= n_models; m++)
				for (i = 1; i <= 3; i++)
					for (s = 3; s <= n_sizes; s++) {
						if (s > 3 && s < 6 || s == n_sizes && (nexts[i] == "page" || nexts[i] == "whole" && f > 1))
							continue
						for (t = 1; t <= (s == 3 ? n_threads : 1); t++)
							want("copy", size[s], copied[f], model[m], short, threads[t], nexts[i], name)
					}
		for (s = 6; s <= 8; s++)
			for (i = 1; i <= n_nexts; i++) {
				want("alloc", size[s], "-", tree ? "none" : "-", tree ? own : "-", "one", nexts[i], name)
				want("shmem", size[s], "-", tree ? "none" : "-", tree ? own : "-", "one", nexts[i], name)
				want("reuse", size[s], tree ? "first" : "-", tree ? "full" : "-", tree ? own : "-", "one", nexts[i], name)
			}
		for (s = 1; s <= n_sizes; s++) {
			for (f = 1; tree && f <= n_faults; f++)
				for (m = 1; m <= n_models; m++)
					want("run", size[s], fault[f], model[m], own, "one", "nothing", name)
			for (i = 1; tree && i <= n_strings; i++)
				want("run", size[s], "first", "full", string[i], "one", "nothing", name)
			for (t = 1; t <= n_threads; t++) {
				if (tree)
					want("run", size[s], "first", "none", own, threads[t], "nothing", name)
				for (i = 1; i <= n_nexts; i++)
					if (size[s] < 1073741824 || nexts[i] == "nothing" || (t == 1 && nexts[i] == "whole"))
						want("run", size[s], tree ? "first" : "-", tree ? "full" : "-",
						     tree ? own : "-", threads[t], nexts[i], name)
			}
		}
	}
	exit !rows || bad
}' "$dir/results.tsv"

rows=$(grep -vc '^#' "$dir/results.tsv")
[ "$(jq '.rows | length' "$json")" = "$rows" ] || { echo "$json has not the $rows rows of the table"; exit 1; }
for plot in throughput1 next; do
	for kind in svg png; do
		if [ "$(stat -c %s "$dir/$plot.$kind")" -le 2000 ] ||
		   ! head -c 5 "$dir/$plot.$kind" | grep -qaiE 'PNG|<.xml'; then
			echo "$dir/$plot.$kind is no plot"
			exit 1
		fi
	done
done
