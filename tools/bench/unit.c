// SPDX-License-Identifier: GPL-2.0
/*
 * A tree's own text, as text.sh found it, compiled as its kernel compiles it:
 * direct calls, alternatives resolved, no instrumentation. The shims cost what
 * the kernel's own do; where that takes a call or a load, here it does too.
 *
 * LABEL, MODEL, STRING and FEATURES come from the Makefile.
 */
#include "../userland/shim/kernel.h"
#include "bench.h"

#define STR_(x)			#x
#define STR(x)			STR_(x)

register unsigned long stack_pointer asm("rsp");
#define ASM_CALL_CONSTRAINT	"+r" (stack_pointer)

/* A feature is a number to the assembler, which selects the alternative. */
#undef ALTERNATIVE
#define ALTERNATIVE(old, new, feature)					\
	".if " STR(FEATURES) " >> " STR(feature) " & 1\n\t" new		\
	"\n.else\n\t" old "\n.endif"

#define ALTERNATIVE_2(old, new1, feature1, new2, feature2)		\
	".if " STR(FEATURES) " >> " STR(feature2) " & 1\n\t" new2		\
	"\n.elseif " STR(FEATURES) " >> " STR(feature1) " & 1\n\t" new1	\
	"\n.else\n\t" old "\n.endif"

#include "alternative.h"
#undef alternative_call_2
#ifdef CLOBBERS_IN_INPUT
#define alternative_call_2(orig, fn1, feature1, fn2, feature2, output, input...) \
	asm volatile(ALTERNATIVE_2("call " #orig, "call " #fn1, feature1,	\
				   "call " #fn2, feature2)		\
		     : output, ASM_CALL_CONSTRAINT : input)
#else
#define alternative_call_2(orig, fn1, feature1, fn2, feature2, output, input, clobbers...) \
	asm volatile(ALTERNATIVE_2("call " #orig, "call " #fn1, feature1,	\
				   "call " #fn2, feature2)		\
		     : output, ASM_CALL_CONSTRAINT : input : clobbers)
#endif

/* As with vmemmap_base and page_offset_base: two variables and a shift. */
#undef page_address
#define page_address(p) \
	((void *)(bench_linear + ((unsigned long)((p) - bench_memmap) << PAGE_SHIFT)))
#undef kmap_local_page
#define kmap_local_page(p)	page_address(p)
#undef kunmap_local
#define kunmap_local(addr)	((void)(addr))

#undef asm_inline
#define asm_inline		asm inline
#undef ALT_OUTPUT_SP
#define ALT_OUTPUT_SP(output...) ASM_CALL_CONSTRAINT, ## output
#undef alternative_io
#define alternative_io(old, new, feature, output, input...)		\
	asm_inline volatile(ALTERNATIVE(old, new, feature)		\
			    : output : "i" (0), ## input)

#undef cpu_feature_enabled
#define cpu_feature_enabled(feature)	(FEATURES >> feature & 1)

#undef preempt_model_preemptible
#define preempt_model_preemptible()	bench_preemptible
#undef might_sleep
#define might_sleep()			do { } while (0)
#undef cond_resched
#ifdef PREEMPT_FULL
#define cond_resched()			do { } while (0)
#else
/* __cond_resched(), which the static call leads to. */
static noinline int call_cond_resched(void)
{
	if (__builtin_expect(*(volatile bool *)&bench_need_resched, 0)) {
		bench_schedule();
		return 1;
	}
	return 0;
}
#define cond_resched()			call_cond_resched()
#endif

#undef local_clock
#ifdef RESCHED
#define local_clock()			0UL	/* the unit stays what it is */
#else
#define local_clock()			bench_clock()
#endif

#undef kasan_disable_current
#define kasan_disable_current()		do { } while (0)
#undef kasan_enable_current
#define kasan_enable_current()		do { } while (0)
#undef kasan_reset_tag
#define kasan_reset_tag(addr)		((void *)(addr))
#undef kmsan_unpoison_memory
#define kmsan_unpoison_memory(a, len)	((void)(len))

/* Copying: machine checks are survived, and nobody is told of any. */
#define copy_mc_to_kernel copy_mc_to_kernel
#define copy_mc_fragile_enabled		0
#define static_cpu_has(feature)		cpu_feature_enabled(feature)
#define instrument_memcpy_before(to, from, len)		do { } while (0)
#define instrument_memcpy_after(to, from, len, left)	do { } while (0)
#define kmsan_copy_page_meta(to, from)	do { } while (0)
#define memory_failure_queue(pfn, flags) do { } while (0)
#define page_to_pfn(page)		0
#define might_sleep_if(cond)		do { } while (0)
#define __must_check
#define EHWPOISON		133
struct vm_area_struct;
void *memcpy(void *to, const void *from, unsigned long len);
unsigned long copy_mc_fragile(void *to, const void *from, unsigned len);
unsigned long copy_mc_enhanced_fast_string(void *to, const void *from, unsigned long len);
void copy_pages(void *to, void *from, unsigned long npages);

#define __KERNEL__
#include "page_64.h"
#include "copy_mc.h"
#include "names.h"
#ifdef COPY_MC_PAGES
#define copy_mc_pages copy_mc_pages
#endif
#include "page.h"
#include "mm.h"
#include "highmem.h"
#include "near.h"
#ifdef NEAR
#undef FOLIO_ZERO_NEAR_PAGES
#define FOLIO_ZERO_NEAR_PAGES	NEAR
#undef FOLIO_ZERO_LOCALITY_RADIUS
#define FOLIO_ZERO_LOCALITY_RADIUS	NEAR
#undef FOLIO_ZERO_SHORT_PAGES
#define FOLIO_ZERO_SHORT_PAGES	0
#else
#define NEAR			-1
#endif
#include "regions.h"
#ifdef RESCHED
#undef CLEAR_PAGES_RESCHED_NR
#define CLEAR_PAGES_RESCHED_NR	bench_resched_nr
#undef PROCESS_PAGES_NON_PREEMPT_BATCH
#define PROCESS_PAGES_NON_PREEMPT_BATCH	bench_resched_nr
#else
#define RESCHED			0
#endif
#include "memory.h"
#include "page_alloc.h"
#include "util.h"

/* What shmem_get_folio_gfp() does with a new folio. */
static void shmem_clear(struct page *page, unsigned long npages)
{
#ifdef SHMEM_EXTENT
	clear_highpages(page, npages);
#else
	unsigned long i;

	for (i = 0; i < npages; i++)
		clear_highpage(page + i);
#endif
}

/* The allocator, and then whom it is for, where the tree does not know better. */
static void zero_until_used(struct page *page, unsigned long addr, unsigned long npages,
			    enum memory memory, bool on_free)
{
	if (memory < POOL_FIRST)
		INIT_PAGES(page, npages);
	switch (memory) {
	case ANON:
		if (on_free ? ANON_FREE_TWICE : ANON_ALLOC_TWICE)
			folio_zero_user((struct folio *)page, addr);
		break;
	case SHMEM:
		if (SHMEM_TWICE)
			shmem_clear(page, npages);
		break;
	default:
		if (HUGETLB_TWICE || memory == POOL_SECOND ||
		    !__atomic_exchange_n(&bench_zeroed, true, __ATOMIC_RELAXED))
			folio_zero_user((struct folio *)page, addr);
	}
}

static void clear_each(void *addr, unsigned long step, unsigned long n)
{
	for (; n; n--, addr += step)
		clear_page(addr);
}

#ifdef FOLIO_ZERO_NR_REGIONS
static void find_regions(unsigned long nr_pages, unsigned long fault_idx,
			 unsigned long out[3][2])
{
	FOLIO_REGION r[FOLIO_ZERO_NR_REGIONS];
	int i;

	_Static_assert(FOLIO_ZERO_NR_REGIONS == 3, "the study of stores knows three regions");
	folio_zero_regions(nr_pages, fault_idx, r);
	for (i = 0; i < FOLIO_ZERO_NR_REGIONS; i++) {
		out[i][0] = r[i].start;
		out[i][1] = r[i].nr_pages;
	}
}
#elif defined(FOLIO_ZERO_NR_RANGES)
static void find_regions(unsigned long nr_pages, unsigned long fault_idx,
			 unsigned long out[3][2])
{
	struct range r[FOLIO_ZERO_NR_RANGES];
	int i;

	_Static_assert(FOLIO_ZERO_NR_RANGES == 3, "the study of stores knows three regions");
	folio_zero_ranges(nr_pages, fault_idx, r);
	for (i = 0; i < FOLIO_ZERO_NR_RANGES; i++) {
		out[i][0] = r[i].start;
		out[i][1] = range_len(&r[i]);
	}
}
#else
#define find_regions	NULL
#endif

static int copy_user(struct folio *to, struct folio *from, unsigned long addr_hint)
{
	return copy_user_large_folio(to, from, addr_hint, (struct vm_area_struct *)0);
}

static const struct unit unit __attribute__((used, section("units"), aligned(8))) = {
	.label		= LABEL,
	.model		= MODEL,
	.string		= STRING,
	.near		= NEAR,
	.resched	= RESCHED,
	.zero_user	= folio_zero_user,
	.init		= INIT_PAGES,
	.shmem		= shmem_clear,
	.once		= zero_until_used,
	.pages		= clear_each,
	.copy_user	= copy_user,
	.copy		= folio_mc_copy,
	.regions	= find_regions,
};
