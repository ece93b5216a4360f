/* The filter language: terms side by side mean `and`; `or`, `not` or `-`, parentheses, quotes.
 *
 *     from:*@shop.example age>2h reason:"over quota" -queue:hold
 *
 * Text fields (id queue from to domain reason cause remote_host client login helo subject deleting
 * paused) match a substring without regard to ASCII case; `*` and `?` make it a glob over the whole
 * value; `field:=value` or `field=value` is exact. `from:<>` is the null sender. A domain is looked
 * for in both of its forms (idn.h), unless it stands in quotes. `diagnosis:` is another name for
 * `cause:`, `host:` for `remote_host:`. Number fields (age size next recipients expires) take > <
 * >= <= and
 * =, with units s m h d w for times and k M G (1024) for sizes. A bare word looks in ID, sender,
 * recipients and reason.
 *
 * A filter is parsed into an array of nodes, children before their parents, so that whoever
 * evaluates it needs no recursion. This folder knows nothing of messages: index/ runs a filter over
 * them. */
#ifndef FILTER_FILTER_H
#define FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

/* What one filter may cost: a filter that a person writes is far below these, one made by a program
 * (a list of addresses) may come near. Parentheses inside each other are bounded so that neither
 * the parser nor any evaluator needs a deep stack: three calls for each at most, whatever the text.
 */
#define FILTER_TEXT_MAX 65536
#define FILTER_TERMS_MAX 10000
#define FILTER_DEPTH_MAX 64
/* A piece of a pattern with `?` is compared at every place of a value: this keeps that a small
 * multiple of the value's length. */
#define FILTER_QUESTION_MAX 256

enum filter_field {
	FILTER_ID,
	FILTER_QUEUE,
	FILTER_FROM,
	FILTER_TO,
	FILTER_DOMAIN,
	FILTER_REASON,
	FILTER_CAUSE,
	FILTER_REMOTE_HOST,
	FILTER_CLIENT,
	FILTER_LOGIN,
	FILTER_HELO,
	FILTER_SUBJECT,
	FILTER_DELETING, /* "yes" on hold for a delete that removes it, else "no" */
	FILTER_PAUSED, /* "yes" waits for a pause, or "no"; else by the pause's key or who set it */
	FILTER_ANY,    /* a bare word: ID, sender, recipients, reason */
	FILTER_AGE,    /* seconds since arrival */
	FILTER_SIZE,   /* bytes */
	FILTER_NEXT,   /* seconds until the next retry; negative when it is due */
	FILTER_RECIPIENTS, /* how many are still to do */
	FILTER_EXPIRES,	   /* seconds until its lifetime ends; negative when it has */
	FILTER_FIELD_COUNT
};

enum filter_kind {
	FILTER_AND,   /* all children */
	FILTER_OR,    /* any child */
	FILTER_NOT,   /* its one child */
	FILTER_TEXT,  /* `field`, `pattern` */
	FILTER_NUMBER /* `field` `op` `value` */
};

enum filter_op { FILTER_LT, FILTER_LE, FILTER_EQ, FILTER_GE, FILTER_GT };

/* How a text term compares. */
enum filter_match { FILTER_CONTAINS, FILTER_EXACT, FILTER_GLOB };

/* No node: the end of a list of siblings. */
#define FILTER_NONE UINT32_MAX

struct filter_node {
	enum filter_kind kind;
	enum filter_field field;
	enum filter_op op;
	enum filter_match match;
	int64_t value;
	struct slice pattern; /* letters A to Z folded to lower case; owned by the filter */
	/* FILTER_OR: the forms of one term's domain; the first child is as it was written. */
	bool forms;
	uint32_t first_child; /* always smaller than the node's own number */
	uint32_t next_sibling;
	/* Where it stands in the text, in bytes: [from, to), with its minus, quotes and
	 * parentheses. */
	uint32_t from, to;
};

struct filter;

/* Where and why a text is not a filter. */
struct filter_error {
	uint32_t column;    /* from 1, in bytes */
	char expected[200]; /* "a time such as 2h (s, m, h, d, w)" */
	char words[320];    /* of it (base/said.h); empty: none */
};

/* Parses `text`. The empty text (and blanks) matches everything. NULL with `err` filled in when it
 * is not a filter. The caller owns the result. */
struct filter *filter_parse(struct slice text, struct filter_error *err);
void filter_free(struct filter *f);

/* The nodes, children before parents; the last is the root. No nodes: everything matches. */
const struct filter_node *filter_nodes(const struct filter *f, uint32_t *count);
/* Whether any term names `field` (FILTER_ANY does not count as the fields that it looks in). */
bool filter_uses(const struct filter *f, enum filter_field field);

/* ---- A filter within another ---- */

/* `inner`, asked only of what `scope` matches for certain. What the scope does not match, or
 * what cannot be decided for it, is not there: no `or` and no `not` of the inner one reaches it,
 * and it is never among the undecided. Either may be NULL (everything), neither joined already;
 * NULL when both are. The nodes of the result are the inner one's. The caller frees it, and may
 * free scope and inner before. */
struct filter *filter_join(const struct filter *scope, const struct filter *inner);
/* What a joined filter is within; NULL for any other. */
const struct filter *filter_scope(const struct filter *f);
/* The same filter for one more owner, who frees it as well. NULL stays NULL. */
struct filter *filter_hold(const struct filter *f);
/* Whether both are the same terms in the same order, however they were written; NULL is everything,
 * as is a filter without terms. */
bool filter_same(const struct filter *a, const struct filter *b);

/* Whether a text term matches `value`. `scratch` is working memory that the caller keeps between
 * calls. Time is linear in the length of `value` for a given term. */
bool filter_match_text(const struct filter_node *term, struct slice value, struct buffer *scratch);
/* Whether a number term matches `value`. */
bool filter_match_number(const struct filter_node *term, int64_t value);

/* The name of a field as it is written ("from"); "" for FILTER_ANY. */
const char *filter_field_name(enum filter_field field);
/* What it is about, in a few words: "envelope sender". */
enum said_code filter_field_purpose(enum filter_field field);
/* The field with this name, or with this other name, without regard to case; FILTER_ANY when there
 * is none. */
enum filter_field filter_field_find(struct slice name);

/* What a field is compared with. */
enum filter_value {
	FILTER_VALUE_TEXT,
	FILTER_VALUE_SECONDS,
	FILTER_VALUE_BYTES,
	FILTER_VALUE_COUNT
};
enum filter_value filter_field_value(enum filter_field field);

/* Appends `value` as a filter takes it behind `field:=`, exactly that value: as it is where it is a
 * plain word, else in quotes. A NUL cannot be written; it ends the value. */
void filter_quote(struct buffer *out, struct slice value);
/* The same always in quotes, so that a domain in it stands for none of its other forms. */
void filter_quote_whole(struct buffer *out, struct slice value);

#endif
