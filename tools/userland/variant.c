// SPDX-License-Identifier: GPL-2.0
/*
 * The text under test, compiled as one kind of kernel would.
 *
 * Macros from the Makefile's table say which kind. text/ is what extract.sh
 * took from the tree. In between, each layer gets a wrapper that tells the
 * tests of the call.
 */
#include "shim/kernel.h"

#ifdef X86
#define clear_pages_clzero(addr, len)	test_x86_clzero(addr, len)
#define __clear_pages_clzero(addr, len)	test_x86_clzero(addr, len)
#define clear_pages_orig			test_x86_orig
#include "text/page_64.h"
#else
static inline void clear_page(void *addr)
{
	test_clear(addr, PAGE_SIZE);
}
#endif

/* Both ways in which architectures do it: with a macro and with a function. */
#ifdef OWN_CLEAR_USER_PAGE
#ifdef CONFIG_HIGHMEM
static inline void clear_user_page(void *addr, unsigned long vaddr, struct page *page)
{
	test_user_page(addr, vaddr, page);
}
#define clear_user_page clear_user_page
#else
#define clear_user_page(addr, vaddr, page)	test_user_page(addr, vaddr, page)
#endif
#endif

#ifdef OWN_CLEAR_USER_HIGHPAGE
static inline void own_clear_user_highpage(struct page *page, unsigned long vaddr)
{
	void *addr = kmap_local_page(page);

	test_user_page(addr, vaddr, page);
	kunmap_local(addr);
}
#define clear_user_highpage(page, vaddr)	own_clear_user_highpage(page, vaddr)
#endif

#include "text/KMAP_LOCAL_EACH_PAGE.h"
#include "text/clear_pages.h"
#include "text/CLEAR_PAGES_RESCHED_NR.h"

#ifdef PROCESS_PAGES_NON_PREEMPT_BATCH
#define CLEAR_PAGES_RESCHED_NR	PROCESS_PAGES_NON_PREEMPT_BATCH
#endif
#ifdef RESCHED_VARIABLE
#undef CLEAR_PAGES_RESCHED_NR
#define CLEAR_PAGES_RESCHED_NR	test_resched_nr
#undef PROCESS_PAGES_NON_PREEMPT_BATCH
#define PROCESS_PAGES_NON_PREEMPT_BATCH	test_resched_nr
#endif

static inline void traced_clear_pages(void *addr, unsigned long npages)
{
	test_pages_begin(addr, npages);
	clear_pages(addr, npages);
	test_pages_end();
}
#undef clear_pages
#define clear_pages(addr, npages)	traced_clear_pages(addr, npages)

#include "text/clear_user_page.h"
#include "text/clear_user_pages.h"

#ifndef OWN_CLEAR_USER_HIGHPAGE
static inline void traced_clear_user_pages(void *addr, unsigned long vaddr,
					   struct page *page, unsigned long npages)
{
	test_user_pages(addr, vaddr, page, npages);
	clear_user_pages(addr, vaddr, page, npages);
}
#undef clear_user_pages
#define clear_user_pages(addr, vaddr, page, npages)	\
	traced_clear_user_pages(addr, vaddr, page, npages)
#endif

#include "text/clear_user_highpage.h"
#include "text/clear_user_highpages.h"

static inline void traced_clear_user_highpages(struct page *page, unsigned long vaddr,
					       unsigned long npages)
{
	test_highpages_begin(page, vaddr, npages);
	clear_user_highpages(page, vaddr, npages);
	test_highpages_end();
}
#undef clear_user_highpages
#define clear_user_highpages(page, vaddr, npages)	\
	traced_clear_user_highpages(page, vaddr, npages)

#include "text/clear_highpage.h"
#include "text/clear_highpages.h"
#include "text/clear_highpage_kasan_tagged.h"
#include "text/internal.h"
#include "text/memory.h"
#include "text/page_alloc.h"

#ifndef RESCHED_VARIABLE
static unsigned long call_resched_nr(void)
{
	return CLEAR_PAGES_RESCHED_NR;
}
#endif

static void call_clear_page(void *addr)
{
	clear_page(addr);
}

static void call_clear_user_highpage(struct page *page, unsigned long vaddr)
{
	clear_user_highpage(page, vaddr);
}

static void call_clear_highpages(struct page *page, unsigned long npages)
{
	clear_highpages(page, npages);
}

static void call_regions(unsigned long nr_pages, unsigned long fault_idx,
			 unsigned long out[][2])
{
#ifdef FOLIO_ZERO_NR_RANGES
	static const int at[] = { 1, 0, 2 };	/* it has the right one first */
	struct range r[FOLIO_ZERO_NR_RANGES];
	int i;

	folio_zero_ranges(nr_pages, fault_idx, r);
	for (i = 0; i < FOLIO_ZERO_NR_RANGES; i++) {
		out[at[i]][0] = r[i].start;
		out[at[i]][1] = range_len(&r[i]);
	}
#else
	struct folio_zero_region regions[FOLIO_ZERO_NR_REGIONS];
	int i;

	folio_zero_regions(nr_pages, fault_idx, regions);
	for (i = 0; i < FOLIO_ZERO_NR_REGIONS; i++) {
		out[i][0] = regions[i].start;
		out[i][1] = regions[i].nr_pages;
	}
#endif
}

#ifdef FOLIO_ZERO_NR_RANGES
#define FOLIO_ZERO_NR_REGIONS	FOLIO_ZERO_NR_RANGES
#define kernel_init_pages	clear_highpages_kasan_tagged
#endif

const struct variant variant = {
	.name			= VARIANT,
	.highmem		= IS_ENABLED(CONFIG_HIGHMEM),
	.flush_on_kunmap	= IS_ENABLED(ARCH_HAS_FLUSH_ON_KUNMAP),
	.own_page		= IS_ENABLED(OWN_CLEAR_USER_PAGE),
	.own_highpage		= IS_ENABLED(OWN_CLEAR_USER_HIGHPAGE),
	.x86			= IS_ENABLED(X86),
	.kmsan			= IS_ENABLED(CONFIG_KMSAN),
#if defined(X86) && defined(FOLIO_ZERO_NR_RANGES)
	.x86_bytes		= true,
	.x86_preemptible	= true,
#endif
	.split_memmap		= IS_ENABLED(SPLIT_MEMMAP),
#ifndef RESCHED_VARIABLE
	.resched_nr		= call_resched_nr,
#endif
#ifdef FOLIO_ZERO_NR_RANGES
	.right_first		= true,
	.no_empty		= true,
#endif
	.nr_regions		= FOLIO_ZERO_NR_REGIONS,
	.zero_user		= folio_zero_user,
	.init			= kernel_init_pages,
	.clear_page		= call_clear_page,
	.clear_pages		= traced_clear_pages,
	.clear_user_highpage	= call_clear_user_highpage,
	.clear_user_highpages	= traced_clear_user_highpages,
	.clear_highpages	= call_clear_highpages,
	.clear_highpage_tagged	= clear_highpage_kasan_tagged,
	.regions		= call_regions,
};
