# SPDX-License-Identifier: GPL-2.0
#
# awk -f tables.awk -v names="NAME..." FILE... - tables of several machines
# awk -f tables.awk -v plot=throughput|resched FILE... - the data of a plot
#
# Each file is what scripts/bench left on one machine; its columns are those of
# print() in bench.c. Prints the tables that are named, or all of them with their
# names, as reStructuredText. What a file has not got is "-", and a row with
# nothing but that is left out.

BEGIN {
	FS = "\t"
	all = "machines gain cover regions clzero sizes instructions next whole alloc once copy reuse page resched stores near short upstream bars"
	n_names = split(names == "" ? all : names, name, " ")
	for (i = 1; i <= n_names; i++)
		if (index(" " all " ", " " name[i] " ") == 0) {
			printf("there is no table %s, only: %s\n", name[i], all) > "/dev/stderr"
			failed = 1
			exit 1
		}
	KIB = 1024
	MIB = 1024 * KIB
	GIB = 1024 * MIB
	n_faults = split("first middle last", fault, " ")
	n_nexts = split("nothing page whole random", nexts, " ")
}

FNR == 1 { n_files++ }
/^#/ { head[n_files, substr($1, 2)] = $2; next }
NF >= 18 {
	section = $13 == "-" ? "longest" : $1
	row[n_files, section, $2, $3, $4, $5, $6 == 1 ? 1 : "n", $7, $8, $9] = $0
}

function has(string, word) { return index(string, word) > 0 }

# What the kernel calls it (arch/x86/kernel/cpu/amd.c); the file may say it, too.
function processor(f,	family, model, machine) {
	if ((f, "processor") in head)
		return head[f, "processor"]
	machine = head[f, "machine"]
	match(machine, /family [0-9]+ model [0-9]+/)
	split(substr(machine, RSTART, RLENGTH), word, " ")
	family = word[2] + 0
	model = word[4] + 0
	if (has(machine, "AMD") && family == 23)
		return model < 48 ? "Zen 1" : "Zen 2"
	if (has(machine, "AMD") && family == 25)
		return (model >= 16 && model < 32) || model >= 96 ? "Zen 4" : "Zen 3"
	if (has(machine, "AMD") && family == 26)
		return (model >= 80 && model < 96) || model >= 128 ? "Zen 6" : "Zen 5"
	sub(/,.*/, "", machine)
	return machine " " family "/" model
}

# The instruction for short extents, which is the only one without CLZERO.
function short(f,	own) {
	own = head[f, "string"]
	return own == "clzero" ? "erms" : own == "rep+clzero" ? "rep" : own
}
function own(f) { return head[f, "string"] }

function bytes(n) {
	return n >= GIB ? n / GIB " GiB" : n >= MIB ? n / MIB " MiB" : n / KIB " KiB"
}

# One figure: us, gbs, ratio (with its extremes: spread) of a row, or the longest.
function get(f, section, size, fault_, preempt, string, threads, next_, nr, label, what,	k, v) {
	k = f SUBSEP section SUBSEP size SUBSEP fault_ SUBSEP preempt SUBSEP string SUBSEP threads SUBSEP next_ SUBSEP nr SUBSEP label
	if (!(k in row))
		return "-"
	split(row[k], v, "\t")
	if (what == "us")
		return sprintf(v[10] < 10 ? "%.2f" : "%.1f", v[10])
	if (what == "ns")
		return sprintf("%.1f", v[10] * 1000)
	if (what == "ms")
		return sprintf("%.2f", v[10] / 1000)
	if (what == "worst")
		return sprintf("%.2f", v[12] / 1000)
	if (what == "gbs")
		return sprintf("%.1f", v[13])
	if (what == "spread")
		return sprintf("%.2f (%.2f-%.2f)", v[16], v[17], v[18])
	return sprintf("%.2f", v[16])
}
function run(f, size, fault_, string, threads, next_, label, what) {
	return get(f, "run", size, fault_, "full", string, threads, next_, 0, label, what)
}
# limit - the fastest store beside what comes first
function limit(f, section, size, threads, next_, what,	best, g, i, stores) {
	best = "-"
	n_stores = split("memset movnti avx2 avx512 clzero", stores, " ")
	for (i = 1; i <= n_stores; i++) {
		g = get(f, section, size, "-", "-", "-", threads, next_, 0, stores[i], what)
		if (g != "-" && (best == "-" || g + 0 > best + 0))
			best = g
	}
	return best
}

# A table: its columns, its rows as one string each, cells divided by "|".
function start(columns, keys_) { n_rows = 0; titles = columns; keys = keys_ }
function add(cells,	c, n, i, some) {
	n = split(cells, c, "|")
	for (i = keys + 1; i <= n; i++)
		some = some || c[i] != "-"
	if (some)
		rows[++n_rows] = cells
}
function line(cells, widths, n,	c, i, s) {
	split(cells, c, "|")
	for (i = 1; i <= n; i++)
		s = s sprintf("%s%-" widths[i] "s", i > 1 ? "  " : "", c[i])
	sub(/ +$/, "", s)
	print s
}
function finish(	i, j, n, c, widths, rule) {
	n = split(titles, c, "|")
	for (j = 1; j <= n; j++)
		widths[j] = length(c[j])
	for (i = 1; i <= n_rows; i++) {
		split(rows[i], c, "|")
		for (j = 1; j <= n; j++)
			if (length(c[j]) > widths[j])
				widths[j] = length(c[j])
	}
	for (j = 1; j <= n; j++) {
		rule = rule (j > 1 ? "  " : "")
		for (i = 0; i < widths[j]; i++)
			rule = rule "="
	}
	print rule
	line(titles, widths, n)
	print rule
	for (i = 1; i <= n_rows; i++)
		line(rows[i], widths, n)
	print rule
}

function machines(	f, m) {
	start("processor|family, model|CPUs|last level cache|kernel|measured|series", 1)
	for (f = 1; f <= n_files; f++) {
		m = head[f, "machine"]
		match(m, /family [0-9]+ model [0-9]+/)
		m = substr(m, RSTART, RLENGTH)
		gsub(/family | model/, "", m)
		sub(/ /, ", ", m)
		add(processor(f) "|" m "|" head[f, "cpus"] "|" bytes(head[f, "l3"]) "|" head[f, "kernel"] "|" \
		    substr(head[f, "date"], 1, 10) "|" (head[f, "series"] == "" ? "an earlier one" : head[f, "series"]))
	}
}

# README's: what each processor gains, GB/s before and after
function pair(f, section, size, fault_, preempt, string,	a, b) {
	a = get(f, section, size, fault_, preempt, own(f), 1, "nothing", 0, "base", "gbs")
	b = get(f, section, size, fault_, preempt, string, 1, "nothing", 0, "patched", "gbs")
	return a == "-" || b == "-" ? "-" : a " -> " b
}
function gain(	f, with) {
	start("processor|2 MiB fault|1 GiB fault|2 MiB, init_on_alloc", 1)
	for (f = 1; f <= n_files; f++)
		for (with = 1; with >= (own(f) == short(f)); with--)
			add(processor(f) (with ? "" : " without CLZERO") "|" \
			    pair(f, "run", 2 * MIB, "middle", "full", with ? own(f) : short(f)) "|" \
			    pair(f, "run", GIB, "first", "full", with ? own(f) : short(f)) "|" \
			    pair(f, "init", 2 * MIB, "-", "none", with ? own(f) : short(f)))
}

function cover_row(f, size, fault_, preempt,	s, without) {
	s = size == "init" ? "init" : "run"
	if (s == "init")
		size = 2 * MIB
	without = short(f) == own(f) ? "-" : get(f, s, size, fault_, preempt, short(f), 1, "nothing", 0, "patched", "gbs")
	add(processor(f) "|" bytes(size) "|" (s == "init" ? "(init)" : fault_ (preempt == "none" ? ", none" : "")) "|" \
	    get(f, s, size, fault_, preempt, own(f), 1, "nothing", 0, "base", "gbs") "|" \
	    get(f, s, size, fault_, preempt, own(f), 1, "nothing", 0, "patched", "gbs") "|" \
	    get(f, s, size, fault_, preempt, own(f), 1, "nothing", 0, "patched", "spread") "|" without "|" limit(f, s, size, 1, "nothing", "gbs"))
}
function cover(	f, i) {
	start("CPU|folio|fault at|base|patched|times as fast|string|limit", 3)
	for (f = 1; f <= n_files; f++) {
		for (i = 1; i <= 3; i++)
			cover_row(f, 64 * KIB, fault[i], "full")
		for (i = 1; i <= 3; i++)
			cover_row(f, 2 * MIB, fault[i], "full")
		cover_row(f, 32 * MIB, "first", "full")
		cover_row(f, GIB, "first", "full")
		cover_row(f, GIB, "first", "none")
		cover_row(f, "init", "-", "none")
	}
}

function region_row(f, size, fault_) {
	add(processor(f) "|" bytes(size) "|" fault_ "|" run(f, size, fault_, short(f), 1, "nothing", "base", "gbs") "|" \
	    run(f, size, fault_, short(f), 1, "nothing", "patched", "gbs"))
}
function regions(	f, i) {
	start("CPU|folio|fault|before|after", 3)
	for (f = 1; f <= n_files; f++) {
		for (i = 1; i <= 3; i++)
			region_row(f, 64 * KIB, fault[i])
		for (i = 1; i <= 3; i++)
			region_row(f, 2 * MIB, fault[i])
		region_row(f, GIB, "first")
	}
}

function clzero_row(f, section, size, fault_, preempt,	string) {
	string = short(f)
	if (string != own(f))
		add(processor(f) "|" bytes(size) "|" (section == "init" ? "(init_on_alloc)" : fault_) "|" \
		    get(f, section, size, fault_, preempt, own(f), 1, "nothing", 0, "base", "gbs") "|" \
		    get(f, section, size, fault_, preempt, string, 1, "nothing", 0, "patched", "gbs") "|" \
		    get(f, section, size, fault_, preempt, own(f), 1, "nothing", 0, "patched", "gbs"))
}
function clzero(	f, i) {
	start("CPU|folio|fault|base|rep stosb|CLZERO", 3)
	for (f = 1; f <= n_files; f++) {
		for (i = 1; i <= 3; i++)
			clzero_row(f, "run", MIB, fault[i], "full")
		for (i = 1; i <= 3; i++)
			clzero_row(f, "run", 2 * MIB, fault[i], "full")
		clzero_row(f, "run", 32 * MIB, "first", "full")
		clzero_row(f, "run", GIB, "first", "full")
		clzero_row(f, "init", 2 * MIB, "-", "none")
	}
}

function sizes(	f, i, j, s, threads, r) {
	start("processor|folio|first|middle|last|first, all|middle, all|last, all", 2)
	n = split("16 64 256 1024 2048 32768 1048576", s, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++) {
			r = ""
			for (threads = 1; threads <= 2; threads++)
				for (j = 1; j <= 3; j++)
					r = r "|" run(f, s[i] * KIB, fault[j], own(f), threads > 1 ? "n" : 1, "nothing", "patched", "ratio")
			add(processor(f) "|" bytes(s[i] * KIB) r)
		}
}

function instructions(	f, i, j, s, t, r) {
	start("processor|folio|unrolled, base|series|rep stosq, base|series|rep stosb, base|series|CLZERO, base|series", 2)
	n = split("64 2048 1048576", s, " ")
	n_strings = split("orig rep erms clzero", t, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++) {
			r = ""
			for (j = 1; j <= n_strings; j++)
				r = r "|" run(f, s[i] * KIB, "first", t[j], 1, "nothing", "base", "gbs") "|" run(f, s[i] * KIB, "first", t[j], 1, "nothing", "patched", "gbs")
			add(processor(f) "|" bytes(s[i] * KIB) r)
		}
}

function what_next(	f, i, j, s) {
	start("processor|folio|next|base us|patched us|times as fast|with all CPUs", 3)
	n = split("64 2048", s, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++)
			for (j = 1; j <= n_nexts; j++)
				add(processor(f) "|" bytes(s[i] * KIB) "|" nexts[j] "|" run(f, s[i] * KIB, "first", own(f), 1, nexts[j], "base", "us") "|" \
				    run(f, s[i] * KIB, "first", own(f), 1, nexts[j], "patched", "us") "|" \
				    run(f, s[i] * KIB, "first", own(f), 1, nexts[j], "patched", "spread") "|" \
				    run(f, s[i] * KIB, "first", own(f), "n", nexts[j], "patched", "spread"))
}

function whole(	f, i, j, s) {
	start("CPU|folio|fault|base us|string us|series us|times as fast|all CPUs", 3)
	n = split("1024 2048 32768", s, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++)
			for (j = 1; j <= n_faults; j++)
				add(processor(f) "|" bytes(s[i] * KIB) "|" fault[j] "|" run(f, s[i] * KIB, fault[j], own(f), 1, "whole", "base", "us") "|" \
				    run(f, s[i] * KIB, fault[j], short(f), 1, "whole", "patched", "us") "|" \
				    run(f, s[i] * KIB, fault[j], own(f), 1, "whole", "patched", "us") "|" \
				    run(f, s[i] * KIB, fault[j], own(f), 1, "whole", "patched", "ratio") "|" \
				    run(f, s[i] * KIB, fault[j], own(f), "n", "whole", "patched", "ratio"))
}

# What is cleared at once: the base, a string instruction, and all of it by CLZERO.
function extent(f, section, size, threads, next_, label, string, what) {
	return get(f, section, size, "-", label == "clzero" ? "-" : "none", label == "clzero" ? "-" : string, threads, next_, 0, label, what)
}
function alloc(	f, i, j, k, s, section, r, t, threads) {
	start("CPU|by|folio|next|base us|string|CLZERO|all CPUs: base|string|CLZERO", 4)
	n = split("256 512 1024 2048", s, " ")
	split("alloc shmem", section, " ")
	for (f = 1; f <= n_files; f++)
		for (k = 1; k <= 2; k++)
			for (i = 1; i <= n; i++)
				for (j = 2; j <= 3; j++) {
					r = ""
					for (t = 1; t <= 2; t++) {
						threads = t == 1 ? 1 : "n"
						r = r "|" extent(f, section[k], s[i] * KIB, threads, nexts[j], "base", own(f), "us") "|" \
						    extent(f, section[k], s[i] * KIB, threads, nexts[j], "patched", short(f), "us") "|" \
						    extent(f, section[k], s[i] * KIB, threads, nexts[j], "clzero", "", "us")
					}
					add(processor(f) "|" section[k] "|" bytes(s[i] * KIB) "|" nexts[j] r)
				}
}

# All that is zeroed until memory is used.
function once_(f, size, memory, when, next_, label, what) {
	return get(f, "once", size, memory, when, own(f), 1, next_, 0, label, what)
}
function once(	f, i, j, k, s, m, when, r) {
	start("CPU|memory|folio|init_on|base us|series us|times|whole: base us|series us", 4)
	n = split("64 2048 1048576", s, " ")
	n_memory = split("anon shmem surplus pool-1st pool-2nd", m, " ")
	split("alloc free", when, " ")
	for (f = 1; f <= n_files; f++)
		for (j = 1; j <= n_memory; j++)
			for (i = 1; i <= n; i++)
				for (k = 1; k <= 2; k++) {
					r = once_(f, s[i] * KIB, m[j], when[k], "nothing", "patched", "ratio")
					add(processor(f) "|" m[j] "|" bytes(s[i] * KIB) "|" when[k] "|" \
					    once_(f, s[i] * KIB, m[j], when[k], "nothing", "base", "us") "|" \
					    once_(f, s[i] * KIB, m[j], when[k], "nothing", "patched", "us") "|" \
					    (r + 0 > 100 ? "over 100" : r) "|" \
					    once_(f, s[i] * KIB, m[j], when[k], "whole", "base", "us") "|" \
					    once_(f, s[i] * KIB, m[j], when[k], "whole", "patched", "us"))
				}
}

# Copies, a write to a private page by where the fault is, and migration.
function copy_(f, size, fault_, preempt, threads, next_, label, what) {
	return get(f, "copy", size, fault_, preempt, short(f), threads, next_, 0, label, what)
}
function copy(	f, i, j, k, m, s, at, model, size) {
	start("CPU|folio|fault|preempt|next|base us|series us|times|limit|all CPUs", 5)
	n = split("64 512 2048 32768 1048576", s, " ")
	split("first middle last folio", at, " ")
	split("full none", model, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++)
			for (k = 1; k <= 4; k++)
				for (m = 1; m <= 2; m++)
					for (j = 1; j <= (m == 1 ? 3 : 1); j += 2) {
						size = s[i] * KIB
						add(processor(f) "|" bytes(size) "|" (k == 4 ? "migrated" : at[k]) "|" model[m] "|" nexts[j] "|" \
						    copy_(f, size, at[k], model[m], 1, nexts[j], "base", "us") "|" \
						    copy_(f, size, at[k], model[m], 1, nexts[j], "patched", "us") "|" \
						    copy_(f, size, at[k], model[m], 1, nexts[j], "patched", "ratio") "|" \
						    (k == 1 && m == 1 ? limit(f, "copy", size, 1, nexts[j], "ratio") : "-") "|" \
						    copy_(f, size, at[k], model[m], "n", nexts[j], "patched", "ratio"))
					}
}

function reuse(	f, i, j, s, k) {
	start("CPU|folio|fault|next|base us|string us|series us|times as fast", 4)
	n = split("64 512 1024 2048", s, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++)
			for (k = 1; k <= 3; k += 2)
				for (j = 2; j <= 3; j++)
					add(processor(f) "|" bytes(s[i] * KIB) "|" fault[k] "|" nexts[j] "|" \
					    get(f, "reuse", s[i] * KIB, fault[k], "full", own(f), 1, nexts[j], 0, "base", "us") "|" \
					    get(f, "reuse", s[i] * KIB, fault[k], "full", short(f), 1, nexts[j], 0, "patched", "us") "|" \
					    get(f, "reuse", s[i] * KIB, fault[k], "full", own(f), 1, nexts[j], 0, "patched", "us") "|" \
					    get(f, "reuse", s[i] * KIB, fault[k], "full", own(f), 1, nexts[j], 0, "patched", "spread"))
}

function page(	f, j, t, w) {
	start("CPU|instruction|again: base ns|series ns|stream: base ns|series ns", 2)
	split("orig rep erms", t, " ")
	split("unrolled,rep stosq,rep stosb", w, ",")
	for (f = 1; f <= n_files; f++)
		for (j = 1; j <= 3; j++)
			add(processor(f) "|" w[j] "|" get(f, "page", 4096, "again", "none", t[j], 1, "nothing", 0, "base", "ns") "|" \
			    get(f, "page", 4096, "again", "none", t[j], 1, "nothing", 0, "patched", "ns") "|" \
			    get(f, "page", 4096, "stream", "none", t[j], 1, "nothing", 0, "base", "ns") "|" \
			    get(f, "page", 4096, "stream", "none", t[j], 1, "nothing", 0, "patched", "ns"))
}

function resched(	f, i, j, s, t, w) {
	start("CPU|instruction|unit|GB/s|longest ms|worst", 3)
	n = split("4 256 2048 8192 32768 131072 1048576", s, " ")
	n_strings = split("orig rep erms rep+clzero clzero", t, " ")
	split("unrolled,rep stosq,rep stosb,CLZERO,CLZERO", w, ",")
	for (f = 1; f <= n_files; f++)
		for (j = 1; j <= n_strings; j++)
			for (i = 1; i <= n; i++)
				add(processor(f) "|" w[j] "|" bytes(s[i] * KIB) "|" \
				    get(f, "resched", GIB, "first", "none", t[j], 1, "nothing", s[i] / 4, "patched", "gbs") "|" \
				    get(f, "longest", GIB, "first", "none", t[j], 1, "nothing", s[i] / 4, "patched", "ms") "|" \
				    get(f, "longest", GIB, "first", "none", t[j], 1, "nothing", s[i] / 4, "patched", "worst"))
}

function store_(f, size, threads, next__, store) {
	return get(f, "stores", size, "middle", "full", short(f), threads, next__, 0, "far-" store, "ratio")
}
function stores(	f, i, s) {
	start("processor|folio|page: movnti|CLZERO|whole: movnti|CLZERO|all, page: CLZERO|whole: CLZERO", 2)
	n = split("64 128 256 512 1024 2048 32768 1048576", s, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++)
			add(processor(f) "|" bytes(s[i] * KIB) "|" store_(f, s[i] * KIB, 1, "page", "movnti") "|" store_(f, s[i] * KIB, 1, "page", "clzero") "|" \
			    store_(f, s[i] * KIB, 1, "whole", "movnti") "|" store_(f, s[i] * KIB, 1, "whole", "clzero") "|" \
			    store_(f, s[i] * KIB, "n", "page", "clzero") "|" store_(f, s[i] * KIB, "n", "whole", "clzero"))
}

function near(	f, i, j, k, s, w, r) {
	start("processor|folio|fault|next|0|1|2|4|8", 4)
	n = split("16 64 256 2048", s, " ")
	n_widths = split("0 1 2 4 8", w, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++)
			for (j = 1; j <= 2; j++)
				for (k = 2; k <= 3; k++) {
					r = ""
					for (l = 1; l <= n_widths; l++)
						r = r "|" get(f, "near", s[i] * KIB, fault[j], "full", short(f), 1, nexts[k], 0, "width-" w[l], "us")
					add(processor(f) "|" bytes(s[i] * KIB) "|" fault[j] "|" nexts[k] r)
				}
}

# Folios that the widest neighbourhood covers: one ascending extent instead of three regions.
function short_folios(	f, i, j, k, s, r, then) {
	start("CPU|folio|fault|next|us|one|times|all CPUs: us|one|times", 4)
	n = split("16 32 64 128", s, " ")
	n_then = split("page near whole random", then, " ")
	for (f = 1; f <= n_files; f++)
		for (i = 1; i <= n; i++)
			for (j = 1; j <= n_faults; j++)
				for (k = 1; k <= n_then; k++) {
					r = short_(f, s[i] * KIB, fault[j], 1, then[k])
					if (r !~ /-$/)
						add(processor(f) "|" bytes(s[i] * KIB) "|" fault[j] "|" then[k] r \
						    short_(f, s[i] * KIB, fault[j], "n", then[k]))
				}
}
function short_(f, size, fault_, threads, next_,	w, r) {
	for (w = 2; w <= 32; w += 30)
		r = r "|" get(f, "near", size, fault_, "full", short(f), threads, next_, 0, "width-" w, "us")
	return r "|" get(f, "near", size, fault_, "full", short(f), threads, next_, 0, "width-32", "times")
}

function upstream_row(f, section, size, fault_, preempt,	i, r) {
	for (i = 1; i <= 3; i++)
		r = r "|" get(f, section, size, fault_, preempt, own(f), 1, "nothing", 0, i == 1 ? "base" : i == 2 ? "patched" : "v7.3", "gbs")
	if (r !~ /-$/)
		add(processor(f) "|" bytes(size) "|" (section == "init" ? "init_on_alloc" : fault_) "|" preempt r)
}
function upstream(	f, i) {
	start("processor|folio|fault at|preempt|base|patched|v7.3", 4)
	for (f = 1; f <= n_files; f++) {
		upstream_row(f, "run", 64 * KIB, "first", "full")
		for (i = 1; i <= 3; i++)
			upstream_row(f, "run", 2 * MIB, fault[i], "full")
		upstream_row(f, "run", 32 * MIB, "first", "full")
		upstream_row(f, "run", GIB, "first", "full")
		upstream_row(f, "run", GIB, "first", "none")
		upstream_row(f, "init", 2 * MIB, "-", "none")
	}
}

# The least ratio of those that a bar is about.
function least(f, section, size, faults, models,	i, j, n, m, a, b, r, low) {
	n = split(faults, a, " ")
	m = split(models, b, " ")
	low = "-"
	for (i = 1; i <= n; i++)
		for (j = 1; j <= m; j++) {
			r = get(f, section, size, a[i], b[j], own(f), 1, "nothing", 0, "patched", "ratio")
			if (r != "-" && (low == "-" || r + 0 < low + 0))
				low = r
		}
	return low
}
function bar(f, what, wanted, reached) {
	if (reached != "-")
		add(processor(f) "|" what "|" wanted "|" reached "|" (reached + 0 >= wanted + 0 ? "cleared" : "missed"))
}
function bars(	f, k, v, count, below, low) {
	start("processor|bar, the least of its rows|wanted|reached|", 3)
	for (f = 1; f <= n_files; f++) {
		bar(f, "64 KiB, first page", "1.35", least(f, "run", 64 * KIB, "first", "full none"))
		bar(f, "2 MiB, any page", "1.60", least(f, "run", 2 * MIB, "first middle last", "full none"))
		bar(f, "1 GiB, any page, preempt=none", "2.30", least(f, "run", GIB, "first middle last", "none"))
		bar(f, "init_on_alloc", "1.60", least(f, "init", 2 * MIB, "-", "none"))
		count = below = low = 0
		for (k in row) {
			split(row[k], v, "\t")
			if (index(k, f SUBSEP "run" SUBSEP) != 1 || v[9] != "patched" || v[5] != own(f) || v[7] == "nothing")
				continue
			count++
			below += v[16] < 1
			if (!low || v[16] < low)
				low = v[16]
		}
		if (count)
			bar(f, "no row with what comes next below 1: " below " of " count " are", "1.00", sprintf("%.2f", low))
	}
}

# For gnuplot: a block of data for each machine, named name0, name1, ...
function plot_throughput(	f, i, s) {
	n = split("16 32 64 128 256 512 1024 2048 32768 1048576", s, " ")
	for (f = 1; f <= n_files; f++) {
		printf("title%d = \"%s\"\n$data%d << EOD\n", f, processor(f), f)
		for (i = 1; i <= n; i++)
			print s[i] * KIB, number(run(f, s[i] * KIB, "middle", own(f), 1, "nothing", "base", "gbs")), \
				number(run(f, s[i] * KIB, "middle", own(f), 1, "nothing", "patched", "gbs")), \
				number(run(f, s[i] * KIB, "middle", short(f), 1, "nothing", "patched", "gbs")), \
				number(limit(f, "run", s[i] * KIB, 1, "nothing", "gbs"))
		print "EOD"
	}
	print "machines = " n_files
}
function plot_resched(	f, i, j, s, t) {
	n = split("4 64 256 1024 2048 8192 16384 32768 65536 131072 1048576", s, " ")
	for (f = 1; f <= n_files; f++) {
		t[1] = short(f)
		t[2] = own(f)
		printf("title%d = \"%s\"\n$data%d << EOD\n", f, processor(f), f)
		for (i = 1; i <= n; i++) {
			line_ = s[i] * KIB
			for (j = 1; j <= 2; j++)
				line_ = line_ " " number(get(f, "resched", GIB, "first", "none", t[j], 1, "nothing", s[i] / 4, "patched", "gbs")) \
					" " number(get(f, "longest", GIB, "first", "none", t[j], 1, "nothing", s[i] / 4, "patched", "ms"))
			print line_
		}
		print "EOD"
	}
	print "machines = " n_files
}
function number(v) { return v == "-" ? "NaN" : v }

END {
	if (failed)
		exit 1
	if (!n_files) {
		print "there is no file of results" > "/dev/stderr"
		exit 1
	}
	if (plot != "") {
		if (plot == "throughput") plot_throughput()
		else plot_resched()
		exit
	}
	for (i_ = 1; i_ <= n_names; i_++) {
		if (names == "")
			printf("%s%s\n\n", i_ > 1 ? "\n" : "", name[i_])
		if (name[i_] == "machines") machines()
		else if (name[i_] == "gain") gain()
		else if (name[i_] == "cover") cover()
		else if (name[i_] == "regions") regions()
		else if (name[i_] == "clzero") clzero()
		else if (name[i_] == "sizes") sizes()
		else if (name[i_] == "instructions") instructions()
		else if (name[i_] == "next") what_next()
		else if (name[i_] == "whole") whole()
		else if (name[i_] == "alloc") alloc()
		else if (name[i_] == "once") once()
		else if (name[i_] == "copy") copy()
		else if (name[i_] == "reuse") reuse()
		else if (name[i_] == "page") page()
		else if (name[i_] == "resched") resched()
		else if (name[i_] == "stores") stores()
		else if (name[i_] == "near") near()
		else if (name[i_] == "short") short_folios()
		else if (name[i_] == "upstream") upstream()
		else if (name[i_] == "bars") bars()
		finish()
	}
}
