/* Texts are cut so that a full list always fits one frame. */
#include "wire/problem.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A full list of such texts, 64 times (2 * 340 + 40 + 13) bytes, stays below WIRE_BODY_MAX. */
#define TEXT_MAX 340
#define CODE_MAX 40

static char *copy_cut(const char *text)
{
	return memory_strndup(text, TEXT_MAX);
}

void problem_add(struct problem_list *list, enum problem_severity severity, const char *code,
    const char *text, const char *fix)
{
	struct problem *problem;

	/* More than anybody would read; the first ones are the causes. */
	if (list->count == PROBLEM_MAX)
		return;
	list->items = memory_resize(list->items, list->count + 1, sizeof(*list->items));
	problem = &list->items[list->count++];
	problem->severity = severity;
	problem->code = memory_strndup(code, CODE_MAX);
	problem->text = copy_cut(text);
	problem->fix = copy_cut(fix);
}

void problem_list_free(struct problem_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].code);
		free(list->items[i].text);
		free(list->items[i].fix);
	}
	free(list->items);
	*list = (struct problem_list){0};
}

void problem_list_move(struct problem_list *to, struct problem_list *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct problem *p = &from->items[i];

		problem_add(to, p->severity, p->code, p->text, p->fix);
	}
	problem_list_free(from);
}

const struct problem *problem_find(const struct problem_list *list, const char *code)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].code, code) == 0)
			return &list->items[i];
	return NULL;
}

void problem_list_put(struct buffer *b, const struct problem_list *list)
{
	buffer_put_u8(b, (uint8_t)list->count);
	for (size_t i = 0; i < list->count; i++) {
		const struct problem *p = &list->items[i];

		buffer_put_u8(b, (uint8_t)p->severity);
		buffer_put_string(b, slice_of(p->code));
		buffer_put_string(b, slice_of(p->text));
		buffer_put_string(b, slice_of(p->fix));
	}
}

/* A text that C code will use as a string: a NUL inside it would hide the rest. */
static char *take_text(struct cursor *c, size_t max)
{
	struct slice s = cursor_string(c, max);

	if (s.len > 0 && memchr(s.data, '\0', s.len) != NULL)
		c->failed = true;
	return memory_strndup(s.len > 0 ? s.data : "", s.len);
}

void problem_list_get(struct cursor *c, struct problem_list *list)
{
	uint8_t count = cursor_u8(c);

	if (count > PROBLEM_MAX)
		c->failed = true;
	for (uint8_t i = 0; i < count && !c->failed; i++) {
		uint8_t severity = cursor_u8(c);
		MEMORY_AUTO char *code = take_text(c, CODE_MAX);
		MEMORY_AUTO char *text = take_text(c, TEXT_MAX);
		MEMORY_AUTO char *fix = take_text(c, TEXT_MAX);

		/* A decoded number becomes an enum only after it was checked. */
		if (severity > PROBLEM_FATAL)
			c->failed = true;
		if (!c->failed)
			problem_add(list, (enum problem_severity)severity, code, text, fix);
	}
}
