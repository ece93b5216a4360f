/* What stands at the cursor of somebody who is typing a filter: the term that completions would
 * take the place of. The text need not be a filter yet. */
#ifndef FILTER_TYPED_TERM_H
#define FILTER_TYPED_TERM_H

#include "filter/filter.h"

enum typed_term_kind {
	TYPED_TERM_WORD,  /* nothing yet, a bare word or the beginning of a field's name */
	TYPED_TERM_VALUE, /* behind a text field and its : or = */
	TYPED_TERM_NUMBER /* behind a number field's name */
};

struct typed_term {
	enum typed_term_kind kind;
	enum filter_field field; /* FILTER_ANY for a word */
	/* The term without its minus, [from, to) in bytes: to the end of the word that the cursor
	 * is in, to the cursor where quotes are still open, or to its value where the cursor is in
	 * its name. `from` = `to`: no term is there. */
	size_t from, to;
	/* What was typed of the value, or the word, up to the cursor; points into the text, or into
	 * the memory given where quotes had backslashes in them. */
	struct slice typed;
	bool quoted;
	struct slice op; /* of a number: "", ">", ">=" ... */
};

/* `at`: bytes before the cursor, at most text.len. Linear in the text. */
void typed_term_find(struct slice text, size_t at, struct buffer *memory, struct typed_term *out);

#endif
