/* What does not work, why, and what to do about it, in the words that `postroom check`, the page
 * and the log show alike. Every text is made once, where the cause is known. */
#ifndef WIRE_PROBLEM_H
#define WIRE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/cursor.h"
#include "base/said.h"

enum problem_severity {
	PROBLEM_ADVICE = 0,  /* works; could be better */
	PROBLEM_PARTIAL = 1, /* something does not work, the rest does */
	PROBLEM_FATAL = 2,   /* nothing of use works */
};

struct problem {
	enum problem_severity severity;
	char *code;		 /* stable, lower case and underscores */
	char *text;		 /* one sentence: what is wrong */
	char *fix;		 /* the exact thing to do: a command, or a line for a file */
	char *words, *fix_words; /* of both (base/said.h); "" for none */
};

/* Owns its texts. Zero-initialised is empty. */
struct problem_list {
	struct problem *items;
	size_t count;
};

/* More are dropped; there are not that many checks. */
#define PROBLEM_MAX 32

/* Copies all three texts (each is cut to what a frame can carry). They have no words. */
void problem_add(struct problem_list *list, enum problem_severity severity, const char *code,
    const char *text, const char *fix);
/* The same with the words of both. */
void problem_say(struct problem_list *list, enum problem_severity severity, const char *code,
    struct said *text, struct said *fix);
void problem_list_free(struct problem_list *list);
#define PROBLEM_LIST_AUTO __attribute__((cleanup(problem_list_free)))

/* Moves all of `from` to the end of `to`; `from` is empty then. */
void problem_list_move(struct problem_list *to, struct problem_list *from);
/* The first problem with that code, or NULL. */
const struct problem *problem_find(const struct problem_list *list, const char *code);

void problem_list_put(struct buffer *b, const struct problem_list *list);
/* Appends to `list`; a malformed list fails the cursor. */
void problem_list_get(struct cursor *c, struct problem_list *list);

#endif
