// SPDX-License-Identifier: GPL-2.0
/*
 * What clearing and copying cost: the text of kernel trees against each other and against
 * the fastest that the processor does, on memory that is in no cache.
 *
 * Whatever is compared runs in one process, one after the other in each round,
 * so that what changes with time changes all of it alike; a ratio is one of the
 * same round. A sample clears one folio after the other through a buffer much
 * larger than the caches, long enough for the clock not to matter. Its output
 * is a table with a line of tab-separated values for each figure: see print().
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "bench.h"

#define KIB		(1UL << 10)
#define MIB		(1UL << 20)
#define GIB		(1UL << 30)
#define PMD_SIZE	(2 * MIB)
#define LINE		64
#define SAMPLE		(16 * MIB)	/* bytes that a sample clears, at least */
#define SPOTS		32		/* words looked at before and after each sample */
#define RANDOM_LINES	64
#define NEAR_PAGES	8		/* that NEAR touches on either side */
#define INIT_PAGES	8192		/* huge pages, as when reserving 16 GiB */
#define MAX_ROUNDS	101
#define MAX_JOBS	1024
#define MAX_THREADS	1024
#define POISON		0xa5
#define SOURCE		0x3c

struct page *bench_memmap;
unsigned long bench_linear;
bool bench_need_resched, bench_preemptible, bench_zeroed = true;
unsigned long bench_resched_nr = 1;

extern const struct unit __start_units[], __stop_units[];

enum next { NOTHING, PAGE, WHOLE, RANDOM, NEAR, NR_NEXT };
static const char *const next_names[] = { "nothing", "page", "whole", "random", "near" };
/* Of single pages: the same one again, or one after the other. */
enum fault { FIRST, MIDDLE, LAST, NR_FAULT, AGAIN = NR_FAULT, STREAM };
static const char *const memory_names[] = { "anon", "shmem", "surplus", "pool-1st", "pool-2nd" };
static const char *const fault_names[] = { "first", "middle", "last", "again", "stream" };

/* Something to be measured; what has the same group number is compared. */
struct job {
	enum {
		ZERO_USER, INIT_EXTENT, SHMEM_EXTENT, ONE_PAGE, STORE, FAR, ONCE,
		COPY_USER, COPY_FOLIO, COPY_STORE,
	} kind;
	int group;
	const struct unit *unit;
	const struct store *store;	/* STORE: whole folio, FAR: the far regions */
	enum fault fault;
	enum next next;
	enum memory memory;		/* ONCE */
	bool on_free;
	unsigned long resched_nr;
	bool stretch;			/* measure the time between resched points */
	double us[MAX_ROUNDS];		/* per folio */
};

static struct job jobs[MAX_JOBS];
static unsigned int nr_jobs;

static bool full_run, predict;
static unsigned int rounds;
static unsigned int nr_cpus;		/* that "all CPUs" means */
static cpu_set_t cpus;
static const char *own_string;		/* what a kernel selects on this processor */
static const char *own_short_string;	/* and for short extents, or without CLZERO */

static unsigned char *ring;		/* linear map, aligned to 1 GiB */
static unsigned long ring_size;

/* Of the current section */
static const char *section;
static unsigned long size;		/* of a folio */
static unsigned int nr_threads;
static unsigned long per_sample;	/* folios, each thread */
static unsigned long last_level;	/* bytes of that cache */
static bool reuse;			/* memory that it has */
static unsigned long source;		/* copying: so far behind what is written, else 0 */

/* Exit status: 1 is a failure, 4 says that this can't be measured here. */
static void __attribute__((noreturn, format(printf, 2, 3)))
quit(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(status);
}
#define die(...)	quit(1, __VA_ARGS__)

/* What the machine can't do: said, and taken into the results. */
static void __attribute__((format(printf, 1, 2))) note(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fprintf(stderr, "note: %s\n", text);
	printf("#note\t%s\n", text);
}

static double clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

static double now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

/* How often another program has had this thread's CPU. */
static long preempted(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static void progress(const char *what)
{
	static double start;

	if (!start)
		start = now_us();
	fprintf(stderr, "        %5.1f s  %s\n", (now_us() - start) / 1e6, what);
}

static const char *size_name(unsigned long bytes)
{
	static char name[4][24];
	static int i;
	char *s = name[i++ % 4];

	if (bytes >= GIB)
		sprintf(s, "%lu GiB", bytes / GIB);
	else if (bytes >= MIB)
		sprintf(s, "%lu MiB", bytes / MIB);
	else
		sprintf(s, "%lu KiB", bytes / KIB);
	return s;
}

/* Memory */

static unsigned long read_number(const char *path, const char *key)
{
	unsigned long value = 0;
	char line[256];
	FILE *f = fopen(path, "r");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		char *at = key ? strstr(line, key) : line;
		char unit = 0;

		if (!at)
			continue;
		at += key ? strlen(key) : 0;
		if (sscanf(at, " %lu%*[ ]%c", &value, &unit) >= 1 ||
		    sscanf(at, "%lu%c", &value, &unit) >= 1) {
			if (unit == 'k' || unit == 'K' || strchr(at, 'K'))
				value *= KIB;
			else if (strchr(at, 'M'))
				value *= MIB;
			break;
		}
	}
	fclose(f);
	return value;
}

/* How much of [start, end) is mapped by huge pages. */
static unsigned long huge_bytes(unsigned long start, unsigned long end)
{
	unsigned long from, to, kib, bytes = 0;
	bool inside = false;
	char line[512];
	FILE *f = fopen("/proc/self/smaps", "r");

	if (!f)
		die("/proc/self/smaps is not to be read: no telling whether the memory is huge pages");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = from >= start && to <= end;
		else if (inside && sscanf(line, "AnonHugePages: %lu kB", &kib) == 1)
			bytes += kib * KIB;
	}
	fclose(f);
	return bytes;
}

/* Maps huge pages, all of them touched, a page of slack on either side. */
static bool map_ring(unsigned long bytes)
{
	unsigned long reserve = bytes + GIB + 2 * PMD_SIZE, offset;
	unsigned char *p = mmap(NULL, reserve, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return false;
	ring = (void *)(((unsigned long)p + PMD_SIZE + GIB - 1) & ~(GIB - 1));
	if (mprotect(ring - PMD_SIZE, bytes + 2 * PMD_SIZE, PROT_READ | PROT_WRITE))
		goto fail;
	if (madvise(ring, bytes, MADV_HUGEPAGE))
		goto fail;
	for (offset = 0; offset < bytes; offset += PAGE_SIZE)
		ring[offset] = 1;
	if (huge_bytes((unsigned long)ring, (unsigned long)ring + bytes) < bytes)
		goto fail;
	ring[-1] = ring[bytes] = 1;
	ring_size = bytes;
	return true;
fail:
	munmap(p, reserve);
	return false;
}

static void get_memory(unsigned long want)
{
	unsigned long available = read_number("/proc/meminfo", "MemAvailable:");
	unsigned long l3 = read_number("/sys/devices/system/cpu/cpu0/cache/index3/size", NULL);
	unsigned long least, bytes, n;

	if (!l3)
		l3 = read_number("/sys/devices/system/cpu/cpu0/cache/index2/size", NULL);
	if (!l3) {
		l3 = 32 * MIB;
		note("the size of the last level cache is not known: 32 MiB assumed");
	}
	least = 4 * l3 < 128 * MIB ? 128 * MIB : 4 * l3;
	bytes = want;
	while (bytes > available / 4 * 3 && bytes > PMD_SIZE)
		bytes /= 2;
	for (; bytes >= least; bytes /= 2)
		if (map_ring(bytes))
			break;
	if (bytes < least)
		quit(4, "%s in transparent huge pages are needed, four times the last level cache, and %s of memory are available: free memory, and see that /sys/kernel/mm/transparent_hugepage/enabled says madvise or always",
		    size_name(least), size_name(available));
	if (bytes < want)
		note("%s of huge pages are not to be had, %s are used: fewer rows, shorter samples",
		     size_name(want), size_name(bytes));

	bench_linear = (unsigned long)ring;
	n = ring_size / PAGE_SIZE;
	bench_memmap = mmap(NULL, n * sizeof(struct page), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (bench_memmap == MAP_FAILED)
		die("no memory for the memmap: %s", strerror(errno));
	for (last_level = 4 * MIB; last_level * 2 <= l3; last_level *= 2)
		;
	printf("#memory\t%lu\n#l3\t%lu\n", ring_size, l3);
}

/* One sample */

static __thread double stretch_last, stretch_longest;

/* Time of the CPU: another program's turn is no stretch. */
void bench_schedule(void)
{
	double t = clock_us(CLOCK_THREAD_CPUTIME_ID);

	if (t - stretch_last > stretch_longest)
		stretch_longest = t - stretch_last;
	stretch_last = t;
}

unsigned long bench_clock(void)
{
	return now_us() * 1e3;
}

static inline void touch(unsigned char *line)
{
	++*(volatile unsigned long *)line;
}

static void touch_page(unsigned char *page)
{
	int i;

	for (i = 0; i < (int)PAGE_SIZE; i += LINE)
		touch(page + i);
}

static void then(enum next next, unsigned char *folio, unsigned long fault_idx,
		 uint64_t *seed)
{
	unsigned long nr_pages = size / PAGE_SIZE, i;

	switch (next) {
	case PAGE:
		touch_page(folio + fault_idx * PAGE_SIZE);
		break;
	case WHOLE:
		for (i = 0; i < size; i += LINE)
			*(volatile unsigned long *)(folio + i) = i + 1;
		break;
	case RANDOM:
		for (i = 0; i < RANDOM_LINES; i++) {
			*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
			touch(folio + (*seed >> 24 & (size - 1) & -LINE));
		}
		break;
	case NEAR:
		touch_page(folio + fault_idx * PAGE_SIZE);
		for (i = fault_idx + 1; i <= fault_idx + NEAR_PAGES && i < nr_pages; i++)
			touch_page(folio + i * PAGE_SIZE);
		for (i = 1; i <= NEAR_PAGES && i <= fault_idx; i++)
			touch_page(folio + (fault_idx - i) * PAGE_SIZE);
		break;
	default:
		break;
	}
}

static unsigned long fault_index(enum fault fault)
{
	unsigned long nr_pages = size / PAGE_SIZE;

	return fault == FIRST ? 0 : fault == LAST ? nr_pages - 1 : nr_pages / 2;
}

static inline void clear_one(const struct job *job, unsigned char *folio,
			     unsigned long fault_idx)
{
	struct page *page = bench_memmap + (folio - ring) / PAGE_SIZE;
	unsigned long r[3][2];

	switch (job->kind) {
	case ZERO_USER:
		job->unit->zero_user((struct folio *)page,
				     (unsigned long)folio + fault_idx * PAGE_SIZE);
		break;
	case INIT_EXTENT:
		job->unit->init(page, size / PAGE_SIZE);
		break;
	case SHMEM_EXTENT:
		job->unit->shmem(page, size / PAGE_SIZE);
		break;
	case ONCE:
		job->unit->once(page, (unsigned long)folio + fault_idx * PAGE_SIZE,
				size / PAGE_SIZE, job->memory, job->on_free);
		break;
	case ONE_PAGE:
		job->unit->pages(folio, job->fault == AGAIN ? 0 : PAGE_SIZE, per_sample);
		break;
	case STORE:
		job->store->clear(folio, size);
		job->store->fence();
		break;
	case COPY_USER:
		job->unit->copy_user((struct folio *)page,
				     (struct folio *)(page + source / PAGE_SIZE),
				     (unsigned long)folio + fault_idx * PAGE_SIZE);
		break;
	case COPY_FOLIO:
		job->unit->copy((struct folio *)page, (struct folio *)(page + source / PAGE_SIZE));
		break;
	case COPY_STORE:
		job->store->copy(folio, folio + source, size);
		job->store->fence();
		break;
	case FAR:
		job->unit->regions(size / PAGE_SIZE, fault_idx, r);
		job->store->clear(folio + r[0][0] * PAGE_SIZE, r[0][1] * PAGE_SIZE);
		job->store->clear(folio + r[1][0] * PAGE_SIZE, r[1][1] * PAGE_SIZE);
		job->store->fence();
		job->unit->init(page + r[2][0], r[2][1]);
		break;
	}
}

struct thread {
	unsigned char *slice;
	unsigned long slice_size, cursor;
	uint64_t seed;
	double end, longest;
	bool disturbed;
	unsigned char *spot[SPOTS];
	pthread_t thread;
	int cpu;
};

static struct thread threads[MAX_THREADS];
static const struct job *current_job;
static unsigned int go, arrived;
static unsigned long nr_samples, nr_disturbed;

static void clear_share(struct thread *t, unsigned char *start, const struct job *job);

/* Not timed: where to clear, the memmap's part of it, and something to clear. */
static unsigned char *prepare(struct thread *t)
{
	unsigned long bytes = per_sample * size, i, spots;
	unsigned char *start;

	if (bytes > t->slice_size)
		bytes = t->slice_size;
	if (t->cursor + bytes > t->slice_size)
		t->cursor = 0;
	start = t->slice + t->cursor;
	t->cursor += bytes;
	/* As a program leaves it that has been doing this for a while. */
	for (i = 0; reuse && i < 4; i++)
		clear_share(t, start, current_job);
	for (i = 0; i < bytes; i += size) {
		unsigned char order = __builtin_ctzl(size / PAGE_SIZE);

		bench_memmap[(start + i - ring) / PAGE_SIZE].order = order;
		bench_memmap[(start + i + source - ring) / PAGE_SIZE].order = order;
	}
	spots = current_job->kind == ONE_PAGE && current_job->fault == AGAIN ? PAGE_SIZE : bytes;
	for (i = 0; i < SPOTS; i++) {
		t->seed = t->seed * 6364136223846793005ULL + 1442695040888963407ULL;
		/* Not a line's first word, which then() writes. */
		t->spot[i] = start + ((t->seed >> 20) % spots & -LINE) + 8 * (1 + i % 7);
		*(volatile unsigned long *)t->spot[i] = POISON;
		if (source)
			*(volatile unsigned long *)(t->spot[i] + source) = SOURCE;
	}
	return start;
}

static void clear_share(struct thread *t, unsigned char *start, const struct job *job)
{
	unsigned long fault_idx = fault_index(job->fault), i;
	unsigned char *end = t->slice + t->slice_size;
	long before = preempted();

	stretch_longest = 0;
	for (i = 0; i < per_sample; i++, start += size) {
		if (start == end)
			start = t->slice;
		if (job->stretch)
			stretch_last = clock_us(CLOCK_THREAD_CPUTIME_ID);
		clear_one(job, start, fault_idx);
		if (job->kind == ONE_PAGE)
			break;	/* that were all */
		if (job->stretch)
			bench_schedule();
		if (job->next)
			then(job->next, start, fault_idx, &t->seed);
	}
	t->end = now_us();
	t->longest = stretch_longest;
	t->disturbed = preempted() != before;
}

static const char *job_label(const struct job *job)
{
	static char name[64];

	switch (job->kind) {
	case STORE:
	case COPY_STORE:
		return job->store->name;
	case FAR:
		snprintf(name, sizeof(name), "far-%s", job->store->name);
		return name;
	default:
		if (job->unit->near < 0)
			return job->unit->label;
		snprintf(name, sizeof(name), "width-%d", job->unit->near);
		return name;
	}
}

static void __attribute__((noreturn)) not_cleared(const struct job *job, unsigned char *at)
{
	die("%s does not %s: folio of %s, fault at the %s page, byte %#lx of the buffer is %#x",
	    job_label(job), source ? "copy" : "clear", size_name(size), fault_names[job->fault],
	    (unsigned long)(at - ring), *at);
}

static void check_spots(struct thread *t, const struct job *job)
{
	int i;

	if (job->kind == ONCE && job->memory == POOL_FIRST)
		return;		/* zeroed long before */
	for (i = 0; i < SPOTS; i++)
		if (*(volatile unsigned long *)t->spot[i] != (source ? SOURCE : 0))
			not_cleared(job, t->spot[i]);
}

static void *worker(void *arg)
{
	struct thread *t = arg;
	unsigned int seen = 0;
	unsigned char *start;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(t->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (;;) {
		const struct job *job;

		while (__atomic_load_n(&go, __ATOMIC_ACQUIRE) == seen)
			__builtin_ia32_pause();
		seen++;
		job = current_job;
		if (!job)
			return NULL;
		start = prepare(t);
		__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL);
		while (__atomic_load_n(&go, __ATOMIC_ACQUIRE) == seen)
			__builtin_ia32_pause();
		seen++;
		clear_share(t, start, job);
		__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL);
	}
}

static void wait_for_all(void)
{
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) < nr_threads - 1)
		__builtin_ia32_pause();
	__atomic_store_n(&arrived, 0, __ATOMIC_RELEASE);
}

/*
 * Returns microseconds a folio or, if that is what the job is for, the longest
 * stretch. Of one thread it is the time that it had a CPU; several have to run
 * at the same time, so what another program interrupts is taken again, for a
 * while.
 */
static double one_sample(const struct job *job, bool *disturbed)
{
	unsigned int i;
	double start, end, longest, start_cpu, cpu;
	unsigned char *at;

	bench_preemptible = job->unit && !strcmp(job->unit->model, "full");
	bench_resched_nr = job->resched_nr;
	bench_need_resched = job->stretch;
	/* With the kernel's own, as many as there are to be; the limit takes fewer. */
	if (!strcmp(section, "init"))
		per_sample = job->kind == INIT_EXTENT ? INIT_PAGES : INIT_PAGES / 8;
	current_job = job;
	if (nr_threads > 1)
		__atomic_add_fetch(&go, 1, __ATOMIC_ACQ_REL);
	at = prepare(&threads[0]);
	if (nr_threads > 1)
		wait_for_all();
	start = now_us();
	start_cpu = clock_us(CLOCK_THREAD_CPUTIME_ID);
	if (nr_threads > 1)
		__atomic_add_fetch(&go, 1, __ATOMIC_ACQ_REL);
	clear_share(&threads[0], at, job);
	cpu = clock_us(CLOCK_THREAD_CPUTIME_ID) - start_cpu;
	if (nr_threads > 1)
		wait_for_all();
	end = threads[0].end;
	longest = threads[0].longest;
	*disturbed = false;
	for (i = 0; i < nr_threads; i++) {
		if (threads[i].end > end)
			end = threads[i].end;
		if (threads[i].longest > longest)
			longest = threads[i].longest;
		*disturbed |= threads[i].disturbed;
		check_spots(&threads[i], job);
	}
	bench_need_resched = false;
	if (job->stretch)
		return longest;
	return (nr_threads > 1 ? end - start : cpu) / per_sample;
}

static double sample(const struct job *job)
{
	double us, least = 0;
	bool disturbed;
	int tries;

	for (tries = size > 2 * SAMPLE ? 2 : 8; tries; tries--) {
		us = one_sample(job, &disturbed);
		if (!disturbed || nr_threads == 1 || job->stretch) {
			least = us;
			break;
		}
		if (!least || us < least)
			least = us;
	}
	nr_samples++;
	nr_disturbed += disturbed;
	return least;
}

/* Every byte, and the page before and after, by each thing that is measured. */
static void verify(const struct job *job)
{
	unsigned long bytes = size, i;
	/* With little memory the source begins where the folio ends. */
	unsigned char *guard[2] = { ring - PAGE_SIZE, source == size ? ring - PAGE_SIZE : ring + bytes };
	uint64_t *word, bits = 0;
	unsigned long n = per_sample;

	if (job->kind == ONCE && job->memory == POOL_FIRST)
		return;
	if (job->kind == ONE_PAGE)
		per_sample = 1;
	bench_preemptible = job->unit && !strcmp(job->unit->model, "full");
	bench_resched_nr = job->resched_nr;
	bench_memmap->order = __builtin_ctzl(size / PAGE_SIZE);
	bench_memmap[source / PAGE_SIZE].order = bench_memmap->order;
	memset(ring - PAGE_SIZE, POISON, bytes + 2 * PAGE_SIZE);
	for (i = 0; source && i < bytes; i += sizeof(i))
		*(unsigned long *)(ring + source + i) = i + 1;
	clear_one(job, ring, fault_index(job->fault));
	per_sample = n;
	for (i = 0; source && i < bytes; i += sizeof(i))
		if (*(unsigned long *)(ring + i) != i + 1)
			not_cleared(job, ring + i);
	if (source)
		memset(ring, 0, bytes);
	for (word = (void *)ring; word < (uint64_t *)(ring + bytes); word += 8)
		bits |= word[0] | word[1] | word[2] | word[3] |
			word[4] | word[5] | word[6] | word[7];
	if (bits)
		for (i = 0; i < bytes; i++)
			if (ring[i])
				not_cleared(job, ring + i);
	for (i = 0; i < PAGE_SIZE; i++)
		if (guard[0][i] != POISON || guard[1][i] != POISON)
			die("%s clears outside of a folio of %s, fault at the %s page",
			    job_label(job), size_name(size), fault_names[job->fault]);
}

/* All rounds of a section's jobs */

static bool start_threads(unsigned int n)
{
	unsigned long unit = reuse ? last_level / 4 : size < SAMPLE ? SAMPLE : size;
	bool copying = jobs[0].kind >= COPY_USER;
	unsigned long room = copying ? ring_size / 2 : ring_size;
	unsigned int i;
	int cpu = -1;

	if (room / n < unit && n > 1) {
		n = room / unit;
		if (n < 2) {
			note("%s on all CPUs left out: %s of memory are too little for two",
			     size_name(size), size_name(ring_size));
			return false;
		}
		note("%s on %u of %u CPUs: %s of memory are not enough for more",
		     size_name(size), n, nr_cpus, size_name(ring_size));
	} else if (room < unit) {
		note("%s left out: there are %s of memory", size_name(size), size_name(ring_size));
		return false;
	}
	nr_threads = n;
	per_sample = unit / size;
	go = arrived = 0;
	for (i = 0; i < n; i++) {
		struct thread *t = &threads[i];

		memset(t, 0, sizeof(*t));
		t->slice_size = room / n / unit * unit;
		t->slice = ring + i * t->slice_size * (copying ? 2 : 1);
		source = copying ? t->slice_size : 0;
		if (reuse)
			t->slice_size = unit;
		t->seed = i + 1;
		do {
			cpu++;
		} while (!CPU_ISSET(cpu, &cpus));
		t->cpu = cpu;
		if (n > 1 && !i) {
			cpu_set_t set;

			CPU_ZERO(&set);
			CPU_SET(cpu, &set);
			sched_setaffinity(0, sizeof(set), &set);
		}
		if (i && pthread_create(&t->thread, NULL, worker, t))
			die("no thread for each of %u CPUs: %s", n, strerror(errno));
	}
	return true;
}

static void stop_threads(void)
{
	unsigned int i;

	current_job = NULL;
	__atomic_add_fetch(&go, 1, __ATOMIC_ACQ_REL);
	for (i = 1; i < nr_threads; i++)
		pthread_join(threads[i].thread, NULL);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct spread {
	double median, min, max;
};

static struct spread spread(const double *values)
{
	double sorted[MAX_ROUNDS];

	memcpy(sorted, values, rounds * sizeof(*sorted));
	qsort(sorted, rounds, sizeof(*sorted), by_value);
	return (struct spread){
		.median	= rounds % 2 ? sorted[rounds / 2] :
			  (sorted[rounds / 2 - 1] + sorted[rounds / 2]) / 2,
		.min	= sorted[0],
		.max	= sorted[rounds - 1],
	};
}

/*
 * section size fault model string threads next resched_nr label
 * (once: the memory in place of the fault, alloc or free in place of the model)
 * us min max GB/s min max ratio min max
 *
 * us is per folio, GB/s of all threads, ratio how often as fast as the first
 * that it is compared with, in the same round.
 */
static void print(const struct job *job, const struct job *first)
{
	bool by_store = job->kind == STORE || job->kind == COPY_STORE;
	struct spread us = spread(job->us), ratio;
	double ratios[MAX_ROUNDS], bytes = (double)size * nr_threads / 1e3;
	unsigned int i;

	for (i = 0; i < rounds; i++)
		ratios[i] = first->us[i] / job->us[i];
	ratio = spread(ratios);
	printf("%s\t%lu\t%s\t%s\t%s\t%u\t%s\t%lu\t%s\t", section, size,
	       by_store || job->kind == INIT_EXTENT || job->kind == SHMEM_EXTENT ? "-" :
	       job->kind == COPY_FOLIO ? "folio" :
	       job->kind == ONCE ? memory_names[job->memory] : fault_names[job->fault],
	       by_store ? "-" : job->kind == ONCE ? job->on_free ? "free" : "alloc" :
	       job->unit->model,
	       by_store ? "-" : job->unit->string,
	       nr_threads, next_names[job->next], job->resched_nr, job_label(job));
	printf("%.4f\t%.4f\t%.4f\t", us.median, us.min, us.max);
	if (job->stretch)
		printf("-\t-\t-\t-\t-\t-\n");
	else
		printf("%.3f\t%.3f\t%.3f\t%.4f\t%.4f\t%.4f\n", bytes / us.median,
		       bytes / us.max, bytes / us.min, ratio.median, ratio.min, ratio.max);
}

static void run_jobs(unsigned int n_threads)
{
	unsigned int r, i, j, first = 0;
	char what[128];

	if (!start_threads(n_threads))
		goto out;
	snprintf(what, sizeof(what), "%s: %s, %u thread%s, %u ways, %u rounds", section,
		 size_name(size), nr_threads, nr_threads > 1 ? "s" : "", nr_jobs, rounds);
	progress(what);
	if (n_threads == 1)
		for (i = 0; i < nr_jobs; i++)
			verify(&jobs[i]);
	for (i = 0; i < nr_jobs; i++)
		sample(&jobs[i]);
	for (r = 0; r < rounds; r++)
		for (i = 0; i < nr_jobs; i = j) {
			unsigned int n, k;

			for (j = i; j < nr_jobs && jobs[j].group == jobs[i].group; j++)
				;
			/* Each in turn is the one that comes first. */
			for (n = j - i, k = 0; k < n; k++) {
				struct job *job = &jobs[i + (k + r) % n];

				job->us[r] = sample(job);
			}
		}
	stop_threads();
	if (nr_disturbed > nr_samples / 10)
		note("%s of %s on %u CPU%s: other programs had the CPU in %lu of %lu samples",
		     section, size_name(size), nr_threads, nr_threads > 1 ? "s" : "",
		     nr_disturbed, nr_samples);
	nr_samples = nr_disturbed = 0;
	for (i = 0; i < nr_jobs; i++) {
		if (jobs[i].group != jobs[first].group)
			first = i;
		print(&jobs[i], &jobs[first]);
	}
	fflush(stdout);
out:
	nr_jobs = 0;
}

static struct job *add_job(struct job job)
{
	if (nr_jobs == MAX_JOBS)
		die("too many ways to measure: fewer trees, please");
	if (nr_jobs && job.group < 0)
		job.group = jobs[nr_jobs - 1].group;
	jobs[nr_jobs] = job;
	return &jobs[nr_jobs++];
}

static const struct unit *next_unit(const struct unit *u, const char *label, const char *model,
				    const char *string, int near, bool resched)
{
	for (u = u ? u + 1 : __start_units; u < __stop_units; u++)
		if ((!label || !strcmp(u->label, label)) && !strcmp(u->model, model) &&
		    !strcmp(u->string, string) && u->near == near && u->resched == resched)
			return u;
	return NULL;
}

/* What is compared: the trees, in the order in which they were linked. */
static void add_trees(int group, const char *model, const char *string,
		      enum fault fault, enum next next)
{
	const struct unit *u = NULL;

	while ((u = next_unit(u, NULL, model, string, -1, false)))
		add_job((struct job){ .kind = ZERO_USER, .group = group, .unit = u,
				      .fault = fault, .next = next });
}

static void add_stores(int group, enum next next)
{
	unsigned int i;

	for (i = 0; i < nr_stores; i++)
		add_job((struct job){ .kind = STORE, .group = group, .store = &stores[i],
				      .next = next });
}

/* The sections */

static const unsigned long all_sizes[] = {
	16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB, MIB, 2 * MIB,
	32 * MIB, GIB, 0
};
static const unsigned long *sizes = all_sizes;
static const char *const models[] = { "full", "none" };
static const char *const strings[] = { "orig", "rep", "erms", "rep+clzero", "clzero" };

static void run_size(unsigned int n_threads)
{
	unsigned int m, s, f, next;
	int group = 0;

	/*
	 * The limit is in the group of what comes first: the kernel's own string
	 * instruction, the first page.
	 */
	for (next = NOTHING; next <= RANDOM; next++) {
		for (m = 0; m < 2; m++)
			for (s = 0; s < sizeof(strings) / sizeof(*strings); s++)
				for (f = 0; f < NR_FAULT; f++) {
					bool own = !strcmp(strings[s], own_string);

					/* Without it the processor can't run what has it. */
					if (!own && strstr(strings[s], "clzero"))
						continue;
					if (predict && (!own || next))
						continue;
					if (!full_run && !own &&
					    (m || f || next || n_threads > 1))
						continue;
					/* They take the longest, and differ the least. */
					if (!own && (n_threads > 1 || size == GIB) && (m || f))
						continue;
					if (!full_run && next && (m || f))
						continue;
					/* Beside so long a clearing a page is nothing. */
					if (size == GIB && (next == PAGE || next == RANDOM ||
							    (next && (m || f))))
						continue;
					if (!full_run && n_threads > 1 && (f || (next && size == GIB)))
						continue;
					add_trees(group, models[m], strings[s], f, next);
					if (!m && own && f == FIRST && !predict)
						add_stores(group, next);
					group++;
				}
	}
	run_jobs(n_threads);
}

static void section_run(void)
{
	const unsigned long *s;

	section = "run";
	for (s = sizes; *s; s++) {
		size = *s;
		run_size(1);
		if (nr_cpus > 1)
			run_size(nr_cpus);
	}
}

static void section_init(void)
{
	const struct unit *u = NULL;

	section = "init";
	size = PMD_SIZE;
	if (ring_size < INIT_PAGES * size)
		note("init_on_alloc: %d huge pages go round %s of memory, not 16 GiB",
		     INIT_PAGES, size_name(ring_size));
	while ((u = next_unit(u, NULL, "none", own_string, -1, false)))
		add_job((struct job){ .kind = INIT_EXTENT, .unit = u });
	add_stores(0, NOTHING);
	while (own_short_string != own_string &&
	       (u = next_unit(u, NULL, "none", own_short_string, -1, false)))
		add_job((struct job){ .kind = INIT_EXTENT, .group = 1, .unit = u });
	run_jobs(1);
}

/* A quick run begins with 512 KiB. */
static const unsigned long extents[] = {
	64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB, MIB, 2 * MIB, 0
};

/*
 * Extents that are cleared at once, whichever page is used next: what the
 * allocator zeroes, and shmem's new folios. Beside the trees as they are, without
 * CLZERO, and everything by CLZERO, however short: what its limit follows from.
 */
static void whole_extents(const char *name, int kind)
{
	const unsigned long *s;
	unsigned int t;
	int next;

	section = name;
	for (s = full_run ? extents : extents + 3; *s; s++)
		for (t = 1; t <= (full_run ? nr_cpus : 1); t += nr_cpus > 1 ? nr_cpus - 1 : 1) {
			size = *s;
			for (next = NOTHING; next <= RANDOM; next++) {
				const struct unit *u = NULL;

				while ((u = next_unit(u, NULL, "none", own_string, -1, false)))
					add_job((struct job){ .kind = kind, .group = next,
							      .unit = u, .next = next });
				while (own_short_string != own_string &&
				       (u = next_unit(u, NULL, "none", own_short_string, -1, false)))
					add_job((struct job){ .kind = kind, .group = next,
							      .unit = u, .next = next });
				add_stores(next, next);
			}
			run_jobs(t);
		}
}

/*
 * All that is zeroed until memory is used, by the allocator and by whom it is for, on a
 * machine with init_on_alloc=1 or init_on_free=1. Of a pool's page it is the fault only.
 */
static void section_once(void)
{
	static const unsigned long once_sizes[] = { 64 * KIB, 2 * MIB, GIB, 0 };
	const unsigned long *s;
	int m, next, on_free, group = 0;

	section = "once";
	for (s = once_sizes; *s; s++) {
		size = *s;
		for (m = 0; m < NR_MEMORY; m++)
			for (on_free = 0; on_free < 2; on_free++)
				for (next = NOTHING; next <= WHOLE; next++, group++) {
					const struct unit *u = NULL;

					/* Of hugetlb there is no 64 KiB, of others no 1 GiB. */
					if ((size < PMD_SIZE && m >= SURPLUS) ||
					    (size == GIB && (m < POOL_FIRST || next)))
						continue;
					while ((u = next_unit(u, NULL, "full", own_string, -1, false)))
						add_job((struct job){ .kind = ONCE, .group = group,
								      .unit = u, .fault = MIDDLE,
								      .next = next, .memory = m,
								      .on_free = on_free });
				}
		run_jobs(1);
	}
}

/*
 * Folios that a program frees and faults in again while the last level cache
 * still has them, a quarter of it: where going past the caches costs most.
 */
static void section_reuse(void)
{
	const unsigned long *s;
	int next, f;

	section = "reuse";
	reuse = true;
	for (s = full_run ? extents : extents + 3; *s; s++) {
		size = *s;
		for (next = NOTHING; next <= RANDOM; next++)
			for (f = FIRST; f <= LAST; f++) {
				add_trees(next * NR_FAULT + f, "full", own_string, f, next);
				if (own_short_string != own_string)
					add_trees(next * NR_FAULT + f, "full", own_short_string, f, next);
				if (f == FIRST)
					add_stores(next * NR_FAULT + f, next);
			}
		run_jobs(1);
	}
	reuse = false;
}

/*
 * A private hugetlb page that is written to, and a folio that is migrated (whichever
 * page is used next), from memory that is in no cache. With two threads each has a
 * source of its own.
 */
static void section_copy(void)
{
	static const unsigned long copied[] = {
		64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB, MIB, 2 * MIB, 32 * MIB, GIB, 0
	};
	const unsigned long *s;
	unsigned int t, m, f, i;
	int next, group = 0;

	section = "copy";
	if (strcmp(own_short_string, "erms"))
		note("copying without ERMS is memcpy() of this program, not the kernel's");
	for (s = sizes == all_sizes ? copied : sizes; *s; s++)
		for (t = 1; t <= nr_cpus; t += nr_cpus > 1 ? nr_cpus - 1 : 1) {
			size = *s;
			if (!full_run && (size < 512 * KIB || t > 1) && size != 64 * KIB)
				continue;
			/* It takes minutes, and says what one says. */
			if (size == GIB && t > 1)
				continue;
			for (next = NOTHING; next <= WHOLE; next++)
				for (m = 0; m < 2; m++)
					for (f = FIRST; f <= NR_FAULT; f++) {
						const struct unit *u = NULL;

						if (size == GIB && (next == PAGE || (next && f)))
							continue;
						while ((u = next_unit(u, NULL, models[m], own_short_string, -1, false)))
							add_job((struct job){
								.kind = f < NR_FAULT ? COPY_USER : COPY_FOLIO,
								.group = group, .unit = u,
								.fault = f % NR_FAULT, .next = next });
						for (i = 0; !m && f == FIRST && i < nr_stores; i++)
							if (stores[i].copy)
								add_job((struct job){
									.kind = COPY_STORE, .group = group,
									.store = &stores[i], .next = next });
						group++;
					}
			run_jobs(t);
		}
}

static void section_alloc(void)
{
	whole_extents("alloc", INIT_EXTENT);
}

static void section_shmem(void)
{
	whole_extents("shmem", SHMEM_EXTENT);
}

/* clear_page(), by each string instruction: CLZERO is for extents. */
static void section_page(void)
{
	unsigned int s, cached;
	int group = 0;

	section = "page";
	size = PAGE_SIZE;
	for (s = 0; s < 3; s++)
		for (cached = AGAIN; cached <= STREAM; cached++, group++) {
			const struct unit *u = NULL;

			while ((u = next_unit(u, NULL, "none", strings[s], -1, false)))
				add_job((struct job){ .kind = ONE_PAGE, .group = group, .unit = u,
						      .fault = cached });
		}
	run_jobs(1);
}

/*
 * 1 GiB, as many pages at a time: the throughput and the longest stretch between
 * two resched points, for each instruction that a kernel selects.
 */
static void section_resched(void)
{
	static const unsigned long units[] = {
		4 * KIB, 64 * KIB, 256 * KIB, MIB, 2 * MIB, 8 * MIB, 16 * MIB, 32 * MIB,
		64 * MIB, 128 * MIB, GIB, 0
	};
	unsigned int s, t, stretch;
	const unsigned long *n;

	section = "resched";
	size = GIB;
	for (t = 1; t <= nr_cpus; t += nr_cpus > 1 ? nr_cpus - 1 : 1)
		for (s = 0; s < sizeof(strings) / sizeof(*strings); s++) {
			const char *string = strings[s];
			const struct unit *u = next_unit(NULL, "patched", "none", string, -1, true);
			const struct unit *own = next_unit(NULL, "patched", "none", string, -1, false);

			if (!u || !own)
				die("the study of resched points needs a tree labelled \"patched\", built with STUDY=1");
			if (strcmp(string, own_string) &&
			    (strstr(string, "clzero") || t > 1))
				continue;
			for (stretch = 0; stretch < 2; stretch++) {
				/* 0: as the tree has it */
				add_job((struct job){ .kind = ZERO_USER, .group = stretch,
						      .unit = own, .stretch = stretch });
				for (n = units; *n; n++)
					add_job((struct job){
						.kind = ZERO_USER, .group = stretch,
						.unit = u, .stretch = stretch,
						.resched_nr = *n / PAGE_SIZE });
			}
			run_jobs(t);
		}
}

static void near_job(int group, int width, enum fault fault, enum next next)
{
	const struct unit *u = next_unit(NULL, "patched", "full", own_short_string, width, false);

	if (!u)
		die("the study of the neighbourhood needs a tree labelled \"patched\", built with STUDY=1");
	add_job((struct job){ .kind = ZERO_USER, .group = group, .unit = u, .fault = fault, .next = next });
}

static void section_near(void)
{
	static const unsigned long near_sizes[] = {
		16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB, 256 * KIB, 2 * MIB, 0
	};
	/* The last one covers a folio of up to 32 pages, whichever page the fault is at. */
	static const int widths[] = { 2, 0, 1, 4, 8, 32 };
	static const enum next nexts[] = { NOTHING, PAGE, NEAR, WHOLE, RANDOM };
	const unsigned long *s;
	unsigned int t, n, f, w;
	int group = 0;

	section = "near";
	for (s = near_sizes; *s; s++)
		for (t = 1; t <= nr_cpus; t += nr_cpus > 1 ? nr_cpus - 1 : 1) {
			size = *s;
			for (n = 0; n < sizeof(nexts) / sizeof(*nexts); n++)
				for (f = 0; f < NR_FAULT; f++, group++)
					for (w = 0; w < sizeof(widths) / sizeof(*widths); w++)
						near_job(group, widths[w], f, nexts[n]);
			run_jobs(t);
		}
}

static void section_stores(void)
{
	const unsigned long *s;
	unsigned int t, next, i;
	const struct unit *u = next_unit(NULL, "patched", "full", own_short_string, -1, false);
	const struct unit *base = next_unit(NULL, "base", "full", own_short_string, -1, false);

	if (!u || !u->regions) {
		if (!full_run)
			die("the study of streaming stores needs a tree labelled \"patched\" whose regions it knows");
		note("streaming stores left out: no tree labelled \"patched\" whose regions are known");
		return;
	}
	section = "stores";
	for (s = sizes; *s; s++)
		/* What is shorter is one region, without a far one. */
		for (t = 1; *s > 32 * KIB && t <= nr_cpus; t += nr_cpus > 1 ? nr_cpus - 1 : 1) {
			size = *s;
			for (next = NOTHING; next <= RANDOM; next++) {
				add_job((struct job){ .kind = ZERO_USER, .group = next, .unit = u,
						      .fault = MIDDLE, .next = next });
				if (base)
					add_job((struct job){ .kind = ZERO_USER, .group = next,
							      .unit = base, .fault = MIDDLE,
							      .next = next });
				/* Not memset, which is no streaming store. */
				for (i = 1; i < nr_stores; i++)
					add_job((struct job){ .kind = FAR, .group = next, .unit = u,
							      .store = &stores[i],
							      .fault = MIDDLE, .next = next });
			}
			run_jobs(t);
		}
}

static void write_faults(unsigned char *start, unsigned long n)
{
	for (; n; n--, start += size)
		*(volatile unsigned char *)start = 1;
}

static void read_faults(unsigned char *start, unsigned long n)
{
	for (; n; n--, start += size)
		(void)*(volatile unsigned char *)start;
}

static void write_memmap(unsigned char *start, unsigned long n)
{
	unsigned long i;

	(void)start;
	for (i = 0; i < n * (size / PAGE_SIZE); i++) {
		volatile unsigned long *page = (void *)(ring + i * 64);

		page[1] = i;
		page[3] = i;
		page[6] = i;
	}
}

/* Of each round, microseconds of the CPU for one of n; THP without flags. */
static void fault_rounds(const char *label, void (*once)(unsigned char *, unsigned long),
			 unsigned long n, int flags)
{
	unsigned long bytes = n * size, length = bytes + (flags ? 0 : size);
	double us[MAX_ROUNDS];
	struct spread s;
	int r;

	for (r = -1; r < (int)rounds; r++) {
		unsigned char *p = mmap(NULL, length, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS | (flags ? flags : MAP_NORESERVE),
					-1, 0);
		unsigned char *start = (void *)(((unsigned long)p + size - 1) & -size);
		double t;

		if (p == MAP_FAILED || (!flags && madvise(p, length, MADV_HUGEPAGE)))
			die("no memory to fault in: %s", strerror(errno));
		t = clock_us(CLOCK_THREAD_CPUTIME_ID);
		once(start, n);
		t = clock_us(CLOCK_THREAD_CPUTIME_ID) - t;
		if (r >= 0)
			us[r] = t / n;
		if (once == write_faults && !flags &&
		    huge_bytes((unsigned long)p, (unsigned long)p + length) < bytes)
			note("not all of %s came as huge pages: the fault's time is too short",
			     size_name(bytes));
		munmap(p, length);
	}
	s = spread(us);
	printf("fault\t%lu\tfirst\t-\t-\t1\tnothing\t0\t%s\t%.4f\t%.4f\t%.4f\t-\t-\t-\t-\t-\t-\n",
	       size, label, s.median, s.min, s.max);
}

static unsigned long hugetlb_pages(const char *which)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%lukB/%s_hugepages",
		 size / KIB, which);
	return read_number(path, NULL);
}

/* Of what root has reserved, and nobody else has mapped; a few of them would say little. */
static void hugetlb_faults(unsigned long least)
{
	unsigned long nr_pages = hugetlb_pages("free"), taken = hugetlb_pages("resv");
	unsigned long most = GIB / 2 / size;
	char label[32];

	nr_pages = nr_pages > taken ? nr_pages - taken : 0;
	snprintf(label, sizeof(label), "hugetlb %s", size_name(size));
	if (nr_pages < least) {
		note("%s left out: %lu free pages are reserved, %lu are needed", label, nr_pages,
		     least);
		return;
	}
	if (nr_pages > most)
		nr_pages = most ? most : 1;
	progress(label);
	fault_rounds(label, write_faults, nr_pages,
		     MAP_HUGETLB | __builtin_ctzl(size) << MAP_HUGE_SHIFT);
}

/*
 * A huge page's fault, and what of it is not clearing, as far as user space can
 * tell: a fault that maps the huge zero page, and as many stores as it takes to
 * set up the 512 struct pages. With little memory, of fewer pages.
 */
static void section_fault(void)
{
	unsigned long n = ring_size / 4 < GIB / 2 ? ring_size / 4 : GIB / 2;

	section = "fault";
	size = PMD_SIZE;
	nr_threads = 1;
	n /= size;
	progress("fault: 2 MiB, 1 thread");
	fault_rounds("fault", write_faults, n, 0);
	fault_rounds("zero-page", read_faults, n, 0);
	fault_rounds("memmap", write_memmap, n, 0);
	hugetlb_faults(64);
	size = GIB;
	hugetlb_faults(1);
}

static bool cpu_has(const char *flag)
{
	char line[8192], word[32];
	bool has = false;
	FILE *f = fopen("/proc/cpuinfo", "r");

	snprintf(word, sizeof(word), " %s ", flag);
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "flags", 5)) {
			line[strcspn(line, "\n")] = ' ';
			has = strstr(line, word);
			break;
		}
	if (f)
		fclose(f);
	return has;
}

static const struct {
	const char *name;
	void (*run)(void);
} sections[] = {
	{ "run", section_run },
	{ "init", section_init },
	{ "alloc", section_alloc },
	{ "shmem", section_shmem },
	{ "reuse", section_reuse },
	{ "page", section_page },
	{ "once", section_once },
	{ "copy", section_copy },
	{ "resched", section_resched },
	{ "near", section_near },
	{ "stores", section_stores },
	{ "fault", section_fault },
};
#define NR_SECTIONS (sizeof(sections) / sizeof(*sections))

static unsigned long parse(const char *option, const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value < 1 || value > max)
		die("%s wants a number from 1 to %lu, not '%s'", option, max, text);
	return value;
}

/*
 * bench [--full] [--predict] [--rounds=N] [--threads=N] [--memory=MIB] [--sizes=KIB,...] SECTION...
 * With --predict "run" is no more than what says how long a kernel's fault will take.
 */
int main(int argc, char **argv)
{
	static unsigned long some_sizes[sizeof(all_sizes) / sizeof(*all_sizes)];
	unsigned long memory = 0;
	unsigned int i, n = 0, max_threads = MAX_THREADS;
	int arg;

	for (arg = 1; arg < argc && !strncmp(argv[arg], "--", 2); arg++) {
		char *s = argv[arg];

		if (!strcmp(s, "--full")) {
			full_run = true;
		} else if (!strcmp(s, "--predict")) {
			predict = true;
		} else if (!strncmp(s, "--rounds=", 9)) {
			rounds = parse("--rounds", s + 9, MAX_ROUNDS);
		} else if (!strncmp(s, "--threads=", 10)) {
			max_threads = parse("--threads", s + 10, MAX_THREADS);
		} else if (!strncmp(s, "--memory=", 9)) {
			memory = parse("--memory", s + 9, 1 << 24) * MIB;
		} else if (!strncmp(s, "--sizes=", 8)) {
			for (s = strtok(s + 8, ","); s; s = strtok(NULL, ",")) {
				unsigned long bytes = parse("--sizes", s, GIB / KIB) * KIB;

				if (n + 1 == sizeof(all_sizes) / sizeof(*all_sizes) ||
				    bytes < 2 * PAGE_SIZE || bytes & (bytes - 1))
					die("--sizes wants up to ten powers of two, in KiB, from 8 on");
				some_sizes[n++] = bytes;
			}
			sizes = some_sizes;
		} else {
			die("unknown option %s", s);
		}
	}
	if (!rounds)
		rounds = full_run ? 11 : 7;
	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		die("sched_getaffinity: %s", strerror(errno));
	nr_cpus = CPU_COUNT(&cpus);
	if (nr_cpus > max_threads)
		nr_cpus = max_threads;
	own_short_string = cpu_has("erms") ? "erms" : cpu_has("rep_good") ? "rep" : "orig";
	own_string = !cpu_has("clzero") ? own_short_string :
		     cpu_has("erms") ? "clzero" : cpu_has("rep_good") ? "rep+clzero" : "orig";
	find_stores();
	printf("#string\t%s\n#cpus\t%u\n#rounds\t%u\n", own_string, nr_cpus, rounds);
	for (i = 0; i < nr_stores; i++)
		printf("#store\t%s\n", stores[i].name);
	if (!memory)
		memory = (full_run ? 4 : 2) * GIB;
	if (memory < nr_cpus * GIB && n == 0)
		memory = nr_cpus * GIB;
	get_memory(memory);
	for (; arg < argc; arg++) {
		for (i = 0; i < NR_SECTIONS; i++)
			if (!strcmp(argv[arg], sections[i].name))
				break;
		if (i == NR_SECTIONS)
			die("there is no section %s", argv[arg]);
		sections[i].run();
	}
	printf("#end\n");
	return fflush(stdout) || ferror(stdout);
}
