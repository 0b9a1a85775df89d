/* SPDX-License-Identifier: GPL-2.0 */
/* What the text under test takes from the rest of the kernel. */
#ifndef SHIM_KERNEL_H
#define SHIM_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include "../test.h"

typedef int8_t s8;
typedef uint8_t u8;
typedef int32_t s32;
typedef uint32_t u32;
typedef int64_t s64;
typedef uint64_t u64;

#define noinline		__attribute__((noinline))
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define __maybe_unused		__attribute__((unused))
#define likely(x)		(x)
#define unlikely(x)		(x)

/* 1 if option is defined as 1, otherwise 0; usable in C only, as here. */
#define SHIM_COMMA_1		0,
#define SHIM_SECOND(a, b, ...)	b
#define SHIM_DEFINED2(comma)	SHIM_SECOND(comma 1, 0, 0)
#define SHIM_DEFINED1(value)	SHIM_DEFINED2(SHIM_COMMA_##value)
#define IS_ENABLED(option)	SHIM_DEFINED1(option)

#define min(a, b)		({ __auto_type a_ = (a); __auto_type b_ = (b); \
				   a_ < b_ ? a_ : b_; })
#define max(a, b)		({ __auto_type a_ = (a); __auto_type b_ = (b); \
				   a_ > b_ ? a_ : b_; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(x, lo, hi)	min(max(x, lo), hi)
#define clamp_t(type, x, lo, hi) clamp((type)(x), (type)(lo), (type)(hi))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define ALIGN(x, a)		ALIGN_DOWN((x) + (a) - 1, a)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), #cond)
#define div64_u64(n, d)		((u64)(n) / (u64)(d))
#define NSEC_PER_MSEC		1000000L
#define SZ_4K			0x1000
#define SZ_32K			0x8000
#define SZ_512K			0x80000
#define SZ_1M			0x100000
#define SZ_2M			0x200000
#define SZ_4M			0x400000
#define SZ_8M			0x800000
#define SZ_16M			0x1000000
#define SZ_32M			0x2000000
#define SZ_64M			0x4000000
#define SZ_128M			0x8000000

struct range {
	u64 start, end;
};
#define DEFINE_RANGE(s, e)	((struct range){ .start = (s), .end = (e) })
#define range_len(r)		((r)->end - (r)->start + 1)

#define CONFIG_TRANSPARENT_HUGEPAGE	1
#define CONFIG_HUGETLBFS		1
#define CONFIG_HUGETLB_PAGE		1
#define MAX_PAGE_ORDER			10
#define MAX_ORDER_NR_PAGES		(1 << MAX_PAGE_ORDER)

#ifdef SPLIT_MEMMAP
#define nth_page(page, n)	test_nth_page(page, n)
#else
#define nth_page(page, n)	((page) + (n))
#endif
#define folio_page(folio, n)	nth_page(&(folio)->page, n)
#define folio_nr_pages(folio)	(1L << (folio)->page.order)
#define folio_size(folio)	((size_t)PAGE_SIZE << (folio)->page.order)
#define folio_address(folio)	page_address(&(folio)->page)

#define page_address(page)	test_page_address(page)
#define kmap_local_page(page)	test_kmap(page)
#define kunmap_local(addr)	test_kunmap(addr)

#define preempt_model_preemptible()	(test_preemptible)
#define cond_resched()			test_resched_point("cond_resched")
#define might_resched()			test_resched_point("might_resched")
#define schedule()			test_resched_point("schedule")
#define might_sleep()			test_might_sleep()
#define local_clock()			test_clock()

#define kasan_disable_current()		test_kasan(1)
#define kasan_enable_current()		test_kasan(-1)
#define kasan_reset_tag(addr)		test_reset_tag(addr)
#ifdef CONFIG_KMSAN
#define kmsan_unpoison_memory(a, len)	test_kmsan_unpoison(a, len)
#else
#define kmsan_unpoison_memory(a, len)	((void)(len))
#endif

#define KCFI_REFERENCE(sym)

/* Selected each time, not once. The tests get to know the text. */
#define SHIM_STR_(x)		#x
#define SHIM_STR(x)		SHIM_STR_(x)
#define SHIM_SELECTED(text)						\
	".pushsection .rodata\n790:\t.asciz \"" text "\"\n\t.popsection\n\t"	\
	"movq $790b, test_x86_selected(%%rip)\n\t" text "\n\t"
#define SHIM_UNLESS(feature, label)					\
	"cmpb $0, test_x86_has + " SHIM_STR(feature) "(%%rip)\n\tje " label "f\n\t"
#define ALTERNATIVE(old, new, feature)					\
	SHIM_UNLESS(feature, "771") SHIM_SELECTED(new)			\
	"jmp 772f\n771:\t" old "\n772:"
#define asm_inline		asm
#define ALT_OUTPUT_SP(output...) output
#ifdef X86
register unsigned long shim_stack_pointer asm("rsp");
#define ASM_CALL_CONSTRAINT	"+r" (shim_stack_pointer)
#endif

/* What is selected runs only where there is memory for it. */
#define SHIM_BEFORE	"call test_x86_before\n\tcmpb $0, test_x86_real(%%rip)\n\tje 774f\n\t"
#define SHIM_AFTER	"\n774:\tcall test_x86_after"

/* v7.0 and later have it inline: SHIM_ASM() stands for its "asm volatile()". */
#define ALTERNATIVE_2(old, new1, feature1, new2, feature2)		\
	SHIM_BEFORE							\
	SHIM_UNLESS(feature2, "775") SHIM_SELECTED(new2) "jmp 774f\n775:\t"	\
	SHIM_UNLESS(feature1, "776") SHIM_SELECTED(new1) "jmp 774f\n776:\t"	\
	SHIM_SELECTED(old)						\
	SHIM_AFTER

/*
 * The operands are those of the real thing, so that the compiler does with them
 * what it does in the kernel. The registers hold garbage beforehand: an operand
 * that is missing is not there by chance.
 */
#define SHIM_GARBAGE							\
	asm __volatile__("movq $-4096, %%rdi\n\tmovq %%rdi, %%rsi\n\t"	\
		     "movq %%rdi, %%rax\n\tmovq %%rdi, %%rcx\n\t"	\
		     "movq %%rdi, %%rdx\n\tmovq %%rdi, %%r8\n\t"	\
		     "movq %%rdi, %%r9\n\tmovq %%rdi, %%r10\n\t"	\
		     "movq %%rdi, %%r11"				\
		     : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8",	\
			   "r9", "r10", "r11")
#define alternative_io(old, new, feature, output, input...)		\
do {									\
	SHIM_GARBAGE;							\
	asm __volatile__(SHIM_BEFORE ALTERNATIVE(old, new, feature) SHIM_AFTER \
		     : output : "i" (0), ## input);			\
	test_x86_done(#output, #input);					\
} while (0)
#define SHIM_ASM(operands...)						\
do {									\
	SHIM_GARBAGE;							\
	asm __volatile__(operands);					\
	test_x86_done(#operands, #operands);				\
} while (0)

#define cpu_feature_enabled(feature)	(test_x86_has[feature])

#endif
