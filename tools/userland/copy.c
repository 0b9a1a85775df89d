// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of copying folios, of the text that extract.sh took, compiled as one kind of
 * kernel would: the Makefile's table says which.
 *
 * As in test.c the specification is a cursor: before a folio is copied the test puts
 * down which pages have to be copied in which order, as regions, and the bottom layer
 * moves the cursor. What it is given has to start there, in both folios. Where the
 * folio is real its contents and surroundings are checked as well; one of its pages
 * may be impossible to read, and the bottom layer then stops before it, by as much as
 * a processor might.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define min(a, b)		({ __auto_type a_ = (a); __auto_type b_ = (b); a_ < b_ ? a_ : b_; })
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define unlikely(x)	(x)
#define likely(x)	(x)
#define __must_check	__attribute__((warn_unused_result))
#define __user
#define SZ_32K		0x8000
#define SZ_512K		0x80000
#define SZ_2M		0x200000
/* 1 if option is defined as 1, otherwise 0. */
#define COMMA_1		0,
#define SECOND(a, b, ...)	b
#define DEFINED2(comma)	SECOND(comma 1, 0, 0)
#define DEFINED1(value)	DEFINED2(COMMA_##value)
#define IS_ENABLED(option)	DEFINED1(option)
#define CONFIG_TRANSPARENT_HUGEPAGE	1
#define CONFIG_HUGETLBFS		1
#define EXPORT_SYMBOL(name)
#define EXPORT_SYMBOL_GPL(name)

/* Pages on either side of the fault that are written with it: in 32 KiB it is all of them. */
#define NEAR(nr)	((nr) > 8 ? 2UL : (nr))
#define REAL_ORDER	9
#define REAL_PAGES	(1UL << REAL_ORDER)
#define MAX_ORDER	22		/* 16 GiB */
#define POISON		0xa5
#define TO_ADDR		0x100000000000UL	/* of what is not real */
#define FROM_ADDR	0x200000000000UL

#ifdef HIGHMEM
#define CONFIG_HIGHMEM	1
#define STRIDE		2		/* pages from one to the next */
#else
#define STRIDE		1
#endif

struct page {
	unsigned char order, meta, flushed;
};

struct folio {
	struct page page;
};

struct vm_area_struct {
	int unused;
};

struct range {
	unsigned long start, end;
};
#define DEFINE_RANGE(s, e)	((struct range){ .start = (s), .end = (e) })
#define range_len(r)		((r)->end - (r)->start + 1)

static struct page *to_map, *from_map;	/* the memmap, of the folio written and of the one read */
static unsigned char *to_area, *from_area;
static unsigned long to_base, from_base;
static struct vm_area_struct the_vma;

static struct {
	unsigned long order, nr, fault_idx, vaddr, limit;
	bool real, atomic, preemptible, user, no_last_resched;
	bool plain;			/* folio_copy(), which tells KMSAN of each page */
	struct { unsigned long start, end; } region[3];
	unsigned int r;
	unsigned long pos, since, done;
	bool slept, in_own, mapped_each;
	unsigned int kmaps;
	int no_faults;			/* pagefault_disable() */
	long bad_page;			/* -1: none */
	unsigned long bad_offset, stops_before;
	bool bad_once;
	unsigned int queued, failures;
	long bad_byte;			/* of user memory, -1: none */
	bool bad_always;
} st;

/* Running and failing */

static jmp_buf env;
static bool in_test;
static unsigned long cases;
static char message[512];

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (!in_test)
		exit(2);
	longjmp(env, 1);
}

#define check(cond, fmt, ...)						\
do {									\
	if (!(cond))							\
		fail("order %lu fault %lu NR %lu%s bad page %ld+%#lx-%#lx: " fmt, \
		     st.order, st.fault_idx, st.limit, st.preemptible ? " preemptible" : "", \
		     st.bad_page, st.bad_offset, st.stops_before, ##__VA_ARGS__); \
} while (0)

static void on_fault(int sig, siginfo_t *info, void *ctx)
{
	(void)sig;
	(void)ctx;
	check(false, "touches %p, %ld pages from the one written, %ld from the one read", info->si_addr,
	      ((long)info->si_addr - (long)to_base) >> PAGE_SHIFT,
	      ((long)info->si_addr - (long)from_base) >> PAGE_SHIFT);
}

static int failed;

static void run(const char *what, void (*test)(void))
{
	memset(&st, 0, sizeof(st));
	st.bad_page = st.bad_byte = -1;
#ifdef FLUSH
	st.mapped_each = true;
#endif
	cases = 0;
	in_test = true;
	if (!setjmp(env)) {
		test();
		printf("ok    %s: %s (%lu cases)\n", VARIANT, what, cases);
	} else {
		printf("FAIL  %s: %s: %s\n", VARIANT, what, message);
		failed = 1;
	}
	in_test = false;
	fflush(stdout);
	if (failed && getenv("FAIL_FAST"))
		exit(3);
}

/* Pages */

/* Where the memmap is not contiguous between sections, up to v6.12. */
#ifdef SPLIT_MEMMAP
#define SECTION		1024
#define SECTION_GAP	7
#else
#define SECTION		(1UL << MAX_ORDER)
#define SECTION_GAP	0
#endif
#define MAP_PAGES	((1UL << MAX_ORDER) / SECTION * (SECTION + SECTION_GAP))

static bool is_to(const struct page *page)
{
	return page >= to_map && page < to_map + MAP_PAGES;
}

static unsigned long page_idx(const struct page *page)
{
	unsigned long idx = page - (is_to(page) ? to_map : from_map);

	check(idx % (SECTION + SECTION_GAP) < SECTION, "uses a struct page between two sections");
	idx -= idx / (SECTION + SECTION_GAP) * SECTION_GAP;
	check(idx < st.nr, "uses page %lu", idx);
	return idx;
}

static struct page *nth_page(struct page *page, unsigned long n)
{
	unsigned long idx = page_idx(page) + n;

	return (is_to(page) ? to_map : from_map) + idx + idx / SECTION * SECTION_GAP;
}

static void *address(const struct page *page)
{
	return (void *)((is_to(page) ? to_base : from_base) + page_idx(page) * STRIDE * PAGE_SIZE);
}

static void *page_address(const struct page *page)
{
	/* copy_user_highpage() says so to KMSAN, which no kernel with highmem has. */
	check(STRIDE == 1 || st.kmaps, "page_address() of a highmem page");
	return address(page);
}

static void *kmap_local_page(const struct page *page)
{
	check(++st.kmaps <= 2, "%u mappings at a time", st.kmaps);
	return address(page);
}

static void kunmap_local(const void *addr)
{
	(void)addr;
	check(st.kmaps--, "unmaps what is not mapped");
}

#define folio_page(folio, n)	nth_page(&(folio)->page, n)
#define folio_nr_pages(folio)	(1L << (folio)->page.order)
#define folio_size(folio)	((size_t)PAGE_SIZE << (folio)->page.order)
#define page_to_pfn(page)	((page) - from_map)

/* Context */

static unsigned long test_resched_nr = 1;

static void may_sleep(const char *name)
{
	check(!st.atomic, "%s() in atomic context", name);
	check(!st.kmaps, "%s() with a kmap_local mapping", name);
	check(!st.no_faults, "%s() with page faults disabled", name);
	st.slept = true;
}

static void cond_resched(void)
{
	may_sleep("cond_resched");
	check(!st.no_last_resched || st.pos < st.nr, "a resched point after the last page");
	st.since = 0;
}
#define might_sleep()			may_sleep("might_sleep")
#define might_sleep_if(cond)		do { if (cond) might_sleep(); } while (0)
#define preempt_model_preemptible()	(st.preemptible)

static void pagefault_disable(void)
{
	st.no_faults++;
}

static void pagefault_enable(void)
{
	check(st.no_faults--, "enables page faults that are not disabled");
}

/* No kernel that copies extents has KMSAN, nor one with highmem. */
static bool has_kmsan(void)
{
	return STRIDE == 1 && (IS_ENABLED(CONFIG_KMSAN) || !IS_ENABLED(MC) || st.mapped_each);
}

static void kmsan_unpoison_memory(const void *addr, unsigned long len)
{
	unsigned long n = len >> PAGE_SHIFT;

	if (STRIDE > 1)
		return;
	for (; n; n--, addr += PAGE_SIZE)
		to_map[((unsigned long)addr - to_base) >> PAGE_SHIFT].meta++;
}

static void kmsan_copy_page_meta(struct page *to, struct page *from)
{
	check(page_idx(to) == page_idx(from), "KMSAN's state of page %lu from page %lu",
	      page_idx(to), page_idx(from));
	to->meta++;
}

static void memory_failure_queue(unsigned long pfn, int flags)
{
	check((long)pfn == st.bad_page && !flags, "reports page %lu, flags %#x", pfn, flags);
	st.queued++;
}

static void flush_dcache_page(struct page *page)
{
	check(is_to(page), "flushes a page that is read");
	page->flushed++;
}

/* The bottom: what copies, len bytes of which all but left. */
static void copied(void *to, const void *from, unsigned long len, unsigned long left)
{
	unsigned long at, n = (len - left) >> PAGE_SHIFT;

	if (st.since == -1UL)
		return;		/* no folio: see test_x86() */
	while (st.r < 2 && st.pos == st.region[st.r].end)
		st.pos = st.region[++st.r].start;
	at = st.pos * STRIDE * PAGE_SIZE;
	check(!(len % PAGE_SIZE), "copies %#lx bytes", len);
	check(STRIDE == 1 || len == PAGE_SIZE, "copies %#lx bytes of highmem", len);
	check(!IS_ENABLED(CONFIG_KMSAN) || st.plain || len == PAGE_SIZE, "copies %#lx bytes under KMSAN", len);
	check(!st.mapped_each || len == PAGE_SIZE, "copies %#lx bytes where pages are mapped one at a time", len);
	check((unsigned long)to == to_base + at, "writes page %ld, not %lu",
	      ((long)to - (long)to_base) / (long)(STRIDE * PAGE_SIZE), st.pos);
	check((unsigned long)from == from_base + at, "reads page %ld for page %lu",
	      ((long)from - (long)from_base) / (long)(STRIDE * PAGE_SIZE), st.pos);
	check(len >> PAGE_SHIFT && len >> PAGE_SHIFT <= st.region[st.r].end - st.pos,
	      "copies %lu pages at %lu, the region ends at %lu", len >> PAGE_SHIFT, st.pos,
	      st.region[st.r].end);
	check(!st.queued, "goes on after a memory failure");
	if (STRIDE > 1 || st.mapped_each)
		check(st.kmaps == 2, "copies without mapping");
	if (st.user)
		check(st.slept, "no might_sleep() before copying");
#ifdef OWN
	check(len == PAGE_SIZE, "copies %#lx bytes where the architecture has its own function for a page", len);
#ifndef MC
	check(st.in_own, "page %lu is not copied by the architecture's own function", st.pos);
#endif
#endif
	st.since += len >> PAGE_SHIFT;
	check(st.preemptible || st.since <= st.limit, "%lu pages without a resched point", st.since);
	st.pos += n;
	st.done += n;
}

static void copy_page(void *to, void *from)
{
	copied(to, from, PAGE_SIZE, 0);
	if (st.real)
		memcpy(to, from, PAGE_SIZE);
}

/* As copy_page(), or not as far as a page that can't be read: what is left then. */
static unsigned long copy_mc(void *to, const void *from, unsigned long len)
{
	unsigned long bad = from_base + st.bad_page * STRIDE * PAGE_SIZE + st.bad_offset;
	unsigned long left = 0, ok = bad - (unsigned long)from;

	if (st.bad_page >= 0 && ok < len) {
		ok -= min(ok, st.stops_before);
		left = len - ok;
		st.failures++;
		if (st.bad_once)
			st.bad_page = -1;
	}
	copied(to, from, len, left);
	/* What failed and is copied again may be so without another resched point. */
	if (left)
		st.since -= (left + PAGE_SIZE - 1) >> PAGE_SHIFT;
	if (st.real)
		memcpy(to, from, len - left);
	return left;
}

/* The text under test */

#ifdef X86
static bool has_erms, has_fragile;
#define X86_FEATURE_ERMS		0
#define static_cpu_has(feature)		(has_erms)
#define cpu_feature_enabled(feature)	(has_erms)
#define copy_mc_fragile_enabled		(has_fragile)
#define KCFI_REFERENCE(sym)
static unsigned long instrumented, instrumented_left;
static void instrument_memcpy_before(void *to, const void *from, unsigned long len)
{
	(void)to;
	(void)from;
	instrumented = len;
}

static void instrument_memcpy_after(void *to, const void *from, unsigned long len, unsigned long left)
{
	(void)to;
	(void)from;
	check(len == instrumented, "%#lx bytes after, %#lx before", len, instrumented);
	instrumented_left = left;
}

static unsigned long copy_mc_fragile(void *to, const void *from, unsigned len)
{
	check(has_fragile, "the careful copy where none is wanted");
	return copy_mc(to, from, len);
}

void copy_pages_orig(void *to, void *from, unsigned long npages);
void copy_pages_rep(void *to, void *from, unsigned long npages);
void copy_pages_erms(void *to, void *from, unsigned long npages);

static void copy_pages(void *to, void *from, unsigned long npages)
{
	check(!has_erms && !has_fragile, "no machine check survived where one is");
	copied(to, from, npages * PAGE_SIZE, 0);
	if (st.real)
		copy_pages_rep(to, from, npages);
}
#define copy_pages copy_pages
#include "text/copy_page_64_h.h"
#include "text/copy_mc.h"
unsigned long copy_mc_enhanced_fast_string(void *to, const void *from, unsigned long len)
{
	check(has_erms && !has_fragile, "rep movsb where it is not wanted");
	return copy_mc(to, from, len);
}
#define copy_mc_to_kernel copy_mc_to_kernel
#define copy_mc_pages copy_mc_pages
#elif defined(MC)
static unsigned long copy_mc_to_kernel(void *to, const void *from, unsigned long len)
{
	return copy_mc(to, from, len);
}
#define copy_mc_to_kernel copy_mc_to_kernel
#endif

static void copy_user_page(void *to, void *from, unsigned long vaddr, struct page *page)
{
	check(page_idx(page) == st.pos || st.pos == st.region[st.r].end, "page %lu", page_idx(page));
	check(vaddr == st.vaddr + page_idx(page) * PAGE_SIZE, "page %lu with vaddr %#lx",
	      page_idx(page), vaddr);
	copy_page(to, from);
}

#ifdef OWN
#define __HAVE_ARCH_COPY_HIGHPAGE
#define __HAVE_ARCH_COPY_USER_HIGHPAGE
static void copy_highpage(struct page *to, struct page *from)
{
	st.in_own = true;
	copy_page(address(to), address(from));
	kmsan_copy_page_meta(to, from);
	st.in_own = false;
}

static void copy_user_highpage(struct page *to, struct page *from, unsigned long vaddr,
			       struct vm_area_struct *vma)
{
	check(vma == &the_vma, "another VMA");
	st.in_own = true;
	copy_user_page(address(to), address(from), vaddr, to);
	kmsan_unpoison_memory(address(to), PAGE_SIZE);
	st.in_own = false;
}
#endif

#include "text/KMAP_LOCAL_EACH_PAGE.h"
#include "text/copy_highmem.h"
#ifndef X86_RESCHED
#undef COPY_PAGES_RESCHED_NR
#define COPY_PAGES_RESCHED_NR	test_resched_nr
#endif
#include "text/internal.h"

/* User memory, which may have a byte that is not there. */
static unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	unsigned long at = (unsigned long)from - from_base, ok = n;
	bool bad = st.bad_byte >= 0 && (st.no_faults || st.bad_always) && st.bad_byte - at < n;

	if (bad)
		ok = st.bad_byte - at;
	check((unsigned long)to - to_base == at * STRIDE || STRIDE > 1, "copies to another place");
	check(at >> PAGE_SHIFT == st.pos && at % PAGE_SIZE == 0, "copies from byte %#lx, not page %lu", at, st.pos);
	check(STRIDE == 1 || n <= PAGE_SIZE, "copies %#lx bytes of highmem", n);
	check(!IS_ENABLED(CONFIG_KMSAN) || n <= PAGE_SIZE, "copies %#lx bytes under KMSAN", n);
	check(n <= st.limit * PAGE_SIZE, "copies %#lx bytes at a time", n);
	st.since += n >> PAGE_SHIFT;
	check(st.since <= st.limit, "%lu pages without a resched point", st.since);
	memcpy(to, from, ok);
	memset(to + ok, 0, n - ok);
	st.pos += ok >> PAGE_SHIFT;
	st.done += ok;
	return n - ok;
}
#include "text/copy_memory.h"
#include "text/util.h"

/* One folio after the other */

static unsigned long resched_nr(void)
{
	return COPY_PAGES_RESCHED_NR;
}

static void place(unsigned long order, bool real, unsigned long seed)
{
	unsigned long n, offset;

	st.order = order;
	st.nr = 1UL << order;
	st.real = real;
	to_map->order = from_map->order = order;
	to_base = TO_ADDR;
	from_base = FROM_ADDR;
	if (real) {
		/* Either end is next to what must not be touched. */
		offset = seed & 1 ? 0 : (REAL_PAGES - st.nr) * STRIDE * PAGE_SIZE;
		to_base = (unsigned long)to_area + offset;
		from_base = (unsigned long)from_area + offset;
		for (n = 0; n < st.nr; n++)
			memset((void *)to_base + n * STRIDE * PAGE_SIZE, POISON, PAGE_SIZE);
	}
	for (n = 0; n < min(st.nr, REAL_PAGES); n++)
		to_map[n].meta = to_map[n].flushed = 0;
	st.pos = st.since = st.r = st.kmaps = st.done = st.queued = st.failures = 0;
	st.slept = st.in_own = false;
	st.no_faults = 0;
	memset(st.region, 0, sizeof(st.region));
	st.region[2].end = st.nr;
	st.r = 2;
	st.limit = resched_nr();
	cases++;
}

/* The order of a fault: what is left of it, what is right of it, and its neighbours. */
static void order_for(unsigned long fault_idx)
{
	unsigned long near = NEAR(st.nr);
	unsigned long left = fault_idx > near ? fault_idx - near : 0;
	unsigned long right = fault_idx + near + 1 < st.nr ? fault_idx + near + 1 : st.nr;
	int first = RIGHT_FIRST;

	st.region[first].start = 0;
	st.region[first].end = left;
	st.region[!first].start = right;
	st.region[!first].end = st.nr;
	st.region[2].start = left;
	st.region[2].end = right;
	st.r = 0;
	st.pos = st.region[0].start;
}

/* Bytes up to end are copied, those behind are as they were. */
static void check_contents(void)
{
	unsigned long page, i;

	for (page = 0; page < st.nr; page++) {
		const unsigned long *to = (void *)to_base + page * STRIDE * PAGE_SIZE;
		const unsigned long *from = (void *)from_base + page * STRIDE * PAGE_SIZE;

		for (i = 0; i < PAGE_SIZE / sizeof(*to); i++)
			check(to[i] == from[i], "page %lu is not a copy, word %lu is %#lx", page, i, to[i]);
		check(to_map[page].meta == 1 || !has_kmsan(), "KMSAN has page %lu %u times", page, to_map[page].meta);
	}
}

/* After it has run: r is what it returned. */
static void check_copied(int r)
{
	unsigned long page;

	if (st.bad_page < 0) {
		check(!r, "returns %d", r);
		check(st.done == st.nr, "copies %lu pages", st.done);
		check(!st.queued, "reports a page");
		if (st.real)
			check_contents();
		return;
	}
	check(r == -EHWPOISON, "returns %d", r);
	check(st.queued == 1, "reports %u pages", st.queued);
	check((long)st.pos == st.bad_page, "stops at page %lu", st.pos);
	for (page = 0; page < st.nr && STRIDE == 1; page++) {
		const unsigned char *to = (void *)to_base + page * PAGE_SIZE;
		bool same = !memcmp(to, (void *)from_base + page * PAGE_SIZE, PAGE_SIZE);

		check(to_map[page].meta == same || !has_kmsan(), "KMSAN has page %lu %u times, copied: %d", page,
		      to_map[page].meta, same);
	}
}

static void one_user(unsigned long order, bool real, unsigned long fault_idx)
{
	static const unsigned long vaddrs[] = { 0x400000000UL, 0x7ffc00000000UL, 0 };
	unsigned long offset = fault_idx % 3 * 0x123;

	place(order, real, fault_idx + order);
	order_for(fault_idx);
	st.fault_idx = fault_idx;
	st.user = true;
	st.vaddr = vaddrs[fault_idx % 3];
	check_copied(copy_user_large_folio((struct folio *)to_map, (struct folio *)from_map,
					   st.vaddr + fault_idx * PAGE_SIZE + offset, &the_vma));
	st.user = false;
}

static void each_limit(void (*one)(unsigned long limit))
{
	static const unsigned long limits[] = { 1, 5, 128, 1UL << 18 };
	unsigned int i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		test_resched_nr = limits[i];
		st.preemptible = false;
		one(limits[i]);
		st.preemptible = true;
		one(limits[i]);
	}
}

static void user_folios(unsigned long limit)
{
	unsigned long order, fault;
	bool few = limit != 5;

	for (order = 0; order <= REAL_ORDER; order++)
		for (fault = 0; fault < 1UL << order; fault += few && order > 5 ? 37 : 1)
			one_user(order, order < 5 || (order == REAL_ORDER && fault % 101 == 0), fault);
}
static void test_user(void) { each_limit(user_folios); }

/* Whatever is longer than 32 bits of bytes. */
static void large_user_folios(unsigned long limit)
{
	unsigned long order, n;

	if (limit < 128)
		return;
	for (order = 10; order <= MAX_ORDER; order += 4) {
		n = 1UL << order;
		one_user(order, false, 0);
		one_user(order, false, n / 2);
		one_user(order, false, n - 1);
	}
}
static void test_user_large(void) { each_limit(large_user_folios); }

static void one_folio_copy(unsigned long order, bool real, bool mc)
{
	struct folio *to = (struct folio *)to_map, *from = (struct folio *)from_map;
	int r = 0;

	place(order, real, order);
	st.atomic = !order;
	st.no_last_resched = true;
	st.plain = !mc;
	if (mc)
		r = folio_mc_copy(to, from);
	else
		folio_copy(to, from);
	st.plain = false;
	check(!order || st.slept, "no might_sleep() before copying");
	st.atomic = st.no_last_resched = false;
	check_copied(r);
}

static void folio_copies(unsigned long limit)
{
	unsigned long order;

	for (order = 0; order <= MAX_ORDER; order++) {
		if (order > REAL_ORDER && limit < 128)
			break;
		one_folio_copy(order, order <= REAL_ORDER, false);
		one_folio_copy(order, order <= REAL_ORDER, true);
	}
}

static void test_folio_copy(void)
{
#ifdef X86
	has_erms = has_fragile = false;
#endif
	each_limit(folio_copies);
}

#ifdef MC
/* Each page of a folio, its first and last lines and its middle, seen early or not. */
static void bad_pages(unsigned long limit)
{
	static const unsigned long offsets[] = { 0, 64, 2048, 4032 };
	static const unsigned long stops[] = { 0, 1, 64, 255, 5000 };
	/* Where there are extents, a page that fails in one may be read alone. */
	int once, by_extent = STRIDE == 1 && !st.mapped_each && !IS_ENABLED(CONFIG_KMSAN) &&
			      !IS_ENABLED(OWN);
	unsigned long order, fault, page, o, s;

	if (limit > 128)
		return;
	for (order = 0; order <= 4; order += 2)
		for (page = 0; page < 1UL << order; page++)
			for (o = 0; o < 4; o++)
				for (s = 0; s < 5; s++)
					for (once = 0; once <= by_extent; once++) {
						st.bad_offset = offsets[o];
						st.stops_before = stops[s];
						st.bad_once = once;
						st.bad_page = page;
						one_folio_copy(order, true, true);
						check(st.failures, "met no failure");
						for (fault = 0; fault < 1UL << order; fault += 3) {
							st.bad_page = page;
							one_user(order, true, fault);
							check(st.failures, "met no failure");
						}
					}
	st.bad_page = -1;
	st.bad_once = false;
}
static void test_bad(void) { each_limit(bad_pages); }
#endif

/* UFFDIO_COPY: user memory that is there, that faults, and that never comes. */
static void one_from_user(unsigned long order, long bad_byte, bool allow, bool always)
{
	unsigned long total = PAGE_SIZE << order, page, want;
	bool by_page = STRIDE > 1 || st.mapped_each || IS_ENABLED(CONFIG_KMSAN);
	unsigned long piece = (by_page ? 1 : resched_nr()) * PAGE_SIZE;
	long r;

	place(order, true, order);
	st.bad_byte = bad_byte;
	st.bad_always = always;
	r = copy_folio_from_user((struct folio *)to_map, (void *)from_base, allow);
	check(!st.no_faults && !st.kmaps, "leaves page faults disabled, or a mapping");
	want = bad_byte < 0 || (allow && !always) ? total : (unsigned long)bad_byte;
	check(r == (long)(total - want), "returns %ld, not %ld", r, (long)(total - want));
	for (page = 0; page < st.nr; page++) {
		const unsigned char *to = (void *)to_base + page * STRIDE * PAGE_SIZE;
		unsigned long at = page * PAGE_SIZE, n = want > at ? min(want - at, PAGE_SIZE) : 0;

		check(!memcmp(to, (void *)from_base + at, n), "page %lu is not a copy", page);
		if (at >= ALIGN_DOWN(want, piece) + piece)
			check(to[0] == POISON && to[PAGE_SIZE - 1] == POISON, "page %lu is written to", page);
		/* What was copied as a whole. */
		check(to_map[page].flushed == (at + PAGE_SIZE <= want),
		      "page %lu is flushed %u times", page, to_map[page].flushed);
	}
}

static void from_users(unsigned long limit)
{
	unsigned long order, page;
	long byte;

	if (limit > 128 || limit == 5)
		return;
	for (order = 0; order <= 6; order += 3)
		for (page = 0; page <= 1UL << order; page++) {
			byte = page << order >> order;
			byte = page == 1UL << order ? -1 : (long)(page * PAGE_SIZE + page * 577 % PAGE_SIZE);
			one_from_user(order, byte, false, false);
			one_from_user(order, byte, true, false);
			one_from_user(order, byte, true, true);
		}
	one_from_user(REAL_ORDER, -1, true, false);
	st.bad_byte = -1;
}
static void test_from_user(void) { each_limit(from_users); }

#ifdef X86
/* Half a MiB between two resched points, in pages. */
#define X86_PAGES	128

static void test_x86_resched(void)
{
	check(resched_nr() == X86_PAGES, "%lu pages between two resched points", resched_nr());
	test_user();
}

/* As a C function may: all registers that are the caller's are as before. */
static void call(void (*copy)(void *, void *, unsigned long), void *to, void *from, unsigned long n)
{
	unsigned long changed;

	asm volatile("pushq %%rbx; pushq %%rbp; pushq %%r12; pushq %%r13; pushq %%r14; pushq %%r15\n\t"
		     "movq %%rsp, %%rbx; movq $12, %%r12; movq $13, %%r13; movq $14, %%r14; movq $15, %%r15\n\t"
		     "movq $-1, %%rbp; movq $-4096, %%rcx; movq $-4096, %%rax\n\t"
		     "call *%%r8\n\t"
		     "xorq %%rsp, %%rbx; notq %%rbp; xorq $12, %%r12; xorq $13, %%r13; xorq $14, %%r14; xorq $15, %%r15\n\t"
		     "movq %%rbx, %%rax; orq %%rbp, %%rax; orq %%r12, %%rax; orq %%r13, %%rax; orq %%r14, %%rax; orq %%r15, %%rax\n\t"
		     "popq %%r15; popq %%r14; popq %%r13; popq %%r12; popq %%rbp; popq %%rbx"
		     : "=&a" (changed), "+D" (to), "+S" (from), "+d" (n), "+r" (copy)
		     : : "rcx", "r9", "r10", "r11", "cc", "memory");
	check(!changed, "changes a register of the caller's");
}

static void one_asm(void (*copy)(void *, void *, unsigned long), unsigned long n)
{
	unsigned long i;

	for (i = 0; i < 2; i++) {
		place(REAL_ORDER, true, 0);
		to_base += i ? (REAL_PAGES - n) * PAGE_SIZE : 0;
		from_base += i ? (REAL_PAGES - n) * PAGE_SIZE : 0;
		call(copy, (void *)to_base, (void *)from_base, n);
		check(!memcmp((void *)to_base, (void *)from_base, n * PAGE_SIZE), "%lu pages are not a copy", n);
		if (!i && n < REAL_PAGES)
			check(*(unsigned char *)(to_base + n * PAGE_SIZE) == POISON, "copies more than %lu pages", n);
		if (i && n < REAL_PAGES)
			check(*(unsigned char *)(to_base - 1) == POISON, "copies before the first page");
	}
}

/* 4 GiB and a page, of address space: 2 MiB of memory again and again. */
static unsigned char *map_long(unsigned char last)
{
	unsigned long size = 1UL << 32, at;
	unsigned char *p = mmap(NULL, size + PAGE_SIZE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = memfd_create("copy", 0);

	if (p == MAP_FAILED || fd < 0 || ftruncate(fd, SZ_2M))
		fail("no address space for 4 GiB");
	for (at = 0; at < size; at += SZ_2M)
		if (mmap(p + at, SZ_2M, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
			fail("no mapping at %#lx", at);
	close(fd);
	p[size + PAGE_SIZE - 1] = last;
	return p;
}

static void test_x86(void)
{
	static void (*const copies[])(void *, void *, unsigned long) = {
		copy_pages_orig, copy_pages_rep, copy_pages_erms,
	};
	static const unsigned long lengths[] = { 0, 1, 2, 3, 8, REAL_PAGES };
	unsigned long size = (1UL << 32) + PAGE_SIZE;
	unsigned char *to, *from;
	unsigned int c, l;

	for (c = 0; c < 3; c++)
		for (l = 0; l < 6; l++)
			one_asm(copies[c], lengths[l]);
	to = map_long(0);
	from = map_long(7);
	/* Not page by page: that it counts as far is no question. */
	for (c = 1; c < 3; c++, cases++) {
		to[size - 1] = 0;
		copies[c](to, from, size / PAGE_SIZE);
		check(to[size - 1] == 7, "does not copy 4 GiB and a page");
	}
	munmap(to, size);
	munmap(from, size);
}

/* copy_mc_pages() by each way that there is, and of any length. */
static void test_mc_pages(void)
{
	static const unsigned long lengths[] = { 1, 512, 1UL << 20, (1UL << 20) + 1, 1UL << 22 };
	unsigned int way, l;

	for (way = 0; way < 4; way++)
		for (l = 0; l < 5; l++) {
			has_erms = way & 1;
			has_fragile = way & 2;
			st.preemptible = true;
			place(MAX_ORDER, false, 0);
			check(!copy_mc_pages((void *)to_base, (void *)from_base, lengths[l]), "fails");
			check(st.done == lengths[l], "copies %lu of %lu pages", st.done, lengths[l]);
			check(instrumented == lengths[l] * PAGE_SIZE && !instrumented_left,
			      "KASAN sees %#lx bytes, %#lx left", instrumented, instrumented_left);
			if (!way)
				continue;
			place(MAX_ORDER, false, 0);
			st.bad_page = lengths[l] - 1;
			st.bad_offset = 128;
			check(copy_mc_pages((void *)to_base, (void *)from_base, lengths[l]) == PAGE_SIZE - 128,
			      "leaves another number of bytes");
			check(instrumented_left == PAGE_SIZE - 128, "KASAN sees %#lx left", instrumented_left);
			st.bad_page = -1;
		}
	st.preemptible = false;
	has_erms = has_fragile = false;
}

/* The tests above take rep movsb and the careful copy, too. */
static void test_ways(void)
{
	unsigned int way;

	for (way = 1; way < 4; way++) {
		has_erms = way & 1;
		has_fragile = way & 2;
		test_user();
		test_user_large();
		test_bad();
	}
	has_erms = has_fragile = false;
}
#endif

static unsigned char *map_guarded(unsigned long pages)
{
	unsigned char *p = mmap(NULL, (pages + 2) * PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		exit(2);
	mprotect(p + PAGE_SIZE, pages * PAGE_SIZE, PROT_READ | PROT_WRITE);
	return p + PAGE_SIZE;
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	unsigned long map = MAP_PAGES * sizeof(struct page), i;

	sigaction(SIGSEGV, &sa, NULL);
	to_map = mmap(NULL, map, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	from_map = mmap(NULL, map, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	to_area = map_guarded(REAL_PAGES * STRIDE);
	from_area = map_guarded(REAL_PAGES * STRIDE);
	for (i = 0; i < REAL_PAGES * STRIDE * PAGE_SIZE / sizeof(i); i++)
		((unsigned long *)from_area)[i] = i * 0x9e3779b97f4a7c15UL + 1;

#ifndef X86_RESCHED
	run("every fault in folios up to 2 MiB", test_user);
	run("folios up to 16 GiB", test_user_large);
	run("folio_copy() and folio_mc_copy()", test_folio_copy);
	run("copy_folio_from_user()", test_from_user);
#endif
#if defined(MC) && !defined(X86)
	run("a page that can't be read", test_bad);
#endif
#ifdef X86
#ifdef X86_RESCHED
	run("its own number of pages between resched points", test_x86_resched);
#else
	run("copy_pages()", test_x86);
	run("copy_mc_pages()", test_mc_pages);
	run("every way of copying", test_ways);
#endif
#endif
	return failed;
}
