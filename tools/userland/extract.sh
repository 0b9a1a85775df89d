#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# extract.sh TREE FILE [NAME...] - print definitions out of a kernel source file
#
# NAME is a function, a macro, or a struct/union/enum tag; FIRST..LAST is
# everything from the first definition (or declaration) of FIRST through the
# last definition of LAST. Definitions come in file order, each inside the
# preprocessor conditionals that it is inside of in the file, and with #line so
# that whatever the compiler has to say points into TREE.

set -eu

die() { echo "extract.sh: $*" >&2; exit 1; }

[ $# -ge 2 ] || die "usage: extract.sh TREE FILE [NAME...]"
tree=$1 file=$2
shift 2
[ -r "$tree/$file" ] || die "$tree has no $file: is it a kernel tree?"
[ $# -gt 0 ] || exec cat "$tree/$file"

awk -v names="$*" -v file="$file" -v path="$tree/$file" '
# The code of a line: without comments, strings and character constants.
function code_of(s,	out, c2, i) {
	out = ""
	while (s != "") {
		if (in_comment) {
			i = index(s, "*/")
			if (!i)
				return out
			s = substr(s, i + 2)
			in_comment = 0
			continue
		}
		if (!match(s, /["\047]|\/\*|\/\//))
			return out s
		out = out substr(s, 1, RSTART - 1)
		s = substr(s, RSTART)
		c2 = substr(s, 1, 2)
		if (c2 == "//")
			return out
		if (c2 == "/*") {
			in_comment = 1
			s = substr(s, 3)
		} else if (match(s, /^"([^"\\]|\\.)*"/) ||
			   match(s, /^\047([^\047\\]|\\.)*\047/)) {
			out = out "@"
			s = substr(s, RLENGTH + 1)
		} else {
			s = substr(s, 2)
		}
	}
	return out
}

function count(s, char,	n, i) {
	for (; (i = index(s, char)); n++)
		s = substr(s, i + 1)
	return n + 0
}

# Lines from..to define (kind "def") or declare (kind "decl") name.
function found(name, kind, from, to) {
	if (!(name in first))
		first[name] = from
	if (kind == "decl")
		return
	last[name] = to
	if (name in want)
		for (; from <= to; from++)
			take[from] = 1
}

function end_statement(	head, kind, n, id, i) {
	kind = stmt ~ /{/ ? "def" : "decl"
	head = stmt
	sub(/{.*/, "", head)
	if (kind == "def" && match(head, /^[ \t]*(struct|union|enum)[ \t]+[A-Za-z0-9_]+[ \t]*$/)) {
		n = split(head, id, /[ \t]+/)
		for (i = n; id[i] == ""; i--)
			;
		found(id[i], kind, stmt_start, NR)
	} else if (head !~ /=|^[ \t]*typedef/) {
		while (gsub(/\([^()]*\)/, "@", head))
			;
		if (match(head, /[A-Za-z_][A-Za-z0-9_]*[ \t]*@/)) {
			id[1] = substr(head, RSTART, RLENGTH)
			gsub(/[ \t@]/, "", id[1])
			found(id[1], kind, stmt_start, NR)
		}
	}
	stmt = ""
}

BEGIN {
	n_names = split(names, name_list, " ")
	for (i = 1; i <= n_names; i++)
		if (!index(name_list[i], ".."))
			want[name_list[i]] = 1
}

{
	line[NR] = $0
	was_directive = in_directive
	code = code_of($0)
	if (!was_directive && code ~ /^[ \t]*#/) {
		was_directive = 1
		directive_start = NR
		if (code ~ /^[ \t]*#[ \t]*if/) {
			sp++
			stack[sp] = ++n_groups
			saved_depth[sp] = depth
			saved_parens[sp] = parens
		}
		if (code ~ /^[ \t]*#[ \t]*(if|el|endif)/)
			cond = stack[sp]
		else
			cond = 0
		if (code ~ /^[ \t]*#[ \t]*el/) {
			depth = saved_depth[sp]
			parens = saved_parens[sp]
		}
		directive = code
	}
	groups[NR] = ""
	for (i = 1; i <= sp; i++)
		groups[NR] = groups[NR] " " stack[i]
	if (was_directive) {
		if (cond)
			cond_of[NR] = cond
		in_directive = $0 ~ /\\$/
		if (in_directive)
			next
		if (directive ~ /^[ \t]*#[ \t]*endif/)
			sp--
		if (directive ~ /^[ \t]*#[ \t]*(define|undef)[ \t]/) {
			sub(/^[ \t]*#[ \t]*(define|undef)[ \t]+/, "", directive)
			sub(/[^A-Za-z0-9_].*/, "", directive)
			found(directive, "def", directive_start, NR)
		}
		next
	}
	if (code ~ /^[ \t]*$/) {
		# No definition has an empty line before its body.
		if (!depth && !parens && $0 ~ /^[ \t]*$/)
			stmt = ""
		next
	}
	if (stmt == "")
		stmt_start = NR
	stmt = stmt " " code
	depth += count(code, "{") - count(code, "}")
	parens += count(code, "(") - count(code, ")")
	if (depth <= 0 && parens <= 0 && code ~ /[;}][ \t]*$/) {
		depth = parens = 0
		end_statement()
	}
}

END {
	for (i = 1; i <= n_names; i++) {
		if (split(name_list[i], ends, /\.\./) == 2) {
			if (!(ends[1] in first))
				missing = missing " " ends[1]
			else if (!(ends[2] in last) || last[ends[2]] < first[ends[1]])
				missing = missing " " ends[2]
			else
				for (l = first[ends[1]]; l <= last[ends[2]]; l++)
					take[l] = 1
		} else if (!(name_list[i] in last)) {
			missing = missing " " name_list[i]
		}
	}
	if (missing != "") {
		printf("extract.sh: %s does not define%s: is the series applied to the tree?\n",
		       path, missing) > "/dev/stderr"
		exit 1
	}
	for (l = 1; l <= NR; l++) {
		if (!take[l])
			continue
		n = split(groups[l], g, " ")
		for (i = 1; i <= n; i++)
			used[g[i]] = 1
	}
	for (l = 1; l <= NR; l++) {
		if (!take[l] && !((l in cond_of) && used[cond_of[l]]))
			continue
		if (l != prev + 1)
			printf("#line %d \"%s\"\n", l, file)
		print line[l]
		prev = l
	}
}' "$tree/$file"
