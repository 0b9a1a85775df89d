// SPDX-License-Identifier: GPL-2.0
/*
 * The fastest that this processor clears and copies: stores that no kernel text uses.
 * Extents are whole pages. What bypasses the caches is fenced by the caller,
 * once per extent.
 */
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include "bench.h"

struct store stores[MAX_STORES];
unsigned int nr_stores;

static void no_fence(void)
{
}

static void store_fence(void)
{
	_mm_sfence();
}

static void clear_memset(void *addr, unsigned long len)
{
	memset(addr, 0, len);
	asm volatile("" : : : "memory");
}

static void clear_movnti(void *addr, unsigned long len)
{
	long long *p = addr, *end = addr + len;

	for (; p < end; p += 8) {
		_mm_stream_si64(p, 0);
		_mm_stream_si64(p + 1, 0);
		_mm_stream_si64(p + 2, 0);
		_mm_stream_si64(p + 3, 0);
		_mm_stream_si64(p + 4, 0);
		_mm_stream_si64(p + 5, 0);
		_mm_stream_si64(p + 6, 0);
		_mm_stream_si64(p + 7, 0);
	}
}

__attribute__((target("avx2")))
static void clear_avx2(void *addr, unsigned long len)
{
	__m256i *p = addr, *end = addr + len, zero = _mm256_setzero_si256();

	for (; p < end; p += 2) {
		_mm256_stream_si256(p, zero);
		_mm256_stream_si256(p + 1, zero);
	}
}

__attribute__((target("avx512f")))
static void clear_avx512(void *addr, unsigned long len)
{
	__m512i *p = addr, *end = addr + len, zero = _mm512_setzero_si512();

	for (; p < end; p++)
		_mm512_stream_si512(p, zero);
}

__attribute__((target("clzero")))
static void clear_clzero(void *addr, unsigned long len)
{
	char *p = addr, *end = addr + len;

	for (; p < end; p += 64)
		_mm_clzero(p);
}

static void copy_memcpy(void *to, const void *from, unsigned long len)
{
	memcpy(to, from, len);
	asm volatile("" : : : "memory");
}

/* What is read comes from as far ahead as a few lines take to arrive. */
#define AHEAD	512

static void copy_movnti(void *to, const void *from, unsigned long len)
{
	const long long *s = from, *end = from + len;
	long long *d = to, word[8];
	int i;

	for (; s < end; s += 8, d += 8) {
		_mm_prefetch((const char *)s + AHEAD, _MM_HINT_NTA);
		for (i = 0; i < 8; i++)
			word[i] = s[i];
		for (i = 0; i < 8; i++)
			_mm_stream_si64(d + i, word[i]);
	}
}

__attribute__((target("avx2")))
static void copy_avx2(void *to, const void *from, unsigned long len)
{
	const __m256i *s = from, *end = from + len;
	__m256i *d = to;

	for (; s < end; s += 2, d += 2) {
		_mm256_stream_si256(d, _mm256_load_si256(s));
		_mm256_stream_si256(d + 1, _mm256_load_si256(s + 1));
	}
}

__attribute__((target("avx512f")))
static void copy_avx512(void *to, const void *from, unsigned long len)
{
	const __m512i *s = from, *end = from + len;
	__m512i *d = to;

	for (; s < end; s++, d++)
		_mm512_stream_si512(d, _mm512_load_si512(s));
}

static void add(const char *name, void (*clear)(void *, unsigned long),
		void (*copy)(void *, const void *, unsigned long), void (*fence)(void))
{
	stores[nr_stores++] = (struct store){ name, clear, copy, fence };
}

void find_stores(void)
{
	unsigned int a, b, c, d;

	add("memset", clear_memset, copy_memcpy, no_fence);
	add("movnti", clear_movnti, copy_movnti, store_fence);
	if (__builtin_cpu_supports("avx2"))
		add("avx2", clear_avx2, copy_avx2, store_fence);
	if (__builtin_cpu_supports("avx512f"))
		add("avx512", clear_avx512, copy_avx512, store_fence);
	/* A line of clzero is 64 bytes where there is one; CPUID says if there is. */
	if (__get_cpuid(0x80000008, &a, &b, &c, &d) && (b & 1))
		add("clzero", clear_clzero, NULL, store_fence);
}
