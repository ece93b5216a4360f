/* An array of texts that grows. */
#include "names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

uint32_t names_add(struct names *names, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (names->count == names->room) {
		names->room = names->room ? names->room * 2 : 64;
		names->text = memory_resize(names->text, names->room, sizeof(*names->text));
	}
	names->text[names->count] = memory_strdup(text);
	return names->count++;
}

struct slice names_text(const struct names *names, uint32_t number)
{
	return slice_of(names->text[number]);
}

void names_free(struct names *names)
{
	for (uint32_t i = 0; i < names->count; i++)
		free(names->text[i]);
	free(names->text);
	*names = (struct names){0};
}
