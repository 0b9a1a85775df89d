// SPDX-License-Identifier: GPL-2.0
/*
 * free_is_zero MIB - takes that much memory and looks at each word of it. With
 * init_on_free=1 nobody zeroes it when it is allocated.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE	4096
#define WORDS	(PAGE / sizeof(uint64_t))

int main(int argc, char **argv)
{
	size_t nr_pages = argc == 2 ? strtoul(argv[1], NULL, 0) << 20 >> 12 : 0;
	size_t page, word, nr_bad = 0;
	volatile uint64_t *words;

	words = mmap(NULL, nr_pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!nr_pages || words == MAP_FAILED) {
		perror("free_is_zero MIB");
		return 2;
	}
	for (page = 0; page < nr_pages; page++, words += WORDS) {
		/* A page that is only read may be the zero page. */
		*words = ~*words;
		for (word = 1; word < WORDS && !words[word]; word++)
			;
		if (word == WORDS && !~*words)
			continue;
		if (!nr_bad++)
			printf("# page %zu: 0x%llx at %zu\n", page, (unsigned long long)words[word % WORDS],
			       word % WORDS * sizeof(*words));
	}
	printf("%sok free: %zu MiB, %zu pages are not zero\n", nr_bad ? "not " : "", nr_pages >> 8, nr_bad);
	return !!nr_bad;
}
