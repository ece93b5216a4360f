#include "index/model_test_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/hosts.h"
#include "postfix/reason.h"

unsigned model_below(unsigned n)
{
	return (unsigned)random() % n;
}

/* ---- Messages ---- */

static void random_id(char id[QUEUE_ID_SIZE])
{
	if (model_below(2))
		snprintf(
		    id, QUEUE_ID_SIZE, "%05X%X", model_below(0xFFFFF), 0xA0 + model_below(0xFFF));
	else
		snprintf(id, QUEUE_ID_SIZE, "4bJk%02u%04uz%c%c%c", model_below(100),
		    model_below(10000), "bcdfg"[model_below(5)], "BCDFG"[model_below(5)],
		    "ghjkl"[model_below(5)]);
}

static void random_address(struct model *model, char out[MODEL_TEXT])
{
	static const char *const domains[] = {"d0.test", "D1.Test", "mail.d2.example", "d3.test",
	    "A.long.Domain.example", "B\303\274cher.test"};

	if (model_below(12) == 0)
		snprintf(out, MODEL_TEXT, "postmaster");
	else if (model_below(3) == 0)
		snprintf(out, MODEL_TEXT, "own%llu@%s", (unsigned long long)++model->texts,
		    domains[model_below(6)]);
	else
		snprintf(out, MODEL_TEXT, "User%u@%s", model_below(12), domains[model_below(6)]);
}

static void random_reason(struct model *model, struct model_recipient *r)
{
	unsigned kind = model_below(8), host = model_below(4);

	if (kind == 0)
		return;
	snprintf(r->dsn, sizeof(r->dsn), "4.%u.%u", model_below(4), model_below(3));
	if (kind == 1) /* nothing but a code */
		return;
	if (model_below(2))
		snprintf(r->remote, sizeof(r->remote), "mx%u.test", host);
	if (kind == 2)
		snprintf(r->reason, sizeof(r->reason),
		    "connect to mx%u.test[192.0.2.%u]:25: Connection refused", host, host);
	else if (kind == 3)
		snprintf(r->reason, sizeof(r->reason),
		    "host mx%u.test[192.0.2.%u] said: 450 4.2.0 Greylisted", host, host);
	else if (kind == 4)
		snprintf(r->reason, sizeof(r->reason), "mailbox over quota");
	else if (kind == 5)
		snprintf(r->reason, sizeof(r->reason),
		    "host mx%u.test[192.0.2.%u] said: 450-4.2.1 Same 450-4.2.1 rate that 450 4.2.1 "
		    "prevents own%llu",
		    host, host, (unsigned long long)++model->texts);
	else
		snprintf(r->reason, sizeof(r->reason),
		    "host mx%u.test[192.0.2.%u] said: 421 4.7.0 rate limited, see own%llu", host,
		    host, (unsigned long long)++model->texts);
}

/* What a source may say of a message: new, or its next state, which keeps what does not change. */
static void random_state(struct model *model, struct model_message *m)
{
	m->queue = (enum queue)model_below(QUEUE_CORRUPT);
	m->known = MESSAGE_KNOWS_CREATE_TIME;
	m->known |= model_below(6) ? MESSAGE_KNOWS_ORIGIN : 0;
	m->known |= model_below(6) ? MESSAGE_KNOWS_SUBJECT : 0;
	m->known |= m->queue == QUEUE_DEFERRED && model_below(6) ? MESSAGE_KNOWS_NEXT_RETRY : 0;
	m->known |= m->queue != QUEUE_ACTIVE ? MESSAGE_KNOWS_REASONS : 0;
	m->next_retry =
	    m->known & MESSAGE_KNOWS_NEXT_RETRY ? MODEL_NOW + (int)model_below(40) * 50 - 500 : 0;
	m->todo = 0;
	for (size_t i = 0; i < m->count; i++) {
		struct model_recipient *r = &m->recipient[i];
		r->reason[0] = r->dsn[0] = r->remote[0] = '\0';
		r->done |= model_below(8) == 0;
		if (m->known & MESSAGE_KNOWS_REASONS)
			random_reason(model, r);
		m->todo += !r->done;
	}
	m->cut = m->count == MODEL_RECIPIENTS && model_below(3) == 0;
	m->todo += m->cut ? 10 : 0;
}

static void random_message(struct model *model, struct model_message *m)
{
	*m = (struct model_message){.size = (uint64_t)model_below(30) * 1000};
	random_id(m->id);
	m->size += model_below(10) ? 0 : UINT64_C(5) << 30;
	m->arrival = MODEL_NOW - model_below(90000);
	if (model_below(5))
		random_address(model, m->sender);
	if (model_below(5)) {
		snprintf(m->client_name, MODEL_TEXT, "web%u.hosting.test", model_below(4));
		snprintf(m->client_address, 24, "192.0.2.%u", model_below(4));
		snprintf(m->helo, 24, "[192.0.2.%u]", model_below(4));
	}
	if (model_below(2))
		snprintf(m->login, 24, "Login%u", model_below(3));
	if (model_below(3) == 0)
		snprintf(
		    m->subject, MODEL_TEXT, "Your order %llu", (unsigned long long)++model->texts);
	m->count = model_below(3) ? model_below(2) + 1 : model_below(MODEL_RECIPIENTS + 1);
	for (size_t i = 0; i < m->count; i++) {
		random_address(model, m->recipient[i].address);
		if (model_below(6) == 0)
			random_address(model, m->recipient[i].original);
	}
	random_state(model, m);
}

void model_tell(struct index *ix, const struct model_message *from)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", from->id);
	m.queue = from->queue;
	m.known = from->known;
	m.flags = from->cut ? MESSAGE_RECIPIENTS_CUT : 0;
	m.arrival = m.create_time = from->arrival;
	m.next_retry = from->next_retry;
	m.size = from->size;
	m.sender = slice_of(from->sender);
	m.client_name = slice_of(from->client_name);
	m.client_address = slice_of(from->client_address);
	m.login = slice_of(from->login);
	m.helo = slice_of(from->helo);
	m.subject = slice_of(from->subject);
	for (size_t i = 0; i < from->count; i++) {
		struct message_recipient *r = message_add_recipient(&m);
		r->address = slice_of(from->recipient[i].address);
		r->original = slice_of(from->recipient[i].original);
		r->reason = slice_of(from->recipient[i].reason);
		r->dsn = slice_of(from->recipient[i].dsn);
		r->remote = slice_of(from->recipient[i].remote);
		r->flags = from->recipient[i].done ? MESSAGE_RECIPIENT_DONE : 0;
	}
	m.recipient_todo = from->todo;
	index_upsert(ix, &m);
}

static bool has_reason(const struct model_recipient *r)
{
	return r->reason[0] || r->dsn[0];
}

/* Postfix forgets reasons in active, and for what is held there; the last known ones stay. */
static bool are_forgotten(const struct model_message *m)
{
	for (size_t i = 0; m->queue == QUEUE_HOLD && i < m->count; i++)
		if (has_reason(&m->recipient[i]))
			return false;
	return m->queue == QUEUE_HOLD || !(m->known & MESSAGE_KNOWS_REASONS);
}

static void keep_reasons(struct model_message *m, const struct model_message *old)
{
	bool forgotten = are_forgotten(m);

	for (size_t i = 0; forgotten && i < m->count; i++) {
		struct model_recipient *r = &m->recipient[i];
		for (size_t k = 0; k < old->count; k++) {
			const struct model_recipient *from = &old->recipient[k];
			if (strcmp(from->address, r->address) != 0)
				continue;
			if (!r->done && has_reason(from)) {
				memcpy(r->reason, from->reason, sizeof(r->reason));
				memcpy(r->dsn, from->dsn, sizeof(r->dsn));
				memcpy(r->remote, from->remote, sizeof(r->remote));
			}
			break;
		}
	}
}

static struct model_message *find(struct model *model, const char *id)
{
	for (size_t i = 0; i < model->count; i++) {
		if (strcmp(model->m[i].id, id) == 0)
			return &model->m[i];
	}
	return NULL;
}

static void add(struct model *model, struct index *ix, bool look)
{
	struct model_message m;

	random_message(model, &m);
	/* Where there are very many, the same ID twice is not looked for but made impossible. */
	if (!look)
		snprintf(m.id, sizeof(m.id), "%05X%llX", model_below(0xFFFFF),
		    0xA00000ull + ++model->texts);
	struct model_message *place = look ? find(model, m.id) : NULL;
	if (!place && model->count == model->cap) {
		model->cap = model->cap * 2 + 64;
		model->m = memory_resize(model->m, model->cap, sizeof(*model->m));
	}
	if (!place)
		place = &model->m[model->count++];
	model_tell(ix, &m);
	*place = m;
}

void model_change(struct model *model, struct index *ix, size_t most)
{
	struct model_message *m, old;
	unsigned what = model_below(10);

	if (model->count == 0 || (what < 6 && model->count < most)) {
		add(model, ix, most < 10000);
		return;
	}
	m = &model->m[model_below((unsigned)model->count)];
	if (what < 8) {
		old = *m;
		random_state(model, m);
		model_tell(ix, m);
		keep_reasons(m, &old);
	} else if (what == 8) { /* another message gets the ID */
		old = *m;
		random_message(model, m);
		memcpy(m->id, old.id, sizeof(m->id));
		model_tell(ix, m);
		if (m->arrival == old.arrival)
			keep_reasons(m, &old);
	} else {
		index_remove(ix, slice_of(m->id));
		*m = model->m[--model->count];
	}
}

void model_free(struct model *model)
{
	free(model->m);
	*model = (struct model){0};
}

/* ---- Filters ---- */

static void random_text_term(struct buffer *out)
{
	static const char *const fields[] = {
	    "id:", "queue:", "from:", "to:", "domain:", "reason:", "cause:", "diagnosis:",
	    "remote_host:", "host:", "client:", "login:", "helo:", "subject:", "", "", ""};
	static const char *const words[] = {"a", "B4", "user1", "USER2@", "own1", "own", "d3.test",
	    "deferred", "hold", "e", "quota", "greylisted", "mx1", "192.0.2.1", "login1", "4bJk",
	    "order", "over-quota", "xyzzy", "rate limited", "connection refused",
	    "rate that prevents", "m e", "*that?prevents*", "@d", "web2", "*", "*@d0.test",
	    "user?@*", "*order*1", "*quota", "login?", "d?.test", "host*<*>*", "postmaster", "<>",
	    "\"\"", "b\303\274ch", "\303\234", "1", "test4", "testuser", "ed.4", "z",
	    "test[192.0.2.2]:25: connection refused", "0"};
	static const char *const exact[] = {"active", "deferred", "d1.test", "login2", "192.0.2.3",
	    "\"\"", "\"mailbox over quota\"", "user3@d3.test", "web1.hosting.test", "over-quota",
	    "\"connect to mx1.test[192.0.2.1]:25: connection refused\""};
	/* A queue that there is not would be no filter. */
	static const char *const queues[] = {
	    "active", "deferred", "hold", "=active", "=deferred", "e", "d", "*", "*d", "?old"};
	const char *field = fields[model_below(sizeof(fields) / sizeof(*fields))];
	const char *word = words[model_below(sizeof(words) / sizeof(*words))];
	bool quote = strchr(word, ' ') || (strcmp(word, "<>") == 0 && !*field);

	buffer_append_string(out, field);
	if (strcmp(field, "queue:") == 0)
		buffer_append_string(out, queues[model_below(sizeof(queues) / sizeof(*queues))]);
	else if (*field && model_below(4) == 0)
		buffer_printf(out, "=%s", exact[model_below(sizeof(exact) / sizeof(*exact))]);
	else
		buffer_printf(out, quote ? "\"%s\"" : "%s", word);
}

static void random_term(struct buffer *out)
{
	static const char *const ops[] = {">", "<", ">=", "<=", "="};
	const char *op = ops[model_below(5)];

	switch (model_below(10)) {
	case 0:
		buffer_printf(
		    out, model_below(8) ? "age%s%um" : "age%s%u00000d", op, model_below(1500));
		break;
	case 1:
		buffer_printf(out, "size%s%uk", op, model_below(30));
		break;
	case 2:
		buffer_printf(out, "next%s%ds", op, (int)model_below(40) * 50 - 500);
		break;
	case 3:
		buffer_printf(out, "recipients%s%u", op, model_below(5));
		break;
	default:
		random_text_term(out);
	}
}

static void random_list(struct buffer *out, const char *joint, unsigned depth);

static void random_factor(struct buffer *out, unsigned depth)
{
	if (model_below(5) == 0)
		buffer_append_string(out, model_below(2) ? "-" : "not ");
	if (depth < 3 && model_below(4) == 0) {
		buffer_append_char(out, '(');
		random_list(out, model_below(2) ? " or " : " ", depth + 1);
		buffer_append_char(out, ')');
	} else {
		random_term(out);
	}
}

static void random_list(struct buffer *out, const char *joint, unsigned depth)
{
	unsigned count = 1 + model_below(model_below(8) ? 3 : 12);

	for (unsigned i = 0; i < count; i++) {
		buffer_append_string(out, i ? joint : "");
		random_factor(out, depth);
	}
}

void model_random_filter(struct buffer *out)
{
	if (model_below(12))
		random_list(out, model_below(2) ? " or " : " ", 0);
}

/* ---- Deciding ---- */

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (fold(a[i]) != fold(b[i]))
			return false;
	}
	return true;
}

static bool glob(const char *p, size_t len, const char *v)
{
	if (len == 0)
		return *v == '\0';
	if (*p == '*')
		return glob(p + 1, len - 1, v) || (*v && glob(p, len, v + 1));
	return *v && (*p == '?' || fold(*p) == fold(*v)) && glob(p + 1, len - 1, v + 1);
}

static bool text(const struct filter_node *n, const char *value)
{
	struct slice p = n->pattern;
	size_t len = strlen(value);

	if (n->match == FILTER_EXACT)
		return len == p.len && same(value, p.data, len);
	if (n->match == FILTER_GLOB)
		return glob(p.data, p.len, value);
	for (size_t at = 0; at + p.len <= len; at++) {
		if (same(value + at, p.data, p.len))
			return true;
	}
	return false;
}

static enum model_answer yes_if(bool yes)
{
	return yes ? MODEL_YES : MODEL_NO;
}

static void domain_of(const char *address, char out[MODEL_TEXT])
{
	const char *at = strrchr(address, '@');
	size_t i = 0;

	for (const char *p = at ? at + 1 : ""; *p; p++)
		out[i++] = fold(*p);
	out[i] = '\0';
}

/* A reply of several lines is searched as if it had one, too. */
static bool text_in_one_line(const struct filter_node *n, const char *reason)
{
	char line[200];
	struct slice reply;

	line[reason_one_line(line, sizeof(line) - 1, slice_of(reason), &reply).len] = '\0';
	return reason_has_lines(slice_of(reason)) && text(n, line);
}

/* The host that answered, or was tried. */
static struct slice host_of(const struct model_recipient *r)
{
	struct reason reason;

	if (r->remote[0] || !r->reason[0])
		return slice_of(r->remote);
	reason_parse(slice_of(r->reason), &reason);
	return reason.host;
}

static bool text_slice(const struct filter_node *n, struct slice value)
{
	char copy[MODEL_TEXT];

	snprintf(copy, sizeof(copy), "%.*s", SLICE_ARGS(value));
	return text(n, copy);
}

static bool reason_matches(const struct filter_node *n, const struct model_recipient *r)
{
	BUFFER_AUTO struct buffer class = {0};
	const struct diagnosis *g = diagnosis_find(slice_of(r->reason), slice_of(r->dsn));

	if (n->field == FILTER_REMOTE_HOST)
		return text_slice(n, host_of(r));
	if (n->field == FILTER_CAUSE)
		return text(n, g ? g->key : "") || (g && text(n, g->title));
	if (text(n, r->reason) || text_in_one_line(n, r->reason))
		return true;
	reason_class(&class, slice_of(r->reason));
	return n->field == FILTER_REASON && n->match == FILTER_EXACT &&
	       text(n, buffer_string(&class));
}

static bool any_reason(const struct filter_node *n, const struct model_message *m)
{
	bool some = false;

	for (size_t i = 0; i < m->count; i++) {
		if (m->recipient[i].done || !has_reason(&m->recipient[i]))
			continue;
		if (reason_matches(n, &m->recipient[i]))
			return true;
		some = true;
	}
	/* What is not known yet may be anything: only a whole list is without reasons. */
	return !some && !m->cut && text(n, "");
}

static bool any_address(const struct filter_node *n, const struct model_message *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct model_recipient *r = &m->recipient[i];
		char domain[MODEL_TEXT];
		if (r->done)
			continue;
		domain_of(r->address, domain);
		if (text(n, n->field == FILTER_DOMAIN ? domain : r->address))
			return true;
		if (n->field != FILTER_DOMAIN && r->original[0] && text(n, r->original))
			return true;
	}
	return false;
}

static enum model_answer number(const struct filter_node *n, const struct model_message *m)
{
	if (n->field == FILTER_AGE)
		return yes_if(filter_match_number(n, MODEL_NOW - m->arrival));
	if (n->field == FILTER_SIZE)
		return yes_if(filter_match_number(n, (int64_t)m->size));
	if (n->field == FILTER_RECIPIENTS)
		return yes_if(filter_match_number(n, m->todo));
	if (m->queue != QUEUE_DEFERRED)
		return MODEL_NO;
	if (!(m->known & MESSAGE_KNOWS_NEXT_RETRY))
		return MODEL_UNKNOWN;
	return yes_if(filter_match_number(n, m->next_retry - MODEL_NOW));
}

static enum model_answer origin(const struct filter_node *n, const struct model_message *m)
{
	if (!(m->known & MESSAGE_KNOWS_ORIGIN))
		return MODEL_UNKNOWN;
	if (n->field == FILTER_LOGIN)
		return yes_if(text(n, m->login));
	if (n->field == FILTER_HELO)
		return yes_if(text(n, m->helo));
	return yes_if(text(n, m->client_name) || text(n, m->client_address));
}

static enum model_answer unless_cut(bool yes, const struct model_message *m)
{
	return yes ? MODEL_YES : m->cut ? MODEL_UNKNOWN : MODEL_NO;
}

static enum model_answer term(const struct filter_node *n, const struct model_message *m)
{
	switch (n->field) {
	case FILTER_ID:
		return yes_if(text(n, m->id));
	case FILTER_QUEUE:
		return yes_if(text(n, queue_name(m->queue)));
	case FILTER_FROM:
		return yes_if(text(n, m->sender));
	case FILTER_TO:
	case FILTER_DOMAIN:
		return unless_cut(any_address(n, m), m);
	case FILTER_REASON:
	case FILTER_CAUSE:
	case FILTER_REMOTE_HOST:
		return unless_cut(any_reason(n, m), m);
	case FILTER_SUBJECT:
		return m->known & MESSAGE_KNOWS_SUBJECT ? yes_if(text(n, m->subject))
							: MODEL_UNKNOWN;
	case FILTER_ANY:
		return unless_cut(
		    text(n, m->id) || text(n, m->sender) || any_address(n, m) || any_reason(n, m),
		    m);
	default:
		return origin(n, m);
	}
}

static enum model_answer decide(
    const struct filter_node *nodes, uint32_t number_of, const struct model_message *m)
{
	const struct filter_node *n = &nodes[number_of];
	enum model_answer stop = n->kind == FILTER_AND ? MODEL_NO : MODEL_YES;
	enum model_answer answer = n->kind == FILTER_AND ? MODEL_YES : MODEL_NO;

	if (n->kind == FILTER_TEXT)
		return term(n, m);
	if (n->kind == FILTER_NUMBER)
		return number(n, m);
	if (n->kind == FILTER_NOT) {
		answer = decide(nodes, n->first_child, m);
		return answer == MODEL_UNKNOWN ? MODEL_UNKNOWN : yes_if(answer == MODEL_NO);
	}
	for (uint32_t c = n->first_child; c != FILTER_NONE; c = nodes[c].next_sibling) {
		enum model_answer child = decide(nodes, c, m);
		if (child == stop)
			return stop;
		if (child == MODEL_UNKNOWN)
			answer = MODEL_UNKNOWN;
	}
	return answer;
}

enum model_answer model_decide(const struct model_message *m, const struct filter *filter)
{
	uint32_t count;
	const struct filter_node *nodes = filter_nodes(filter, &count);

	return count ? decide(nodes, count - 1, m) : MODEL_YES;
}

/* ---- What a scope has of a message ---- */

bool model_matches_alone(const struct model_message *m, const struct model_recipient *recipient,
    bool cut, const struct filter *scope)
{
	struct model_message alone = *m;

	alone.cut = cut;
	alone.count = recipient != NULL;
	alone.todo = recipient || cut;
	if (recipient) {
		alone.recipient[0] = *recipient;
		alone.recipient[0].done = false;
	}
	return model_decide(&alone, scope) == MODEL_YES;
}

bool model_cut(const struct model_message *m, const struct filter *scope, struct model_message *out,
    bool *whole)
{
	bool waits = m->cut, not_kept = m->cut && model_matches_alone(m, NULL, true, scope);
	bool there = not_kept;

	*out = *m;
	out->count = out->todo = 0;
	out->cut = false;
	for (size_t i = 0; i < m->count; i++) {
		waits |= !m->recipient[i].done;
		if (!model_matches_alone(m, &m->recipient[i], false, scope))
			continue;
		out->todo += !m->recipient[i].done;
		out->recipient[out->count++] = m->recipient[i];
	}
	there |= out->todo > 0 || (!waits && model_matches_alone(m, NULL, false, scope));
	*whole = there && out->count == m->count && not_kept == m->cut;
	if (*whole)
		*out = *m;
	return there;
}

/* ---- Groups ---- */

static bool by_recipient(enum group_key key)
{
	return key == GROUP_RECIPIENT_DOMAIN || key == GROUP_REASON || key == GROUP_CAUSE ||
	       key == GROUP_REMOTE_HOST || key == GROUP_REMOTE_DOMAIN;
}

static void age_key(int64_t minutes, char out[256])
{
	int64_t limit = 5;

	while (limit <= 1280 && minutes >= limit)
		limit *= 2;
	snprintf(out, 256, limit > 1280 ? "1280+" : "%lld", (long long)limit);
}

static void message_key(const struct model_message *m, enum group_key key, char out[256])
{
	out[0] = '\0';
	if (key == GROUP_QUEUE)
		snprintf(out, 256, "%s", queue_name(m->queue));
	if (key == GROUP_SENDER)
		snprintf(out, 256, "%s", m->sender);
	if (key == GROUP_SENDER_DOMAIN)
		domain_of(m->sender, out);
	if (key == GROUP_AGE)
		age_key((MODEL_NOW - m->arrival) / 60, out);
	if (key == GROUP_CLIENT && (m->client_name[0] || m->client_address[0]))
		snprintf(out, 256, "%s[%s]", m->client_name, m->client_address);
	if (key == GROUP_LOGIN)
		snprintf(out, 256, "%s", m->login);
}

static void recipient_key(const struct model_recipient *r, enum group_key key, char out[256])
{
	BUFFER_AUTO struct buffer class = {0};
	const struct diagnosis *g;

	out[0] = '\0';
	if (key == GROUP_RECIPIENT_DOMAIN)
		domain_of(r->address, out);
	if (key == GROUP_REASON && has_reason(r)) {
		reason_class(&class, slice_of(r->reason));
		snprintf(out, 256, "%s", buffer_string(&class));
	}
	if (key == GROUP_REMOTE_HOST && has_reason(r))
		snprintf(out, 256, "%.*s", SLICE_ARGS(host_of(r)));
	if (key == GROUP_REMOTE_DOMAIN && has_reason(r))
		snprintf(out, 256, "%.*s", SLICE_ARGS(hosts_domain(host_of(r))));
	g = key == GROUP_CAUSE && has_reason(r)
		? diagnosis_find(slice_of(r->reason), slice_of(r->dsn))
		: NULL;
	if (g)
		snprintf(out, 256, "%s", g->key);
}

static struct model_group *group_for(struct model_groups *g, char key[2][256])
{
	for (size_t i = 0; i < g->count; i++) {
		if (strcmp(g->items[i].key[0], key[0]) == 0 &&
		    strcmp(g->items[i].key[1], key[1]) == 0)
			return &g->items[i];
	}
	if (g->count == g->cap) {
		g->cap = g->cap * 2 + 16;
		g->items = memory_resize(g->items, g->cap, sizeof(*g->items));
	}
	g->items[g->count] = (struct model_group){.oldest = INT64_MAX};
	memcpy(g->items[g->count].key, key, sizeof(g->items[0].key));
	return &g->items[g->count++];
}

/* `counted` has the places of the groups that this message is counted in already. */
struct counted {
	size_t at[MODEL_RECIPIENTS + 1], count;
};

static void add_to_group(struct model_groups *groups, struct counted *counted, char key[2][256],
    const struct model_message *m, uint32_t recipients)
{
	struct model_group *g = group_for(groups, key);
	size_t at = (size_t)(g - groups->items);

	g->recipients += recipients;
	for (size_t i = 0; i < counted->count; i++) {
		if (counted->at[i] == at)
			return;
	}
	counted->at[counted->count++] = at;
	g->messages++;
	g->bytes += m->size;
	g->oldest = m->arrival < g->oldest ? m->arrival : g->oldest;
}

void model_count(struct model_groups *groups, const struct model_message *m,
    const enum group_key *keys, size_t key_count)
{
	struct counted counted = {.count = 0};
	char key[2][256] = {"", ""};
	bool each = false;

	for (size_t k = 0; k < key_count; k++) {
		message_key(m, keys[k], key[k]);
		each |= by_recipient(keys[k]);
	}
	if (!each)
		add_to_group(groups, &counted, key, m, m->todo);
	for (size_t i = 0; each && i < m->count; i++) {
		if (m->recipient[i].done)
			continue;
		for (size_t k = 0; k < key_count; k++) {
			if (by_recipient(keys[k]))
				recipient_key(&m->recipient[i], keys[k], key[k]);
		}
		add_to_group(groups, &counted, key, m, 1);
	}
	if (counted.count > 0)
		return;
	for (size_t k = 0; k < key_count; k++) {
		if (by_recipient(keys[k]))
			key[k][0] = '\0';
	}
	add_to_group(groups, &counted, key, m, 0);
}

/* ---- Order ---- */

int model_compare(
    const struct model_message *a, const struct model_message *b, struct index_sort sort)
{
	bool known_a = a->known & MESSAGE_KNOWS_NEXT_RETRY,
	     known_b = b->known & MESSAGE_KNOWS_NEXT_RETRY;
	int64_t x = 0, y = 0;
	int order = 0;

	if (sort.field == INDEX_SORT_NEXT_RETRY && known_a != known_b)
		return known_a ? -1 : 1;
	if (sort.field == INDEX_SORT_SIZE)
		x = (int64_t)a->size, y = (int64_t)b->size;
	if (sort.field == INDEX_SORT_NEXT_RETRY)
		x = a->next_retry, y = b->next_retry;
	if (sort.field == INDEX_SORT_RECIPIENTS)
		x = a->todo, y = b->todo;
	if (sort.field == INDEX_SORT_SENDER)
		order = strcmp(a->sender, b->sender);
	order = order ? order : (x > y) - (x < y);
	if (order == 0 && sort.field != INDEX_SORT_ID)
		order = (a->arrival > b->arrival) - (a->arrival < b->arrival);
	order = order ? order : strcmp(a->id, b->id);
	return sort.descending ? -order : order;
}
