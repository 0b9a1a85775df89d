#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# publish.sh tables [NAME...] [BASE] - print the tables that the results files in
#	Documentation/performance give, a file a machine: NAME-BASE.tsv
# publish.sh update - put them into README and performance.rst, and draw the plots
# publish.sh check - say where these are not what the files give
#
# A table stands behind an empty line after a line with "scripts/bench --tables NAME",
# and ends with the next empty line.

. "$(dirname "$0")/../../scripts/lib.sh"

performance=$top/Documentation/performance
documents=(README Documentation/performance.rst)

# made VARIABLE BASE - from all of a base's files
made() {
	local files=("$performance"/*-"$2".tsv)

	[ -f "${files[0]}" ] || die "no results for $2: there is no ${files[0]#"$top/"}"
	awk -v "$1" -f "$top/tools/bench/tables.awk" "${files[@]}"
}

tables() {
	local names=() name

	use_base ''
	for name; do
		case $name in v[0-9]*) use_base "$name" ;; *) names+=("$name") ;; esac
	done
	made "names=${names[*]}" "$base"
}

# document FILE - with its tables made anew
document() {
	awk -v made="'$top/tools/bench/publish.sh' tables " '
	skipping { if (/^[ \t]*$/) skipping = 0; else next }
	waiting && /^ *===/ {
		match($0, /^ */)
		indent = substr($0, 1, RLENGTH)
		rows = 0
		while ((command | getline line) > 0) {
			print indent line
			rows++
		}
		if (close(command) || !rows)
			exit failed = 1
		tables++
		waiting = 0
		skipping = 1
		next
	}
	{ print }
	match($0, /scripts\/bench --tables [a-z]+( v[0-9.]*[0-9])?/) {
		command = made substr($0, RSTART + 23, RLENGTH - 23)
		waiting = 2
		next
	}
	waiting { waiting = /^[ \t]*$/ && waiting == 2 ? 1 : 0 }
	END { exit failed }' "$top/$1"
}

# commands PLOT - all that gnuplot is told
commands() {
	made "plot=$1" "$default_base"
	cat <<-EOF
		set terminal svg noenhanced size 900,460 dynamic background 'white' font 'sans,12'
		set multiplot layout 1,machines
		set logscale x 2
		set grid ytics
		set xtics ('4 KiB' 2**12, '64 KiB' 2**16, '512 KiB' 2**19, '2 MiB' 2**21, '32 MiB' 2**25, '1 GiB' 2**30) rotate by -30
		set yrange [0:*]
		set ylabel 'GB/s'
		set key outside below maxrows 2
	EOF
	case $1 in
	throughput)
		cat <<-EOF
			do for [i = 1:machines] {
				set title value(sprintf("title%d", i)).", fault at the middle page"
				data = sprintf("\$data%d", i)
				plot data using 1:2 with linespoints lw 2 title 'base', data using 1:3 with linespoints lw 2 title 'series', \\
					data using 1:4 with linespoints dt 2 title 'series without CLZERO', data using 1:5 with lines dt 3 lc rgb 'gray40' title 'limit'
			}
			unset multiplot
		EOF
		;;
	resched)
		cat <<-EOF
			set logscale y2
			set y2tics
			set ytics nomirror
			set y2label 'longest stretch, ms'
			do for [i = 1:machines] {
				set title value(sprintf("title%d", i)).", 1 GiB by resched points"
				data = sprintf("\$data%d", i)
				plot data using 1:2 with linespoints lw 2 title 'string, GB/s', data using 1:4 with linespoints lw 2 title 'CLZERO, GB/s', \\
					data using 1:3 axes x1y2 with linespoints dt 2 title 'string, ms', data using 1:5 axes x1y2 with linespoints dt 2 title 'CLZERO, ms'
			}
			unset multiplot
		EOF
		;;
	esac
}
plots=(throughput resched)
digest() { commands "$1" | sha256sum | cut -c 1-16; }

update() {
	local file plot new

	need gnuplot=gnuplot-nox
	for file in "${documents[@]}"; do
		new=$(document "$file") || die "$file names a table that can't be made"
		[ "$new" = "$(cat "$top/$file")" ] || { printf '%s\n' "$new" > "$top/$file"; echo "written: $file"; }
	done
	for plot in "${plots[@]}"; do
		commands "$plot" | gnuplot > "$performance/$plot.svg"
		printf '<!-- made from %s -->\n' "$(digest "$plot")" >> "$performance/$plot.svg"
	done
}

check() {
	local file plot bad=0

	for file in "${documents[@]}"; do
		document "$file" | diff -u --label "$file" "$top/$file" --label "what the results give" - || bad=1
		grep -q 'scripts/bench --tables' "$top/$file" || { echo "$file has no table that is made from results"; bad=1; }
	done
	for plot in "${plots[@]}"; do
		[ "$(tail -n 1 "$performance/$plot.svg")" = "<!-- made from $(digest "$plot") -->" ] ||
			{ echo "$plot.svg is of other results"; bad=1; }
	done
	[ $bad = 0 ] || { echo "scripts/bench --update puts it right"; return 1; }
}

what=$1
shift
case $what in
tables | update | check) "$what" "$@" ;;
*)	die "there is no '$what'" ;;
esac
