// SPDX-License-Identifier: GPL-2.0
/*
 * What the allocator has zeroed need not be zeroed again: whether it is known when.
 *
 * The text under test is user_alloc_needs_zeroing(), the ways of a folio into
 * hugetlb's pool, out of it and to its parts, and what shmem and cma_heap do with
 * new memory. Around it
 * there is a small machine: pages that are dirty or not, an allocator that zeroes
 * them when it is told to, and users that write to what they get. Nobody may be
 * handed a dirty page as zero, and what was known to be zero may not be zeroed
 * again.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_ONCE(x, value)	((x) = (value))
#define READ_ONCE(x)		(x)
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define __init
#define __must_hold(lock)
#define likely(x)		(x)
#define unlikely(x)		(x)
#define min(a, b)		((a) < (b) ? (a) : (b))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define PAGE_SHIFT		12
#define PAGE_SIZE		(1ul << PAGE_SHIFT)
#include "shim/list.h"

typedef unsigned int gfp_t;
typedef unsigned long pgoff_t;
typedef long long test_loff_t;
typedef int vm_fault_t;
#define loff_t			test_loff_t
#define __GFP_ZERO		0x100u
#define __GFP_THISNODE		0x200u

/* Running and failing */

static bool init_on_alloc, init_on_free, dcache_aliases, icache_aliases, arc, sparc32, kmsan;
static const char *doing = "start";
static int failed;

static void fail(const char *fmt, ...)
{
	va_list args;

	if (failed++)
		return;
	printf("FAIL  zeroed: ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf(" (%s; init_on_alloc=%d init_on_free=%d aliases=%d,%d,%d,%d kmsan=%d)\n", doing,
	       init_on_alloc, init_on_free, dcache_aliases, icache_aliases, arc, sparc32, kmsan);
}

/* IS_ENABLED() of what the tests switch */
#define CONFIG_KMSAN		kmsan
#define CONFIG_ARC		arc
#define CONFIG_SPARC32		sparc32
#define IS_ENABLED(option)	(option)
#define static_branch_maybe(config, key) (*(key))
#define cpu_dcache_is_aliasing()	dcache_aliases
#define cpu_icache_is_aliasing()	icache_aliases
#include "text/zeroed_mm.h"

/* Pages, and the allocator */

#define PAGE_FIELDS				\
	unsigned long private;			\
	struct list_head lru;			\
	struct list_head _deferred_list;	\
	void *mapping;				\
	int refs;				\
	int order;	/* of a folio's first */	\
	bool used;	/* not the allocator's */	\
	bool dirty;	/* its contents */		\
	bool known;	/* to be zero */		\
	bool hugetlb;				\
	bool uptodate

struct page {
	PAGE_FIELDS;
};

struct folio {
	union {
		struct page page;
		struct {
			PAGE_FIELDS;
		};
	};
};

#define NR_PAGES	256
static struct page memory[NR_PAGES];

#define folio_page(folio, n)	(&(folio)->page + (n))
#define page_folio(p)		((struct folio *)(p))
#define folio_nr_pages(folio)	(1ul << (folio)->order)

static bool allocator_zeroes(void)
{
	return (init_on_alloc || init_on_free) && !dcache_aliases && !icache_aliases &&
	       !arc && !sparc32 && !kmsan;
}

static void set_dirty(struct folio *folio, unsigned long nr, bool dirty)
{
	for (; nr; nr--)
		folio_page(folio, nr - 1)->dirty = dirty;
}

static bool is_dirty(struct folio *folio)
{
	unsigned long i;

	for (i = 0; i < folio_nr_pages(folio); i++)
		if (folio_page(folio, i)->dirty)
			return true;
	return false;
}

static struct folio *test_alloc(int order)
{
	int i, j, nr = 1 << order;

	for (i = 0; i < NR_PAGES; i += nr) {
		struct folio *folio = (struct folio *)&memory[i];

		for (j = 0; j < nr && !memory[i + j].used; j++)
			;
		if (j < nr)
			continue;
		for (j = 0; j < nr; j++) {
			bool dirty = memory[i + j].dirty;

			memory[i + j] = (struct page){
				.used = true,
				.dirty = dirty && !init_on_alloc,
			};
		}
		folio->order = order;
		folio->known = allocator_zeroes();
		return folio;
	}
	return NULL;
}

static void test_free(struct folio *folio)
{
	unsigned long i, nr = folio_nr_pages(folio);

	for (i = 0; i < nr; i++)
		memory[&folio->page - memory + i].used = false;
	if (init_on_free)
		set_dirty(folio, nr, false);
}

/* hugetlb */

struct hugepage_subpool;

struct hstate {
	int order, demote_order;
	long nr_huge_pages, free_huge_pages, surplus_huge_pages, resv_huge_pages;
	long nr_huge_pages_node[1], free_huge_pages_node[1], surplus_huge_pages_node[1];
	long nr_overcommit_huge_pages, max_huge_pages;
	unsigned int max_huge_pages_node[1];
	struct list_head hugepage_freelists[1], hugepage_activelist;
	int resize_lock;
};

struct huge_bootmem_page {
	struct list_head list;
	struct hstate *hstate;
	struct page *page;
	int flags;
};

#define MAX_NUMNODES		1
#define NUMA_NO_NODE		-1
typedef int nodemask_t;

static struct hstate hstates[2];	/* a gigantic one, and what it is demoted to */
static struct list_head huge_boot_pages[1];
static int hugetlb_lock;
static bool no_vmemmap;			/* giving it back fails */
static struct { int flags; } test_current, *current = &test_current;

static struct hstate *folio_hstate(struct folio *folio)
{
	return &hstates[folio->order != hstates[0].order];
}

#define CONFIG_HUGETLB_PAGE	1
#define PF_MEMALLOC_PIN		1
#define test_bit(nr, addr)	(*(unsigned long *)(addr) >> (nr) & 1)
#define set_bit(nr, addr)	(*(unsigned long *)(addr) |= 1ul << (nr))
#define clear_bit(nr, addr)	(*(unsigned long *)(addr) &= ~(1ul << (nr)))
#include "text/hugetlb_flags.h"
HPAGEFLAG(RestoreReserve, restore_reserve)
HPAGEFLAG(Migratable, migratable)
HPAGEFLAG(Temporary, temporary)
HPAGEFLAG(Freed, freed)
HPAGEFLAG(VmemmapOptimized, vmemmap_optimized)
HPAGEFLAG(RawHwpUnreliable, raw_hwp_unreliable)
#if !OLD
HPAGEFLAG(Cma, cma)
#endif
HPAGEFLAG(zeroed, zeroed)

#define VM_BUG_ON_FOLIO(cond, folio)	((cond) ? fail("VM_BUG_ON_FOLIO(%s)", #cond) : (void)0)
#define VM_BUG_ON(cond)			((cond) ? fail("VM_BUG_ON(%s)", #cond) : (void)0)
#define WARN_ON(cond)			({ int c_ = !!(cond); if (c_) fail("WARN_ON(%s)", #cond); c_; })
#define WARN_ON_ONCE(cond)		WARN_ON(cond)
#define lockdep_assert_held(lock)	((void)(lock))
#define spin_lock(lock)			((void)(lock))
#define spin_unlock(lock)		((void)(lock))
#define spin_lock_irq(lock)		((void)(lock))
#define spin_unlock_irq(lock)		((void)(lock))
#define spin_lock_irqsave(lock, flags)	((void)(lock), (flags) = 0)
#define spin_unlock_irqrestore(lock, flags) ((void)(lock), (void)(flags))
#define mutex_lock(lock)		((void)(lock))
#define mutex_unlock(lock)		((void)(lock))
#define cond_resched()			((void)0)
#define numa_mem_id()			0
#define folio_nid(folio)		0
#define folio_ref_count(folio)		((folio)->refs)
#define folio_ref_unfreeze(folio, n)	((folio)->refs = (n))
#define folio_mapcount(folio)		0
#define folio_test_anon(folio)		false
#define folio_test_hwpoison(folio)	false
#define folio_clear_hugetlb_hwpoison(folio) ((void)0)
#define __ClearPageAnonExclusive(page)	((void)0)
#define folio_is_longterm_pinnable(folio) true
#define is_migrate_isolate_page(page)	false
#define __folio_set_hugetlb(folio)	((folio)->hugetlb = true)
#define __folio_clear_hugetlb(folio)	((folio)->hugetlb = false)
#define folio_test_hugetlb(folio)	((folio)->hugetlb)
#define folio_change_private(folio, data) \
	((folio)->private = (unsigned long)(data), (folio)->known = false)
#define arch_clear_hugetlb_flags(folio)	((void)0)
#define hugetlb_set_folio_subpool(folio, spool) ((void)0)
#define hugetlb_folio_subpool(folio)	NULL
#define hugepage_subpool_put_pages(spool, n) ((void)(spool), 1)
#define hugetlb_cgroup_from_folio(folio) false
#define hugetlb_cgroup_from_folio_rsvd(folio) false
#define set_hugetlb_cgroup(folio, cg)	((void)0)
#define set_hugetlb_cgroup_rsvd(folio, cg) ((void)0)
#define hugetlb_cgroup_uncharge_folio(idx, nr, folio) ((void)0)
#define hugetlb_cgroup_uncharge_folio_rsvd(idx, nr, folio) ((void)0)
#define lruvec_stat_mod_folio(folio, item, nr) ((void)0)
#define mem_cgroup_uncharge(folio)	((void)0)
#define hstate_index(h)			0
#define huge_page_order(h)		((h)->order)
#define pages_per_huge_page(h)		(1 << (h)->order)
#define hstate_is_gigantic(h)		((h) == &hstates[0])
#define order_is_gigantic(order)	((order) == hstates[0].order)
#define gigantic_page_runtime_supported() true
#define split_page_owner(page, from, to) ((void)0)
#define pgalloc_tag_split(folio, from, to) ((void)0)
#define clear_compound_head(page)	((void)0)
#define prep_compound_page(page, o)	((page)->order = (o))
#define adjust_managed_page_count(page, nr) ((void)0)
#define HUGETLB_VMEMMAP_RESERVE_PAGES	1
#define hugetlb_folio_init_vmemmap(folio, h, nr) ((folio)->order = (h)->order, (folio)->refs = 0)
#define hugetlb_folio_init_tail_vmemmap(folio, ...) ((void)0)
#define hugetlb_bootmem_init_migratetype(folio, h) ((void)0)
#define hugetlb_bootmem_page_zones_valid(nid, m) true
#define hugetlb_bootmem_page_prehvo(m)	false
#define hugetlb_bootmem_page_earlycma(m) false
#define hugetlb_bootmem_free_invalid_page(nid, page, h) ((void)0)
#define virt_to_page(m)			((m)->page)
#define alloc_bootmem_huge_page(h, nid)	false
#define hugetlb_free_cross_zone_pages(h, nid) 0
#define hugetlb_vmemmap_optimizable_size(h) 0
#define htlb_alloc_mask(h)		0
#define huge_page_size(h)		(PAGE_SIZE << (h)->order)
#define string_get_size(size, n, units, buf, len) ((void)(buf))
#define pr_warn(...)			fail("pr_warn()")
static nodemask_t node_states[1];
#define N_MEMORY			0

static void hugetlb_vmemmap_optimize_folio(struct hstate *h, struct folio *folio)
{
	if (rand() & 1)
		folio_set_hugetlb_vmemmap_optimized(folio);
}

static void hugetlb_vmemmap_optimize_folios(struct hstate *h, struct list_head *list)
{
	struct folio *folio;

	list_for_each_entry(folio, list, lru)
		if (!folio_test_hugetlb_vmemmap_optimized(folio))
			hugetlb_vmemmap_optimize_folio(h, folio);
}
#define hugetlb_vmemmap_optimize_bootmem_folios(h, list) hugetlb_vmemmap_optimize_folios(h, list)

static int hugetlb_vmemmap_restore_folio(struct hstate *h, struct folio *folio)
{
	if (no_vmemmap && folio_test_hugetlb_vmemmap_optimized(folio))
		return -ENOMEM;
	folio_clear_hugetlb_vmemmap_optimized(folio);
	return 0;
}

static long hugetlb_vmemmap_restore_folios(struct hstate *h, struct list_head *list,
					   struct list_head *restored)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, list, lru) {
		if (hugetlb_vmemmap_restore_folio(h, folio))
			return -ENOMEM;
		list_move(&folio->lru, restored);
	}
	return 0;
}

/* Of a hstate up to v6.12, of an order since. */
static struct folio *test_alloc_hstate(struct hstate *h) { return test_alloc(h->order); }
static struct folio *test_alloc_order(int order) { return test_alloc(order); }
#define test_alloc_of(x, ...) \
	_Generic((x), struct hstate *: test_alloc_hstate, default: test_alloc_order)(x)
#define alloc_gigantic_folio(...)	test_alloc_of(__VA_ARGS__)
#define alloc_buddy_hugetlb_folio(...)	test_alloc_of(__VA_ARGS__)
#define hugetlb_free_folio(folio)	test_free(folio)
/* And from v7.0 or so on: */
#define alloc_gigantic_frozen_folio(...) test_alloc_of(__VA_ARGS__)
#define alloc_buddy_frozen_folio(...)	test_alloc_of(__VA_ARGS__)
#define free_frozen_pages(p, order)	test_free(page_folio(p))
#define hugetlb_cma_free_frozen_folio(folio) test_free(folio)
#define hstate_is_gigantic_no_runtime(h) false
#define __prep_account_new_huge_page(h, nid) ((h)->nr_huge_pages++, (h)->nr_huge_pages_node[nid]++)

#define ADDR_HINT	0x123456789ul
static bool user_zeroed;
static void folio_zero_user(struct folio *folio, unsigned long addr_hint)
{
	if (addr_hint != ADDR_HINT)
		fail("folio_zero_user() got %#lx", addr_hint);
	user_zeroed = true;
	set_dirty(folio, folio_nr_pages(folio), false);
}

void free_huge_folio(struct folio *folio);
void hugetlb_zero_folio(struct folio *folio, unsigned long addr_hint);
static void update_and_free_hugetlb_folio(struct hstate *h, struct folio *folio, bool atomic);
#include "text/hugetlb.h"
static void update_and_free_hugetlb_folio(struct hstate *h, struct folio *folio, bool atomic)
{
	__update_and_free_hugetlb_folio(h, folio);
}

/* The users of huge pages */

static struct folio *in_use[NR_PAGES];
static int nr_in_use;

/* Zeroed, or written to; half of it, and then it fails. Else it stays in use. */
static void use(struct folio *folio)
{
	unsigned long nr = folio_nr_pages(folio);
	bool known = folio->known, stray = !allocator_zeroes() && rand() % 2;

	folio->known = false;
	switch (rand() % 3) {
	case 0:
		/* As if it had been in page->private of a tail that is a head now. */
		if (stray)
			folio_set_hugetlb_zeroed(folio);
		doing = "hugetlb_zero_folio()";
		user_zeroed = false;
		hugetlb_zero_folio(folio, ADDR_HINT);
		if (folio_test_hugetlb_zeroed(folio) && !stray)
			fail("a page that is handed out is still known to be zero");
		if (is_dirty(folio))
			fail("a dirty huge page was handed out as zero");
		if (known && user_zeroed)
			fail("a page that was known to be zero was zeroed");
		if (!allocator_zeroes() && !user_zeroed)
			fail("a page that nobody had zeroed was taken for zero");
		set_dirty(folio, rand() % (nr + 1), true);
		break;
	case 1:
		set_dirty(folio, nr, true);
		break;
	case 2:
		set_dirty(folio, nr / 2, true);
		doing = "free_huge_folio() after a copy that failed";
		folio->refs = 0;
		free_huge_folio(folio);
		return;
	}
	in_use[nr_in_use++] = folio;
}

static void check_pool(struct hstate *h)
{
	struct folio *folio;

	list_for_each_entry(folio, &h->hugepage_freelists[0], lru)
		if (folio_test_hugetlb_zeroed(folio) && (is_dirty(folio) || !allocator_zeroes()))
			fail("a page in the pool is known to be zero that nobody has zeroed");
}

static struct folio *first_free(struct hstate *h)
{
	return list_first_entry_or_null(&h->hugepage_freelists[0], struct folio, lru);
}

static void step(struct hstate *h)
{
	struct folio *folio;
	LIST_HEAD(list);
	bool known;
	int i;

	no_vmemmap = !(rand() & 3);
	switch (rand() % 10) {
	case 0:
		doing = "the pool grows";
		folio = only_alloc_fresh_hugetlb_folio(h, 0, 0, NULL, NULL);
		if (folio) {
			list_add(&folio->lru, &list);
			prep_and_add_allocated_folios(h, &list);
		}
		break;
	case 1:
		doing = "a page is replaced";
		folio = alloc_fresh_hugetlb_folio(h, 0, 0, NULL);
		if (folio)
			enqueue_hugetlb_folio(h, folio);
		break;
	case 2:
		h->nr_overcommit_huge_pages = rand() % 4;
		doing = "a surplus page";
		folio = alloc_surplus_hugetlb_folio(h, 0, 0, NULL);
		if (folio) {
			folio_ref_unfreeze(folio, 1);
			INIT_LIST_HEAD(&folio->lru);
			use(folio);
		}
		break;
	case 3:
		doing = "a page to migrate to";
		folio = alloc_migrate_hugetlb_folio(h, 0, 0, NULL);
		if (folio)
			use(folio);
		break;
	case 4:
		doing = "demotion";
		folio = first_free(&hstates[0]);
		if (!folio)
			break;
		remove_hugetlb_folio(&hstates[0], folio, false);
		known = folio->known;
		list_add(&folio->lru, &list);
		demote_free_hugetlb_folios(&hstates[0], &hstates[1], &list);
		if (!list_empty(&list)) {
			list_del(&folio->lru);
			add_hugetlb_folio(&hstates[0], folio, false);
			break;
		}
		for (i = 0; i < 1 << hstates[0].order; i += 1 << hstates[1].order)
			folio_page(folio, i)->known = known;
		break;
	case 5:
		doing = "a page is dissolved";
		folio = first_free(h);
		if (!folio)
			break;
		remove_hugetlb_folio(h, folio, false);
		update_and_free_hugetlb_folio(h, folio, false);
		break;
	case 6:
	case 7:
		doing = "a page is freed";
		if (!nr_in_use)
			break;
		folio = in_use[rand() % nr_in_use];
		for (i = 0; i < nr_in_use; i++)
			if (in_use[i] == folio)
				in_use[i] = in_use[--nr_in_use];
		folio->refs = 0;
		free_huge_folio(folio);
		break;
	default:
		doing = "a page is handed out";
		folio = dequeue_hugetlb_folio_node_exact(h, 0);
		if (folio)
			use(folio);
		break;
	}
}

static void test_hugetlb(void)
{
	struct huge_bootmem_page boot = { .hstate = &hstates[0] };
	struct folio *folio;
	int i;

	memset(memory, 0, sizeof(memory));
	memset(hstates, 0, sizeof(hstates));
	nr_in_use = 0;
	for (i = 0; i < 2; i++) {
		hstates[i].order = 4 - 2 * i;
		INIT_LIST_HEAD(&hstates[i].hugepage_freelists[0]);
		INIT_LIST_HEAD(&hstates[i].hugepage_activelist);
	}
	hstates[0].demote_order = 2;

	/* What memblock gives nobody zeroes, and at boot nothing was freed. */
	doing = "boot";
	for (i = 0; i < NR_PAGES; i++)
		memory[i].dirty = !init_on_free;
	for (i = 0; i < 16; i++) {
		memory[i].dirty = true;
		memory[i].used = true;
	}
	boot.page = memory;
	memory[0].refs = 1;
	INIT_LIST_HEAD(&huge_boot_pages[0]);
	list_add(&boot.list, &huge_boot_pages[0]);
	gather_bootmem_prealloc_node(0);
	if (first_free(&hstates[0]) != (struct folio *)memory)
		fail("the boot page did not get into the pool");

	/* hugepages=0:2 on the command line */
	doing = "boot, of a node";
	hstates[1].max_huge_pages_node[0] = 2;
	hugetlb_hstate_alloc_pages_onenode(&hstates[1], 0);
	if (hstates[1].free_huge_pages != 2 || hstates[1].nr_huge_pages != 2)
		fail("%ld of 2 pages got into the pool", hstates[1].free_huge_pages);
	list_for_each_entry(folio, &hstates[1].hugepage_freelists[0], lru)
		if (folio_test_hugetlb_zeroed(folio) != folio->known)
			fail("of a page in the pool it is not known that it is zero");

	for (i = 0; i < 2000 && !failed; i++) {
		step(&hstates[rand() & 1]);
		check_pool(&hstates[0]);
		check_pool(&hstates[1]);
	}
}

static void test_needs_zeroing(void)
{
	doing = "user_alloc_needs_zeroing()";
	if (user_alloc_needs_zeroing() == allocator_zeroes())
		fail("it is %d", user_alloc_needs_zeroing());
}

/* shmem */

enum sgp_type { SGP_READ, SGP_NOALLOC, SGP_CACHE, SGP_WRITE, SGP_FALLOC };
enum { THP_FILE_ALLOC, MTHP_STAT_SHMEM_ALLOC };
#define VM_UFFD_MINOR		1
#define VM_UFFD_MISSING		2
#define MAX_LFS_FILESIZE	(1ll << 62)
struct mm_struct;
struct vm_area_struct {
	struct mm_struct *vm_mm;
	struct inode *vm_file;
};
struct vm_fault {
	struct vm_area_struct *vma;
};
struct address_space {
	int gfp;
};
struct shmem_sb_info {
	int shrinklist_lock, shrinklist_len;
	struct list_head shrinklist;
};
struct shmem_inode_info {
	struct list_head shrinklist;
};
struct inode {
	struct address_space *i_mapping, mapping;
	struct shmem_sb_info *i_sb, sb;
	struct shmem_inode_info info;
	loff_t size;
};

static struct folio *cached, *removed;
static unsigned long cleared;
static int flushed;

#define SHMEM_SB(sb)		(sb)
#define SHMEM_I(inode)		(&(inode)->info)
#define shmem_mapping(mapping)	true
#define i_size_read(inode)	((inode)->size)
#define filemap_get_entry(mapping, index) (cached)
#define xa_is_value(entry)	false
#define userfaultfd_minor(vma)	false
#define userfaultfd_missing(vma) false
#define handle_userfault(vmf, why) 0
#define shmem_swapin_folio(...)	0
#define folio_lock(folio)	((void)0)
#define folio_unlock(folio)	((void)0)
#define folio_get(folio)	((folio)->refs++)
#define folio_put(folio)	((void)(folio)->refs--)
#define folio_mark_accessed(folio) ((void)0)
#define folio_set_referenced(folio) ((void)0)
#define folio_test_uptodate(folio) ((folio)->uptodate)
#define folio_mark_uptodate(folio) ((folio)->uptodate = true)
#define folio_test_large(folio)	((folio)->order > 0)
#define folio_order(folio)	((folio)->order)
#define folio_test_pmd_mappable(folio) false
#define folio_next_index(folio)	folio_nr_pages(folio)
#define flush_dcache_folio(folio) ((void)flushed++)
#define clear_highpages(p, nr)	(cleared += (nr), set_dirty(page_folio(p), nr, false))
#define count_vm_event(item)	((void)0)
#define count_mthp_stat(order, item) ((void)0)
#define shmem_allowable_huge_orders(...) test_orders
#define vma_thp_gfp_mask(vma)	0
#define limit_gfp_mask(huge, limit) ((huge) | (limit))
#define thp_shmem_limit_gfp_mask(huge, limit) ((huge) | (limit))
#define filemap_remove_folio(folio) ((void)(removed = (folio)))
#define shmem_recalc_inode(inode, alloced, swapped) ((void)0)
#define IS_ERR(ptr)		((unsigned long)(ptr) > -4096ul)
#define PTR_ERR(ptr)		((long)(ptr))
#define shmem_alloc_and_add_folio(vmf, gfp, inode, index, mm, orders) \
	((void)(mm), test_shmem_alloc(inode, orders))
#define file_inode(file)	(file)
#define mapping_gfp_mask(mapping) ((mapping)->gfp)
#define linear_page_index(vma, addr) ((addr) >> PAGE_SHIFT)
#define shmem_inode_acct_blocks(inode, nr) 0
#define shmem_inode_unacct_blocks(inode, nr) ((void)0)
#define shmem_alloc_folio(gfp, order, info, index) \
	((void)(info), test_shmem_alloc(container_of(info, struct inode, info), 0))
#define MFILL_ATOMIC_COPY	1
#define uffd_flags_mode_is(flags, mode) ((flags) == (mode))
#define __user
#define kmap_local_folio(folio, offset) ((void *)(folio))
#define kunmap_local(addr)	((void)(addr))
#define kunmap_atomic(addr)	((void)(addr))
#define pagefault_disable()	((void)0)
#define pagefault_enable()	((void)0)
#define copy_from_user(to, from, len) ((void)(from), ((struct page *)(to))->dirty = true, 0)
#define clear_user_highpage(p, vaddr) (cleared++, set_dirty(page_folio(p), 1, false))
#define folio_test_locked(folio) false
#define folio_test_swapbacked(folio) false
#define __folio_set_locked(folio) ((void)0)
#define __folio_set_swapbacked(folio) ((void)0)
#define __folio_mark_uptodate(folio) folio_mark_uptodate(folio)
#define mem_cgroup_charge(folio, mm, gfp) ((void)(gfp), 0)
#define shmem_add_to_page_cache(folio, mapping, index, old, gfp) (cached = (folio), 0)
#define mfill_atomic_install_pte(pmd, vma, addr, p, new, flags) 0
typedef int pmd_t;
typedef int uffd_flags_t;

static unsigned long test_orders;
static struct folio *test_shmem_alloc(struct inode *inode, unsigned long orders)
{
	struct folio *folio = test_alloc(orders ? 2 : 0);

	folio->mapping = inode->i_mapping;
	folio->refs = 1;
	return folio;
}
#define CONFIG_SHMEM		1
#define CONFIG_USERFAULTFD	1
#include "text/shmem.h"

static void test_shmem_get(enum sgp_type sgp, bool found, bool large)
{
	struct inode inode = { .size = 1 << 20 };
	struct folio *folio = NULL, *old = NULL;
	vm_fault_t fault;
	bool zeroes;
	int i, ret;

	memset(memory, 0, sizeof(memory));
	for (i = 0; i < NR_PAGES; i++)
		memory[i].dirty = !init_on_free;
	inode.i_mapping = &inode.mapping;
	inode.i_sb = &inode.sb;
	INIT_LIST_HEAD(&inode.sb.shrinklist);
	INIT_LIST_HEAD(&inode.info.shrinklist);
	test_orders = large ? 4 : 0;
	cleared = flushed = 0;
	cached = NULL;
	if (found) {
		/* Left by fallocate(), and somebody has written to it since. */
		cached = old = test_shmem_alloc(&inode, test_orders);
		set_dirty(old, folio_nr_pages(old), true);
	}

	doing = found ? "shmem finds a folio" : "shmem allocates a folio";
	ret = shmem_get_folio_gfp(&inode, 0, 0, &folio, sgp, 0, NULL, &fault);
	if (ret || !folio || (found && folio != old) || removed) {
		fail("shmem_get_folio_gfp(): %d", ret);
		return;
	}
	/* Who writes to it fills or clears all of it, and so may fallocate(). */
	zeroes = sgp == SGP_CACHE || (sgp == SGP_FALLOC && found);
	if (zeroes != folio->uptodate)
		fail("uptodate is %d", folio->uptodate);
	if (zeroes && is_dirty(folio))
		fail("a dirty folio is up to date");
	if (zeroes && !flushed)
		fail("no flush_dcache_folio()");
	if (cleared != (zeroes && (found || !allocator_zeroes()) ? folio_nr_pages(folio) : 0))
		fail("%lu of %lu pages were zeroed", cleared, folio_nr_pages(folio));
}

static void test_shmem(void)
{
	static const enum sgp_type types[] = { SGP_CACHE, SGP_WRITE, SGP_FALLOC };
	int i;

	for (i = 0; i < 12; i++)
		test_shmem_get(types[i / 4], i & 1, i & 2);
}

#ifndef UPSTREAM
static void test_shmem_zeropage(void)
{
	struct inode inode = { .size = 1 << 20, .i_mapping = &inode.mapping };
	struct vm_area_struct vma = { .vm_file = &inode };
	struct folio *folio = NULL;

	memset(memory, 0, sizeof(memory));
	set_dirty((struct folio *)memory, NR_PAGES, !init_on_free);
	cleared = 0;
	doing = "UFFDIO_ZEROPAGE";
	if (shmem_mfill_atomic_pte(NULL, &vma, 0, 0, 0, &folio) || is_dirty(cached))
		fail("a dirty page was mapped");
	if (cleared != !allocator_zeroes())
		fail("the page was zeroed %lu times", cleared);
}
#endif

/* dma-buf */

typedef unsigned int u32;
typedef unsigned long long u64;
struct dma_buf;
struct dma_heap;
struct cma;
struct cma_heap {
	struct cma *cma;
};
struct cma_heap_buffer {
	struct list_head attachments;
	int lock;
	size_t len;
	struct page **pages, *cma_pages;
	struct cma_heap *heap;
	pgoff_t pagecount;
};

static struct cma_heap test_heap;
static struct cma_heap_buffer *exported;
static struct folio *heap_folio;
static bool highmem;

/* Of a page only the struct is there; memset() has the rest of the buffer to clear. */
static void test_memset(void *addr, int c, size_t size)
{
	cleared += size >> PAGE_SHIFT;
	set_dirty(addr, size >> PAGE_SHIFT, c);
}

#define GFP_KERNEL		0
#define CONFIG_CMA_ALIGNMENT	8
#define PAGE_ALIGN(len)		(((len) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))
#define get_order(size)		2ul
#define dma_heap_get_drvdata(heap) (&test_heap)
#define dma_heap_get_name(heap)	"test"
struct test_exp_info {
	const char *exp_name;
	const void *ops;
	size_t size;
	u32 flags;
	void *priv;
};
#define DEFINE_DMA_BUF_EXPORT_INFO(name) struct test_exp_info name = { 0 }
static const int cma_heap_buf_ops;
#define kzalloc(size, gfp)	calloc(1, size)
#define kmalloc_array(n, size, gfp) calloc(n, size)
#define kzalloc_obj(obj, ...)	calloc(1, sizeof(obj))
#define kmalloc_objs(obj, n, ...) calloc(n, sizeof(obj))
#define clear_highpage(p)	test_memset(p, 0, PAGE_SIZE)
#define clear_pages(addr, nr)	test_memset(addr, 0, (nr) << PAGE_SHIFT)
#define kfree(ptr)		free(ptr)
#define mutex_init(lock)	((void)(lock))
#define ERR_PTR(err)		((void *)(long)(err))
#define cma_alloc(cma, nr, align, no_warn) (&(heap_folio = test_alloc(align))->page)
#define cma_release(cma, p, nr)	((void)0)
#define PageHighMem(p)		highmem
#define page_address(p)		((void *)(p))
#define kmap_local_page(p)	((void *)(p))
#define kmap_atomic(p)		((void *)(p))
#define fatal_signal_pending(task) false
#define dma_buf_export(info)	(exported = (info)->priv, (struct dma_buf *)exported)
#define memset(addr, c, size)	test_memset(addr, c, size)
#include "text/cma_heap.h"
#undef memset

static void test_cma_heap(void)
{
	for (highmem = false;; highmem = true) {
		memset(memory, 0, sizeof(memory));
		set_dirty((struct folio *)memory, NR_PAGES, !init_on_free);
		cleared = 0;
		doing = highmem ? "cma_heap, highmem" : "cma_heap";
		cma_heap_allocate(NULL, 4 * PAGE_SIZE, 0, 0);
		free(exported->pages);
		free(exported);
		if (is_dirty(heap_folio))
			fail("a dirty buffer was exported");
		if (cleared != (allocator_zeroes() ? 0 : 4))
			fail("%lu of 4 pages were zeroed", cleared);
		if (highmem)
			break;
	}
}

static const struct {
	const char *what;
	void (*test)(void);
} tests[] = {
	{ "user_alloc_needs_zeroing()", test_needs_zeroing },
	{ "hugetlb's pool", test_hugetlb },
	{ "shmem", test_shmem },
#ifndef UPSTREAM
	{ "UFFDIO_ZEROPAGE", test_shmem_zeropage },
#endif
	{ "cma_heap", test_cma_heap },
};

int main(void)
{
	unsigned int i, kind;
	int status = 0;

	setbuf(stdout, NULL);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		failed = 0;
		for (kind = 0; kind < 64 && !failed; kind++) {
			init_on_alloc = kind & 1;
			init_on_free = kind & 2;
			dcache_aliases = kind & 4;
			icache_aliases = !OLD && kind & 8;
			arc = OLD && kind & 8;
			kmsan = kind & 16;
			sparc32 = OLD && kind & 32;
			srand(kind);
			tests[i].test();
		}
		if (!failed)
			printf("ok    zeroed: %s\n", tests[i].what);
		status |= failed;
	}
	return status ? 3 : 0;
}
