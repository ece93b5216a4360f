/* Texts that stand for numbers: addresses, domains, hosts. */
#ifndef INCIDENTS_NAMES_H
#define INCIDENTS_NAMES_H

#include <stdint.h>

#include "base/slice.h"

#define NAME_NONE UINT32_MAX

struct names {
	char **text;
	uint32_t count, room;
};

/* A new number for a text that no other has. */
uint32_t names_add(struct names *names, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct slice names_text(const struct names *names, uint32_t number);
void names_free(struct names *names);

#endif
