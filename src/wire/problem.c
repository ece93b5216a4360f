/* Texts are cut so that a full list always fits one frame. */
#include "wire/problem.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A full list of such texts, 32 times (2 * 340 + 2 * 600 + 40 + 21) bytes, stays below
 * WIRE_BODY_MAX. */
#define TEXT_MAX 340
#define WORDS_MAX 600
#define CODE_MAX 40

static char *copy_cut(const char *text)
{
	return memory_strndup(text, TEXT_MAX);
}

/* Cut words would be none. */
static char *copy_words(const char *words)
{
	return memory_strdup(strlen(words) <= WORDS_MAX ? words : "");
}

/* `texts`: the text and its words, the fix and its words. */
static void add(struct problem_list *list, enum problem_severity severity, const char *code,
    const char *const texts[4])
{
	struct problem *problem;

	/* More than anybody would read; the first ones are the causes. */
	if (list->count == PROBLEM_MAX)
		return;
	list->items = memory_resize(list->items, list->count + 1, sizeof(*list->items));
	problem = &list->items[list->count++];
	problem->severity = severity;
	problem->code = memory_strndup(code, CODE_MAX);
	problem->text = copy_cut(texts[0]);
	problem->words = copy_words(texts[1]);
	problem->fix = copy_cut(texts[2]);
	problem->fix_words = copy_words(texts[3]);
}

void problem_add(struct problem_list *list, enum problem_severity severity, const char *code,
    const char *text, const char *fix)
{
	add(list, severity, code, (const char *const[]){text, "", fix, ""});
}

void problem_say(struct problem_list *list, enum problem_severity severity, const char *code,
    struct said *text, struct said *fix)
{
	add(list, severity, code,
	    (const char *const[]){buffer_string(&text->text), buffer_string(&text->words),
		buffer_string(&fix->text), buffer_string(&fix->words)});
}

void problem_list_free(struct problem_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].code);
		free(list->items[i].text);
		free(list->items[i].fix);
		free(list->items[i].words);
		free(list->items[i].fix_words);
	}
	free(list->items);
	*list = (struct problem_list){0};
}

void problem_list_move(struct problem_list *to, struct problem_list *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct problem *p = &from->items[i];

		add(to, p->severity, p->code,
		    (const char *const[]){p->text, p->words, p->fix, p->fix_words});
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
		buffer_put_string(b, slice_of(p->words));
		buffer_put_string(b, slice_of(p->fix));
		buffer_put_string(b, slice_of(p->fix_words));
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
		MEMORY_AUTO char *words = take_text(c, WORDS_MAX);
		MEMORY_AUTO char *fix = take_text(c, TEXT_MAX);
		MEMORY_AUTO char *fix_words = take_text(c, WORDS_MAX);

		/* A decoded number becomes an enum only after it was checked. */
		if (severity > PROBLEM_FATAL)
			c->failed = true;
		if (!c->failed)
			add(list, (enum problem_severity)severity, code,
			    (const char *const[]){text, words, fix, fix_words});
	}
}
