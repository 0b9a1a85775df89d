# shellcheck shell=bash disable=SC2034 # what is set here is used where it is sourced
# Common parts of the scripts. Sourced, not run.

set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
# From a git hook these name the user's repository; and reading one is not to refresh its index.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX GIT_COMMON_DIR GIT_NAMESPACE \
	GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
export GIT_OPTIONAL_LOCKS=0

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?is not set, and downloads are kept in its .cache}/.cache}/clear-extents
default_base=v6.18
jobs=${JOBS:-$(nproc)}

told=	# whether die() has said what is wrong
die() {
	told=y
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# help - the script's first comment.
help() {
	sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
	exit
}

# A line per phase, with the time since the start and, at the next, how long it took.
step() {
	printf '[%3d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"
}

# Runs a command with its output in a log; on failure shows the log's end.
logged() {
	local log=$1

	shift
	mkdir -p "${log%/*}"
	"$@" > "$log" 2>&1 </dev/null && return
	tail -n 20 "$log" >&2
	die "$1 failed, all of its output is in $log"
}

# need PROGRAM=PACKAGE... - has apt install what is missing.
# A header or a file stands for a package that brings no program.
need() {
	local want=() missing=() pair

	for pair; do
		case ${pair%%=*} in
		/*)	[ -e "${pair%%=*}" ] ;;
		*)	command -v "${pair%%=*}" >/dev/null ;;
		esac && continue
		want+=("${pair#*=}")
		missing+=("${pair%%=*}")
	done
	[ ${#want[@]} -gt 0 ] || return 0

	command -v apt-get >/dev/null ||
		die "missing: ${missing[*]}; install what provides them and run again"
	local as_root=()
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null ||
			die "missing: ${missing[*]}; there is no sudo: have root run apt-get install ${want[*]}"
		as_root=(sudo)
	fi
	step "installing with apt: ${want[*]}"
	logged "$top/build/log/apt.log" update_lists "${as_root[@]}"
	logged "$top/build/log/apt.log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get -qy -o DPkg::Lock::Timeout=600 install --no-install-recommends "${want[@]}"
}

# Another program may be at it, like what updates a machine that has just booted. apt waits for
# it before it installs, as long as it is told to, but not before it fetches its lists.
update_lists() {
	local out

	for _ in {1..60}; do
		if out=$("$@" apt-get -q update 2>&1); then echo "$out"; return; fi
		echo "$out"
		[[ $out = *"not get lock"* ]] || return 1
		sleep 10
	done
	return 1
}

need_x86_64() {
	[ "$(uname -m)" = x86_64 ] || die "this wants an x86-64 machine, and this one is $(uname -m)"
}

need_kernel_build() {
	need git=git make=make gcc=gcc ld=binutils flex=flex bison=bison bc=bc xz=xz-utils \
		perl=perl python3=python3 rsync=rsync ccache=ccache cpio=cpio \
		/usr/include/stdlib.h=libc6-dev /usr/include/libelf.h=libelf-dev \
		/usr/include/openssl/ssl.h=libssl-dev
}

# A C library of the other architectures, too: what their functions do runs in QEMU's user mode.
need_userland() {
	local cross want=()

	for cross in aarch64-linux-gnu=arm64 riscv64-linux-gnu=riscv64 powerpc64le-linux-gnu=ppc64el; do
		want+=("${cross%=*}-gcc=gcc-${cross%=*}" "/usr/${cross%=*}/include/stdlib.h=libc6-dev-${cross#*=}-cross")
	done
	need gcc=gcc make=make /usr/include/stdlib.h=libc6-dev qemu-aarch64-static=qemu-user-static "${want[@]}"
}

need_space() {
	local dir=$1 gib=$2 have

	mkdir -p "$dir"
	have=$(df -Pk "$dir" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$have" -ge "$gib" ] ||
		die "$dir has $have GiB free and $gib are needed: make room, or put the repository elsewhere"
}

# Sets what is known of a base: $base, $version, its checksums, its series and tree. For scripts
# that take nothing but a base it is where --help comes.
use_base() {
	case ${1:-} in -h | --help) help ;; esac
	[ $# -le 1 ] || die "one base at a time, and not '$*'"
	base=${1:-$default_base}
	version=
	local name
	while read -r name version sum_kernel_org sum_distribution package suite goal; do
		[ "$name" != "$base" ] || break
	done < <(grep -v '^#' "$top/scripts/bases")
	[ "$name" = "$base" ] ||
		die "unknown base '$base': there are $(grep -v '^#' "$top/scripts/bases" | cut -f1 | xargs)"

	series=$top/series
	[ "$base" = "$default_base" ] || series=$top/series.$base
	work=$top/build/$base
	tree=$work/linux		# base plus series, a commit a patch
	base_tree=$work/linux-base	# the base alone
	log=$work/log
}

# base_for RELEASE - the base that is for a tree of that release: the latest that is no
# later, and of the same line where a base is of that line.
base_for() {
	awk -v want="$1" '
	function number(release,	n) { split(release, n, "."); return (n[1] * 1000 + n[2]) * 1000 + n[3] }
	function line(release) { sub(/\.[0-9]*$/, "", release); return release }
	/^#/ || number($2) > number(want) { other = other " " (/^#/ ? "" : line($2)) " "; next }
	number($2) > most { most = number($2); name = $1; found = $2 }
	END { if (line(found) == line(want) || !index(other, " " line(want) " ")) print name }' "$top/scripts/bases"
}

# The patches of a series, in order, as paths.
patches() {
	sed 's/#.*//' "$series" | awk -v dir="$top/patches/" 'NF { print dir $1 }'
}

# cover_block FILE - what a file of Documentation has for the base's cover letter.
cover_block() {
	local name=

	[ "$base" = "$default_base" ] || name=" $base"
	sed -n "/^\.\. cover-begin$name\$/,/^\.\. cover-end\$/ { /^\.\. cover-/d; p }" "$top/Documentation/$1"
}

# guest_table kernels|boots - what the matrix builds and boots, without comments.
guest_table() { grep -v '^#' "$top/tools/guest/$1"; }

# release_of DIR [REV] - what the Makefile of a kernel tree, or of a revision, says.
release_of() {
	{ if [ $# -gt 1 ]; then git -C "$1" show "$2:Makefile"; else cat "$1/Makefile"; fi; } 2>/dev/null |
		awk '$1 ~ /^(VERSION|PATCHLEVEL|SUBLEVEL)$/ && $2 == "=" { r = r s $3; s = "." } END { print r }' || true
}

# distribution_source PACKAGE[=VERSION] - a linux-source package's tree as a tar. apt
# has the package's checksum and checks it.
distribution_source() {
	local package=${1%%=*}

	(cd "$cache" && rm -f "${package}_"*.deb && apt-get -q -o APT::Sandbox::User=root download "$1" >&2) || return
	dpkg-deb --fsys-tarfile "$cache/${package}_"*.deb | tar -xO "./usr/src/$package.tar.xz" | xz -d
}

# git as if the user had configured nothing, so that its output is the same everywhere.
plain_git() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_CONFIG_NOSYSTEM=1 \
		git -c core.abbrev=12 -c gc.auto=0 -c advice.detachedHead=false \
		-c user.name=clear-extents -c user.email=clear-extents@localhost "$@"
}

# kbuild DIR MAKEARGS... - builds in DIR/$OUT (out), with ccache; ARCH,
# CROSS_COMPILE and LLVM (-19, say) from the environment. Below its source tree kbuild names files
# relative to it, so ccache knows an object again that another clone has built.
kbuild() {
	local dir=$1

	shift
	export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_NOHASHDIR=1
	export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-10G}
	export KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=clear KBUILD_BUILD_HOST=extents
	local cc=${CROSS_COMPILE:-}gcc
	[ -z "${LLVM:-}" ] || cc=clang$LLVM
	make -C "$dir" O="${OUT:-out}" -j"$jobs" CC="ccache $cc" "$@"
}
