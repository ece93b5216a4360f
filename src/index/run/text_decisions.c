/* Which texts of a dictionary a set of terms matches, a bit for each number. Texts that stand in
 * memory one behind the other are searched as one piece, which is many times faster than one by
 * one; what is found is then given to the text that it lies in. Where only a few will be asked
 * for, none is decided before. */
#include "index/run/text_decisions.h"

#include <stdlib.h>

#include "base/memory.h"
#include "index/columns/intern.h"
#include "index/columns/reasons.h"
#include "index/run/workers.h"
#include "postfix/reason.h"

/* Numbers in a part: 16 words of the bitmap, which only the part's thread writes. */
#define PART 1024
/* Most texts are addresses of some 25 bytes: below this a second thread does not pay. */
#define TWO_THREADS_BYTES ((uint64_t)1 << 20)
/* A client has a name and an address, each a value of its own; of a reason only the words count. */
static size_t values_of(const struct text_decisions *t, uint32_t number, struct slice value[2])
{
	if (t->dict == &t->ix->reasons) {
		value[0] = reasons_text(t->ix, number);
		return 1;
	}
	value[0] = dict_text(t->dict, number);
	if (t->dict != &t->ix->clients || number == 0)
		return 1;
	value[1] = value[0];
	value[0] = intern_part(&value[1]);
	return 2;
}

/* Whether a term may match across the lines of a reply. */
static bool of_lines(const struct text_decisions *t)
{
	return t->dict == &t->ix->reasons && term_set_has_blank(t->set);
}

/* A reply of several lines is searched as it is written, and once more as if it had one line. */
static bool look_in_lines(
    const struct text_decisions *t, struct slice reason, struct buffer *scratch)
{
	BUFFER_AUTO struct buffer line = {0};
	struct slice reply;
	char *room;

	if (!of_lines(t) || !reason_has_lines(reason))
		return false;
	room = buffer_reserve(&line, reason.len);
	return term_set_match(t->set, reason_one_line(room, reason.len, reason, &reply), scratch);
}

bool text_decisions_test(const struct text_decisions *t, uint32_t number, struct buffer *scratch)
{
	struct slice value[2];
	size_t count = values_of(t, number, value);

	return term_set_match(t->set, value[0], scratch) ||
	       (count == 2 && term_set_match(t->set, value[1], scratch)) ||
	       look_in_lines(t, value[0], scratch);
}

/* Values that stand in the dictionary's memory one behind the other, and whose they are. */
struct batch {
	struct slice value[2 * PART];
	uint32_t number[2 * PART];
	size_t count;
};

static void set_yes(const struct text_decisions *t, uint32_t number)
{
	t->yes[number / 64] |= UINT64_C(1) << (number % 64);
}

/* Values go to the search together, because it is quick over long pieces of memory only. */
static void batch_flush(const struct text_decisions *t, struct batch *b, struct buffer *scratch)
{
	uint64_t yes[2 * PART / 64] = {0};

	if (b->count == 0)
		return;
	term_set_match_all(t->set, b->value, b->count, yes, scratch);
	for (size_t w = 0; w * 64 < b->count; w++) {
		for (uint64_t left = yes[w]; left != 0; left &= left - 1) {
			uint32_t n = b->number[w * 64 + (size_t)__builtin_ctzll(left)];
			set_yes(t, n);
		}
	}
	for (size_t i = 0; of_lines(t) && i < b->count; i++)
		if (look_in_lines(t, b->value[i], scratch))
			set_yes(t, b->number[i]);
	b->count = 0;
}

static void batch_add(const struct text_decisions *t, struct batch *b, uint32_t number,
    struct slice value, struct buffer *scratch)
{
	const struct slice *last = b->count ? &b->value[b->count - 1] : NULL;

	if (last && value.data < last->data + last->len)
		batch_flush(t, b, scratch);
	b->value[b->count] = value;
	b->number[b->count++] = number;
}

static void decide_each(
    const struct text_decisions *t, uint32_t from, uint32_t to, struct buffer *scratch)
{
	struct slice value[2];
	struct batch batch;

	batch.count = 0;
	for (uint32_t n = from; n < to; n++) {
		if (!dict_used(t->dict, n))
			continue;
		size_t count = values_of(t, n, value);
		for (size_t i = 0; i < count; i++) {
			if (value[i].len > 0)
				batch_add(t, &batch, n, value[i], scratch);
			else if (term_set_match(t->set, value[i], scratch))
				set_yes(t, n);
		}
	}
	batch_flush(t, &batch, scratch);
}

/* ---- Texts that stand in memory in the order of their numbers ---- */

/* What is between two texts is searched in vain: up to so many bytes are less than a new start. A
 * text is only looked at to know when the next is farther away than the other number. */
#define GAP_MAX 128
#define NEAR 512

/* One behind the last of the numbers from `from` on whose texts follow each other. */
static uint32_t run_end_of(const struct dict *d, uint32_t from, uint32_t to)
{
	uint32_t last = from;

	for (uint32_t n = from + 1; n < to; n++) {
		uint32_t at = d->entries[n].at;
		if (d->entries[n].uses == 0)
			continue;
		if (at < d->entries[last].at)
			return n;
		if (at - d->entries[last].at > NEAR / DICT_UNIT) {
			struct slice text = dict_text(d, last);
			if (dict_text(d, n).data - (text.data + text.len) > GAP_MAX)
				return n;
		}
		last = n;
	}
	return to;
}

/* The next number whose text begins at a place or behind it; `to` when there is none. */
static uint32_t next_used(const struct dict *d, uint32_t n, uint32_t to)
{
	while (n < to && d->entries[n].uses == 0)
		n++;
	return n;
}

static const char *begin_of(const struct dict *d, uint32_t n)
{
	return d->arena + (size_t)d->entries[n].at * DICT_UNIT;
}

/* The value of a text, all of it but for what is in front of a reason's words. A client's two parts
 * are one here: no term has what is between them. */
static struct slice whole_value(const struct text_decisions *t, uint32_t number)
{
	return t->dict == &t->ix->reasons ? reasons_text(t->ix, number)
					  : dict_text(t->dict, number);
}

static struct slice piece_of(const struct dict *d, uint32_t from, uint32_t to)
{
	const char *end = begin_of(d, from);

	for (uint32_t n = to; n > from; n--) {
		if (d->entries[n - 1].uses > 0) {
			struct slice last = dict_text(d, n - 1);
			end = last.data + last.len;
			break;
		}
	}
	return slice_make(begin_of(d, from), (size_t)(end - begin_of(d, from)));
}

/* `from` is in use. What is found belongs to the last text that begins before it, when it is in its
 * value; the search goes on behind that, or, when it is not, at the next place. */
static void search_run(
    const struct text_decisions *t, uint32_t from, uint32_t to, struct buffer *scratch)
{
	const struct dict *d = t->dict;
	const struct term_set *set = t->words ? t->words : t->set;
	struct slice piece = piece_of(d, from, to);
	size_t at = 0, len, vain = 0, vain_max = TERM_SET_VAIN * piece.len;
	uint32_t number = from, next = next_used(d, from + 1, to);

	while (at < piece.len &&
	       (at = term_set_next(set, piece, at, &len, &vain, vain_max)) < piece.len) {
		if (vain > vain_max) {
			decide_each(t, number, to, scratch);
			return;
		}
		for (; next < to && begin_of(d, next) <= piece.data + at;
		     next = next_used(d, next + 1, to))
			number = next;
		struct slice value = whole_value(t, number);
		const char *place = piece.data + at, *end = value.data + value.len;
		if (value.len == 0 || place >= end) {
			at = next < to ? (size_t)(begin_of(d, next) - piece.data) : piece.len;
		} else if (place < value.data) {
			at = (size_t)(value.data - piece.data);
		} else if (len <= (size_t)(end - place)) {
			if (!t->words || text_decisions_test(t, number, scratch))
				set_yes(t, number);
			at = (size_t)(end - piece.data);
		} else {
			at++;
		}
	}
}

static void decide_part(void *context, size_t part, struct buffer *scratch)
{
	const struct text_decisions *t = context;
	uint32_t from = (uint32_t)part * PART;
	uint32_t to = t->dict->count - from > PART ? from + PART : t->dict->count;

	if (!term_set_is_searchable(t->set) || (!t->words && of_lines(t))) {
		decide_each(t, from, to, scratch);
		return;
	}
	/* Number 0 is the empty text, in which no term is. */
	for (from = next_used(t->dict, from > 0 ? from : 1, to); from < to;
	     from = next_used(t->dict, from, to)) {
		uint32_t end = run_end_of(t->dict, from, to);
		search_run(t, from, end, scratch);
		from = end;
	}
}

void text_decisions_begin(struct text_decisions *t, const struct index *ix, const struct dict *dict,
    const struct term_set *set, const struct term_set *words, uint64_t asked)
{
	size_t parts = ((size_t)dict->count + PART - 1) / PART;

	*t = (struct text_decisions){.ix = ix, .dict = dict, .set = set, .words = words};
	if (asked < text_decisions_worth(dict))
		return;
	t->yes = memory_zero((size_t)dict->count / 64 + 1, sizeof(*t->yes));
	workers_run(parts, dict_text_bytes(dict) > TWO_THREADS_BYTES, decide_part, t);
}

void text_decisions_end(struct text_decisions *t)
{
	free(t->yes);
	t->yes = NULL;
}
