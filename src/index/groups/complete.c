/* Finds the most used values that contain what was typed. Comparing a text costs more than
 * anything else here, so numbers come first: a value that is used less often than the least of
 * those found so far is never compared. */
#include "index/groups/complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "index/columns/intern.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/run/run.h"

/* One that may be among the largest. */
struct candidate {
	uint32_t number; /* in the dictionary, a queue, or a diagnosis + 1 */
	uint32_t uses;
	uint32_t last_row; /* + 1: whose message was counted last */
	uint64_t messages;
};

struct search {
	struct index *ix;
	enum complete_kind kind;
	struct filter_node term;    /* what was typed */
	struct filter_node literal; /* of a pattern: its longest piece, which is found faster */
	struct buffer pattern, scratch;
	struct candidate found[COMPLETE_MAX + 1]; /* and the null sender */
	size_t count, limit;
	uint32_t numbers;  /* one past the highest */
	uint32_t *weights; /* how often each is used; NULL: as the dictionary says */
	/* What is looked at, a bit for each row: of those who may see a part of the queue, that. */
	const uint64_t *rows;
	const struct inside *inside; /* and what of them; NULL: all */
	bool scoped;
	bool weighing;	/* the rows are gone through to weigh the values, not to count */
	uint8_t *place; /* of each number: in `found`, + 1 */
};

/* ---- What the kinds are about ---- */

static const struct dict *dict_of(const struct index *ix, enum complete_kind kind)
{
	switch (kind) {
	case COMPLETE_SENDER:
		return &ix->senders;
	case COMPLETE_SENDER_DOMAIN:
	case COMPLETE_RECIPIENT_DOMAIN:
		return &ix->domains;
	case COMPLETE_RECIPIENT:
		return &ix->addresses;
	case COMPLETE_REASON:
		return &ix->classes;
	case COMPLETE_REMOTE_HOST:
		return &ix->hosts[HOSTS_NAME]->names;
	case COMPLETE_CLIENT:
		return &ix->clients;
	case COMPLETE_LOGIN:
		return &ix->logins;
	case COMPLETE_HELO:
		return &ix->helos;
	case COMPLETE_SUBJECT:
		return &ix->subjects;
	default:
		return NULL;
	}
}

/* The class, diagnosis or host of a reason, 0 where it is not known yet: nobody waits for that
 * here. */
static uint32_t behind_reason(const struct index *ix, enum complete_kind kind, uint32_t reason)
{
	if (kind == COMPLETE_REMOTE_HOST)
		return ix->hosts[HOSTS_NAME]->of_reason[reason];
	if (!reasons_settled(ix, reason))
		return 0;
	return kind == COMPLETE_REASON ? reasons_settled_class(ix, reason)
				       : reasons_settled_diagnosis(ix, reason);
}

static struct slice text_of(const struct search *s, uint32_t number)
{
	if (s->kind == COMPLETE_QUEUE)
		return slice_of(queue_name((enum queue)number));
	if (s->kind == COMPLETE_CAUSE)
		return slice_of(number ? diagnosis_at(number - 1)->key : "");
	return dict_text(dict_of(s->ix, s->kind), number);
}

/* ---- The largest ---- */

static bool matches_text(struct search *s, struct slice text)
{
	return filter_match_text(&s->literal, text, &s->scratch) &&
	       (s->term.match == FILTER_CONTAINS || filter_match_text(&s->term, text, &s->scratch));
}

static bool matches(struct search *s, uint32_t number)
{
	struct slice text = text_of(s, number), rest = text;

	if (s->kind == COMPLETE_CAUSE && matches_text(s, slice_of(diagnosis_at(number - 1)->title)))
		return true;
	if (s->kind != COMPLETE_CLIENT)
		return matches_text(s, text);
	text = intern_part(&rest);
	return matches_text(s, text) || matches_text(s, rest);
}

/* By the names that it goes by. */
static bool matches_null_sender(struct search *s)
{
	return matches_text(s, SLICE("<>")) || matches_text(s, SLICE("MAILER-DAEMON"));
}

static void swap(struct candidate *a, struct candidate *b)
{
	struct candidate t = *a;

	*a = *b;
	*b = t;
}

/* Of values that are used equally often, those who see a part are told the first by their texts: by
 * their numbers it would matter in which mail of others they came first. */
static bool is_less(const struct search *s, const struct candidate *a, const struct candidate *b)
{
	if (a->uses != b->uses || !s->scoped)
		return a->uses < b->uses;
	return slice_compare(text_of(s, a->number), text_of(s, b->number)) > 0;
}

/* A heap with the least used on top. */
static void sink(struct search *s)
{
	size_t at = 0;

	for (;;) {
		size_t least = at;
		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < s->count; child++) {
			if (is_less(s, &s->found[child], &s->found[least]))
				least = child;
		}
		if (least == at)
			return;
		swap(&s->found[at], &s->found[least]);
		at = least;
	}
}

static void consider(struct search *s, uint32_t number, uint32_t uses)
{
	const struct candidate it = {.number = number, .uses = uses};
	size_t at = s->count;

	/* Most values are rare, and are not even compared once there are enough others. */
	if (uses == 0 || (at == s->limit && !is_less(s, &s->found[0], &it)) || !matches(s, number))
		return;
	if (at == s->limit) {
		s->found[0] = it;
		sink(s);
		return;
	}
	s->found[s->count++] = it;
	for (; at > 0 && is_less(s, &s->found[at], &s->found[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&s->found[at], &s->found[(at - 1) / 2]);
}

/* The strings that those of this kind stand behind: addresses, of domains. NULL: they stand in
 * rows.
 */
static const struct dict *dict_before(const struct index *ix, enum complete_kind kind)
{
	switch (kind) {
	case COMPLETE_SENDER_DOMAIN:
		return &ix->senders;
	case COMPLETE_RECIPIENT_DOMAIN:
		return &ix->addresses;
	case COMPLETE_REASON:
	case COMPLETE_CAUSE:
	case COMPLETE_REMOTE_HOST:
		return &ix->reasons;
	case COMPLETE_CLIENT:
	case COMPLETE_LOGIN:
	case COMPLETE_HELO:
		return &ix->origins;
	default:
		return NULL;
	}
}

static uint32_t behind(const struct index *ix, enum complete_kind kind, uint32_t number)
{
	switch (kind) {
	case COMPLETE_SENDER_DOMAIN:
		return address_domain(&ix->senders, number);
	case COMPLETE_RECIPIENT_DOMAIN:
		return address_domain(&ix->addresses, number);
	case COMPLETE_CLIENT:
		return origin_parts(ix, number).client;
	case COMPLETE_LOGIN:
		return origin_parts(ix, number).login;
	case COMPLETE_HELO:
		return origin_parts(ix, number).helo;
	default:
		return behind_reason(ix, kind, number);
	}
}

/* Of what stands behind other strings (the domains of addresses) uses count addresses, not rows:
 * so it is weighed by the uses of those. */
static void weigh(struct search *s, const struct dict *before)
{
	s->weights = memory_zero(s->numbers, sizeof(*s->weights));
	for (uint32_t n = 1; n < before->count; n++) {
		uint32_t uses = before->entries[n].uses;
		if (uses > 0)
			s->weights[behind(s->ix, s->kind, n)] += uses;
	}
	/* Which of these it is depends on the recipient: at most all of them. */
	if (s->kind == COMPLETE_CAUSE && s->ix->paused.count > 0)
		s->weights[s->ix->paused.diagnosis] +=
		    s->weights[s->ix->paused.deferred] + s->weights[s->ix->paused.unavailable];
}

/* ---- Their messages ---- */

static void count_number(struct search *s, uint32_t number, uint32_t row)
{
	struct candidate *c;

	if (s->weighing) {
		s->weights[number]++;
		return;
	}
	if (s->place[number] == 0)
		return;
	c = &s->found[s->place[number] - 1];
	c->messages += c->last_row != row + 1;
	c->last_row = row + 1;
}

static void count_recipients(struct search *s, uint32_t row)
{
	const struct index *ix = s->ix;
	struct seen seen = row_seen(ix, s->inside, row);

	for (uint32_t i = 0; i < seen.kept; i++) {
		const struct recipient *r = seen_at(&seen, i);
		uint32_t address = recipient_address(ix, r);
		if (recipient_is_done(r))
			continue;
		if (s->kind == COMPLETE_RECIPIENT)
			count_number(s, address, row);
		else if (s->kind == COMPLETE_RECIPIENT_DOMAIN)
			count_number(s, address_domain(&ix->addresses, address), row);
		else if (s->kind == COMPLETE_CAUSE && reasons_settled(ix, recipient_reason(r)))
			count_number(s, paused_diagnosis(ix, r), row);
		else
			count_number(s, behind_reason(ix, s->kind, recipient_reason(r)), row);
	}
}

static void count_row(struct search *s, uint32_t row)
{
	const struct index *ix = s->ix;
	uint32_t sender = ix->c.sender[row];

	switch (s->kind) {
	case COMPLETE_QUEUE:
		count_number(s, ix->c.queue[row], row);
		break;
	case COMPLETE_SENDER:
		count_number(s, sender, row);
		break;
	case COMPLETE_SENDER_DOMAIN:
		count_number(s, address_domain(&ix->senders, sender), row);
		break;
	case COMPLETE_CLIENT:
		count_number(s, row_client(ix, row), row);
		break;
	case COMPLETE_LOGIN:
		count_number(s, row_login(ix, row), row);
		break;
	case COMPLETE_HELO:
		count_number(s, row_helo(ix, row), row);
		break;
	case COMPLETE_SUBJECT:
		count_number(s, ix->c.subject[row], row);
		break;
	default:
		count_recipients(s, row);
		break;
	}
}

static void count_rows(struct search *s)
{
	for (uint32_t word = 0; word * 64 < s->ix->rows; word++) {
		for (uint64_t left = s->rows[word]; left != 0; left &= left - 1)
			count_row(s, word * 64 + (uint32_t)__builtin_ctzll(left));
	}
}

/* The dictionaries tell of the whole queue: who may see a part of it is told of that. */
static void weigh_rows(struct search *s)
{
	s->weights = memory_zero(s->numbers, sizeof(*s->weights));
	s->weighing = true;
	count_rows(s);
	s->weighing = false;
}

static void pick(struct search *s)
{
	const struct dict *d = dict_of(s->ix, s->kind);

	s->numbers = s->kind == COMPLETE_QUEUE ? QUEUE_COUNT
		     : d		       ? d->count
					       : (uint32_t)diagnosis_count() + 1;
	if (s->scoped)
		weigh_rows(s);
	else if (dict_before(s->ix, s->kind))
		weigh(s, dict_before(s->ix, s->kind));
	if (s->kind == COMPLETE_QUEUE) {
		for (uint32_t q = 0; q < QUEUE_COUNT; q++)
			consider(s, q, s->scoped ? s->weights[q] : s->ix->counts[q] > 0);
		return;
	}
	for (uint32_t n = 1; n < s->numbers; n++)
		consider(s, n, s->weights ? s->weights[n] : d->entries[n].uses);
	/* The null sender is number 0, whose uses nobody counts: it comes beside the others. */
	if (s->kind == COMPLETE_SENDER && matches_null_sender(s))
		s->found[s->count++] = (struct candidate){.number = 0};
}

/* Uses also count rows that left; what is offered to people are messages in the queue now. */
static void count_messages(struct search *s)
{
	const struct index *ix = s->ix;

	if (s->kind == COMPLETE_QUEUE && !s->scoped) {
		for (size_t i = 0; i < s->count; i++)
			s->found[i].messages = ix->counts[s->found[i].number];
		return;
	}
	if (s->count == 0)
		return;
	s->place = memory_zero(s->numbers, sizeof(*s->place));
	for (size_t i = 0; i < s->count; i++)
		s->place[s->found[i].number] = (uint8_t)(i + 1);
	count_rows(s);
}

/* ---- The answer ---- */

static int compare_values(const void *a, const void *b)
{
	const struct complete_value *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return slice_compare(x->text, y->text);
}

static void append_text(const struct search *s, uint32_t number, struct buffer *memory)
{
	struct slice rest = text_of(s, number), name;

	if (s->kind != COMPLETE_CLIENT) {
		buffer_append_slice(memory, rest);
		return;
	}
	name = intern_part(&rest);
	buffer_append_slice(memory, name);
	buffer_append_char(memory, '[');
	buffer_append_slice(memory, rest);
	buffer_append_char(memory, ']');
}

/* Texts are collected first and pointed at when they no longer move. */
static size_t give(const struct search *s, struct buffer *memory, struct complete_value *out)
{
	struct complete_value all[COMPLETE_MAX + 1];
	size_t offsets[COMPLETE_MAX + 1], count = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct candidate *c = &s->found[i];
		if (c->messages == 0)
			continue;
		offsets[count] = memory->len;
		append_text(s, c->number, memory);
		all[count] = (struct complete_value){.messages = c->messages,
		    .text.len = memory->len - offsets[count],
		    .diagnosis = s->kind == COMPLETE_CAUSE ? diagnosis_at(c->number - 1) : NULL};
		count++;
	}
	for (size_t i = 0; i < count; i++)
		all[i].text.data = buffer_string(memory) + offsets[i];
	qsort(all, count, sizeof(*all), compare_values);
	count = count < s->limit ? count : s->limit;
	memcpy(out, all, count * sizeof(*out));
	return count;
}

static struct slice longest_piece(struct slice pattern)
{
	struct slice longest = {"", 0};
	size_t from = 0;

	for (size_t i = 0; i <= pattern.len; i++) {
		if (i < pattern.len && pattern.data[i] != '*' && pattern.data[i] != '?')
			continue;
		if (i - from > longest.len)
			longest = slice_first(slice_from(pattern, from), i - from);
		from = i + 1;
	}
	return longest;
}

static void take_typed(struct search *s, struct slice typed)
{
	bool glob = slice_find_char(typed, '*') >= 0 || slice_find_char(typed, '?') >= 0;

	/* A piece of a pattern with `?` may cost its length for each byte of a value. */
	typed = slice_first(typed, FILTER_QUESTION_MAX);
	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.data[i];
		buffer_append_char(&s->pattern, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
	}
	if (glob)
		buffer_append_char(&s->pattern, '*');
	s->term = (struct filter_node){.kind = FILTER_TEXT,
	    .match = glob ? FILTER_GLOB : FILTER_CONTAINS,
	    .pattern = buffer_slice(&s->pattern)};
	s->literal = (struct filter_node){.kind = FILTER_TEXT,
	    .match = FILTER_CONTAINS,
	    .pattern = glob ? longest_piece(s->term.pattern) : s->term.pattern};
}

static size_t search(struct search *s, struct slice typed, size_t limit, struct buffer *memory,
    struct complete_value *out)
{
	size_t count = 0;

	s->limit = limit < COMPLETE_MAX ? limit : COMPLETE_MAX;
	take_typed(s, typed);
	if (s->kind == COMPLETE_REMOTE_HOST)
		hosts_make(s->ix, HOSTS_NAME);
	if (s->limit > 0) {
		pick(s);
		count_messages(s);
		count = give(s, memory, out);
	}
	hosts_forget(s->ix);
	free(s->weights);
	free(s->place);
	buffer_free(&s->pattern);
	buffer_free(&s->scratch);
	return count;
}

size_t complete_values(struct index *ix, enum complete_kind kind, struct slice typed, size_t limit,
    struct buffer *memory, struct complete_value *out)
{
	struct search s = {.ix = ix, .kind = kind, .rows = ix->live};

	return search(&s, typed, limit, memory, out);
}

size_t complete_values_within(struct index *ix, const struct filter *scope, int64_t now,
    enum complete_kind kind, struct slice typed, size_t limit, struct buffer *memory,
    struct complete_value *out)
{
	struct run run;
	size_t count;

	run_begin_scope(&run, ix, scope, now);
	struct search s = {
	    .ix = ix, .kind = kind, .rows = run.match, .inside = run.inside, .scoped = true};
	count = search(&s, typed, limit, memory, out);
	run_end(&run);
	return count;
}
