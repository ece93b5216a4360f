#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "index/groups/groups.h"
#include "index/index.h"
#include "index/views/view.h"

#define NOW INT64_C(1800000000)

/* ---- A plain, slow model of the queue, to compare with ---- */

#define MODEL_MAX 400 /* more than there are IDs to choose from */
#define MODEL_RECIPIENTS 4

struct model_recipient {
	char address[40], reason[60], dsn[8];
};

struct model_message {
	bool used;
	unsigned life; /* another one when the ID was another message's before */
	char id[QUEUE_ID_SIZE];
	enum queue queue;
	int64_t arrival, next_retry;
	uint64_t size;
	char sender[40], login[16];
	size_t count;
	struct model_recipient recipient[MODEL_RECIPIENTS];
};

struct model {
	struct model_message m[MODEL_MAX];
	size_t count;
	unsigned lives;
};

static unsigned random_below(unsigned n)
{
	return (unsigned)random() % n;
}

static void random_id(char id[QUEUE_ID_SIZE])
{
	if (random_below(2))
		snprintf(id, QUEUE_ID_SIZE, "%05X%X", random_below(10), 0xA0 + random_below(8));
	else
		snprintf(id, QUEUE_ID_SIZE, "4bJk%02d%04dz%c%c", (int)random_below(4),
		    (int)random_below(3), "bcdfg"[random_below(5)], "BCDFG"[random_below(5)]);
}

static void random_message(struct model_message *m)
{
	static const char *const reasons[] = {"",
	    "host mx.a.test[192.0.2.1] said: 450 4.2.0 greylisted",
	    "connect to mx.b.test[192.0.2.2]:25: Connection refused", "over quota"};

	*m = (struct model_message){.used = true};
	random_id(m->id);
	m->queue = (enum queue)random_below(QUEUE_CORRUPT);
	m->arrival = NOW - random_below(50) * 100;
	m->next_retry = NOW + (int)random_below(40) * 50 - 500;
	m->size = random_below(30) * 1000;
	if (random_below(5))
		snprintf(m->sender, sizeof(m->sender), "user%u@%s.example", random_below(12),
		    random_below(2) ? "shop" : "Office");
	if (random_below(2))
		snprintf(m->login, sizeof(m->login), "login%u", random_below(3));
	m->count = random_below(MODEL_RECIPIENTS + 1);
	for (size_t i = 0; i < m->count; i++) {
		struct model_recipient *r = &m->recipient[i];
		snprintf(r->address, sizeof(r->address), "r%zu.%u@d%u.test", i, random_below(9),
		    random_below(6));
		snprintf(r->reason, sizeof(r->reason), "%s", reasons[random_below(4)]);
		snprintf(r->dsn, sizeof(r->dsn), "%s", r->reason[0] ? "4.2.0" : "");
	}
}

/* What a spool source would say of it. */
static void tell(struct index *ix, const struct model_message *from)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", from->id);
	m.queue = from->queue;
	m.known = MESSAGE_KNOWS_CREATE_TIME | MESSAGE_KNOWS_ORIGIN | MESSAGE_KNOWS_SUBJECT;
	m.known |= from->queue == QUEUE_DEFERRED ? MESSAGE_KNOWS_NEXT_RETRY : 0;
	m.known |= from->queue != QUEUE_ACTIVE ? MESSAGE_KNOWS_REASONS : 0;
	m.arrival = m.create_time = from->arrival;
	m.next_retry = from->queue == QUEUE_DEFERRED ? from->next_retry : 0;
	m.size = from->size;
	m.sender = slice_of(from->sender);
	m.login = slice_of(from->login);
	m.subject = slice_of(from->id);
	for (size_t i = 0; i < from->count; i++) {
		struct message_recipient *r = message_add_recipient(&m);
		r->address = slice_of(from->recipient[i].address);
		r->reason =
		    from->queue != QUEUE_ACTIVE ? slice_of(from->recipient[i].reason) : SLICE("");
		r->dsn = from->queue != QUEUE_ACTIVE ? slice_of(from->recipient[i].dsn) : SLICE("");
	}
	index_upsert(ix, &m);
}

static struct model_message *model_find(struct model *model, const char *id)
{
	for (size_t i = 0; i < MODEL_MAX; i++) {
		if (model->m[i].used && strcmp(model->m[i].id, id) == 0)
			return &model->m[i];
	}
	return NULL;
}

/* The same message in active keeps the reasons it had. */
static void model_put(struct model *model, struct model_message *m)
{
	struct model_message *old = model_find(model, m->id), *place = NULL;

	/* Every ID keeps its place, also while it is gone: it may come back as the same message. */
	for (size_t i = 0; !place; i++) {
		assert_true(i < MODEL_MAX);
		if (model->m[i].id[0] == '\0' || strcmp(model->m[i].id, m->id) == 0)
			place = &model->m[i];
	}
	for (size_t i = 0; m->queue == QUEUE_ACTIVE && i < m->count; i++) {
		m->recipient[i].reason[0] = m->recipient[i].dsn[0] = '\0';
		for (size_t k = 0; old && old->arrival == m->arrival && k < old->count; k++) {
			if (strcmp(old->recipient[k].address, m->recipient[i].address) == 0)
				m->recipient[i] = old->recipient[k];
		}
	}
	model->count += !old;
	m->life =
	    place->id[0] != '\0' && place->arrival == m->arrival ? place->life : ++model->lives;
	*place = *m;
}

static bool has(const char *text, const char *part)
{
	return strcasestr(text, part) != NULL;
}

typedef bool predicate(const struct model_message *m);

static bool any_reason(const struct model_message *m, const char *part)
{
	for (size_t i = 0; i < m->count; i++) {
		if (has(m->recipient[i].reason, part) && m->recipient[i].reason[0])
			return true;
	}
	return false;
}

static bool any_to(const struct model_message *m, const char *part)
{
	for (size_t i = 0; i < m->count; i++) {
		if (has(m->recipient[i].address, part))
			return true;
	}
	return false;
}

static bool p_all(const struct model_message *m)
{
	return m->used;
}

static bool p_two_terms(const struct model_message *m)
{
	return has(m->sender, "OFFICE") && m->queue == QUEUE_DEFERRED;
}

static bool p_not_reason(const struct model_message *m)
{
	return !any_reason(m, "quota") && any_to(m, "@d3.test");
}

static bool p_or(const struct model_message *m)
{
	return m->sender[0] == '\0' || m->size > 20 * 1024 || NOW - m->arrival >= 3600;
}

static bool p_next(const struct model_message *m)
{
	return m->queue == QUEUE_DEFERRED && m->next_retry - NOW < 300 &&
	       strcmp(m->login, "login1") != 0;
}

static bool p_word(const struct model_message *m)
{
	return has(m->id, "a3") || has(m->sender, "a3") || any_to(m, "a3") || any_reason(m, "a3");
}

static bool p_recipients(const struct model_message *m)
{
	return m->count > 1 && !(m->queue == QUEUE_HOLD || any_reason(m, "4.2.0 grey"));
}

static const struct {
	const char *text;
	predicate *is;
} filters[] = {
    {"", p_all},
    {"from:OFFICE queue:deferred", p_two_terms},
    {"-reason:quota to:@d3.test", p_not_reason},
    {"from:<> or size>20k or age>=1h", p_or},
    {"next<5m -login=login1", p_next},
    {"a3", p_word},
    {"recipients>1 not (queue:hold or reason:\"4.2.0 grey\")", p_recipients},
};

static int compare_models(
    const struct model_message *a, const struct model_message *b, struct index_sort sort)
{
	int64_t x = 0, y = 0;
	int order = 0;

	switch (sort.field) {
	case INDEX_SORT_SIZE:
		x = (int64_t)a->size, y = (int64_t)b->size;
		break;
	case INDEX_SORT_NEXT_RETRY:
		if ((a->queue == QUEUE_DEFERRED) != (b->queue == QUEUE_DEFERRED))
			return a->queue == QUEUE_DEFERRED ? -1 : 1;
		if (a->queue == QUEUE_DEFERRED)
			x = a->next_retry, y = b->next_retry;
		break;
	case INDEX_SORT_RECIPIENTS:
		x = (int64_t)a->count, y = (int64_t)b->count;
		break;
	case INDEX_SORT_SENDER:
		order = strcmp(a->sender, b->sender);
		break;
	default:
		break;
	}
	order = order ? order : (x > y) - (x < y);
	if (order == 0 && sort.field != INDEX_SORT_ID)
		order = (a->arrival > b->arrival) - (a->arrival < b->arrival);
	order = order ? order : strcmp(a->id, b->id);
	return sort.descending ? -order : order;
}

static size_t model_sorted(
    struct model *model, predicate *is, struct index_sort sort, struct model_message **out)
{
	size_t count = 0;

	for (size_t i = 0; i < MODEL_MAX; i++) {
		if (!model->m[i].used || !is(&model->m[i]))
			continue;
		size_t at = count++;
		for (; at > 0 && compare_models(&model->m[i], out[at - 1], sort) < 0; at--)
			out[at] = out[at - 1];
		out[at] = &model->m[i];
	}
	return count;
}

static void check_row(struct index *ix, uint32_t row, const struct model_message *m)
{
	struct index_row r;
	struct index_recipient recipient;

	assert_true(index_row(ix, row, &r));
	assert_string_equal(r.id, m->id);
	assert_false(r.left);
	assert_int_equal(r.queue, m->queue);
	assert_int_equal(r.arrival, m->arrival);
	assert_int_equal(r.size, m->size);
	assert_true(slice_is(r.sender, m->sender));
	assert_true(slice_is(r.login, m->login));
	assert_int_equal(r.recipient_kept, m->count);
	for (uint32_t i = 0; i < m->count; i++) {
		assert_true(index_recipient(ix, row, i, &recipient));
		assert_true(slice_is(recipient.address, m->recipient[i].address));
		assert_true(slice_is(recipient.reason, m->recipient[i].reason));
		assert_true(slice_is(recipient.dsn, m->recipient[i].dsn));
	}
	assert_false(index_recipient(ix, row, (uint32_t)m->count, &recipient));
}

static void check_status(struct index *ix, struct model *model)
{
	struct index_status s;
	uint64_t counts[QUEUE_COUNT] = {0}, bytes = 0, messages = 0;
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < MODEL_MAX; i++) {
		if (!model->m[i].used)
			continue;
		counts[model->m[i].queue]++;
		messages++;
		bytes += model->m[i].size;
		oldest = model->m[i].arrival < oldest ? model->m[i].arrival : oldest;
	}
	index_status(ix, &s);
	assert_memory_equal(s.counts, counts, sizeof(counts));
	assert_int_equal(s.messages, messages);
	assert_int_equal(s.bytes, bytes);
	assert_int_equal(s.oldest_arrival, messages ? oldest : 0);
}

/* Every page of one filter and sort, by key. */
static void check_pages(
    struct index *ix, struct model *model, size_t filter_number, struct index_sort sort)
{
	struct model_message *expected[MODEL_MAX];
	size_t count = model_sorted(model, filters[filter_number].is, sort, expected), at = 0;
	struct filter *f = filter_parse(slice_of(filters[filter_number].text), NULL);
	BUFFER_AUTO struct buffer after = {0};
	uint32_t rows[INDEX_PAGE_MAX], limit = 1 + random_below(60);

	do {
		BUFFER_AUTO struct buffer next = {0};
		struct index_match match;
		int got = index_page(
		    ix, f, sort, buffer_slice(&after), limit, NOW, rows, &match, &next, NULL);
		assert_true(got >= 0);
		assert_int_equal(match.messages, count);
		assert_int_equal(match.undecided, 0);
		for (int i = 0; i < got; i++) {
			assert_true(at < count);
			check_row(ix, rows[i], expected[at++]);
		}
		buffer_clear(&after);
		buffer_append_slice(&after, buffer_slice(&next));
	} while (after.len > 0);
	assert_int_equal(at, count);
	filter_free(f);
}

static void check_domains(struct index *ix, struct model *model)
{
	const enum group_key key = GROUP_RECIPIENT_DOMAIN;
	struct groups g;
	uint64_t total = 0;

	groups_count(ix, NULL, &key, 1, 4, NOW, &g);
	for (size_t i = 0; i < g.count; i++) {
		char at[64];
		uint64_t messages = 0, recipients = 0, bytes = 0;
		snprintf(at, sizeof(at), "@%.*s", SLICE_ARGS(g.items[i].key));
		for (size_t k = 0; k < MODEL_MAX; k++) {
			struct model_message *m = &model->m[k];
			uint64_t here = 0;
			for (size_t r = 0; m->used && r < m->count; r++)
				here += has(m->recipient[r].address, at);
			if (m->used && m->count == 0 && g.items[i].key.len == 0)
				messages++, bytes += m->size;
			if (g.items[i].key.len == 0)
				continue;
			messages += here > 0;
			recipients += here;
			bytes += here > 0 ? m->size : 0;
		}
		assert_int_equal(g.items[i].messages, messages);
		assert_int_equal(g.items[i].recipients, recipients);
		assert_int_equal(g.items[i].bytes, bytes);
		total += recipients;
	}
	total += g.other.recipients;
	for (size_t k = 0; k < MODEL_MAX; k++)
		total -= model->m[k].used ? model->m[k].count : 0;
	assert_int_equal(total, 0);
	groups_free(&g);
}

/* A frozen view shows the same messages in the same order, whatever happens to the queue. */
struct frozen {
	char id[VIEW_ID_SIZE];
	size_t count;
	char ids[MODEL_MAX][QUEUE_ID_SIZE];
	int64_t arrival[MODEL_MAX];
	unsigned life[MODEL_MAX];
};

static void freeze(struct index *ix, struct model *model, struct frozen *out)
{
	struct model_message *expected[MODEL_MAX];
	size_t n = random_below(sizeof(filters) / sizeof(*filters));
	struct filter *f = filter_parse(slice_of(filters[n].text), NULL);
	struct index_sort sort = {(enum index_sort_field)random_below(6), random_below(2)};
	const struct view *v = view_create(ix, f, slice_of(filters[n].text), sort, NOW);

	out->count = model_sorted(model, filters[n].is, sort, expected);
	assert_int_equal(view_length(v), out->count);
	for (size_t i = 0; i < out->count; i++) {
		snprintf(out->ids[i], QUEUE_ID_SIZE, "%s", expected[i]->id);
		out->arrival[i] = expected[i]->arrival;
		out->life[i] = expected[i]->life;
	}
	snprintf(out->id, sizeof(out->id), "%s", view_id(v));
	filter_free(f);
}

static void check_frozen(struct index *ix, struct model *model, const struct frozen *f)
{
	const struct view *v = view_find(ix, slice_of(f->id), NOW);

	assert_non_null(v);
	for (uint32_t i = 0; i < f->count; i++) {
		struct model_message *m = model_find(model, f->ids[i]);
		struct index_row r;
		assert_true(index_row(ix, view_row(v, i), &r));
		assert_string_equal(r.id, f->ids[i]);
		assert_int_equal(r.arrival, f->arrival[i]);
		assert_int_equal(r.left, !m || m->life != f->life[i]);
	}
}

static void change(struct index *ix, struct model *model)
{
	struct model_message m;

	random_message(&m);
	if (random_below(3) == 0) {
		struct model_message *old = model_find(model, m.id);
		assert_int_equal(index_remove(ix, slice_of(m.id)), old != NULL);
		if (old)
			old->used = false;
		return;
	}
	/* Often the same message as before, in another queue. */
	struct model_message *old = model_find(model, m.id);
	if (old && random_below(4)) {
		enum queue queue = m.queue;
		m = *old;
		m.queue = queue;
	}
	tell(ix, &m);
	model_put(model, &m);
}

static void test_against_model(void **state)
{
	struct model *model = memory_zero(1, sizeof(*model));
	struct frozen *frozen = memory_zero(1, sizeof(*frozen));
	struct index *ix = index_create();

	srandom(7);
	for (int round = 0; round < 150; round++) {
		for (int i = 0; i < 40; i++)
			change(ix, model);
		if (round % 10 == 0)
			freeze(ix, model, frozen);
		if (round % 10 == 9) {
			view_drop(ix, slice_of(frozen->id));
		} else {
			check_frozen(ix, model, frozen);
		}
		check_status(ix, model);
		check_domains(ix, model);
		for (size_t f = 0; f < sizeof(filters) / sizeof(*filters); f++)
			check_pages(ix, model, f,
			    (struct index_sort){
				(enum index_sort_field)random_below(6), random_below(2)});
	}
	index_free(ix);
	free(frozen);
	free(model);
}

/* ---- Cases ---- */

static struct model_message simple(const char *id, int64_t arrival, enum queue queue)
{
	struct model_message m = {.used = true,
	    .queue = queue,
	    .arrival = arrival,
	    .size = 100,
	    .count = 1,
	    .sender = "a@b.example",
	    .recipient = {{"c@d.example", "over quota", "4.2.2"}}};

	snprintf(m.id, sizeof(m.id), "%s", id);
	return m;
}

static void test_reason_outlives_active(void **state)
{
	struct index *ix = index_create();
	struct model_message m = simple("AAAAA1", NOW, QUEUE_DEFERRED);
	struct index_recipient r;

	tell(ix, &m);
	m.queue = QUEUE_ACTIVE;
	tell(ix, &m);
	assert_true(index_recipient(ix, index_find(ix, SLICE("AAAAA1")), 0, &r));
	assert_true(slice_is(r.reason, "over quota"));
	assert_true(slice_is(r.dsn, "4.2.2"));
	assert_false(r.reason_current);
	/* Another message under the same ID has nothing of it. */
	m.arrival++;
	tell(ix, &m);
	assert_true(index_recipient(ix, index_find(ix, SLICE("AAAAA1")), 0, &r));
	assert_int_equal(r.reason.len, 0);
	index_free(ix);
}

/* The host is kept once when the reason begins with it, and comes out the same either way. */
static void test_host_of_a_reason(void **state)
{
	static const struct {
		const char *reason, *remote;
	} cases[] = {{"host mx.a.test[192.0.2.1] said: 450 4.2.0 no", "mx.a.test"},
	    {"host mx.a.test[192.0.2.1] said: 450 4.2.0 no", "mx.a"},
	    {"host mx.a.test", "mx.a.test"}, {"host ", "x"}, {"host", ""},
	    {"host [192.0.2.1] said: no", ""}, {"connect to b[192.0.2.1]:25", "b"}};
	struct index *ix = index_create();
	MESSAGE_AUTO struct message m;
	struct index_recipient r;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "AAAAA1");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct message_recipient *to = message_add_recipient(&m);
		to->address = SLICE("a@b.example");
		to->reason = slice_of(cases[i].reason);
		to->remote = slice_of(cases[i].remote);
	}
	index_upsert(ix, &m);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(index_recipient(ix, 0, (uint32_t)i, &r));
		assert_true(slice_is(r.reason, cases[i].reason));
		assert_true(slice_is(r.remote, cases[i].remote));
	}
	index_free(ix);
}

static void test_reset_scan_concludes_from_silence(void **state)
{
	struct index *ix = index_create();
	struct model_message a = simple("AAAAA1", NOW, QUEUE_DEFERRED),
			     b = simple("BBBBB2", NOW, QUEUE_HOLD);
	struct index_status s;

	index_scan_begin(ix, true, 2);
	index_status(ix, &s);
	assert_int_equal(s.state, INDEX_LOADING);
	tell(ix, &a);
	tell(ix, &b);
	index_scan_end(ix, true, NOW);
	index_status(ix, &s);
	assert_int_equal(s.state, INDEX_CURRENT);
	assert_int_equal(s.as_of, NOW);
	index_scan_begin(ix, true, 0);
	index_scan_end(ix, false, NOW + 1);
	index_status(ix, &s);
	assert_int_equal(s.messages, 2);
	assert_int_equal(s.as_of, NOW);
	index_scan_begin(ix, false, 0);
	tell(ix, &a);
	index_scan_end(ix, true, NOW + 2);
	index_status(ix, &s);
	assert_int_equal(s.messages, 2);
	index_scan_begin(ix, true, 0);
	tell(ix, &a);
	index_scan_end(ix, true, NOW + 3);
	index_status(ix, &s);
	assert_int_equal(s.messages, 1);
	assert_int_equal(index_find(ix, SLICE("BBBBB2")), INDEX_ROW_NONE);
	index_free(ix);
}

static void test_generation_counts_changes_only(void **state)
{
	struct index *ix = index_create();
	struct model_message m = simple("AAAAA1", NOW, QUEUE_DEFERRED);
	struct index_status before, after;

	tell(ix, &m);
	index_status(ix, &before);
	tell(ix, &m);
	index_status(ix, &after);
	assert_int_equal(before.generation, after.generation);
	m.next_retry++;
	tell(ix, &m);
	index_status(ix, &after);
	assert_int_equal(before.generation + 1, after.generation);
	index_free(ix);
}

static void test_unknown_is_never_a_non_match(void **state)
{
	static const struct {
		const char *filter;
		uint64_t matched, undecided;
	} cases[] = {{"login:x", 0, 1}, {"-login:x", 0, 1}, {"subject:x", 0, 1}, {"next<1h", 0, 1},
	    {"login:x queue:hold", 0, 0}, {"login:x or queue:deferred", 1, 0},
	    {"client:x or helo:y", 0, 1}, {"to:c@d.example", 1, 0}};
	struct index *ix = index_create();
	struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "AAAAA1");
	m.queue = QUEUE_DEFERRED;
	message_add_recipient(&m)->address = SLICE("c@d.example");
	index_upsert(ix, &m);
	message_free(&m);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct filter *f = filter_parse(slice_of(cases[i].filter), NULL);
		struct index_match match;
		index_count(ix, f, NOW, &match);
		if (match.messages != cases[i].matched || match.undecided != cases[i].undecided)
			fail_msg("%s: %d matched, %d undecided", cases[i].filter,
			    (int)match.messages, (int)match.undecided);
		assert_int_equal(view_actionable(view_create(ix, f, slice_of(cases[i].filter),
				     (struct index_sort){0}, NOW)),
		    false);
		filter_free(f);
	}
	index_free(ix);
}

static void test_row_that_left_keeps_its_place(void **state)
{
	struct index *ix = index_create();
	struct model_message a = simple("AAAAA1", NOW, QUEUE_DEFERRED),
			     b = simple("BBBBB2", NOW + 1, QUEUE_HOLD);
	const struct view *v;
	struct index_row r;
	uint64_t arrived, left;
	char id[VIEW_ID_SIZE];

	tell(ix, &a);
	tell(ix, &b);
	v = view_create(ix, NULL, SLICE(""), (struct index_sort){INDEX_SORT_ARRIVAL, false}, NOW);
	snprintf(id, sizeof(id), "%s", view_id(v));
	index_set_fate(ix, SLICE("AAAAA1"), NOW, SLICE("deleted by job 12"));
	index_set_fate(ix, SLICE("AAAAA1"), NOW + 5, SLICE("of another message"));
	index_remove(ix, SLICE("AAAAA1"));
	index_set_fate(ix, SLICE("AAAAA1"), -1, SLICE("too late, it is known"));
	/* The ID is used again, by another message. */
	a.arrival = NOW + 9;
	tell(ix, &a);
	assert_true(index_row(ix, view_row(v, 0), &r));
	assert_string_equal(r.id, "AAAAA1");
	assert_int_equal(r.arrival, NOW);
	assert_true(r.left);
	assert_true(slice_is(r.fate, "deleted by job 12"));
	view_changes(ix, v, NOW, &arrived, &left);
	assert_int_equal(arrived, 1);
	assert_int_equal(left, 1);
	/* One that comes back is itself again. */
	index_remove(ix, SLICE("BBBBB2"));
	index_set_fate(ix, SLICE("BBBBB2"), -1, SLICE("deleted"));
	assert_true(index_row(ix, view_row(v, 1), &r));
	assert_true(slice_is(r.fate, "deleted"));
	tell(ix, &b);
	assert_true(index_row(ix, view_row(v, 1), &r));
	assert_false(r.left);
	view_expire(ix, NOW + VIEW_IDLE_SECONDS + 1);
	assert_null(view_find(ix, slice_of(id), NOW));
	assert_false(index_row(ix, 0, &r) && r.left);
	index_free(ix);
}

static void test_views_are_bounded(void **state)
{
	struct index *ix = index_create();
	struct model_message a = simple("AAAAA1", NOW, QUEUE_DEFERRED);
	char first[VIEW_ID_SIZE];

	tell(ix, &a);
	snprintf(first, sizeof(first), "%s",
	    view_id(view_create(ix, NULL, SLICE(""), (struct index_sort){0}, NOW)));
	assert_int_equal(view_length(view_find(ix, slice_of(first), NOW)), 1);
	for (int i = 0; i < VIEW_COUNT_MAX; i++)
		view_create(ix, NULL, SLICE(""), (struct index_sort){0}, NOW + 1);
	assert_null(view_find(ix, slice_of(first), NOW + 1));
	index_free(ix);
}

/* One who makes many views, or large ones, pushes out his own. */
static void test_views_of_one_person(void **state)
{
	const struct index_sort sort = {0};
	struct index *ix = index_create();
	char mine[VIEW_ID_SIZE];
	const struct view *v = view_create(ix, NULL, SLICE(""), sort, NOW);

	snprintf(mine, sizeof(mine), "%s", view_id(v));
	view_set_person(ix, slice_of(mine), 1);
	for (int i = 0; i < 3 * VIEW_COUNT_MAX; i++) {
		v = view_create(ix, NULL, SLICE(""), sort, NOW + 1);
		view_set_person(ix, slice_of(view_id(v)), 2);
	}
	assert_int_equal(view_count_of(ix, 1), 1);
	assert_int_equal(view_count_of(ix, 2), VIEW_COUNT_MAX - 1);
	assert_non_null(view_find(ix, slice_of(mine), NOW + 1));
	index_free(ix);
}

static void test_bad_cursors_and_sorts(void **state)
{
	static const char *const bad[] = {"a", "a-", "a-zz.0.AAAAA1", "a-0.0.", "a+0.0.AAAAA1",
	    "s-0.0.AAAAA1", "a-0.0.AAAAA1.", "a-0.0.AAAAA1.61", "a-00000000000000000.0.AAAAA1",
	    "a-0.0.a;b", "\xff\xff\xff"};
	struct index *ix = index_create();
	struct index_match match;
	struct index_sort sort;
	struct error err;
	uint32_t row;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(index_page(ix, NULL, (struct index_sort){INDEX_SORT_ARRIVAL, true},
				     slice_of(bad[i]), 1, NOW, &row, &match, NULL, &err),
		    -1);
		assert_string_equal(err.code, "invalid_cursor");
	}
	assert_true(index_sort_parse(SLICE("-next_retry"), &sort, NULL));
	assert_false(index_sort_parse(SLICE("-"), &sort, &err));
	assert_false(index_sort_parse(SLICE("--size"), &sort, NULL));
	index_free(ix);
}

static void test_many_recipients_and_cut_lists(void **state)
{
	struct index *ix = index_create();
	struct message m;
	struct filter *f = filter_parse(SLICE("to:nobody"), NULL);
	struct index_match match;
	char address[40];

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "AAAAA1");
	for (int i = 0; i < 50000; i++) {
		snprintf(address, sizeof(address), "u%d@list.example", i);
		message_add_recipient(&m)->address = message_keep(&m, slice_of(address));
	}
	index_upsert(ix, &m);
	index_count(ix, f, NOW, &match);
	assert_int_equal(match.undecided, 0);
	m.flags |= MESSAGE_RECIPIENTS_CUT;
	index_upsert(ix, &m);
	index_count(ix, f, NOW, &match);
	assert_int_equal(match.undecided, 1);
	filter_free(f);
	message_free(&m);
	index_free(ix);
}

static void test_saved_and_restored(void **state)
{
	char path[] = "/tmp/postroom-index-XXXXXX";
	struct model *model = memory_zero(1, sizeof(*model));
	struct index *ix = index_create(), *again = index_create();
	struct index_status s;
	struct error err;
	FILE *file;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	for (int i = 0; i < 300; i++)
		change(ix, model);
	index_scan_begin(ix, false, 0);
	index_scan_end(ix, true, NOW);
	index_set_corrupt(ix, 3);
	assert_true(index_save(ix, path, &err));
	assert_true(index_restore(again, path, &err));
	index_status(again, &s);
	assert_int_equal(s.state, INDEX_RESTORED);
	assert_int_equal(s.as_of, NOW);
	assert_int_equal(s.corrupt, 3);
	check_status(again, model);
	for (size_t f = 0; f < sizeof(filters) / sizeof(*filters); f++)
		check_pages(again, model, f, (struct index_sort){INDEX_SORT_ARRIVAL, true});
	index_free(again);

	/* One bit wrong, or the end missing: as if there was no file. */
	file = fopen(path, "r+");
	assert_non_null(file);
	fseek(file, 200, SEEK_SET);
	fputc('!', file);
	fclose(file);
	again = index_create();
	assert_false(index_restore(again, path, &err));
	assert_string_equal(err.code, "invalid_file");
	assert_int_equal(truncate(path, 5), 0);
	assert_false(index_restore(again, path, &err));
	unlink(path);
	assert_false(index_restore(again, path, &err));
	assert_string_equal(err.code, "not_found");
	index_status(again, &s);
	assert_int_equal(s.state, INDEX_EMPTY);
	index_free(again);
	index_free(ix);
	free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_against_model),
	    cmocka_unit_test(test_reason_outlives_active),
	    cmocka_unit_test(test_host_of_a_reason),
	    cmocka_unit_test(test_reset_scan_concludes_from_silence),
	    cmocka_unit_test(test_generation_counts_changes_only),
	    cmocka_unit_test(test_unknown_is_never_a_non_match),
	    cmocka_unit_test(test_row_that_left_keeps_its_place),
	    cmocka_unit_test(test_views_are_bounded),
	    cmocka_unit_test(test_views_of_one_person),
	    cmocka_unit_test(test_bad_cursors_and_sorts),
	    cmocka_unit_test(test_many_recipients_and_cut_lists),
	    cmocka_unit_test(test_saved_and_restored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
