/* SPDX-License-Identifier: GPL-2.0 */
/* Between the kernel text that is measured (unit.c) and what measures it. */
#ifndef BENCH_H
#define BENCH_H

#include "../userland/test.h"

/* A pool page is zeroed for its first use when the pool grows, not when it is used. */
enum memory { ANON, SHMEM, SURPLUS, POOL_FIRST, POOL_SECOND, NR_MEMORY };

/* One tree's text, compiled for one kind of kernel. Found by the linker. */
struct unit {
	const char *label;	/* of the tree */
	const char *model;	/* of preemption */
	const char *string;	/* which instructions the alternatives select (clzero: and erms) */
	int near;		/* neighbourhood's width in pages, -1: the tree's own */
	bool resched;		/* always bench_resched_nr pages up to a resched point */
	void (*zero_user)(struct folio *folio, unsigned long addr_hint);
	void (*init)(struct page *page, int numpages);
	void (*shmem)(struct page *page, unsigned long npages);
	/* what is zeroed of memory until it is used, with init_on_alloc=1, or init_on_free=1 */
	void (*once)(struct page *page, unsigned long addr, unsigned long npages,
		     enum memory memory, bool on_free);
	/* clear_page() of n pages, each step bytes after the one before */
	void (*pages)(void *addr, unsigned long step, unsigned long n);
	/* a private page's first write, and migration */
	int (*copy_user)(struct folio *to, struct folio *from, unsigned long addr_hint);
	int (*copy)(struct folio *to, struct folio *from);
	/* out: start and nr_pages of each region, NULL if the tree has no such function */
	void (*regions)(unsigned long nr_pages, unsigned long fault_idx,
			unsigned long out[3][2]);
};

/* The linear map: bench_memmap[n] is the page at bench_linear + n * PAGE_SIZE. */
extern struct page *bench_memmap;
extern unsigned long bench_linear;

extern bool bench_need_resched;		/* never */
extern bool bench_zeroed;		/* hugetlb's flag of a page */
extern bool bench_preemptible;
extern unsigned long bench_resched_nr;
void bench_schedule(void);
unsigned long bench_clock(void);		/* nanoseconds */

/* Clears and copies with what the processor has; what only clears has no copy. */
struct store {
	const char *name;
	void (*clear)(void *addr, unsigned long len);
	void (*copy)(void *to, const void *from, unsigned long len);
	void (*fence)(void);
};

#define MAX_STORES	8
extern struct store stores[MAX_STORES];
extern unsigned int nr_stores;
void find_stores(void);

#endif
