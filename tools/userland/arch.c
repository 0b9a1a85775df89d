// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of other architectures' clear_pages(): their own text, run by QEMU's user mode.
 *
 * Each page of an extent has to be zero, nothing on either side may be written, of no
 * pages nothing, and an extent may be longer than 4 GiB. What need be asked once for an
 * extent is asked once.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef PAGE_SHIFT
#define PAGE_SHIFT	12
#endif
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define MAX_PAGES	40UL
#define DIRT		0xa5
#define PIECE		(64UL << 20)	/* what the long extent consists of, again and again */
#define LONG		(4UL << 30)
#ifndef WITH_LONG
#define WITH_LONG	0	/* it takes ten seconds */
#endif

unsigned long test_reads, test_dczid_el0;	/* of arm64's register, or sets of MOPS */
unsigned int riscv_cboz_block_size;
static unsigned long memsets;

void *__memset(void *s, int c, size_t n)
{
	memsets++;
	return memset(s, c, n);
}

#ifdef __powerpc64__
static struct {
	struct {
		unsigned int block_size, blocks_per_page;
	} l1d;
} ppc64_caches;
#include "text/arch_powerpc.h"
#else
void clear_pages(void *addr, unsigned long npages);
void clear_page(void *page);
void clear_pages_exported(void *addr, unsigned long npages);
void clear_page_exported(void *page);
#endif

static int failed;

#define check(cond, fmt, ...)							\
do {										\
	if (!(cond) && !failed++)						\
		printf("FAIL  %s: " fmt "\n", VARIANT, ##__VA_ARGS__);		\
} while (0)

static void machine(void)
{
#ifdef __aarch64__
	unsigned long dczid;

	asm("mrs %0, dczid_el0" : "=r" (dczid));
	/* Upper bits are reserved, and may be anything; where it is prohibited, so is the size. */
	test_dczid_el0 = PROHIBITED ? 0x18 : dczid | 0x1e0;
	if (!PROHIBITED && dczid & 0x10)
		check(false, "no DC ZVA here");
#elif defined(__riscv)
	riscv_cboz_block_size = BLOCK;
#else
	unsigned char *line = aligned_alloc(4096, 4096);
	unsigned int size = 0;

	memset(line, DIRT, 4096);
	asm volatile("dcbz 0,%0" : : "r" (line) : "memory");
	while (size < 4096 && !line[size])
		size++;
	ppc64_caches.l1d.block_size = size;
	ppc64_caches.l1d.blocks_per_page = PAGE_SIZE / size;
	free(line);
#endif
}

/* How often is asked what is the same for all pages. */
static void asked(unsigned long npages, const char *what)
{
	unsigned long once = npages > 0;

#ifdef __aarch64__
	check(MOPS ? test_reads == 1 : test_reads == once, "%s of %lu pages: asks %lu times", what, npages, test_reads);
#elif defined(__riscv)
	check(memsets == (!BLOCK || BLOCK > 4096 ? once : 0), "%s of %lu pages: %lu memset()", what, npages, memsets);
#else
	(void)what;
	(void)once;
#endif
	test_reads = memsets = 0;
}

static void test_extents(void)
{
	size_t size = (MAX_PAGES + 2) * PAGE_SIZE, i;
	unsigned char *area = aligned_alloc(PAGE_SIZE, size);
	unsigned long n;
	int way;

	for (way = 0; way < 2; way++)
		for (n = 0; n <= MAX_PAGES; n++) {
			if (way && n != 1)
				continue;
			memset(area, DIRT, size);
			if (way)
				clear_page(area + PAGE_SIZE);
			else
				clear_pages(area + PAGE_SIZE, n);
			asked(n, way ? "clear_page()" : "clear_pages()");
			for (i = 0; i < size; i++) {
				bool in = i >= PAGE_SIZE && i < (n + 1) * PAGE_SIZE;

				if (area[i] != (in ? 0 : DIRT))
					break;
			}
			check(i == size, "%s of %lu pages: byte %ld is %#x", way ? "clear_page()" : "clear_pages()",
			      n, (long)(i - PAGE_SIZE), area[i]);
		}
	free(area);
}

static void test_long(void)
{
	unsigned long at, tail = 3 * PAGE_SIZE, i;
	int file = memfd_create("pages", 0);
	unsigned char *area;

	if (file < 0 || ftruncate(file, PIECE + tail)) {
		check(false, "no file of %lu bytes", PIECE + tail);
		return;
	}
	area = mmap(NULL, LONG + tail + 2 * 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(area != MAP_FAILED, "no address space");
	if (failed)
		return;
	area += -(unsigned long)area % 65536;
	for (at = 0; at <= LONG; at += PIECE)
		if (mmap(area + at, at < LONG ? PIECE : tail, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, at < LONG ? 0 : PIECE) == MAP_FAILED)
			check(false, "no mapping at %#lx", at);
	if (failed)
		return;
	memset(area, DIRT, PIECE);
	memset(area + LONG, DIRT, tail);
	clear_pages(area, (LONG + tail) >> PAGE_SHIFT);
	asked(1, "clear_pages(), more than 4 GiB");
	for (i = 0; i < PIECE + tail && !area[i < PIECE ? i : LONG + i - PIECE]; i++)
		;
	check(i == PIECE + tail, "more than 4 GiB: byte %#lx is not zero", i);
	close(file);
}

int main(void)
{
	machine();
#ifndef __powerpc64__
	check(clear_pages_exported == clear_pages && clear_page_exported == clear_page,
	      "what is exported is something else");
#endif
	test_extents();
	if (!failed && WITH_LONG)
		test_long();
	if (!failed)
		printf("ok    %s: extents, of no pages to %s\n", VARIANT, WITH_LONG ? "more than 4 GiB" : "40");
	return failed ? 3 : 0;
}
