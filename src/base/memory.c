/* Allocation that ends the process when it fails. */
#include "base/memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(size_t count, size_t size)
{
	fprintf(stderr, "postroom: out of memory (%zu times %zu bytes)\n", count, size);
	abort();
}

void *memory_alloc(size_t size)
{
	return memory_resize(NULL, 1, size);
}

void *memory_zero(size_t count, size_t size)
{
	/* calloc(0) may give NULL, which would look like a failure. */
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory(count, size);
	return p;
}

void *memory_resize(void *old, size_t count, size_t size)
{
	void *p;

	/* realloc(p, 0) may free: ask for one byte, so that NULL always means failure. */
	if (count == 0 || size == 0)
		count = size = 1;
	p = reallocarray(old, count, size);
	if (p == NULL)
		out_of_memory(count, size);
	return p;
}

char *memory_strdup(const char *s)
{
	return memory_strndup(s, strlen(s));
}

char *memory_strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = memory_alloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

void memory_give_back(void)
{
#ifdef __GLIBC__
	/* By itself glibc keeps twice the largest block that was ever freed. */
	malloc_trim(0);
#endif
}

void memory_free_pointer(void *pointer_to_pointer)
{
	void *p;

	memcpy(&p, pointer_to_pointer, sizeof(p));
	free(p);
}
