# shellcheck shell=bash disable=SC2154,SC2034 # with lib.sh: sourced, not run
# Building kernels for guests, and running them under QEMU.

# fragments NAME... - configuration fragments of tools/guest, as paths: the
# base's own of that name where there is one. common brings net for a tree from LINUX.
fragments() {
	local name own

	for name; do
		own=$top/tools/guest/$base/$name.config
		[ -f "$own" ] || own=$top/tools/guest/$name.config
		echo "$own"
		[ "$name" != common ] || [[ $(cat "$tree/.git/source") =~ ^[0-9.]+$ ]] ||
			echo "$top/tools/guest/net.config"
	done
}

# configure DIR FRAGMENT... - allnoconfig plus fragments, in DIR/$OUT (out);
# fails when Kconfig does not take a line. The configuration is replaced only
# when it differs, so that an unchanged kernel is not built again.
configure() {
	local dir=$1 out=$1/${OUT:-out} all missed

	shift
	mkdir -p "$out"
	all=$out/fragments
	# A base may lack options: its own list says why.
	cat "$@" | grep -vxFf <(cat "$top/tools/guest/$base/gone" 2>/dev/null) > "$all"
	if [ ! -f "$out/.config" ] || ! cmp -s "$all" "$all.built"; then
		logged "$log/config-${dir##*/}-${out##*/}.log" kbuild "$dir" KCONFIG_ALLCONFIG="$all" allnoconfig
		# A later fragment's line holds against an earlier one's.
		missed=$(awk -F= '/^CONFIG_/ { want[$1] = $2 }
			END { for (o in want) print (want[o] == "n" ? "# " o " is not set" : o "=" want[o]) }' "$all" |
			grep -vxFf "$out/.config" | while read -r line; do
				option=$(grep -o 'CONFIG_[A-Z0-9_]*' <<< "$line")
				# An option that does not exist here is as good as one that is off.
				case $line in \#*) grep -q "^$option=" "$out/.config" || continue ;; esac
				echo "$line"
			done | xargs) || true
		[ -z "$missed" ] || die "$out: Kconfig does not take $missed"
		cp "$all" "$all.built"
	fi
}

# build_kernel DIR NAME TARGET - with done/total on a terminal, the time at its end.
build_kernel() {
	local dir=$1 name=$2 target=$3 start=$SECONDS total done=0 log_file=$log/build-$2.log

	step "building $name"
	kbuild "$dir" prepare > "$log_file" 2>&1 < /dev/null ||
		{ tail -n 20 "$log_file" >&2; die "configuring $name failed, all of its output is in $log_file"; }
	total=$(kbuild "$dir" -n -k "$target" 2>/dev/null < /dev/null | grep -cE "echo '  (CC|AS) ") || true
	kbuild "$dir" "$target" 2>&1 < /dev/null | tee -a "$log_file" |
		while read -r what _; do
			case $what in CC | AS) done=$((done + 1)) ;; *) continue ;; esac
			[ ! -t 1 ] || printf '\r        %d/%d' "$done" "$total"
		done ||
		{ grep -E 'error|Error|No space' "$log_file" | tail -n 20 >&2; die "building $name failed, all of its output is in $log_file"; }
	[ ! -t 1 ] || printf '\r\033[K'
	step "  built $name in $((SECONDS - start)) s, $total files compiled"
}

# compile_objects DIR LOG TARGET... - by W=1, in DIR/$OUT; C=1 and -k may be among the targets.
compile_objects() {
	local dir=$1 out=$2 flags=() mm=() lib=() target status=0

	shift 2
	# Of what is below arch/ one at a time: kbuild reaches arch/x86/lib in two ways.
	for target; do
		case $target in arch/*) lib+=("$target") ;; *.o) mm+=("$target") ;; *) flags+=("$target") ;; esac
	done
	: > "$out.log"
	if [ ${#mm[@]}${#lib[@]} = 00 ]; then
		echo "error: nothing to compile" > "$out.log"
		return 1
	fi
	[ ${#mm[@]} = 0 ] || kbuild "$dir" W=1 "${flags[@]}" "${mm[@]}" >> "$out.log" 2>&1 < /dev/null || status=1
	[ ${#lib[@]} = 0 ] || jobs=1 kbuild "$dir" W=1 "${flags[@]}" "${lib[@]}" >> "$out.log" 2>&1 < /dev/null || status=1
	return $status
}

# touched_objects DIR OPTIONS LOG [C=1] [OBJECT...] - those of the objects that the series
# touches, and of these, which the base in DIR has with these options (allnoconfig plus
# them): compiled, to find out. LOG.warnings as warnings_of leaves it.
touched_objects() {
	local dir=$1 options=$2 out=$3 srcarch=$ARCH objects

	shift 3
	case $srcarch in i386 | x86_64) srcarch=x86 ;; esac
	mapfile -t objects < <({ printf '%s\n' "$@"
		git -C "$tree" diff --name-only base HEAD -- '*.[cS]' ':!tools' ':!mm/tests' |
			awk -v arch="arch/$srcarch/" '!/^arch/ || index($0, arch) == 1 { sub(/[cS]$/, "o"); print }'
	} | awk 'NF && !seen[$0]++')
	configure "$dir" <(tr , '\n' <<< "$options")
	(cd "$dir/${OUT:-out}" && rm -f "${objects[@]}")
	compile_objects "$dir" "$out" -k "${objects[@]}" || true
	sift_warnings "$out"
	(cd "$dir/${OUT:-out}" && ls "${objects[@]}" 2> /dev/null) || true
}

# warnings_of DIR OPTIONS LOG TARGET... - compiles objects with W=1 in DIR/$OUT,
# allnoconfig plus the comma-separated options, and leaves in LOG.warnings what
# the compiler says, without the line numbers that a patch moves.
warnings_of() {
	local dir=$1 options=$2 out=$3

	shift 3
	configure "$dir" <(tr , '\n' <<< "$options")
	# What was compiled in an earlier run would say nothing.
	(cd "$dir/${OUT:-out}" && rm -f "${@/#C=*/}")
	new_warnings_of "$dir" "$out" "$@"
}

# new_warnings_of DIR LOG TARGET... - of what is to be compiled again, and no more.
new_warnings_of() {
	local out=$2

	if ! compile_objects "$@"; then
		grep -E 'error|Error' "$out.log" | head -n 10 || true
		return 1
	fi
	sift_warnings "$out"
}

sift_warnings() {
	grep -E 'warning:|error:' "$1.log" | sed -E 's/:[0-9]+(:[0-9]+)?:/:/' | sort -u > "$1.warnings" || true
}

# worktree DIR COMMIT - a working tree of $tree's, for a stage of its own. What is
# left of a tree that is no more is not used again.
worktree() {
	if [ ! "$(git -C "$1" rev-parse --git-common-dir 2>/dev/null)" -ef "$tree/.git" ]; then
		rm -rf "$1"
		plain_git -C "$tree" worktree prune
		plain_git -C "$tree" worktree add -q --detach "$1" "$2"
	fi
	plain_git -C "$1" checkout -qf --detach "$2"
}

# free_memory - in GiB, of the machine or of the control group that this runs in.
free_memory() {
	local kib limit group

	kib=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
	group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
	if read -r limit < "$group/memory.max" && [ "$limit" != max ]; then
		limit=$(((limit - $(cat "$group/memory.current")) / 1024))
		[ "$limit" -ge "$kib" ] || kib=$limit
	fi 2>/dev/null
	echo $((kib / 1048576))
}

# accelerator KERNEL - whether hardware virtualization boots a guest here.
accelerator() {
	local trial=$work/trial.log

	if [ -w /dev/kvm ]; then
		timeout 15 qemu-system-x86_64 -accel kvm -cpu host -m 512 -display none \
			-no-reboot -serial "file:$trial" -kernel "$1" \
			-append "console=ttyS0 panic=-1" >/dev/null 2>&1 || true
		if grep -q 'Linux version' "$trial" 2>/dev/null; then
			echo kvm
			return
		fi
	fi
	echo tcg
}

# other_package DIR PACKAGE ARCH [SOURCE] - unpacks a Debian package that this
# system is not to have: of another architecture, or from a line of sources.list
# that is not the system's. By an apt of its own, so that the system's is unchanged.
other_package() {
	local dir=$1 package=$2 architecture=$3 apt

	rm -rf "$dir.new" "$dir"
	mkdir -p "$dir.new/lists/partial" "$dir.new/archives/partial" "$log"
	apt=(apt-get -q -o "APT::Architecture=$architecture" -o "APT::Architectures::=$architecture"
		-o "Dir::State::lists=$dir.new/lists" -o "Dir::Cache::archives=$dir.new/archives"
		-o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=" -o APT::Sandbox::User=root)
	if [ "${4:-}" ]; then
		echo "$4" > "$dir.new/sources.list"
		apt+=(-o "Dir::Etc::sourcelist=$dir.new/sources.list" -o Dir::Etc::sourceparts=-)
	fi
	# Of several sources one that is out of order need not be the one that has it.
	"${apt[@]}" update > "$log/$package-$architecture-update.log" 2>&1 < /dev/null || true
	(cd "$dir.new" && logged "$log/$package-$architecture.log" "${apt[@]}" download "$package" &&
		dpkg-deb -x "$package"_*.deb . && rm -rf lists archives ./*.deb) || return
	mv "$dir.new" "$dir"
}

# static_busybox ARCH - path of a busybox of a Debian architecture.
static_busybox() {
	local dir=$cache/busybox-$1

	if [ "$1" = "$(dpkg --print-architecture)" ]; then
		echo /bin/busybox
		return
	fi
	[ -x "$dir/bin/busybox" ] || other_package "$dir" busybox-static "$1" || return
	echo "$dir/bin/busybox"
}

# qemu_10 ARCH - path of a QEMU 10 or later. In 7.2, of Debian 12, memory tags are not
# right: a kernel that runs in 10 does not get past its first slabs. And a CPU there may
# execute an instruction that another has replaced: a livepatch's transition, which has
# int3 in each call of cond_resched() for a moment, ends in "Oops: int3". That release's
# backports have 10.
qemu_10() {
	local program=qemu-system-$1 package=qemu-system-arm dir version mirror codename

	version=$("$program" --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
	if [ "${version:-0}" -ge 10 ]; then
		command -v "$program"
		return
	fi
	[ "$1" != x86_64 ] || package=qemu-system-x86
	dir=$cache/$package
	if [ ! -x "$dir/usr/bin/$program" ]; then
		codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
		mirror=$(mirror_of "$codename")
		other_package "$dir" "$package" "$(dpkg --print-architecture)" \
			"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $codename-backports main" || return
	fi
	echo "$dir/usr/bin/$program"
}

# mirror_of CODENAME - from where apt gets a release's packages on this machine.
mirror_of() {
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
		awk -v codename="$1" '$2 == codename && $3 == "main" { print $1; exit }'
}

# build_folio_zero DIR - the series' own selftests, static, from DIR into DIR/$OUT.
build_folio_zero() {
	local dir=$1 out=$1/${OUT:-out} src=$1/tools/testing/selftests/mm program settings

	settings=$src/thp_settings.c	# later trees have the other
	[ -f "$settings" ] || settings=$src/hugepage_settings.c
	logged "$log/headers-${out##*/}.log" kbuild "$dir" headers
	for program in folio_zero hugetlb_fork; do
		[ -f "$src/$program.c" ] || continue
		logged "$log/$program-${out##*/}.log" "${CROSS_COMPILE:-}gcc" -static -O2 -Wall -Wunreachable-code \
			-U_FORTIFY_SOURCE -D_GNU_SOURCE= -I "$dir" -isystem "$out/usr/include" \
			-isystem "$dir/tools/include/uapi" -I "$dir/tools/testing/selftests" \
			-o "$out/$program" "$src/$program.c" "$src/vm_util.c" "$settings" -lpthread
	done
}

# make_initramfs IMAGE BUSYBOX FILE... - the guest's root file system: busybox,
# tools/guest/init, and in /mm the files, with the libraries that they want.
make_initramfs() {
	local image=$1 root=$1.root file

	rm -rf "$root"
	mkdir -p "$root/bin" "$root/mm"
	cp "$2" "$root/bin/busybox"
	cp "$top/tools/guest/init" "$root/init"
	shift 2
	cp -r "$@" "$root/mm/"
	for file in "$root"/mm/*; do
		# pthread_cancel() loads one more when it is called.
		if ldd "$file" 2>/dev/null | grep -o '/[^ ]*'; then realpath "$(gcc -print-file-name=libgcc_s.so.1)"; fi
	done | sort -u | while read -r file; do
		mkdir -p "$root${file%/*}"
		cp -L "$file" "$root$file"
	done
	(cd "$root" && find . | sort | cpio -o -H newc --quiet) > "$image"
	rm -rf "$root"
}

# A busy machine may keep an emulated x86 guest from ticking just when it looks
# whether its timer works: such guests get no_timer_check.
#
# run_guest NAME QEMU... - runs QEMU until the guest ends, or until it has made no
# progress for $patience seconds; twice that before tools/guest/init runs, for only
# the kernel's log shows progress then. Leaves NAME.console (that log) and NAME.tests
# in $work/guest. False if it did not end well. In place of QEMU and its options:
# bochs and make_bochs's file. With $enough, an expression, a line of either ends the guest.
patience=300
run_guest() (
	local name=$1 dir=$work/guest pid start=$SECONDS last=$SECONDS dead=0 quiet before='' now why='' early='' tests

	shift
	mkdir -p "$dir"
	rm -f "$dir/$name".{console,tests,qemu}
	# A machine without a second serial port has a virtio one.
	tests=(-serial "file:$dir/$name.tests")
	[[ $1 != *aarch64 ]] || tests=(-device virtio-serial-device -chardev "file,id=tests,path=$dir/$name.tests"
		-device "virtconsole,chardev=tests")
	if [ "$1" = bochs ]; then
		# Debian's starts in its debugger, which wants to be told to go on.
		set -- bochs-bin -q -f "$2" -rc "$2.rc"
	else
		set -- "$@" -display none -no-reboot -serial "file:$dir/$name.console" "${tests[@]}"
	fi
	"$@" > "$dir/$name.qemu" 2>&1 < /dev/null &
	pid=$!
	# One that is stopped hears no other signal.
	trap 'kill -9 $pid 2>/dev/null' EXIT
	trap 'exit 130' INT TERM
	while kill -0 "$pid" 2>/dev/null; do
		sleep 1
		now=$(progress "$name" 2>/dev/null) || true
		[ "$now" = "$before" ] || before=$now last=$SECONDS
		[[ $now = *used* ]] && quiet=$patience || quiet=$((2 * patience))
		[ ! -t 1 ] || printf '\r        %s: %d s, %s' "$name" $((SECONDS - start)) \
			"$(grep -a '^# running' "$dir/$name.tests" 2>/dev/null | tail -n 1 | tr -d '\r' | cut -c 11-60)"
		if [ "$1" = bochs-bin ] && grep -aq '^# guest: done' "$dir/$name.tests" 2>/dev/null; then
			why=		# it would boot again
		elif [ "${enough:-}" ] && grep -aqE "$enough" "$dir/$name".{tests,console} 2>/dev/null; then
			early=y
		elif grep -aqE 'Kernel panic|Oops|kernel BUG' "$dir/$name.console" 2>/dev/null; then
			# The rest of the message comes yet.
			dead=$((dead + 1)) why="crashed"
			[ $dead -gt 10 ] || continue
		elif [ $((SECONDS - last)) -gt $quiet ]; then
			why="made no progress for $quiet s"
		else
			continue
		fi
		kill -9 "$pid"
		break
	done
	wait "$pid" 2>/dev/null || true
	trap - EXIT INT TERM
	[ ! -t 1 ] || printf '\r\033[K'
	[ -n "$why$early" ] || grep -aq '^# guest: done' "$dir/$name.tests" 2>/dev/null || why="ended before its tests did"
	[ -n "$why" ] || return 0
	{
		echo "guest $name $why; its complaints, the ends of its kernel log, of its tests and of QEMU's messages:"
		complaints "$name" | head -n 5
		grep -av 'guest: used' "$dir/$name.console" | tail -n 12 | tr -d '\r'
		tail -n 12 "$dir/$name".{tests,qemu} | tr -d '\r'
	} >&2 2>/dev/null
	return 1
)

# progress NAME - a text that changes as long as a guest gets on: what its tests have
# printed, what tools/guest/init says that they have used, and the length of the
# kernel's log, as long as it does not only complain.
progress() {
	local guest=$work/guest/$1

	[ -f "$guest.console" ] || return 0
	wc -c < "$guest.tests"
	complaints "$1" > /dev/null || grep -avc 'guest: used' "$guest.console"
	grep -ao 'guest: used [0-9]*' "$guest.console" | tail -n 1
}

# make_bochs NAME MIB IMAGE INITRD APPEND - a machine for Bochs, which has the
# processor that QEMU does not emulate (AMD's Zen, with CLZERO) and boots from a
# CD. Prints the name of its configuration.
make_bochs() {
	local name=$1 dir=$work/guest iso=$work/guest/$1.iso

	mkdir -p "$iso.root/boot/grub"
	cp "$3" "$iso.root/boot/image"
	cp "$4" "$iso.root/boot/initrd"
	# Its MWAITX does not wake up.
	printf 'linux /boot/image %s clearcpuid=mwaitx\ninitrd /boot/initrd\nboot\n' "$5" > "$iso.root/boot/grub/grub.cfg"
	logged "$log/grub-$name.log" grub-mkrescue -o "$iso" "$iso.root"
	rm -rf "$iso.root"
	cat > "$dir/$name.bochs" <<-EOF
		display_library: rfb, options="timeout=0"
		romimage: file=/usr/share/bochs/BIOS-bochs-latest
		vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
		cpu: model=ryzen, ips=50000000, ignore_bad_msrs=1
		memory: guest=$2, host=$2
		ata0-master: type=cdrom, path="$iso", status=inserted
		boot: cdrom
		com1: enabled=1, mode=file, dev="$dir/$name.console"
		com2: enabled=1, mode=file, dev="$dir/$name.tests"
		log: $dir/$name.bochs.log
		panic: action=fatal
		error: action=ignore
		info: action=ignore
	EOF
	echo c > "$dir/$name.bochs.rc"
	echo "$dir/$name.bochs"
}

# complaints NAME - lines of a kernel log that no healthy kernel prints.
complaints() {
	grep -aE 'WARNING:|BUG:|BUG |Oops|Kernel panic|kernel BUG|INFO: task .* blocked|INFO: rcu|soft lockup|possible (circular|recursive|irq)|inconsistent lock state|suspicious RCU|sleeping function|bad page state|Bad page|pagealloc: memory corruption' \
		"$work/guest/$1.console" | tr -d '\r'
}

# kunit NAME - what the series' KUnit suite said in a kernel log; false if it
# failed, did not run, or skipped everything.
kunit() {
	local sum

	sum=$(tr -d '\r' < "$work/guest/$1.console" | grep -aoE 'folio_zero: pass:.*' | tail -n 1) || true
	echo "${sum:-the suite did not run}"
	[[ $sum =~ pass:([0-9]+)\ fail:0\  && ${BASH_REMATCH[1]} -gt 0 ]]
}
