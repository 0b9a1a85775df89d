// SPDX-License-Identifier: GPL-2.0
/*
 * folio_zero_user() of the series, for a kernel that is running without it.
 *
 * What clears is the series' own text, which the Makefile puts into text/. Here is
 * what a livepatch has beside it, and who may have memory that need not be zeroed:
 * the series asks that in the callers, which are not replaced.
 */

#define pr_fmt(fmt)	KBUILD_MODNAME ": " fmt

#include <linux/cacheinfo.h>
#include <linux/highmem.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/livepatch.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>

/* From 6.13 on mm.h has one, which does not know all of what this one does. */
#define user_alloc_needs_zeroing	series_user_alloc_needs_zeroing

/* The text comes with the guards of its headers, which have been included. */
#undef _ASM_X86_PAGE_64_H
#undef _LINUX_HIGHMEM_H
#undef _LINUX_MM_H
#include "text/page_64.h"
#include "text/highmem.h"
#include "text/internal.h"
#include "text/mm.h"
#include "text/memory.h"

/* How many folios came by, and how many of them were left as the allocator gave them. */
static DEFINE_PER_CPU(unsigned long, zeroed);
static DEFINE_PER_CPU(unsigned long, left);

static int show_sum(char *buffer, unsigned long __percpu *counter)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(counter, cpu);
	return sysfs_emit(buffer, "%lu\n", sum);
}

static int get_zeroed(char *buffer, const struct kernel_param *kp)
{
	return show_sum(buffer, &zeroed);
}

static int get_left(char *buffer, const struct kernel_param *kp)
{
	return show_sum(buffer, &left);
}

static const struct kernel_param_ops zeroed_ops = { .get = get_zeroed };
static const struct kernel_param_ops left_ops = { .get = get_left };
module_param_cb(zeroed, &zeroed_ops, NULL, 0444);
MODULE_PARM_DESC(zeroed, "Folios that were zeroed");
module_param_cb(left, &left_ops, NULL, 0444);
MODULE_PARM_DESC(left, "Folios that init_on_alloc had zeroed, and were not again");

#ifdef ZEROED_ONCE
/*
 * The faults of anonymous memory: their folio comes from the page allocator, and
 * nobody has written to it. The compiler inlines some of these into others; a name
 * that the kernel does not have as a function is none that anybody returns to.
 */
static struct {
	const char *name;
	unsigned long start, size;
} anon_faults[] = {
	{ "alloc_anon_folio" },
	{ "do_anonymous_page" },
	{ "__do_huge_pmd_anonymous_page" },
	{ "do_huge_pmd_anonymous_page" },
};

/*
 * sprint_symbol() and a kprobe that is never armed: kallsyms_lookup_name() can't be
 * called, as it is not exported, and has no ENDBR for a call by its address.
 */
static void __init find_anon_faults(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(anon_faults); i++) {
		const char *name = anon_faults[i].name;
		struct kprobe probe = {
			.symbol_name = name,
			.flags = KPROBE_FLAG_DISABLED,
		};
		char symbol[KSYM_SYMBOL_LEN];
		unsigned long offset, size;
		size_t len = strlen(name);

		if (register_kprobe(&probe))
			continue;
		unregister_kprobe(&probe);
		sprint_symbol(symbol, (unsigned long)probe.addr);
		if (strncmp(symbol, name, len) ||
		    sscanf(symbol + len, "+%li/%li", &offset, &size) != 2)
			continue;
		anon_faults[i].start = (unsigned long)probe.addr - offset;
		anon_faults[i].size = size;
		pr_info("memory that %s() has from the allocator is not zeroed again\n", name);
	}
}

/*
 * What the series asks in the callers. Any other caller, hugetlb above all, has
 * memory that may have been somebody's; so has one that a tracer hides.
 */
static bool is_zero(struct folio *folio, unsigned long caller)
{
	int i;

	if (user_alloc_needs_zeroing() || !want_init_on_alloc(0) || folio_test_hugetlb(folio))
		return false;
	for (i = 0; i < ARRAY_SIZE(anon_faults); i++)
		if (caller - anon_faults[i].start < anon_faults[i].size)
			return true;
	return false;
}
#else
/* The callers have asked already, or are not what they should be. */
static void __init find_anon_faults(void) { }
static bool is_zero(struct folio *folio, unsigned long caller) { return false; }
#endif

static noinline void livepatch_folio_zero_user(struct folio *folio, unsigned long addr_hint)
{
	if (is_zero(folio, _RET_IP_)) {
		raw_cpu_inc(left);
		return;
	}
	raw_cpu_inc(zeroed);
	folio_zero_user(folio, addr_hint);
}

static struct klp_func funcs[] = {
	{
		.old_name = "folio_zero_user",
		.new_func = livepatch_folio_zero_user,
	}, { }
};

static struct klp_object objs[] = {
	{ .funcs = funcs }, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init clear_extents_init(void)
{
	find_anon_faults();
	return klp_enable_patch(&patch);
}

static void __exit clear_extents_exit(void)
{
}

module_init(clear_extents_init);
module_exit(clear_extents_exit);
MODULE_DESCRIPTION("Livepatch: huge pages are cleared in extents");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
