/* SPDX-License-Identifier: GPL-2.0 */
/* Between the tests (test.c) and what they test (variant.c). */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)

struct page {
	unsigned long order;	/* of the folio, in its first page */
};

struct folio {
	struct page page;
};

/* The kernel text under test, compiled for one kind of kernel. */
struct variant {
	const char *name;
	bool highmem;		/* pages have no linear mapping */
	bool flush_on_kunmap;	/* a page is flushed when its mapping goes */
	bool own_page;		/* arch has its own clear_user_page() */
	bool own_highpage;	/* arch has its own clear_user_highpage() */
	bool x86;
	bool kmsan;		/* is told of each page that is cleared */
	bool x86_bytes;		/* the alternatives get bytes in rcx, not words */
	bool x86_preemptible;	/* there is no other kernel, so no bound with CLZERO */
	bool split_memmap;	/* the memmap has gaps between sections */
	bool right_first;	/* the region after the fault is zeroed first */
	bool no_empty;		/* an extent has a page at least */
	unsigned long nr_regions;

	/* CLEAR_PAGES_RESCHED_NR, NULL: test_resched_nr */
	unsigned long (*resched_nr)(void);
	void (*zero_user)(struct folio *folio, unsigned long addr_hint);
	void (*init)(struct page *page, int numpages);
	void (*clear_page)(void *addr);
	void (*clear_pages)(void *addr, unsigned long npages);
	void (*clear_user_highpage)(struct page *page, unsigned long vaddr);
	void (*clear_user_highpages)(struct page *page, unsigned long vaddr,
				     unsigned long npages);
	void (*clear_highpages)(struct page *page, unsigned long npages);
	void (*clear_highpage_tagged)(struct page *page);
	/* out: start and nr_pages of each region */
	void (*regions)(unsigned long nr_pages, unsigned long fault_idx,
			unsigned long out[][2]);
};

extern const struct variant variant;

/* What the shims tell the tests. */
extern unsigned long test_resched_nr;
extern bool test_preemptible;

struct page *test_nth_page(struct page *page, unsigned long n);
void *test_page_address(struct page *page);
void *test_kmap(struct page *page);
void test_kunmap(const void *addr);
void test_resched_point(const char *name);
void test_might_sleep(void);
void test_kasan(int change);
void *test_reset_tag(const void *addr);
void test_kmsan_unpoison(const void *addr, unsigned long len);
/* Each layer of clearing, as it is called, and the bottom that clears. */
void test_highpages_begin(struct page *page, unsigned long vaddr, unsigned long npages);
void test_highpages_end(void);
void test_user_pages(void *addr, unsigned long vaddr, struct page *page,
		     unsigned long npages);
void test_pages_begin(void *addr, unsigned long npages);
void test_pages_end(void);
void test_user_page(void *addr, unsigned long vaddr, struct page *page);
void test_clear(void *addr, unsigned long len);

/* x86: alternatives, and what is told of those that are selected. */
#define X86_FEATURE_REP_GOOD	1	/* the assembler reads these, too */
#define X86_FEATURE_ERMS	2
#define X86_FEATURE_CLZERO	3
extern bool test_x86_has[];
void test_x86_done(const char *outputs, const char *inputs);
void test_x86_clzero(void *addr, unsigned long len);

#endif
