/* mmap and mremap for what is large, allocations for what is small, and the change between the
 * two. */
#include "base/region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"

/* The largest page of any machine that Linux runs on. */
#define PAGE_MAX ((size_t)64 << 10)

static _Noreturn void out_of_memory(size_t count, size_t width)
{
	fprintf(stderr, "postroom: out of memory (%zu times %zu bytes)\n", count, width);
	abort();
}

static void *pages_take(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		out_of_memory(bytes, 1);
	return p;
}

/* From an allocation to pages, or back. */
static void *change_kind(void *old, size_t had, size_t bytes)
{
	void *p = bytes < REGION_PAGES ? memory_zero(bytes, 1) : pages_take(bytes);

	if (old)
		memcpy(p, old, had < bytes ? had : bytes);
	region_free(old, had, 1);
	return p;
}

void *region_resize(void *old, size_t count, size_t want, size_t width)
{
	size_t had = old ? count * width : 0, bytes;
	void *p;

	/* A count from a damaged file could else make a small array of a large number. */
	if (__builtin_mul_overflow(want, width, &bytes))
		out_of_memory(want, width);
	if (!old || (had < REGION_PAGES) != (bytes < REGION_PAGES))
		return change_kind(old, had, bytes);
	if (bytes < REGION_PAGES) {
		p = memory_resize(old, bytes, 1);
		if (bytes > had)
			memset((char *)p + had, 0, bytes - had);
		return p;
	}
	/* What stays of the last page must be zero when the array grows into it again. */
	if (bytes < had)
		memset((char *)old + bytes, 0, had - bytes < PAGE_MAX ? had - bytes : PAGE_MAX);
	/* The kernel moves page tables, not bytes: a column of hundreds of megabytes grows at once.
	 */
	p = mremap(old, had, bytes, MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		out_of_memory(want, width);
	return p;
}

void region_free(void *region, size_t count, size_t width)
{
	size_t bytes = count * width;

	if (!region)
		return;
	if (bytes < REGION_PAGES)
		free(region);
	else
		munmap(region, bytes);
}

size_t region_capacity(size_t cap, size_t need)
{
	/* Doubled while small; an eighth more when large, where half of it empty would be too much
	 * memory. */
	size_t next = cap < 256 ? 256 : cap < 4096 ? cap * 2 : cap + cap / 8;

	return next < need ? need : next;
}
