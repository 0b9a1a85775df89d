#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# text.sh TREE DIR - put the text that clears and copies pages in a kernel tree into DIR
#
# Trees differ in which of the functions they have and in their names: what a
# tree lacks stays out, and unit.c says of what is left whether it is enough.

set -eu

tree=$1 dir=$2
extract=${0%/*}/../userland/extract.sh

[ -f "$tree/mm/memory.c" ] || { echo "text.sh: $tree is not a kernel tree: it has no mm/memory.c" >&2; exit 1; }
[ -f "$tree/arch/x86/lib/clear_page_64.S" ] ||
	{ echo "text.sh: $tree has no arch/x86/lib/clear_page_64.S" >&2; exit 1; }
rm -rf "$dir"
mkdir -p "$dir/asm"

# text OUT FILE NAME... - those of the names that FILE defines.
text() {
	local out=$dir/$1 file=$2 name have=()

	shift 2
	for name; do
		"$extract" "$tree" "$file" "$name" > "$out" 2>/dev/null && have+=("$name")
	done
	: > "$out"
	[ ${#have[@]} = 0 ] || "$extract" "$tree" "$file" "${have[@]}" > "$out"
}

text page_64.h arch/x86/include/asm/page_64.h __phys_reloc_hide..clear_page CLEAR_PAGES_RESCHED_NR COPY_PAGES_RESCHED_NR
text page.h arch/x86/include/asm/page.h clear_user_page
text mm.h include/linux/mm.h clear_pages PROCESS_PAGES_NON_PREEMPT_BATCH
text highmem.h include/linux/highmem.h KMAP_LOCAL_EACH_PAGE clear_pages clear_user_page \
	clear_user_pages clear_user_highpage clear_user_highpages clear_highpage clear_highpages \
	clear_highpage_kasan_tagged CLEAR_PAGES_RESCHED_NR \
	copy_mc_user_highpage copy_mc_highpage COPY_PAGES_RESCHED_NR copy_mc_pages __copy_mc_highpages \
	copy_mc_user_highpages copy_mc_highpages
text near.h mm/internal.h FOLIO_ZERO_NEAR_PAGES FOLIO_ZERO_LOCALITY_RADIUS FOLIO_ZERO_SHORT_PAGES
text regions.h mm/internal.h FOLIO_ZERO_NR_REGIONS..folio_zero_regions FOLIO_ZERO_NR_RANGES..folio_zero_ranges
text memory.h mm/memory.c FOLIO_ZERO_LOCALITY_RADIUS process_huge_page clear_gigantic_page clear_subpage \
	clear_user_highpages_resched clear_contig_highpages folio_zero_user \
	copy_user_gigantic_page copy_subpage_arg copy_subpage copy_user_highpages_resched \
	copy_contig_highpages copy_user_large_folio
text util.h mm/util.c folio_copy_unit folio_mc_copy
text copy_mc.h arch/x86/lib/copy_mc.c copy_mc_to_kernel copy_mc_pages
text page_alloc.h mm/page_alloc.c clear_highpages_kasan_tagged kernel_init_pages

# Which of the two zeroes an allocation, and what a region is.
name=kernel_init_pages
! grep -q 'clear_highpages_kasan_tagged(struct' "$dir/page_alloc.h" || name=clear_highpages_kasan_tagged
echo "#define INIT_PAGES $name" > "$dir/names.h"
! grep -q 'clear_highpages(' "$tree/mm/shmem.c" || echo '#define SHMEM_EXTENT' >> "$dir/names.h"
! grep -q 'copy_mc_pages' "$dir/copy_mc.h" || echo '#define COPY_MC_PAGES' >> "$dir/names.h"
# Who zeroes again what the allocator has zeroed. Of user_alloc_needs_zeroing() what counts
# is its calls, and what it asks.
twice() {
	local name=$1

	shift
	if "$@"; then echo "#define $name 0"; else echo "#define $name 1"; fi >> "$dir/names.h"
}
asks() {
	grep -q 'user_alloc_needs_zeroing()' "$tree/mm/memory.c" &&
		"$extract" "$tree" include/linux/mm.h user_alloc_needs_zeroing 2>/dev/null | grep -q "$1"
}
twice ANON_ALLOC_TWICE asks init_on_alloc
twice ANON_FREE_TWICE asks init_on_free
twice SHMEM_TWICE grep -q 'alloced || user_alloc_needs_zeroing()' "$tree/mm/shmem.c"
twice HUGETLB_TWICE grep -q 'hugetlb_zero_folio(' "$tree/mm/hugetlb.c"
sed -n 's/^\(struct [a-z_]*\) {$/#define FOLIO_REGION \1/p' "$dir/regions.h" >> "$dir/names.h"

# v6.12 has the clobbers of an alternative's call behind a colon of their own.
if grep -A3 'define alternative_call_2(' "$tree/arch/x86/include/asm/alternative.h" | grep -q 'output, input\.\.\.)'; then
	echo '#define CLOBBERS_IN_INPUT'
fi > "$dir/alternative.h"

# Their headers are empty here: see userland/shim/asm.h.
cp "$tree"/arch/x86/lib/{clear_page,copy_page,copy_mc}_64.S "$dir/"
sed -n 's/^#include <\(.*\)>.*/\1/p' "$dir"/*.S | while read -r header; do
	mkdir -p "$dir/asm/${header%/*}"
	: > "$dir/asm/$header"
done
