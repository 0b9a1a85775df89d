// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of clearing extents of pages: of what variant.c compiled.
 *
 * The specification is a cursor. Before a folio is cleared the test puts down
 * which pages have to be cleared in which order, as regions. Every layer's
 * call, down to the one that clears, then has to start at the cursor, with that
 * page's address, user address and struct page, and has to end within the
 * region; the bottom layer moves the cursor. So at the end every page has been
 * cleared exactly once, in order, or the test has failed.
 *
 * What is cleared need not exist: only with st.real there is memory, and its
 * contents and surroundings are checked as well.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "test.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define PMD_ORDER	9
/* Pages on either side of the fault that are written with it: in 32 KiB it is all of them. */
#define NEAR(nr)	((nr) > 8 ? 2UL : (nr))
#define MAX_ORDER	22		/* largest folio tested: 16 GiB */
#define REAL_PAGES	(1UL << PMD_ORDER)
#define FAKE_ADDR	0x100000000000UL
#define SECTION		1024		/* pages, where the memmap is split */
#define SECTION_GAP	7
#define POISON		0xa5
#define TAG		(0xabUL << 56)
#define TAG_MASK	(0xffUL << 56)

unsigned long test_resched_nr = 1;
bool test_preemptible;
/* x86-stub.S */
unsigned long test_x86_addr, test_x86_words, test_x86_zero, test_x86_calls;
unsigned long test_x86_changed;
const char *test_x86_selected;
bool test_x86_real, test_x86_bytes;

static struct page *memmap;
static unsigned char *area;		/* REAL_PAGES or, HIGHMEM, twice that */

static struct {
	enum { USER, USER_HELPER, PAGE_HELPER, HELPER, INIT, LENGTH } kind;
	unsigned long order, nr, fault_idx;
	unsigned long vaddr;		/* user address of the folio */
	unsigned char *kaddr;		/* its linear mapping, or all of its kmaps */
	unsigned long tag;
	bool real, atomic;

	struct { unsigned long start, end; } region[3];
	unsigned int r;			/* current region, and in it: */
	unsigned long pos;		/* next page to be cleared */
	unsigned long call_start, call_end;	/* the caller's extent */
	unsigned long pages_end;	/* where clear_pages()'s extent ends */
	unsigned long pages_calls;
	unsigned long x86_calls;	/* as of the begin of clear_pages() */

	unsigned long limit, since;	/* pages between resched points */
	bool slept, in_own;
	int kasan;
	void *kmap[4];
	unsigned int kmaps;
	const void *kmsan_addr;
	unsigned long kmsan_len;
} st;

/* Running and failing */

static sigjmp_buf test_env, fault_env;
static volatile bool expect_fault;
static unsigned char *fault_addr;
static unsigned long cases;
static bool in_test;
static char message[512];

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (!in_test) {
		fprintf(stderr, "%s\n", message);
		exit(2);
	}
	siglongjmp(test_env, 1);
}

#define check(cond, fmt, ...)						\
do {									\
	if (!(cond))							\
		fail("order %lu fault %lu vaddr %#lx NR %lu%s: " fmt,	\
		     st.order, st.fault_idx, st.vaddr, st.limit,	\
		     test_preemptible ? " preemptible" : "", ##__VA_ARGS__); \
} while (0)

static void on_fault(int sig, siginfo_t *info, void *ctx)
{
	fault_addr = info->si_addr;
	if (expect_fault) {
		expect_fault = false;
		siglongjmp(fault_env, 1);
	}
	check(false, "touches %p, %ld bytes from the folio", (void *)fault_addr,
	      (long)(fault_addr - st.kaddr));
}

static bool run(const char *what, void (*test)(void))
{
	bool ok;

	memset(&st, 0, sizeof(st));
	cases = 0;
	in_test = true;
	ok = !sigsetjmp(test_env, 1);
	if (ok)
		test();
	in_test = expect_fault = false;
	if (ok)
		printf("ok    %s: %s (%lu cases)\n", variant.name, what, cases);
	else
		printf("FAIL  %s: %s: %s\n", variant.name, what, message);
	fflush(stdout);
	if (!ok && getenv("FAIL_FAST"))
		exit(3);
	return ok;
}

/* Memory */

static unsigned char *map(unsigned long pages, int prot)
{
	void *p = mmap(NULL, pages * PAGE_SIZE, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

/* pages of memory between two that must not be touched. */
static unsigned char *map_guarded(unsigned long pages)
{
	unsigned char *p = map(pages + 2, PROT_NONE) + PAGE_SIZE;

	mprotect(p, pages * PAGE_SIZE, PROT_READ | PROT_WRITE);
	memset(p, POISON, pages * PAGE_SIZE);
	return p;
}

/* Not instrumented because this is where the time would go. */
static bool __attribute__((no_sanitize("address", "undefined")))
page_is(const unsigned char *p, unsigned char byte)
{
	const unsigned long *word = (const unsigned long *)p;
	unsigned long want = byte * 0x0101010101010101UL, diff = 0;
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*word); i++)
		diff |= word[i] ^ want;
	return !diff;
}

/* No two pages next to each other: a page that is not mapped between any two. */
static unsigned char *page_kaddr(unsigned long idx)
{
	if (variant.highmem)
		idx = ((idx * 0x9e3779b1UL) & ((1UL << st.order) - 1)) * 2;
	return st.kaddr + idx * PAGE_SIZE;
}

static bool each_page_mapped(void)
{
	return variant.highmem || variant.flush_on_kunmap;
}

static bool by_page(void)
{
	return each_page_mapped() || variant.own_page || variant.own_highpage;
}

static void *tagged(void *addr)
{
	return (void *)((unsigned long)addr | st.tag);
}

static struct page *page_at(unsigned long idx)
{
	if (variant.split_memmap)
		idx += idx / SECTION * SECTION_GAP;
	return memmap + idx;
}

static unsigned long page_idx(const struct page *page)
{
	unsigned long idx = page - memmap;

	if (variant.split_memmap) {
		check(idx % (SECTION + SECTION_GAP) < SECTION,
		      "uses a struct page between two sections");
		idx -= idx / (SECTION + SECTION_GAP) * SECTION_GAP;
	}
	return idx;
}

struct page *test_nth_page(struct page *page, unsigned long n)
{
	return page_at(page_idx(page) + n);
}

void *test_page_address(struct page *page)
{
	check(!variant.highmem, "page_address() of a highmem page");
	check(page_idx(page) < st.nr, "page_address() of page %lu", page_idx(page));
	return tagged(page_kaddr(page_idx(page)));
}

void *test_kmap(struct page *page)
{
	check(page_idx(page) < st.nr, "maps page %lu", page_idx(page));
	check(st.kmaps < ARRAY_SIZE(st.kmap), "kmap_local_page() without kunmap_local()");
	return st.kmap[st.kmaps++] = tagged(page_kaddr(page_idx(page)));
}

void test_kunmap(const void *addr)
{
	check(st.kmaps && st.kmap[st.kmaps - 1] == addr,
	      "kunmap_local(%p) is not of the last mapping", addr);
	st.kmaps--;
}

/* Context */

static unsigned long resched_nr(void)
{
	return variant.resched_nr ? variant.resched_nr() : test_resched_nr;
}

void test_might_sleep(void)
{
	check(!st.atomic, "may sleep in atomic context");
	check(!st.kmaps, "may sleep with a kmap_local mapping");
	st.slept = true;
}

void test_resched_point(const char *name)
{
	check(!st.atomic, "%s() in atomic context", name);
	check(!st.kmaps, "%s() with a kmap_local mapping", name);
	st.since = 0;
}

void test_kasan(int change)
{
	st.kasan += change;
	check(st.kasan == 0 || st.kasan == 1, "KASAN enabled without being disabled or the reverse");
}

void *test_reset_tag(const void *addr)
{
	return (void *)((unsigned long)addr & ~TAG_MASK);
}

void test_kmsan_unpoison(const void *addr, unsigned long len)
{
	check(len == PAGE_SIZE, "tells KMSAN of %#lx bytes at once, and its state of them may lie in pieces", len);
	if (!st.kmsan_len)
		st.kmsan_addr = addr;
	check(addr == st.kmsan_addr + st.kmsan_len, "unpoisons %p after %#lx bytes at %p",
	      addr, st.kmsan_len, st.kmsan_addr);
	st.kmsan_len += len;
}

/* The layers, from top to bottom */

static void next_region(void)
{
	while (st.r < 2 && st.pos == st.region[st.r].end)
		st.pos = st.region[++st.r].start;
}

void test_highpages_begin(struct page *page, unsigned long vaddr, unsigned long npages)
{
	check(st.kind != INIT, "clear_user_highpages() in init_on_alloc");
	next_region();
	check(npages || st.kind == USER_HELPER, "clear_user_highpages() of no pages");
	check(page_idx(page) == st.pos, "clear_user_highpages() at page %lu, not %lu",
	      page_idx(page), st.pos);
	check(vaddr == st.vaddr + st.pos * PAGE_SIZE,
	      "clear_user_highpages() of page %lu with vaddr %#lx", st.pos, vaddr);
	check(npages <= st.region[st.r].end - st.pos,
	      "clear_user_highpages() of %lu pages at %lu leaves region %u, which ends at %lu",
	      npages, st.pos, st.r, st.region[st.r].end);
	if (st.kind == USER)
		check(npages == st.limit || st.pos + npages == st.region[st.r].end,
		      "clear_user_highpages() of %lu pages, not %lu", npages, st.limit);
	st.call_end = st.pos + npages;
	st.call_start = st.pos;
	st.pages_calls = 0;
}

void test_highpages_end(void)
{
	check(st.pos == st.call_end, "clear_user_highpages() clears up to %lu, not %lu",
	      st.pos, st.call_end);
	if (!by_page())
		check(st.pages_calls == 1, "%lu calls of clear_pages() for one extent",
		      st.pages_calls);
}

void test_user_pages(void *addr, unsigned long vaddr, struct page *page, unsigned long npages)
{
	check(addr == page_kaddr(st.pos), "clear_user_pages() of page %lu at %p", st.pos, addr);
	check(vaddr == st.vaddr + st.pos * PAGE_SIZE,
	      "clear_user_pages() of page %lu with vaddr %#lx", st.pos, vaddr);
	check(page_idx(page) == st.pos, "clear_user_pages() of page %lu with page %lu",
	      st.pos, page_idx(page));
	check(npages <= st.call_end - st.pos, "clear_user_pages() of %lu pages at %lu",
	      npages, st.pos);
}

void test_pages_begin(void *addr, unsigned long npages)
{
	if (st.kind == LENGTH)
		return;
	check(addr == page_kaddr(st.pos), "clear_pages() of page %lu at %p, not %p",
	      st.pos, addr, (void *)page_kaddr(st.pos));
	check(npages <= st.call_end - st.pos, "clear_pages() of %lu pages at %lu, end is %lu",
	      npages, st.pos, st.call_end);
	check(npages <= 1 || !variant.highmem, "clear_pages() of %lu highmem pages", npages);
	st.pages_calls++;
	st.pages_end = st.pos + npages;
	st.x86_calls = test_x86_calls;
}

void test_pages_end(void)
{
	if (st.kind == LENGTH)
		return;
	check(st.pos == st.pages_end, "clear_pages() clears up to page %lu, not %lu",
	      st.pos, st.pages_end);
	if (variant.x86)
		check(test_x86_calls == st.x86_calls + 1, "%lu string instructions for one extent",
		      test_x86_calls - st.x86_calls);
}

void test_user_page(void *addr, unsigned long vaddr, struct page *page)
{
	check(page_idx(page) == st.pos, "arch gets page %lu, not %lu", page_idx(page), st.pos);
	check(vaddr == st.vaddr + st.pos * PAGE_SIZE, "arch gets page %lu with vaddr %#lx",
	      st.pos, vaddr);
	st.in_own = true;
	test_clear(addr, PAGE_SIZE);
	st.in_own = false;
}

void test_clear(void *addr, unsigned long len)
{
	unsigned long npages = len / PAGE_SIZE;

	if (variant.kmsan) {
		check(st.kmsan_len || !len, "clears what KMSAN has as poisoned");
		check(st.kmsan_len == len && (!len || st.kmsan_addr == addr),
		      "clears %#lx bytes at %p, unpoisons %#lx at %p",
		      len, addr, st.kmsan_len, st.kmsan_addr);
		st.kmsan_len = 0;
	}
	if (st.kind == LENGTH) {
		st.pos += npages;
		check(!(len % PAGE_SIZE), "clears %#lx bytes", len);
		return;
	}
	check(!(len % PAGE_SIZE) && npages <= st.call_end - st.pos,
	      "clears %#lx bytes at page %lu, end is %lu", len, st.pos, st.call_end);
	check(npages || st.pos == st.call_end, "clears no page");
	check(addr == page_kaddr(st.pos), "clears %p, page %lu is at %p", addr, st.pos,
	      (void *)page_kaddr(st.pos));
	/* By address there is no mapping to end. */
	if (variant.highmem || (variant.flush_on_kunmap && st.kind != HELPER))
		check(st.kmaps && st.kmap[st.kmaps - 1] == tagged(page_kaddr(st.pos)),
		      "clears page %lu without a mapping", st.pos);
	if (st.kind == INIT)
		check(st.kasan == 1, "clears with KASAN enabled");
	if (st.kind == USER)
		check(st.slept, "no might_sleep() before clearing");
	if ((st.kind == USER || st.kind == USER_HELPER) &&
	    (variant.own_page || variant.own_highpage))
		check(st.in_own, "page %lu is not cleared by the architecture's own function",
		      st.pos);
	if (st.real && !variant.x86)
		memset(addr, 0, len);
	st.pos += npages;
	st.since += npages;
	check(st.atomic || test_preemptible || st.since <= st.limit,
	      "%lu pages without a resched point", st.since);
}

/* x86: see ALTERNATIVE_2() in shim/kernel.h. */
#define CLZERO_PAGES	128	/* from so many on, where there is CLZERO */
bool test_x86_has[4];
static void (*x86_clzero)(void *addr, unsigned long len);

/* The first n of REP_GOOD, ERMS and CLZERO. */
static void x86_has_first(unsigned int n)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(test_x86_has); i++)
		test_x86_has[i] = i <= n;
}

static void x86_cleared(void *addr, unsigned long len, bool by_clzero)
{
	bool wanted = test_x86_has[X86_FEATURE_CLZERO] && len / PAGE_SIZE >= CLZERO_PAGES;

	check(by_clzero == wanted, "clears %#lx bytes with%s CLZERO", len, by_clzero ? "" : "out");
	test_clear(addr, len);
}

void test_x86_clzero(void *addr, unsigned long len)
{
	test_x86_calls++;
	if (st.real)
		x86_clzero(addr, len);
	x86_cleared(addr, len, true);
}

/* What clear_pages() selects from, and with which operands. */
void test_x86_done(const char *outputs, const char *inputs)
{
	bool has_rep_good = test_x86_has[X86_FEATURE_REP_GOOD];
	bool has_erms = test_x86_has[X86_FEATURE_ERMS];
	const char *want = has_erms ? "rep stosb" : has_rep_good ? "rep stosq" :
			   variant.x86_bytes ? "call __clear_pages_unrolled" : "call clear_pages_orig";
	const char *selected = test_x86_selected ? : "nothing";

	check(strstr(outputs, "\"+D\""), "does not tell the compiler that rdi changes");
	check(strstr(outputs, "\"+c\""), "does not tell the compiler that rcx changes");
	check(strstr(inputs, "\"memory\""), "does not tell the compiler that memory changes");
	check(!st.real || strstr(selected, want), "with%s REP_GOOD, with%s ERMS: %s, not %s",
	      has_rep_good ? "" : "out", has_erms ? "" : "out", selected, want);
	check(!test_x86_zero, "clears with %#lx in rax", test_x86_zero);
	check(!test_x86_changed, "changes %lu registers", test_x86_changed);
	x86_cleared((void *)test_x86_addr, test_x86_words * (variant.x86_bytes ? 1 : 8), false);
}

/* One folio after the other */

/* Where the folio's kernel mapping is: real ones change sides between the guards. */
static void place(unsigned long order, bool real, unsigned long seed)
{
	st.order = order;
	st.nr = 1UL << order;
	st.real = test_x86_real = real;
	st.kaddr = (unsigned char *)FAKE_ADDR;
	if (real)
		st.kaddr = variant.highmem || (seed & 1) ?
			   area : area + (REAL_PAGES - st.nr) * PAGE_SIZE;
	page_at(0)->order = order;
	st.pos = st.since = st.r = st.kasan = st.kmaps = 0;
	st.slept = st.in_own = false;
	st.kmsan_len = 0;
	st.pages_calls = 0;
	memset(st.region, 0, sizeof(st.region));
}

/* Pages first to first + n - 1 are zero, no other has changed. */
static void check_memory(unsigned long first, unsigned long n)
{
	unsigned long i, stride = variant.highmem ? 2 : 1;

	for (i = 0; i < st.nr; i++) {
		bool in = i >= first && i < first + n;

		check(page_is(page_kaddr(i), in ? 0 : POISON), "page %lu %s", i,
		      in ? "is not all zero" : "has been written to");
		if (in)
			memset(page_kaddr(i), POISON, PAGE_SIZE);
	}
	/* The rest of area begins or ends where the folio ends or begins. */
	for (i = 0; i < REAL_PAGES; i++) {
		unsigned char *p = area + i * stride * PAGE_SIZE;

		if (p + stride * PAGE_SIZE == st.kaddr ||
		    p == st.kaddr + st.nr * stride * PAGE_SIZE)
			check(page_is(p, POISON), "writes outside of the folio");
	}
}

static void check_done(void)
{
	check(st.pos == st.nr && st.r == 2, "stops at page %lu of %lu", st.pos, st.nr);
	check(!st.kmaps, "%u pages are left mapped", st.kmaps);
	check(!st.kasan, "KASAN is left disabled");
	check(!st.kmsan_len, "unpoisons more than it clears");
	cases++;
}

static unsigned long folio_bytes(unsigned long order)
{
	return PAGE_SIZE << order;
}

static void zero_user(unsigned long order, unsigned long fault_idx, unsigned long vaddr,
		      unsigned long offset, bool real)
{
	unsigned long left, right, near;

	place(order, real, fault_idx);
	st.kind = USER;
	st.atomic = false;
	st.fault_idx = fault_idx;
	st.vaddr = vaddr;
	st.limit = test_preemptible ? -1UL : resched_nr();

	near = NEAR(st.nr);
	left = fault_idx > near ? fault_idx - near : 0;
	right = fault_idx + near < st.nr ? fault_idx + near + 1 : st.nr;
	st.region[variant.right_first].end = left;
	st.region[!variant.right_first].start = right;
	st.region[!variant.right_first].end = st.nr;
	st.pos = st.region[0].start;
	st.region[2].start = left;
	st.region[2].end = right;

	variant.zero_user((struct folio *)memmap, vaddr + fault_idx * PAGE_SIZE + offset);

	/* check_done() with the last region's end in place of the folio's. */
	check(st.pos == right && st.r == 2, "stops at page %lu in region %u", st.pos, st.r);
	st.pos = st.nr;
	check_done();
	if (real)
		check_memory(0, st.nr);
}

/*
 * Where a folio may be mapped, and where in a page the fault may be. What a
 * base lacks is an alignment to more than the folio's size; 0 is what memfd
 * and fallocate() pass.
 */
static unsigned long user_base(unsigned long order, unsigned int i)
{
	unsigned long size = folio_bytes(order);
	unsigned long base[] = {
		0, 0x7f1234567000UL / size * size | size, (1UL << 47) - size,
		(1UL << 56) - size, size,
	};

	return base[i % ARRAY_SIZE(base)];
}

static unsigned long page_offset(unsigned int i)
{
	static const unsigned long offset[] = { 0, PAGE_SIZE - 1, 1, 0x7f8, 0x123, 0 };

	return offset[i % ARRAY_SIZE(offset)];
}

/* From v7.0 on the kernel counts pages in an unsigned int. */
static unsigned long chunk_of(unsigned long nr)
{
	return variant.no_empty && nr > 1UL << 31 ? 1UL << 31 : nr;
}

static const unsigned long chunks[] = {
	1, 2, 3, 4, 5, 6, 7, 16, 100, 255, 507, 508, 511, 512, 513, 8192, 1UL << 40,
};

/* Calls one() for every fault page of every order, and resched bound. */
static void each_fault(unsigned int nr_bases, bool real, unsigned int step)
{
	unsigned long order, idx;
	unsigned int i, b;

	for (i = 0; i <= ARRAY_SIZE(chunks); i += step) {
		test_preemptible = i + step > ARRAY_SIZE(chunks);
		test_resched_nr = test_preemptible ? 1 : chunk_of(chunks[i]);
		if (variant.resched_nr && i && !test_preemptible)
			continue;
		for (order = 0; order <= PMD_ORDER; order++)
			for (idx = 0; idx < 1UL << order; idx++)
				for (b = 0; b < nr_bases; b++)
					zero_user(order, idx, user_base(order, b + (real ? idx : 0)),
						  page_offset(b + idx + i), real);
	}
}

static void test_zero_user(void)
{
	each_fault(5, false, 1);
}

static void test_zero_user_memory(void)
{
	each_fault(1, true, 4);
}

static unsigned long random_ul(void)
{
	static unsigned long x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

static void gigantic(unsigned long order)
{
	unsigned long nr = 1UL << order, limit = resched_nr();
	unsigned long at[] = { 0, nr - 1, nr / 2, limit, nr - limit, nr / limit * limit,
			       limit * 2, limit + NEAR(nr), 1024 };
	unsigned int i, b = 0, around = order > 14 ? 3 : 6;
	long d;

	/* Around each edge; the largest where that is not the same edge again. */
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		if ((order > 18 || limit < 8) && i > 2)
			break;
		for (d = -(long)around; d <= (long)around; d += order > 18 ? around : 1)
			if (at[i] + d < nr)
				zero_user(order, at[i] + d, user_base(order, b),
					  page_offset(b), false), b++;
	}
	for (i = 0; i < (order > 18 ? 1 : 8); i++)
		zero_user(order, random_ul() % nr, user_base(order, i), page_offset(i), false);
}

static void test_zero_user_gigantic(void)
{
	static const unsigned long big_chunks[] = { 1, 7, 8192, 1UL << 40, 0 };
	unsigned long order;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(big_chunks); i++) {
		test_preemptible = !big_chunks[i];
		test_resched_nr = chunk_of(big_chunks[i]) ? : 1;
		if (variant.resched_nr && i && !test_preemptible)
			continue;
		for (order = PMD_ORDER + 1; order <= MAX_ORDER; order++) {
			/* Page by page the two largest are only more of the same. */
			if (order > 18 && (by_page() || resched_nr() < 8192))
				continue;
			gigantic(order);
		}
	}
	/* But once, all the same: 4 GiB and more. */
	for (order = 20; by_page() && order <= MAX_ORDER; order += 2)
		zero_user(order, (1UL << order) - 4, user_base(order, 1), 1, false);
}

/* init_on_alloc: one region, in atomic context, and the pages have a tag. */
static void init(unsigned long order, bool real)
{
	place(order, real, order);
	st.kind = INIT;
	st.atomic = true;
	st.tag = TAG;
	st.r = 2;
	st.call_end = st.nr;
	variant.init(page_at(0), 1 << order);
	check_done();
	if (!each_page_mapped())
		check(st.pages_calls == 1, "%lu calls of clear_pages(), not 1", st.pages_calls);
	st.tag = 0;
	if (real)
		check_memory(0, st.nr);
}

static void test_init(void)
{
	unsigned long order, max = MAX_ORDER - 2;

	for (test_preemptible = false; ; test_preemptible = true) {
		for (order = 0; order <= max; order++)
			init(order, false);
		for (order = 0; order <= PMD_ORDER; order++)
			init(order, true);
		if (test_preemptible)
			break;
	}
}

/* The helpers by themselves, which may be called in any context. */
static void helper(unsigned long first, unsigned long n)
{
	place(5, true, n);
	st.kind = USER_HELPER;
	st.atomic = true;
	st.vaddr = user_base(5, n);
	st.r = 2;
	st.pos = st.region[2].start = first;
	st.region[2].end = st.call_end = first + n;
}

static void helper_done(unsigned long first, unsigned long n)
{
	check(st.pos == first + n, "clears up to page %lu of %lu to %lu", st.pos, first, first + n);
	st.pos = st.nr;
	check_done();
	check_memory(first, n);
}

static void test_helpers(void)
{
	unsigned long first, n;

	for (first = 0; first < 32; first++) {
		for (n = variant.no_empty; first + n <= 32; n++) {
			helper(first, n);
			variant.clear_user_highpages(page_at(first),
						     st.vaddr + first * PAGE_SIZE, n);
			helper_done(first, n);
			helper(first, n);
			st.kind = PAGE_HELPER;
			variant.clear_highpages(page_at(first), n);
			if (!each_page_mapped())
				check(st.pages_calls == 1, "%lu calls of clear_pages() for one extent",
				      st.pages_calls);
			helper_done(first, n);
			if (variant.highmem)
				continue;
			helper(first, n);
			st.kind = HELPER;
			variant.clear_pages(page_kaddr(first), n);
			helper_done(first, n);
		}
		/* With 0 nothing is cleared, even where clear_pages() may not be asked. */
		helper(first, 0);
		st.kind = PAGE_HELPER;
		variant.clear_highpages(page_at(first), 0);
		helper_done(first, 0);

		helper(first, 1);
		variant.clear_user_highpage(page_at(first), st.vaddr + first * PAGE_SIZE);
		helper_done(first, 1);

		helper(first, 1);
		st.kind = PAGE_HELPER;
		st.tag = TAG;
		variant.clear_highpage_tagged(page_at(first));
		st.tag = 0;
		helper_done(first, 1);
	}
}

/* Extents of more than 4 GiB reach what clears them with their whole length. */
static void test_length(void)
{
	static const unsigned long nrs[] = {
		1UL << 20, (1UL << 20) + 1, 1UL << 22, (1UL << 22) + 1,
		0, 1, CLZERO_PAGES - 1, CLZERO_PAGES, CLZERO_PAGES + 1,
	};
	unsigned int i;

	for (i = 0; i < 8 * ARRAY_SIZE(nrs); i++) {
		unsigned long calls = test_x86_calls, nr = nrs[i / 8];

		/* By the way, all that the alternatives may have to select from. */
		test_x86_has[X86_FEATURE_REP_GOOD] = i & 1;
		test_x86_has[X86_FEATURE_ERMS] = i & 2;
		test_x86_has[X86_FEATURE_CLZERO] = i & 4;
		if (!nr && variant.no_empty)
			continue;
		place(0, false, 0);
		st.kind = LENGTH;
		variant.clear_pages((void *)FAKE_ADDR, nr);
		check(st.pos == nr, "clear_pages() of %lu pages clears %lu", nr, st.pos);
		if (variant.x86)
			check(test_x86_calls == calls + 1, "%lu pages in %lu calls", nr,
			      test_x86_calls - calls);
		cases++;
	}
	place(0, false, 0);
	st.kind = LENGTH;
	variant.clear_page((void *)FAKE_ADDR);
	check(st.pos == 1, "clear_page() clears %lu pages", st.pos);
}

static void test_resched_nr_value(void)
{
	/* From as much on the measured processors clear past their caches; 4 ms at 10 GB/s. */
	const unsigned long least = (32UL << 20) / PAGE_SIZE, most = 40000000 / PAGE_SIZE;

	cases = 1;
	if (!variant.x86) {
		check(resched_nr() == 1, "CLEAR_PAGES_RESCHED_NR defaults to %lu, not 1", resched_nr());
		return;
	}
	x86_has_first(0);
	check(resched_nr() >= least && resched_nr() <= most,
	      "CLEAR_PAGES_RESCHED_NR is %lu, not in %lu..%lu", resched_nr(), least, most);
	if (variant.x86_preemptible)
		return;
	/* 0.3 ms at 10 GB/s, and no less than what CLZERO is used for. */
	test_x86_has[X86_FEATURE_CLZERO] = true;
	check(resched_nr() >= CLZERO_PAGES && resched_nr() <= 3000000 / PAGE_SIZE,
	      "CLEAR_PAGES_RESCHED_NR is %lu with CLZERO", resched_nr());
	x86_has_first(0);
}

/* folio_zero_regions(): what zero_user() expects, and that it is a partition */
static void regions(unsigned long nr, unsigned long fault_idx, bool count)
{
	static unsigned char seen[600];
	unsigned long out[8][2], i, j, sum = 0;
	unsigned long near = NEAR(nr);
	unsigned long first = fault_idx < near ? 0 : fault_idx - near;

	st.fault_idx = fault_idx;
	variant.regions(nr, fault_idx, out);
	for (i = 0; i < 3; i++) {
		check(out[i][1] <= nr && (!out[i][1] || out[i][0] <= nr - out[i][1]),
		      "%lu pages: region %lu is %lu+%lu", nr, i, out[i][0], out[i][1]);
		sum += out[i][1];
		for (j = 0; count && j < out[i][1]; j++)
			seen[out[i][0] + j]++;
	}
	check(sum == nr, "%lu pages: the regions have %lu", nr, sum);
	for (j = 0; count && j < nr; j++) {
		check(seen[j] == 1, "%lu pages: page %lu is in %u regions", nr, j, seen[j]);
		seen[j] = 0;
	}
	check(out[2][0] == first, "%lu pages: neighbourhood starts at %lu", nr, out[2][0]);
	check(out[2][0] + out[2][1] - 1 == (nr - 1 - fault_idx < near ? nr - 1 : fault_idx + near),
	      "%lu pages: neighbourhood has %lu pages", nr, out[2][1]);
	check(!out[0][1] || out[0][0] == 0, "%lu pages: left region starts at %lu", nr, out[0][0]);
	check(!out[1][1] || out[1][0] > fault_idx, "%lu pages: right region starts at %lu",
	      nr, out[1][0]);
	cases++;
}

static void test_regions(void)
{
	unsigned long nr, i;

	check(variant.nr_regions == 3, "%lu regions", variant.nr_regions);
	for (nr = 1; nr <= 600; nr++)
		for (i = 0; i < nr; i++)
			regions(nr, i, true);
	for (nr = 1UL << 10; nr && nr <= 1UL << 40; nr <<= 1)
		for (i = 0; i < 8; i++) {
			regions(nr, i, false);
			regions(nr, nr / 2 - i, false);
			regions(nr, nr - 1 - i, false);
			regions(nr - 1, nr - 2 - i, false);
			regions(nr, random_ul() % nr, false);
		}
}

/* clear_page_64.S */
#ifdef __x86_64__

typedef void asm_fn(void *addr, unsigned long len);

/* Weak: only the x86 variants are linked with it. */
#define ASM_FN(name)	extern __attribute__((weak)) asm_fn name, name##_end, name##_exported
ASM_FN(clear_pages_orig);
ASM_FN(clear_pages_clzero);
extern unsigned long test_x86_regs(asm_fn *fn, void *addr, unsigned long len,
				   unsigned char xmm[16][16]) __attribute__((weak));

static asm_fn *fn;
static const unsigned char *fn_end;
static bool fn_exported;

/* The one that is called from C may change what a C function may. */
#define C_MAY_CHANGE	(1 << 2 | 1 << 3 | 0xf << 4 | 1 << 14)

static void test_asm(void)
{
	static const unsigned long nr[] = { 0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 511, 512 };
	unsigned char xmm[16][16];
	unsigned long changed;
	unsigned int i, j;

	st.kaddr = area;
	for (i = 0; i < ARRAY_SIZE(nr); i++)
		for (j = 0; j < 3; j++) {
			unsigned long k, first = j * (REAL_PAGES - nr[i]) / 2;

			if (!nr[i] && variant.no_empty && fn != clear_pages_clzero)
				continue;
			memset(xmm, 0, sizeof(xmm));
			changed = test_x86_regs(fn, area + first * PAGE_SIZE, nr[i] * PAGE_SIZE, xmm);
			if (fn == clear_pages_clzero)
				changed &= ~C_MAY_CHANGE;
			check(!changed, "changes registers: mask %#lx", changed);
			for (k = 0; k < sizeof(xmm); k++)
				check(xmm[k / 16][k % 16] == 0xff, "changes xmm%lu", k / 16);
			place(PMD_ORDER, true, 1);
			check_memory(first, nr[i]);
			cases++;
		}
}

/* clear_pages() in memory, with whatever it selects, in no folio. */
static void clear_real(void *addr, unsigned long npages)
{
	place(0, true, 0);
	st.kind = LENGTH;
	variant.clear_pages(addr, npages);
}

/* Does not return but for the fault if there is none. */
static bool faults(void *addr, unsigned long npages)
{
	if (sigsetjmp(fault_env, 1))
		return true;
	expect_fault = true;
	clear_real(addr, npages);
	expect_fault = false;
	return false;
}

/* What is mapped ends long before the length does. */
static void test_long(void)
{
	static const int shift[] = { 20, 23, 24, 26, 28, 32, 34 };
	unsigned char *from = area + (REAL_PAGES - 8) * PAGE_SIZE;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shift); i++) {
		unsigned long npages = (1UL << shift[i]) + 1;

		if (chunk_of(npages) != npages)
			continue;
		check(faults(from, npages), "%#lx pages: stops before the end of what is mapped", npages);
		check(fault_addr == area + REAL_PAGES * PAGE_SIZE,
		      "%#lx pages: clears %ld bytes into what is not mapped",
		      npages, (long)(fault_addr - area) - (long)(REAL_PAGES * PAGE_SIZE));
		place(PMD_ORDER, true, 1);
		check_memory(REAL_PAGES - 8, 8);
		cases++;
	}
}

/* The same 2 MiB at every address of 4 GiB, then pages of its own. */
static unsigned char *map_4g(unsigned long unit, unsigned long size)
{
	unsigned char *p = map((size >> PAGE_SHIFT) + 3, PROT_NONE);
	int fd = memfd_create("pages", 0);
	unsigned long off;

	if (fd < 0 || ftruncate(fd, unit))
		fail("no memfd");
	for (off = 0; off < size; off += unit)
		if (mmap(p + off, unit, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
			fail("cannot map 4 GiB");
	close(fd);
	mprotect(p + size, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	return p;
}

static void test_4g(void)
{
	static unsigned char *p;	/* all use the same: its page tables take time */
	unsigned long unit = REAL_PAGES * PAGE_SIZE, size = 1UL << 32, off;

	if (!p)
		p = map_4g(unit, size);
	memset(p, POISON, unit);
	memset(p + size, POISON, 2 * PAGE_SIZE);
	clear_real(p, (size >> PAGE_SHIFT) + 1);
	for (off = 0; off < unit; off += PAGE_SIZE)
		check(page_is(p + off, 0), "page at %#lx is not all zero", off);
	check(page_is(p + size, 0), "the page past 4 GiB is not all zero");
	check(page_is(p + size + PAGE_SIZE, POISON), "writes past the end");
	cases = 1;
}

/* A fence at the end of what needs one: no test on one CPU sees that it is missing. */
static unsigned int __attribute__((no_sanitize("address", "undefined")))
count_code(const char *bytes)
{
	const unsigned char *p;
	unsigned int n = 0;
	size_t len = strlen(bytes);

	for (p = (const unsigned char *)fn; p + len <= fn_end; p++)
		n += !__builtin_memcmp(p, bytes, len);
	return n;
}

static void test_asm_code(void)
{
	check(fn_exported, "is not exported: no module could use clear_page()");
	check(count_code("\x0f\xae\xf8") == (fn == clear_pages_clzero), "%u sfence",
	      count_code("\x0f\xae\xf8"));
	check(count_code("\x0f\xae\xf8\xc3") == (fn == clear_pages_clzero),
	      "sfence is not the last thing it does");
	cases = 1;
}

#endif

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	unsigned long max_idx = 1UL << MAX_ORDER;
	bool ok = true;
	unsigned int i;

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	memmap = (struct page *)map(((max_idx + 1) / SECTION + 2) * (SECTION + SECTION_GAP) *
				    sizeof(*memmap) / PAGE_SIZE, PROT_READ | PROT_WRITE);
	if (variant.highmem) {
		area = map(2 * REAL_PAGES, PROT_NONE);
		for (i = 0; i < REAL_PAGES; i++) {
			mprotect(area + 2 * i * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
			memset(area + 2 * i * PAGE_SIZE, POISON, PAGE_SIZE);
		}
	} else {
		area = map_guarded(REAL_PAGES);
	}

#ifdef __x86_64__
	if (variant.x86) {
		static const struct {
			const char *name;
			asm_fn *fn, *end, *exported;
		} fns[] = {
			{ "clear_pages_orig", clear_pages_orig, clear_pages_orig_end,
			  clear_pages_orig_exported },
			{ "clear_pages_clzero", clear_pages_clzero, clear_pages_clzero_end,
			  clear_pages_clzero_exported },
		};
		static const char * const with[] = { "a loop", "rep stosq", "rep stosb", "CLZERO" };
		char what[100];

		x86_clzero = clear_pages_clzero;
		test_x86_bytes = variant.x86_bytes;
		if (variant.kmsan) {
			x86_has_first(X86_FEATURE_CLZERO);
			ok &= run("CLZERO: every fault page up to PMD order", test_zero_user);
			x86_has_first(0);
		}
		/* With KMSAN these are the same. */
		for (i = 0; i < ARRAY_SIZE(fns) && !variant.resched_nr && !variant.kmsan; i++) {
			fn = fns[i].fn;
			fn_end = (const unsigned char *)fns[i].end;
			fn_exported = fns[i].exported;
			snprintf(what, sizeof(what), "%s: contents, registers", fns[i].name);
			ok &= run(what, test_asm);
			snprintf(what, sizeof(what), "%s: its instructions", fns[i].name);
			ok &= run(what, test_asm_code);
		}
		for (i = 0; i < ARRAY_SIZE(with) && !variant.resched_nr && !variant.kmsan; i++) {
			x86_has_first(i);
			snprintf(what, sizeof(what), "%s: long lengths", with[i]);
			ok &= run(what, test_long);
			snprintf(what, sizeof(what), "%s: across 4 GiB", with[i]);
			ok &= run(what, test_4g);
			snprintf(what, sizeof(what), "%s: every fault page, in memory", with[i]);
			ok &= run(what, test_zero_user_memory);
		}
		x86_has_first(0);
	}
#endif
	if (variant.resched_nr)
		ok &= run("CLEAR_PAGES_RESCHED_NR", test_resched_nr_value);
	ok &= run("folio_zero_regions()", test_regions);
	ok &= run("helpers", test_helpers);
	ok &= run("init_on_alloc", test_init);
	if (!variant.highmem && !variant.kmsan)
		ok &= run("lengths past 4 GiB", test_length);
	ok &= run("every fault page up to PMD order", test_zero_user);
	if (!variant.x86 || variant.resched_nr)
		ok &= run("every fault page, in memory", test_zero_user_memory);
	/* KMSAN's loop over the pages would take minutes. */
	if (!variant.kmsan)
		ok &= run("gigantic folios", test_zero_user_gigantic);
	return ok ? 0 : 3;	/* 1 is the sanitizers' */
}
