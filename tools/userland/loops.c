// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the loops that clear what happens to be contiguous: holes of what khugepaged
 * collapses, vmalloc memory under hardware tags, free pages after hibernation.
 *
 * The text that extract.sh took is compiled as one kind of kernel would, over a memory
 * of pages that remember nothing: what is done to which page is put down, page by page
 * and in its order, and compared with what had to be done. Beside that the extents are
 * counted: one for each run.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define READ_ONCE(x)	(x)
#define WRITE_ONCE(x, v) ((x) = (v))
#define likely(x)	(x)
#define unlikely(x)	(x)
#define COMMA_1		0,
#define SECOND(a, b, ...)	b
#define DEFINED2(comma)	SECOND(comma 1, 0, 0)
#define DEFINED1(value)	DEFINED2(COMMA_##value)
#define IS_ENABLED(option)	DEFINED1(option)
#include "shim/list.h"
typedef unsigned long pgoff_t;

#define NR_PFNS		4096UL
#define LINEAR		0x00f0000000000000UL
#define NO_TAG		0xffUL
#ifdef CONFIG_HIGHMEM
#define STRIDE		2	/* mappings of two pages never touch */
#else
#define STRIDE		1
#endif
/* Where the memmap is not contiguous between sections, up to v6.12: but it is in a huge page. */
#ifdef SPLIT_MEMMAP
#define SECTION		512
#define GAP		3
#else
#define SECTION		NR_PFNS
#define GAP		0
#endif

struct page {
	unsigned char tag;
};

struct folio {
	struct page page;	/* a struct page of the memmap: no member more */
};

static struct page memmap[NR_PFNS + NR_PFNS / SECTION * GAP];
static bool tags;		/* memory has tags of its own */

/* What was done, and what had to be. */
enum kind { CLEAR, CLEAR_USER, COPY, POISON };
struct event {
	enum kind kind;
	unsigned long pfn, arg;
};
struct events {
	unsigned int nr, extents;
	struct event event[NR_PFNS];
};
static struct events done, wanted;
static unsigned int kmaps;
static unsigned long cases;
static char what_failed[256];
static int failed;

static void __attribute__((format(printf, 1, 2))) fail(const char *fmt, ...)
{
	va_list args;

	if (what_failed[0])
		return;
	va_start(args, fmt);
	vsnprintf(what_failed, sizeof(what_failed), fmt, args);
	va_end(args);
}

static void put(struct events *events, enum kind kind, unsigned long pfn, unsigned long arg)
{
	if (events->nr == NR_PFNS)
		fail("no end of it");
	else
		events->event[events->nr++] = (struct event){ kind, pfn, arg };
}

static void begin(void)
{
	done.nr = done.extents = wanted.nr = wanted.extents = 0;
}

static void compare(const char *what)
{
	unsigned int i;

	cases++;
	for (i = 0; i < done.nr && i < wanted.nr; i++) {
		struct event *d = &done.event[i], *w = &wanted.event[i];

		if (d->kind != w->kind || d->pfn != w->pfn || d->arg != w->arg)
			fail("%s: step %u is %d of page %lu (%#lx), not %d of page %lu (%#lx)", what, i,
			     d->kind, d->pfn, d->arg, w->kind, w->pfn, w->arg);
	}
	if (done.nr != wanted.nr)
		fail("%s: %u steps, not %u", what, done.nr, wanted.nr);
	if (done.extents != wanted.extents)
		fail("%s: %u extents, not %u", what, done.extents, wanted.extents);
	if (kmaps)
		fail("%s: %u mappings are left", what, kmaps);
}

static unsigned int seed = 1;

static unsigned int any(unsigned int below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % below;
}

/* Pages and their addresses */

static unsigned long page_to_pfn(const struct page *page)
{
	unsigned long i = page - memmap;

	if (i / (SECTION + GAP) >= NR_PFNS / SECTION || i % (SECTION + GAP) >= SECTION) {
		fail("struct page %ld of no page", (long)i);
		return 0;
	}
	return i - i / (SECTION + GAP) * GAP;
}

static struct page *pfn_to_page(unsigned long pfn)
{
	if (pfn >= NR_PFNS) {
		fail("page %lu", pfn);
		pfn = 0;
	}
	return &memmap[pfn + pfn / SECTION * GAP];
}

static inline struct page *nth_page(struct page *page, unsigned long n)
{
	return pfn_to_page(page_to_pfn(page) + n);
}

static void *address(const struct page *page)
{
	return (void *)((LINEAR + page_to_pfn(page) * STRIDE * PAGE_SIZE) | ((unsigned long)page->tag << 56));
}

static void *page_address(const struct page *page)
{
	if (STRIDE > 1)
		fail("page_address() of a highmem page");
	return address(page);
}

static void *kmap_local_page(const struct page *page)
{
	kmaps++;
	return address(page);
}

static void kunmap_local(const void *addr)
{
	(void)addr;
	if (!kmaps--)
		fail("unmaps what is not mapped");
}

static void *kasan_reset_tag(const void *addr)
{
	return (void *)((unsigned long)addr | NO_TAG << 56);
}

/* Freed memory is cleared while KASAN does not look, and then the watchdog is told. */
static bool freed;
static unsigned int kasan_off, touched;

#define kasan_disable_current()		(kasan_off++)
#define kasan_enable_current()		(kasan_off--)
#define touch_softlockup_watchdog()	(touched++)

static void cleared(void *addr, unsigned long npages)
{
	unsigned long at = (unsigned long)addr, i;

	if (freed && kasan_off != 1)
		fail("clears freed memory, and KASAN is off %u times", kasan_off);
	if (tags && at >> 56 != NO_TAG)
		fail("clears by an address with the tag %#lx", at >> 56);
	at = (at & ~(NO_TAG << 56)) - LINEAR;
	if (at % (STRIDE * PAGE_SIZE))
		fail("clears at %#lx", at);
	if (!npages || (STRIDE > 1 && npages > 1))
		fail("clears %lu pages", npages);
	if (STRIDE > 1 && !kmaps)
		fail("clears what is not mapped");
	at /= STRIDE * PAGE_SIZE;
	done.extents++;
	for (i = 0; i < npages && done.nr < NR_PFNS; i++)
		put(&done, CLEAR, at + i, 0);
}

static inline void clear_page(void *addr)
{
	cleared(addr, 1);
}

static inline void clear_pages(void *addr, unsigned long npages)
{
	cleared(addr, npages);
}
#define clear_pages clear_pages

#if defined(OWN_CLEAR_USER_PAGE) || defined(OWN_CLEAR_USER_HIGHPAGE)
static inline void own_user_page(void *addr, unsigned long vaddr, struct page *page)
{
	if (addr != address(page))
		fail("the address %p with page %lu", addr, page_to_pfn(page));
	done.extents++;
	put(&done, CLEAR_USER, page_to_pfn(page), vaddr);
}
#endif
#ifdef OWN_CLEAR_USER_PAGE
#define clear_user_page(addr, vaddr, page)	own_user_page(addr, vaddr, page)
#endif
#ifdef OWN_CLEAR_USER_HIGHPAGE
#define clear_user_highpage(page, vaddr)	own_user_page(address(page), vaddr, page)
#endif
#include "text/KMAP_LOCAL_EACH_PAGE.h"
#include "text/clear_user_page.h"
#include "text/clear_user_pages.h"
#include "text/clear_user_highpage.h"
#include "text/clear_user_highpages.h"
#include "text/clear_highpage.h"
#include "text/clear_highpages.h"

/* Whether a run of pages that user space is going to see, or any, is cleared at once. */
#if defined(OWN_CLEAR_USER_PAGE) || defined(OWN_CLEAR_USER_HIGHPAGE)
#define USER_KIND	CLEAR_USER
#else
#define USER_KIND	CLEAR
#endif
#define USER_AT_ONCE	(USER_KIND == CLEAR && !KMAP_LOCAL_EACH_PAGE)

/* khugepaged */

#define FIRST_PFN	1024UL		/* of the huge page; the small ones are not in a row */
#define SMALL_PFN(i)	(2 * (i) + 1)
#define USER_ADDR	0x7f0000200000UL
#define MAX_NR		512
#define BAD_VALUE	(~0UL)

typedef struct {
	unsigned long value;		/* the pfn, the zero page's, or BAD_VALUE for none */
} pte_t;
typedef pte_t pmd_t;
typedef int spinlock_t;
struct vm_area_struct {
	int unused;
};
static struct vm_area_struct the_vma;
static unsigned int test_nr, bad_page, finished, given_up;
#ifdef UPSTREAM
#define HPAGE_PMD_NR		((int)MAX_NR)	/* the order is an argument, and may be less */
#else
#define HPAGE_PMD_NR		((int)test_nr)
#endif
#define SCAN_SUCCEED		1
#define SCAN_COPY_MC		2
enum scan_result { SCAN_UNUSED };
#define ZERO_PFN		3000UL
#define pte_none(pte)		((pte).value == BAD_VALUE)
#define pte_present(pte)	(!pte_none(pte))
#define is_zero_pfn(pfn)	((pfn) == ZERO_PFN)

static unsigned long pte_pfn(pte_t pte)
{
	return pte.value;
}

static pte_t ptep_get(pte_t *pte)
{
	return *pte;
}

static struct page *pte_page(pte_t pte)
{
	if (pte.value >= FIRST_PFN)
		fail("the page of a PTE that has none");
	return pfn_to_page(pte.value);
}

#define folio_page(folio, n)	nth_page(&(folio)->page, n)

static int copied(struct page *to, struct page *from, unsigned long arg)
{
	unsigned long i = page_to_pfn(to) - FIRST_PFN;

	if (i >= test_nr || page_to_pfn(from) != SMALL_PFN(i))
		fail("copies page %lu to %lu", page_to_pfn(from), i);
	if (i == bad_page)
		return 1;
	put(&done, COPY, page_to_pfn(to), arg);
	return 0;
}

static int copy_mc_user_highpage(struct page *to, struct page *from, unsigned long vaddr,
				 struct vm_area_struct *vma)
{
	if (vma != &the_vma)
		fail("another VMA");
	return copied(to, from, vaddr);
}

#define copy_mc_highpage(to, from)			copied(to, from, 0)
#define __collapse_huge_page_copy_succeeded(...)	(finished++)
#define __collapse_huge_page_copy_failed(...)		(given_up++)
#include "text/khugepaged.h"

/* What has to be done: up to the page that can't be read, if any. */
static void want_collapse(const bool *there, enum kind kind, unsigned long vaddr, bool at_once)
{
	unsigned int i;

	for (i = 0; i < test_nr && i != bad_page; i++) {
		unsigned long arg = vaddr ? vaddr + i * PAGE_SIZE : 0;

		if (there[i]) {
			put(&wanted, COPY, FIRST_PFN + i, arg);
			continue;
		}
		put(&wanted, kind, FIRST_PFN + i, kind == CLEAR_USER ? arg : 0);
		if (!at_once || !i || there[i - 1])
			wanted.extents++;
	}
}

static void collapse_anon(const bool *there)
{
	pte_t *ptes = malloc(test_nr * sizeof(*ptes));	/* no more than there are */
	struct folio *folio = (struct folio *)pfn_to_page(FIRST_PFN);
	unsigned int i;
	int result;

	for (i = 0; i < test_nr; i++)
		ptes[i].value = there[i] ? SMALL_PFN(i) : any(2) ? BAD_VALUE : ZERO_PFN;
	begin();
	want_collapse(there, USER_KIND, USER_ADDR, USER_AT_ONCE);
	finished = given_up = 0;
#ifdef UPSTREAM
	result = __collapse_huge_page_copy(ptes, folio, NULL, (pmd_t){ 0 }, &the_vma, USER_ADDR, NULL,
					   __builtin_ctz(test_nr), NULL);
#else
	result = __collapse_huge_page_copy(ptes, folio, NULL, (pmd_t){ 0 }, &the_vma, USER_ADDR, NULL, NULL);
#endif
	compare("anonymous");
	if (result != (bad_page < test_nr ? SCAN_COPY_MC : SCAN_SUCCEED) ||
	    finished != (result == SCAN_SUCCEED) || given_up != (result != SCAN_SUCCEED))
		fail("anonymous: result %d, finished %u, given up %u", result, finished, given_up);
	free(ptes);
}

/* The part of collapse_file() that copies and clears, over folios of a list. */
struct file_folio {
	struct page *page;
	pgoff_t index;
	unsigned int nr;
	struct list_head lru;
};
#define START	5632UL
#undef folio_page
#define folio_page(f, n)	_Generic((f), struct folio *: nth_page((struct page *)(f), n), \
					 struct file_folio *: file_page((struct file_folio *)(f), n))
#define folio_nr_pages(folio)	((long)(folio)->nr)

/* Their pages are numbered as those of the huge page that they are copied to. */
static struct page *file_page(struct file_folio *folio, unsigned long n)
{
	if (n >= folio->nr)
		fail("page %lu of a folio of %u", n, folio->nr);
	return pfn_to_page(SMALL_PFN(folio->index - START + n));
}

static int collapse_file_copy(struct list_head *list, struct folio *new_folio, pgoff_t *at)
{
	struct list_head pagelist;
	struct file_folio *folio;
	struct page *dst;
	pgoff_t index, start = START, end = START + test_nr;
	int result = SCAN_SUCCEED;

	INIT_LIST_HEAD(&pagelist);
	list_splice(list, &pagelist);
	{
#include "text/collapse_file.h"
	}
rollback:
	*at = index;
	return result;
}

static void collapse_file(const bool *there, bool large)
{
	struct file_folio folios[MAX_NR];
	struct list_head list;
	unsigned int i, j, n = 0;
	pgoff_t at = 0;
	int result;

	INIT_LIST_HEAD(&list);
	for (i = 0; i < test_nr; i += j) {
		for (j = 1; there[i] && large && i + j < test_nr && there[i + j] && j < 8 && any(4); j++)
			;
		if (!there[i])
			continue;
		folios[n] = (struct file_folio){ .index = START + i, .nr = j };
		list_add_tail(&folios[n++].lru, &list);
	}
	begin();
	want_collapse(there, CLEAR, 0, !KMAP_LOCAL_EACH_PAGE);
	result = collapse_file_copy(&list, (struct folio *)pfn_to_page(FIRST_PFN), &at);
	compare("file");
	if (result != (bad_page < test_nr ? SCAN_COPY_MC : SCAN_SUCCEED))
		fail("file: result %d", result);
	/* The tracepoint shows it. */
	if (at != START + (bad_page < test_nr ? bad_page : test_nr))
		fail("file: ends at page %ld", (long)(at - START));
}

static void collapse(const bool *there)
{
	unsigned int i, tries = 0;

	bad_page = -1;
	collapse_anon(there);
	collapse_file(there, false);
	collapse_file(there, true);
	for (i = any(4); i < test_nr && tries < 4; i += 1 + any(4)) {
		if (!there[i])
			continue;
		tries++;
		bad_page = i;
		collapse_anon(there);
		collapse_file(there, true);
	}
}

static void test_collapse(void)
{
	bool there[MAX_NR];
	unsigned int pattern, i, run;

	tags = false;
	for (test_nr = 1; test_nr <= 16; test_nr *= 2)
		for (pattern = 0; pattern < 1u << test_nr; pattern += test_nr < 16 ? 1 : 1 + any(7)) {
			for (i = 0; i < test_nr; i++)
				there[i] = pattern >> i & 1;
			collapse(there);
		}
	test_nr = MAX_NR;
	for (pattern = 1; pattern < 1000; pattern++) {
		for (i = 0; i < test_nr; i += run)
			for (run = 0; run < 1 + any(pattern) && i + run < test_nr; run++)
				there[i + run] = any(pattern + 2) < 2;
		collapse(there);
	}
	memset(there, 0, sizeof(there));
	collapse(there);
	memset(there, 1, sizeof(there));
	collapse(there);
}

/* By what address is it cleared then? */
static inline void tag_all(void)
{
	unsigned int i;

	tags = true;
	for (i = 0; i < sizeof(memmap) / sizeof(*memmap); i++)
		memmap[i].tag = 0xf0 + any(16);
}

/* vmalloc memory. No kernel with hardware tags has HIGHMEM. */
#if !KMAP_LOCAL_EACH_PAGE
#define CONFIG_KASAN_VMALLOC	1
#define VMALLOC		0xff00800000000000UL
static unsigned long vmalloc_pfn[NR_PFNS], vmalloc_nr;

static struct page *vmalloc_to_page(const void *addr)
{
	unsigned long at = (unsigned long)addr - VMALLOC;

	if (at >= vmalloc_nr * PAGE_SIZE) {
		fail("the page at %#lx of %lu pages", at, vmalloc_nr);
		at = 0;
	}
	return pfn_to_page(vmalloc_pfn[at / PAGE_SIZE]);
}

static unsigned long vmalloc_to_pfn(const void *addr)
{
	return page_to_pfn(vmalloc_to_page(addr));
}

#include "text/hw_tags.h"

static void test_vmalloc(void)
{
	unsigned int i, round;

	tag_all();
	for (round = 0; round < 20000; round++) {
		unsigned long pfn = any(NR_PFNS), size;

		vmalloc_nr = round % 64;
		begin();
		for (i = 0; i < vmalloc_nr; i++) {
			/* The next one, any, the one before, or the same. */
			if (pfn + 1 < NR_PFNS && any(8))
				pfn++;
			else
				pfn = any(4) ? any(NR_PFNS) : pfn - (pfn && any(2));
			vmalloc_pfn[i] = pfn;
			put(&wanted, CLEAR, pfn, 0);
			wanted.extents += !i || pfn != vmalloc_pfn[i - 1] + 1;
		}
		size = vmalloc_nr * PAGE_SIZE;
		if (size && any(2))
			size -= any(PAGE_SIZE);
		init_vmalloc_pages((void *)VMALLOC, size);
		compare("vmalloc");
	}
}
#endif

/* Hibernation */

#define BM_END_OF_MAP		(~0UL)
#define BM_BITS_PER_BLOCK	block
#define WARN_ON(cond)		(cond)
#define pr_info(...)		((void)0)
struct memory_bitmap {
	unsigned long at;
};
static struct memory_bitmap bitmap, *free_pages_map = &bitmap;
static unsigned long block, nr_bits;
static enum { IN_USE, FREE, INVALID } state[NR_PFNS];
static bool poisoning, init_on_free;

#define page_poisoning_enabled()	poisoning
#define page_poisoning_enabled_static()	poisoning
#define want_init_on_free()		init_on_free
#define pfn_valid(pfn)			(state[pfn] != INVALID)

static void memory_bm_position_reset(struct memory_bitmap *bm)
{
	bm->at = 0;
}

static unsigned long memory_bm_next_pfn(struct memory_bitmap *bm)
{
	while (bm->at < nr_bits)
		if (state[bm->at++] != IN_USE)
			return bm->at - 1;
	return BM_END_OF_MAP;
}

static void __kernel_poison_pages(struct page *page, int n)
{
	if (n != 1)
		fail("poisons %d pages", n);
	put(&done, POISON, page_to_pfn(page), 0);
}

#include "text/snapshot.h"

static void hibernate(void)
{
	bool at_once = !KMAP_LOCAL_EACH_PAGE && !IS_ENABLED(CONFIG_KMSAN);
	unsigned long i, run = 0;

	begin();
	for (i = 0; i < nr_bits; i++) {
		if (state[i] != FREE || !(poisoning || init_on_free)) {
			run = 0;
			continue;
		}
		put(&wanted, poisoning ? POISON : CLEAR, i, 0);
		if (!poisoning && (!at_once || !(run++ % block)))
			wanted.extents++;
	}
	bitmap.at = any(2);
	freed = at_once && !poisoning;
	touched = 0;
	clear_or_poison_free_pages();
	compare("hibernation");
	if (kasan_off)
		fail("hibernation: leaves KASAN off");
	if (freed && touched != done.extents)
		fail("hibernation: tells the watchdog %u times of %u extents", touched, done.extents);
	freed = false;
	if (bitmap.at && (poisoning || init_on_free))
		fail("hibernation: leaves the bitmap at %lu", bitmap.at);
}

static void test_hibernate(void)
{
	unsigned long pattern, rest, i;

	/* Without an extent the tag is that of the page. */
	tags = false;
	if (!KMAP_LOCAL_EACH_PAGE && !IS_ENABLED(CONFIG_KMSAN))
		tag_all();
	nr_bits = 9;
	block = 4;
	for (pattern = 0; pattern < 4 * 19683; pattern++) {
		poisoning = pattern & 1;
		init_on_free = pattern & 2;
		for (i = 0, rest = pattern >> 2; i < nr_bits; i++, rest /= 3)
			state[i] = rest % 3;
		hibernate();
	}
	poisoning = false;
	init_on_free = true;
	nr_bits = NR_PFNS;
	for (block = 1; block < 2 * NR_PFNS; block *= 2)
		for (pattern = 0; pattern < 4; pattern++) {
			for (i = 0; i < nr_bits; i++)
				state[i] = pattern && !any(pattern * 100) ? (any(2) ? IN_USE : INVALID) : FREE;
			hibernate();
		}
}

static void run(const char *what, void (*test)(void))
{
	unsigned int i;

	if (failed && getenv("FAIL_FAST"))
		return;
	for (i = 0; i < sizeof(memmap) / sizeof(*memmap); i++)
		memmap[i].tag = NO_TAG;
	cases = kmaps = 0;
	what_failed[0] = '\0';
	test();
	if (what_failed[0]) {
		printf("FAIL  %s: %s: %s\n", VARIANT, what, what_failed);
		failed = 1;
	} else {
		printf("ok    %s: %s (%lu cases)\n", VARIANT, what, cases);
	}
	fflush(stdout);
}

int main(void)
{
	run("holes that khugepaged clears", test_collapse);
#if !KMAP_LOCAL_EACH_PAGE
	run("vmalloc memory with tags", test_vmalloc);
#endif
	run("free pages after hibernation", test_hibernate);
	return failed ? 3 : 0;
}
