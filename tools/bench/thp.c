// SPDX-License-Identifier: GPL-2.0
/*
 * For LD_PRELOAD: transparent huge pages where a program asks for hugetlb's of
 * 2 MiB, so that perf bench measures these, without pages reserved by root.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PMD_SIZE	(2UL << 20)

static void *real_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	char *p, *start;

	if (!(flags & MAP_HUGETLB) || len % PMD_SIZE)
		return real_mmap(addr, len, prot, flags, fd, offset);
	flags &= ~(MAP_HUGETLB | MAP_HUGE_MASK << MAP_HUGE_SHIFT | MAP_POPULATE);
	p = real_mmap(NULL, len + PMD_SIZE, prot, flags, -1, 0);
	if (p == MAP_FAILED)
		return p;
	start = (void *)(((uintptr_t)p + PMD_SIZE - 1) & -PMD_SIZE);
	if (start > p)
		munmap(p, start - p);
	if (start < p + PMD_SIZE)
		munmap(start + len, p + PMD_SIZE - start);
	if (madvise(start, len, MADV_HUGEPAGE))
		return MAP_FAILED;
	return start;
}

void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
	__attribute__((alias("mmap")));
