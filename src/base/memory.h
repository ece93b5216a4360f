/* Memory that is always there: a failed allocation of a sane size ends the process with a message
 * (its supervisor starts it again), so no caller has a path that no test can reach. Sizes that come
 * from outside are bounded by the caller before they get here. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Like malloc, calloc, reallocarray (counts are multiplied with an overflow check), strdup and
 * strndup; never return NULL. memory_resize(NULL, ...) allocates. Freed with free(). */
void *memory_alloc(size_t size);
void *memory_zero(size_t count, size_t size);
void *memory_resize(void *old, size_t count, size_t size);
char *memory_strdup(const char *s);
char *memory_strndup(const char *s, size_t n);

/* Gives to the kernel what was freed and is kept for later: for the end of work that needed far
 * more than what comes will. Takes a millisecond or a few. */
void memory_give_back(void);

/* For __attribute__((cleanup(memory_free_pointer))) on a local pointer to anything. */
void memory_free_pointer(void *pointer_to_pointer);
#define MEMORY_AUTO __attribute__((cleanup(memory_free_pointer)))

/* Set in builds with AddressSanitizer, which reserves terabytes of addresses: RLIMIT_AS cannot be
 * used. */
#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_SANITIZED 1
#endif
#endif
#ifndef MEMORY_SANITIZED
#define MEMORY_SANITIZED 0
#endif

#endif
