// SPDX-License-Identifier: GPL-2.0
/* Clears pages in each way that a module can, and does not load if one is not clear. */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#define ORDER	9
#define NR	(1 << ORDER)

/* Long enough for CLZERO where there is that, and one page. */
static unsigned int nr_pages = NR;
module_param(nr_pages, uint, 0);

static void page_by_page(struct page *page, void *addr)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++)
		clear_page(addr + i * PAGE_SIZE);
}

static void by_address(struct page *page, void *addr)
{
	clear_pages(addr, nr_pages);
}

static void for_user(struct page *page, void *addr)
{
	clear_user_highpages(page, 0, nr_pages);
}

static void by_page(struct page *page, void *addr)
{
	clear_highpages(page, nr_pages);
}

static void (* const ways[])(struct page *page, void *addr) = {
	page_by_page, by_address, for_user, by_page,
};

static int __init clears_init(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, ORDER);
	void *addr;
	int i, ret = 0;

	if (!page)
		return -ENOMEM;
	if (nr_pages > NR)
		nr_pages = NR;
	addr = page_address(page);
	for (i = 0; i < ARRAY_SIZE(ways) && !ret; i++) {
		memset(addr, 0x5a, PAGE_SIZE << ORDER);
		ways[i](page, addr);
		if (memchr_inv(addr, 0, nr_pages * PAGE_SIZE) ||
		    memchr_inv(addr + nr_pages * PAGE_SIZE, 0x5a, (NR - nr_pages) * PAGE_SIZE)) {
			pr_err("clears: way %d, %u pages: not these, or others\n", i, nr_pages);
			ret = -EIO;
		}
	}
	__free_pages(page, ORDER);
	return ret;
}

static void __exit clears_exit(void)
{
}

module_init(clears_init);
module_exit(clears_exit);
MODULE_DESCRIPTION("A module that clears pages");
MODULE_LICENSE("GPL");
