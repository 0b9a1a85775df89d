// SPDX-License-Identifier: GPL-2.0
/*
 * once - how often the kernel zeroes the memory that it gives to a program
 *
 * An execution breakpoint of perf's on the kernel's clearing function counts the bytes
 * that it clears for this process. For x86-64, booted with clearcpuid=erms,rep_good: then
 * there is one function, which is called and not inlined.
 *
 * A row for each kind of memory: bytes cleared from the allocation to the end of the
 * first use, and when it is freed, as multiples of its size. hugetlb's pool keeps its
 * pages after the first use and shrinks after the second; those of boot it has at once.
 * What the kernel clears for itself meanwhile, page tables and slabs, is in it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <asm/perf_regs.h>

#define PAGE		4096ul
#define RING_PAGES	2048ul		/* of 24-byte records: one for each page of 1.3 GiB */
#define SIZE		(16ul << 20)	/* of each kind */
#define HUGE		(2ul << 20)

struct record {
	struct perf_event_header header;
	uint64_t abi, words;
};

/* A page, or as much as %rcx says, in bytes or 8-byte words. */
static const struct function {
	const char *name;
	unsigned int unit;
} functions[] = {
	{ "clear_page_orig",		PAGE },
	{ "clear_pages_orig",		8 },	/* the series' */
	{ "__clear_pages_unrolled",	1 },	/* v7.0 and later */
}, *function;
static int event;
static struct perf_event_mmap_page *ring;

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_num(const char *path, unsigned long num)
{
	char text[24];
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, sprintf(text, "%lu", num)) < 0)
		die(path);
	close(fd);
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static uint64_t clearing_function(void)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	unsigned long addr, found = 0;
	char name[128];
	unsigned int i;

	while (file && fscanf(file, "%lx %*c %127s%*[^\n]", &addr, name) == 2)
		for (i = 0; i < sizeof(functions) / sizeof(*functions); i++)
			if (!strcmp(name, functions[i].name)) {
				function = &functions[i];
				found = addr;
			}
	if (!found) {
		printf("Bail out! /proc/kallsyms has no clearing function that is known here\n");
		exit(1);
	}
	fclose(file);
	return found;
}

static void open_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_X,
		.bp_len = sizeof(long),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_REGS_INTR,
		.sample_regs_intr = 1ul << PERF_REG_X86_CX,
	};

	attr.bp_addr = clearing_function();
	/* Each one is wanted, however many there are. */
	write_num("/proc/sys/kernel/perf_event_max_sample_rate", 1000000000);
	write_num("/proc/sys/kernel/perf_cpu_time_max_percent", 0);
	event = syscall(__NR_perf_event_open, &attr, 0, -1, -1, 0);
	if (event < 0)
		die("perf_event_open");
	ring = mmap(NULL, (RING_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, event, 0);
	if (ring == MAP_FAILED)
		die("mmap of the events");
}

/* Bytes that were cleared since the last call. */
static unsigned long cleared(void)
{
	unsigned long bytes = 0;
	uint64_t head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE);

	while (ring->data_tail < head) {
		struct record *record = (void *)ring + PAGE + ring->data_tail % (RING_PAGES * PAGE);

		if (record->header.type != PERF_RECORD_SAMPLE)
			die("events were lost");
		bytes += function->unit == PAGE ? PAGE : record->words * function->unit;
		ring->data_tail += record->header.size;
	}
	return bytes;
}

static int rows;
static void row(const char *kind, unsigned long first, unsigned long freed)
{
	printf("# once: %-28s %5.2f %5.2f\n", kind, (double)first / SIZE, (double)freed / SIZE);
	printf("ok %d %s\n", ++rows, kind);
}

static char *map(unsigned long align, int flags, int fd)
{
	char *addr;

	if (flags & MAP_HUGETLB)
		return mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);
	addr = mmap(NULL, SIZE + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	addr = (char *)(((uintptr_t)addr + align - 1) & -align);
	return mmap(addr, SIZE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
}

static void touch(char *addr)
{
	unsigned long i;

	if (addr == MAP_FAILED)
		die("mmap");
	for (i = 0; i < SIZE; i += PAGE)
		addr[i] = 1;
}

#define POOL	"/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define THP	"/sys/kernel/mm/transparent_hugepage/"

static void use(const char *kind, int flags, int fd, bool shrink)
{
	unsigned long first;
	char *addr;

	if (!(flags & MAP_HUGETLB))
		cleared();
	addr = map(HUGE, flags, fd);
	touch(addr);
	first = cleared();
	munmap(addr, SIZE);
	if (fd >= 0 && ftruncate(fd, 0))
		die("ftruncate");
	if (shrink)
		write_num(POOL "nr_hugepages", 0);
	row(kind, first, cleared());
}

int main(void)
{
	int fd;

	open_event();
	printf("# %s()\n", function->name);
	/* Of hugepages=0:8; zeroed, if at all, before this can count it. */
	use("hugetlb, allocated at boot", MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, true);
	/* Page tables, slabs and whatever else is needed for the first time. */
	write_text(THP "enabled", "never");
	munmap(map(HUGE, MAP_PRIVATE | MAP_ANONYMOUS, -1), SIZE);

	use("anonymous 4 KiB", MAP_PRIVATE | MAP_ANONYMOUS, -1, false);
	write_text(THP "hugepages-64kB/enabled", "always");
	use("anonymous 64 KiB", MAP_PRIVATE | MAP_ANONYMOUS, -1, false);
	write_text(THP "hugepages-64kB/enabled", "never");
	write_text(THP "hugepages-2048kB/enabled", "always");
	use("anonymous 2 MiB", MAP_PRIVATE | MAP_ANONYMOUS, -1, false);

	fd = memfd_create("once", 0);
	if (fd < 0 || ftruncate(fd, SIZE))
		die("memfd");
	use("shmem 4 KiB", MAP_SHARED, fd, false);
	write_text(THP "hugepages-2048kB/shmem_enabled", "always");
	fd = memfd_create("once", 0);
	if (fd < 0 || ftruncate(fd, SIZE))
		die("memfd");
	use("shmem 2 MiB", MAP_SHARED, fd, false);

	write_num(POOL "nr_hugepages", 0);
	cleared();
	write_num(POOL "nr_hugepages", SIZE / HUGE);
	use("hugetlb, growth and 1st use", MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, false);
	cleared();
	use("hugetlb, 2nd use", MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, true);
	write_num(POOL "nr_overcommit_hugepages", SIZE / HUGE);
	cleared();
	use("hugetlb, surplus", MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, false);
	printf("1..%d\n", rows);
	return 0;
}
