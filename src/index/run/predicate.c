/* Decides one predicate for many rows. The texts of its field are decided first, each once
 * (text_decisions.c); a row then costs a bit or two. Rows are taken in parts by one or two
 * threads, and no two write the same word. */
#include "index/run/predicate.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "index/columns/delete_marks.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/run/text_decisions.h"
#include "index/run/workers.h"

/* Rows in a part, by words of 64: what a thread takes at a time. */
#define PART_WORDS 16
#define PART_ROWS (PART_WORDS * 64)
/* A row takes some ten nanoseconds: below so many a second thread does not pay. */
#define TWO_THREADS_ROWS 50000

enum answer { NO, YES, UNKNOWN };

/* What is decided: a row with the recipients that count. */
struct subject {
	uint32_t row;
	struct seen seen; /* only for predicates about recipients */
	struct recipient one;
};

struct decision;
typedef enum answer decide_fn(
    const struct decision *d, const struct subject *s, struct buffer *scratch);

/* One predicate while it is decided. */
struct decision {
	const struct predicate *predicate;
	const struct index *ix;
	int64_t now;
	struct text_decisions senders, addresses, reasons, other;
	uint64_t *hosts; /* a bit for each reason, by its host; NULL: looked at when asked for */
	uint64_t *diagnoses; /* a bit for each diagnosis + 1; 0: none */
	/* A bit for each domain: of any pause, and of one that the terms select; NULL: none is. And
	 * for each pause: whether they select it. */
	uint64_t *paused_domains, *selected_domains;
	bool *selected;
	uint64_t queues;    /* a bit for each queue; of deleting: 1 no, 2 yes */
	bool of_recipients; /* rows' recipients are looked at */
	const struct bits *asked;
	const struct verdict *out;
	atomic_bool any_unknown;
	decide_fn *decide;
};

/* ---- What a predicate is ---- */

static bool is_exact(const struct filter_node *term)
{
	return term->match == FILTER_EXACT;
}

/* Of those terms that `wanted` says yes to; NULL when it says that to none. */
static struct term_set *set_of_some(
    const struct filter_node *const *terms, size_t count, bool wanted(const struct filter_node *))
{
	MEMORY_AUTO const struct filter_node **some = memory_alloc(count * sizeof(*some));
	size_t some_count = 0;

	for (size_t i = 0; i < count; i++) {
		if (wanted(terms[i]))
			some[some_count++] = terms[i];
	}
	return some_count > 0 ? term_set_create(some, some_count) : NULL;
}

static bool is_yes(const struct filter_node *term)
{
	return slice_is(term->pattern, "yes");
}

static bool is_no(const struct filter_node *term)
{
	return slice_is(term->pattern, "no");
}

static bool names_pauses(const struct filter_node *term)
{
	return !is_yes(term) && !is_no(term);
}

/* The words are not looked for in names: `paused:no` is not what is held back for novelty.example.
 */
static void make_paused(
    struct predicate *predicate, const struct filter_node *const *terms, size_t count)
{
	predicate->pauses = set_of_some(terms, count, names_pauses);
	for (size_t i = 0; i < count; i++) {
		predicate->paused_yes |= is_yes(terms[i]);
		predicate->paused_no |= is_no(terms[i]);
	}
}

void predicate_make(
    struct predicate *predicate, const struct filter_node *const *terms, size_t count)
{
	*predicate = (struct predicate){.field = terms[0]->field};
	if (terms[0]->kind == FILTER_NUMBER) {
		predicate->number = terms[0];
		return;
	}
	predicate->set = term_set_create(terms, count);
	if (predicate->field == FILTER_REASON || predicate->field == FILTER_ANY)
		predicate->words = term_set_words(predicate->set);
	if (predicate->field == FILTER_REASON)
		predicate->classes = set_of_some(terms, count, is_exact);
	if (predicate->field == FILTER_ID || predicate->field == FILTER_ANY)
		predicate->ids = set_of_some(terms, count, term_set_in_ids);
	if (predicate->field == FILTER_PAUSED)
		make_paused(predicate, terms, count);
}

void predicate_free(struct predicate *predicate)
{
	term_set_free(predicate->set);
	term_set_free(predicate->ids);
	term_set_free(predicate->words);
	term_set_free(predicate->classes);
	term_set_free(predicate->pauses);
	*predicate = (struct predicate){0};
}

/* The texts that a field looks in; NULL where that is not one dictionary. */
static const struct dict *dict_of(const struct index *ix, enum filter_field field)
{
	switch (field) {
	case FILTER_FROM:
		return &ix->senders;
	case FILTER_TO:
		return &ix->addresses;
	case FILTER_DOMAIN:
		return &ix->domains;
	case FILTER_REASON:
		return &ix->reasons;
	case FILTER_CLIENT:
		return &ix->clients;
	case FILTER_LOGIN:
		return &ix->logins;
	case FILTER_HELO:
		return &ix->helos;
	case FILTER_SUBJECT:
		return &ix->subjects;
	default:
		return NULL;
	}
}

uint64_t predicate_cost(const struct predicate *predicate, const struct index *ix)
{
	const struct dict *dict = dict_of(ix, predicate->field);
	uint64_t bytes = dict ? dict_text_bytes(dict) : 0;

	if (predicate->number)
		return 0;
	if (predicate->field == FILTER_ID || predicate->field == FILTER_ANY)
		bytes += (uint64_t)ix->rows * QUEUE_ID_SIZE;
	/* Names of hosts are short; each reason has one. */
	if (predicate->field == FILTER_REMOTE_HOST)
		bytes += (uint64_t)ix->reasons.count * 32;
	if (predicate->field == FILTER_ANY)
		bytes += dict_text_bytes(&ix->senders) + dict_text_bytes(&ix->addresses) +
			 dict_text_bytes(&ix->reasons);
	return bytes * term_set_cost(predicate->set);
}

/* ---- A row ---- */

static enum answer yes_if(bool yes)
{
	return yes ? YES : NO;
}

static enum answer by_number(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	const struct filter_node *n = d->predicate->number;
	const struct columns *c = &d->ix->c;
	uint64_t size;

	(void)scratch;
	switch (n->field) {
	case FILTER_SIZE:
		size = row_size(d->ix, s->row);
		return yes_if(filter_match_number(n, size > INT64_MAX ? INT64_MAX : (int64_t)size));
	case FILTER_RECIPIENTS:
		return yes_if(filter_match_number(n, s->seen.todo));
	default: /* next: only what is deferred has a next attempt */
		if (c->queue[s->row] != QUEUE_DEFERRED)
			return NO;
		if (!(c->known[s->row] & MESSAGE_KNOWS_NEXT_RETRY))
			return UNKNOWN;
		return yes_if(filter_match_number(n, (int64_t)c->next_retry[s->row] - d->now));
	}
}

/* Nothing expires on hold: there it has no end that comes nearer. In maildrop no lifetime has
 * begun. */
static enum answer by_expiry(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	const struct index *ix = d->ix;
	int64_t lifetime = ix->c.sender[s->row] != 0 ? ix->lifetime : ix->bounce_lifetime;

	(void)scratch;
	if (ix->c.queue[s->row] == QUEUE_HOLD || ix->c.queue[s->row] == QUEUE_MAILDROP)
		return NO;
	if (lifetime < 0 || !(ix->c.known[s->row] & MESSAGE_KNOWS_CREATE_TIME))
		return UNKNOWN;
	return yes_if(filter_match_number(
	    d->predicate->number, (int64_t)row_create_time(ix, s->row) + lifetime - d->now));
}

static enum answer by_deleting(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	(void)scratch;
	if (d->ix->c.queue[s->row] != QUEUE_HOLD)
		return yes_if(d->queues & 1);
	if (!d->ix->delete_marks.known)
		return UNKNOWN;
	return yes_if(d->queues >> row_is_being_deleted(d->ix, s->row) & 1);
}

static bool has_bit(const uint64_t *bits, uint32_t number)
{
	return bits != NULL && (bits[number / 64] >> (number % 64) & 1);
}

/* What a row waits for: any pause, and one that the terms select. */
struct waiting {
	const struct decision *d;
	bool any, selected;
};

static bool take_pause(void *context, uint32_t pause)
{
	struct waiting *waiting = context;

	waiting->any = true;
	waiting->selected |= waiting->d->selected[pause];
	return !waiting->selected;
}

/* True: of some of what would tell it nothing is known. */
static bool find_pauses(const struct decision *d, const struct subject *s, struct waiting *waiting)
{
	const struct index *ix = d->ix;

	if (ix->c.queue[s->row] == QUEUE_HOLD) {
		paused_each_of_held(ix, s->row, take_pause, waiting);
		return ix->paused.by_text[PAUSED_NAMES_LOGIN].used > 0 &&
		       !(ix->c.known[s->row] & MESSAGE_KNOWS_ORIGIN);
	}
	if (!paused_in_queue(ix->c.queue[s->row]) || d->paused_domains == NULL)
		return false;
	for (uint32_t i = 0; i < s->seen.kept && !waiting->selected; i++) {
		const struct recipient *r = seen_at(&s->seen, i);
		uint32_t domain = address_domain(&ix->addresses, recipient_address(ix, r));
		if (recipient_is_done(r))
			continue;
		waiting->any |= has_bit(d->paused_domains, domain);
		waiting->selected |= has_bit(d->selected_domains, domain);
	}
	return s->seen.cut;
}

static enum answer by_paused(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	struct waiting waiting = {d, false, false};
	bool unknown;

	(void)scratch;
	if (!d->ix->paused.known)
		return UNKNOWN;
	unknown = find_pauses(d, s, &waiting);
	if (waiting.selected)
		return YES;
	/* One that is found settles what `no` asks, not which others there are. */
	if (unknown && (!waiting.any || d->predicate->pauses))
		return UNKNOWN;
	return yes_if(d->predicate->paused_no && !waiting.any);
}

static enum answer by_queue(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	(void)scratch;
	return yes_if(d->queues >> d->ix->c.queue[s->row] & 1);
}

static enum answer by_sender(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	return yes_if(text_decisions_match(&d->senders, d->ix->c.sender[s->row], scratch));
}

static bool original_matches(
    const struct decision *d, const struct recipient *r, struct buffer *scratch)
{
	uint32_t original = recipient_original(d->ix, r);

	return original != 0 && text_decisions_match(&d->addresses, original, scratch);
}

/* Any waiting recipient's address, or its address before rewriting. With recipients that are not
 * kept, no match among the others says nothing. */
static enum answer by_address(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	for (uint32_t i = 0; i < s->seen.kept; i++) {
		const struct recipient *r = seen_at(&s->seen, i);
		uint32_t address = recipient_address(d->ix, r);
		if (!recipient_is_done(r) &&
		    (text_decisions_match(&d->addresses, address, scratch) ||
			original_matches(d, r, scratch)))
			return YES;
	}
	return s->seen.cut ? UNKNOWN : NO;
}

static enum answer by_domain(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	for (uint32_t i = 0; i < s->seen.kept; i++) {
		const struct recipient *r = seen_at(&s->seen, i);
		uint32_t domain = address_domain(&d->ix->addresses, recipient_address(d->ix, r));
		if (!recipient_is_done(r) && text_decisions_match(&d->other, domain, scratch))
			return YES;
	}
	return s->seen.cut ? UNKNOWN : NO;
}

/* A reason by its words, or by its class's name, as groups give it. */
static enum answer match_reason(
    const struct decision *d, const struct recipient *recipient, struct buffer *scratch)
{
	uint32_t reason = recipient_reason(recipient);

	if (text_decisions_match(&d->reasons, reason, scratch))
		return YES;
	if (!d->predicate->classes || reason == 0)
		return NO;
	if (!reasons_settled(d->ix, reason))
		return UNKNOWN;
	return yes_if(
	    text_decisions_match(&d->other, reasons_settled_class(d->ix, reason), scratch));
}

static enum answer match_diagnosis(
    const struct decision *d, const struct recipient *recipient, struct buffer *scratch)
{
	uint32_t n;

	(void)scratch;
	if (!reasons_settled(d->ix, recipient_reason(recipient)))
		return UNKNOWN;
	n = paused_diagnosis(d->ix, recipient);
	return yes_if(d->diagnoses[n / 64] >> (n % 64) & 1);
}

static enum answer match_host(
    const struct decision *d, const struct recipient *recipient, struct buffer *scratch)
{
	uint32_t reason = recipient_reason(recipient);

	if (d->hosts)
		return yes_if(d->hosts[reason / 64] >> (reason % 64) & 1);
	return yes_if(term_set_match(d->predicate->set, hosts_of_reason(d->ix, reason), scratch));
}

/* Any waiting recipient's reason, the last known one. Only an empty pattern matches a message
 * without any.
 */
static enum answer any_reason(const struct decision *d, const struct subject *s,
    struct buffer *scratch,
    enum answer match(const struct decision *, const struct recipient *, struct buffer *))
{
	const struct recipient none = {0, 0};
	bool some = false, unknown = s->seen.cut;

	for (uint32_t i = 0; i < s->seen.kept; i++) {
		const struct recipient *r = seen_at(&s->seen, i);
		uint32_t reason = recipient_is_done(r) ? 0 : recipient_reason(r);
		enum answer answer = reason ? match(d, r, scratch) : NO;
		if (answer == YES)
			return YES;
		unknown |= answer == UNKNOWN;
		some |= reason != 0;
	}
	if (unknown)
		return UNKNOWN;
	return some ? NO : match(d, &none, scratch);
}

static enum answer by_reason(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	return any_reason(d, s, scratch, match_reason);
}

static enum answer by_remote_host(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	return any_reason(d, s, scratch, match_host);
}

static enum answer by_diagnosis(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	return any_reason(d, s, scratch, match_diagnosis);
}

/* Fields that some sources do not give. */
static enum answer by_client(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	if (!(d->ix->c.known[s->row] & MESSAGE_KNOWS_ORIGIN))
		return UNKNOWN;
	return yes_if(text_decisions_match(&d->other, row_client(d->ix, s->row), scratch));
}

static enum answer by_login(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	if (!(d->ix->c.known[s->row] & MESSAGE_KNOWS_ORIGIN))
		return UNKNOWN;
	return yes_if(text_decisions_match(&d->other, row_login(d->ix, s->row), scratch));
}

static enum answer by_helo(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	if (!(d->ix->c.known[s->row] & MESSAGE_KNOWS_ORIGIN))
		return UNKNOWN;
	return yes_if(text_decisions_match(&d->other, row_helo(d->ix, s->row), scratch));
}

static enum answer by_subject(
    const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	if (!(d->ix->c.known[s->row] & MESSAGE_KNOWS_SUBJECT))
		return UNKNOWN;
	return yes_if(text_decisions_match(&d->other, d->ix->c.subject[s->row], scratch));
}

/* A bare word, but for the ID. */
static enum answer by_any(const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	bool some = false;

	if (text_decisions_match(&d->senders, d->ix->c.sender[s->row], scratch))
		return YES;
	for (uint32_t i = 0; i < s->seen.kept; i++) {
		const struct recipient *r = seen_at(&s->seen, i);
		uint32_t reason = recipient_reason(r);
		if (recipient_is_done(r))
			continue;
		if (text_decisions_match(&d->addresses, recipient_address(d->ix, r), scratch) ||
		    original_matches(d, r, scratch) ||
		    (reason != 0 && text_decisions_match(&d->reasons, reason, scratch)))
			return YES;
		some |= reason != 0;
	}
	if (s->seen.cut)
		return UNKNOWN;
	return yes_if(!some && text_decisions_match(&d->reasons, 0, scratch));
}

/* ---- All rows ---- */

/* As if a recipient were alone: he waits, or his part in the row could not be decided. */
static void take_alone(const struct decision *d, const struct alone *alone, struct subject *s)
{
	s->row = alone->row;
	s->seen = (struct seen){&s->one, NULL, 1, 1, false};
	if (alone->recipient == ALONE_NOBODY)
		s->seen.kept = s->seen.todo = 0;
	else if (alone->recipient == ALONE_NOT_KEPT)
		s->seen = (struct seen){&s->one, NULL, 0, 1, true};
	else
		s->one = row_recipients(d->ix, alone->row)[alone->recipient];
	s->one.reason &= ~RECIPIENT_DONE;
}

static inline void take_subject(const struct decision *d, uint32_t bit, struct subject *s)
{
	s->row = bit;
	if (d->asked->alone)
		take_alone(d, &d->asked->alone[bit], s);
	else if (d->of_recipients)
		s->seen = row_seen(d->ix, d->asked->inside, bit);
}

/* While one word of rows is decided, the recipients of the next come nearer from memory. */
static void decide_part(void *context, size_t part, struct buffer *scratch)
{
	struct decision *d = context;
	struct subject s = {.row = 0};
	uint64_t any_unknown = 0;

	for (size_t w = part * PART_WORDS; w < d->asked->words && w < (part + 1) * PART_WORDS;
	     w++) {
		uint64_t yes = 0, unknown = 0;
		if (d->of_recipients && !d->asked->alone && w + 1 < d->asked->words)
			rows_expect_recipients(
			    d->ix, d->asked->word[w + 1], (uint32_t)(w + 1) * 64);
		for (uint64_t left = d->asked->word[w]; left != 0; left &= left - 1) {
			unsigned i = (unsigned)__builtin_ctzll(left);
			enum answer answer;
			take_subject(d, (uint32_t)(w * 64 + i), &s);
			answer = d->decide(d, &s, scratch);
			yes |= (uint64_t)(answer == YES) << i;
			unknown |= (uint64_t)(answer == UNKNOWN) << i;
		}
		d->out->yes[w] = yes;
		d->out->unknown[w] = unknown;
		any_unknown |= unknown;
	}
	if (any_unknown)
		atomic_store(&d->any_unknown, true);
}

/* Ages are as old as this at most, and as young: nothing is left of the difference in a column. */
#define AGE_FAR (INT64_C(1) << 40)

/* The arrivals of an age: from `low` to `high`; false when there are none. */
static bool arrivals_of(const struct filter_node *n, int64_t now, uint32_t *low, uint32_t *high)
{
	int64_t value = n->value > AGE_FAR ? AGE_FAR : n->value < -AGE_FAR ? -AGE_FAR : n->value;
	int64_t at = now - value, from = 0, to = UINT32_MAX;

	if (n->op == FILTER_EQ)
		from = to = at;
	else if (n->op == FILTER_GT || n->op == FILTER_GE)
		to = at - (n->op == FILTER_GT);
	else
		from = at + (n->op == FILTER_LT);
	from = from < 0 ? 0 : from;
	to = to > UINT32_MAX ? UINT32_MAX : to;
	*low = (uint32_t)from;
	*high = (uint32_t)to;
	return from <= to;
}

static enum answer by_age(const struct decision *d, const struct subject *s, struct buffer *scratch)
{
	(void)scratch;
	return yes_if(
	    filter_match_number(d->predicate->number, d->now - (int64_t)d->ix->c.arrival[s->row]));
}

/* The age is asked for beside most groups, anew each second: 64 rows at once, without a branch. */
static void decide_ages_part(void *context, size_t part, struct buffer *scratch)
{
	struct decision *d = context;
	uint32_t low, high, rows = d->ix->rows;
	bool some = arrivals_of(d->predicate->number, d->now, &low, &high);

	(void)scratch;
	for (size_t w = part * PART_WORDS;
	     some && w < d->asked->words && w < (part + 1) * PART_WORDS; w++) {
		const uint32_t *arrival = &d->ix->c.arrival[w * 64];
		uint32_t left = rows - (uint32_t)(w * 64), count = left < 64 ? left : 64;
		uint64_t yes = 0;
		for (uint32_t i = 0; i < count; i++)
			yes |= (uint64_t)(arrival[i] - low <= high - low) << i;
		d->out->yes[w] = yes & d->asked->word[w];
	}
}

/* IDs are not kept as texts: they are written out, many at a time, and searched like texts. What
 * they match is no longer unknown. */
static void decide_ids_part(void *context, size_t part, struct buffer *scratch)
{
	struct decision *d = context;
	char ids[PART_ROWS][QUEUE_ID_SIZE];
	struct slice texts[PART_ROWS];
	uint16_t place[PART_ROWS]; /* which bit of the part */
	uint64_t yes[PART_WORDS] = {0};
	size_t count = 0, first = part * PART_WORDS;

	for (size_t w = first; w < d->asked->words && w < first + PART_WORDS; w++) {
		for (uint64_t left = d->asked->word[w] & ~d->out->yes[w]; left != 0;
		     left &= left - 1) {
			uint32_t bit = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
			struct id_key id =
			    row_id(d->ix, d->asked->alone ? d->asked->alone[bit].row : bit);
			id_key_unpack(&id, ids[count]);
			texts[count] = slice_of(ids[count]);
			place[count++] = (uint16_t)(bit - first * 64);
		}
	}
	if (count == 0)
		return;
	term_set_match_all(d->predicate->ids, texts, count, yes, scratch);
	for (size_t n = 0; n < count; n++) {
		uint64_t bit = (yes[n / 64] >> (n % 64) & 1) << (place[n] % 64);
		d->out->yes[first + place[n] / 64] |= bit;
		d->out->unknown[first + place[n] / 64] &= ~bit;
	}
}

/* Parts are small beside the whole, so that both threads end at about the same time. */
static void all_rows(struct decision *d, workers_task *work)
{
	workers_run((d->asked->words + PART_WORDS - 1) / PART_WORDS,
	    d->asked->count > TWO_THREADS_ROWS, work, d);
}

/* A diagnosis is found by its key or its title; number 0 is none. */
static uint64_t *diagnoses_of(const struct term_set *set)
{
	uint64_t *yes = memory_zero(diagnosis_count() / 64 + 1, sizeof(*yes));
	BUFFER_AUTO struct buffer scratch = {0};

	for (size_t n = 0; n <= diagnosis_count(); n++) {
		const struct diagnosis *g = n ? diagnosis_at(n - 1) : NULL;
		if (term_set_match(set, slice_of(g ? g->key : ""), &scratch) ||
		    (g && term_set_match(set, slice_of(g->title), &scratch)))
			yes[n / 64] |= UINT64_C(1) << (n % 64);
	}
	return yes;
}

/* Hosts are in no dictionary; deciding them once for each reason is what comes nearest to one. */
static uint64_t *hosts_of(const struct index *ix, const struct term_set *set)
{
	uint64_t *yes = memory_zero(ix->reasons.count / 64 + 1, sizeof(*yes));
	BUFFER_AUTO struct buffer scratch = {0};

	for (uint32_t n = 0; n < ix->reasons.count; n++)
		if (dict_used(&ix->reasons, n) &&
		    term_set_match(set, hosts_of_reason(ix, n), &scratch))
			yes[n / 64] |= UINT64_C(1) << (n % 64);
	return yes;
}

static uint64_t queues_of(const struct term_set *set)
{
	BUFFER_AUTO struct buffer scratch = {0};
	uint64_t yes = 0;

	for (int q = 0; q < QUEUE_COUNT; q++)
		yes |= (uint64_t)term_set_match(set, slice_of(queue_name((enum queue)q)), &scratch)
		       << q;
	return yes;
}

/* ---- Pauses ---- */

static void select_pauses(struct decision *d)
{
	const struct paused *paused = &d->ix->paused;
	BUFFER_AUTO struct buffer scratch = {0};

	d->selected = memory_zero(paused->count + 1, sizeof(*d->selected));
	for (size_t i = 0; i < paused->count; i++)
		d->selected[i] =
		    d->predicate->paused_yes ||
		    (d->predicate->pauses &&
			(term_set_match(d->predicate->pauses, paused->pause[i].key, &scratch) ||
			    term_set_match(d->predicate->pauses, paused->pause[i].by, &scratch)));
}

/* Before the rows: a message then costs a bit or two for each of its recipients. */
static void prepare_pauses(struct decision *d)
{
	const struct index *ix = d->ix;
	size_t words = (size_t)ix->domains.count / 64 + 1;

	select_pauses(d);
	if (ix->paused.by_text[PAUSED_NAMES_DOMAIN].used == 0)
		return;
	d->paused_domains = memory_zero(words, sizeof(*d->paused_domains));
	d->selected_domains = memory_zero(words, sizeof(*d->selected_domains));
	for (uint32_t n = 1; n < ix->domains.count; n++) {
		struct waiting waiting = {d, false, false};
		if (!dict_used(&ix->domains, n))
			continue;
		paused_each_of_domain(ix, n, take_pause, &waiting);
		d->paused_domains[n / 64] |= (uint64_t)waiting.any << (n % 64);
		d->selected_domains[n / 64] |= (uint64_t)waiting.selected << (n % 64);
	}
}

static uint64_t yes_or_no_of(const struct term_set *set)
{
	BUFFER_AUTO struct buffer scratch = {0};

	return (uint64_t)term_set_match(set, SLICE("no"), &scratch) |
	       (uint64_t)term_set_match(set, SLICE("yes"), &scratch) << 1;
}

/* How many recipients the rows have, or `enough` when it is more. */
static uint64_t count_recipients(const struct decision *d, uint64_t enough)
{
	uint64_t count = d->asked->count;

	if (d->asked->alone)
		return count;
	for (size_t w = 0; w < d->asked->words && count < enough; w++) {
		for (uint64_t left = d->asked->word[w]; left != 0; left &= left - 1) {
			uint32_t row = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
			uint32_t kept = row_kept(d->ix, row);
			count += kept > 1 ? kept - 1 : 0;
		}
	}
	return count;
}

/* Whether deciding all texts pays depends on how many recipients will ask, not on how many rows:
 * one message may have thousands. */
static void prepare_recipients(
    struct decision *d, struct text_decisions *texts, const struct dict *dict)
{
	const struct term_set *words = dict == &d->ix->reasons ? d->predicate->words : NULL;

	text_decisions_begin(texts, d->ix, dict, d->predicate->set, words,
	    count_recipients(d, text_decisions_worth(dict)));
}

static void prepare_texts(struct decision *d)
{
	const struct index *ix = d->ix;
	const struct predicate *predicate = d->predicate;
	uint64_t asked = d->asked->count;
	bool any = predicate->field == FILTER_ANY;

	if (predicate->field == FILTER_FROM || any)
		text_decisions_begin(&d->senders, ix, &ix->senders, predicate->set, NULL, asked);
	if (predicate->field == FILTER_TO || any)
		prepare_recipients(d, &d->addresses, &ix->addresses);
	if (predicate->field == FILTER_REASON || any)
		prepare_recipients(d, &d->reasons, &ix->reasons);
	else if (predicate->field != FILTER_FROM && predicate->field != FILTER_TO &&
		 dict_of(ix, predicate->field))
		text_decisions_begin(
		    &d->other, ix, dict_of(ix, predicate->field), predicate->set, NULL, asked);
	if (predicate->classes)
		text_decisions_begin(&d->other, ix, &ix->classes, predicate->classes, NULL, asked);
	if (predicate->field == FILTER_CAUSE)
		d->diagnoses = diagnoses_of(predicate->set);
	if (predicate->field == FILTER_REMOTE_HOST &&
	    count_recipients(d, text_decisions_worth(&ix->reasons)) >=
		text_decisions_worth(&ix->reasons))
		d->hosts = hosts_of(ix, predicate->set);
	if (predicate->field == FILTER_QUEUE)
		d->queues = queues_of(predicate->set);
	if (predicate->field == FILTER_DELETING)
		d->queues = yes_or_no_of(predicate->set);
	if (predicate->field == FILTER_PAUSED)
		prepare_pauses(d);
}

static void decision_free(struct decision *d)
{
	text_decisions_end(&d->senders);
	text_decisions_end(&d->addresses);
	text_decisions_end(&d->reasons);
	text_decisions_end(&d->other);
	free(d->hosts);
	free(d->diagnoses);
	free(d->paused_domains);
	free(d->selected_domains);
	free(d->selected);
}

bool predicate_of_recipients(enum filter_field field)
{
	return field == FILTER_ANY || field == FILTER_TO || field == FILTER_DOMAIN ||
	       field == FILTER_REASON || field == FILTER_CAUSE || field == FILTER_REMOTE_HOST ||
	       field == FILTER_RECIPIENTS || field == FILTER_PAUSED;
}

/* Everything that the threads share is made before they start, and only read then. */
void predicate_decide(const struct predicate *predicate, const struct index *ix, int64_t now,
    const struct bits *asked, struct verdict *out)
{
	static decide_fn *const by_field[FILTER_FIELD_COUNT] = {
	    [FILTER_QUEUE] = by_queue,
	    [FILTER_FROM] = by_sender,
	    [FILTER_TO] = by_address,
	    [FILTER_DOMAIN] = by_domain,
	    [FILTER_REASON] = by_reason,
	    [FILTER_CAUSE] = by_diagnosis,
	    [FILTER_REMOTE_HOST] = by_remote_host,
	    [FILTER_CLIENT] = by_client,
	    [FILTER_LOGIN] = by_login,
	    [FILTER_HELO] = by_helo,
	    [FILTER_SUBJECT] = by_subject,
	    [FILTER_ANY] = by_any,
	    [FILTER_SIZE] = by_number,
	    [FILTER_NEXT] = by_number,
	    [FILTER_RECIPIENTS] = by_number,
	    [FILTER_EXPIRES] = by_expiry,
	    [FILTER_DELETING] = by_deleting,
	    [FILTER_PAUSED] = by_paused,
	};
	struct decision d = {.predicate = predicate,
	    .ix = ix,
	    .now = now,
	    .asked = asked,
	    .out = out,
	    .decide = by_field[predicate->field],
	    .of_recipients = predicate_of_recipients(predicate->field)};

	if (predicate->set)
		prepare_texts(&d);
	if (predicate->field == FILTER_AGE && asked->alone)
		d.decide = by_age;
	if (d.decide)
		all_rows(&d, decide_part);
	else if (predicate->field == FILTER_AGE)
		all_rows(&d, decide_ages_part);
	if (predicate->ids)
		all_rows(&d, decide_ids_part);
	out->any_unknown = atomic_load(&d.any_unknown);
	decision_free(&d);
}
