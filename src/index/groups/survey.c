/* Sums of a survey. By a single key they stand in arrays, by the numbers of the index's
 * dictionaries; by two keys in hash tables. Nothing here points into the index between two steps:
 * texts are looked up in the end. */
#include "index/groups/survey.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "index/columns/hosts.h"
#include "index/columns/intern.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/groups/group_keys.h"

struct sum {
	uint32_t messages, recipients, oldest;
	uint32_t last_row; /* + 1: a message counts once */
};

/* By number of a dictionary that may have more of them at each step. */
struct sums {
	struct sum *items;
	uint32_t count;
};

/* By two numbers: open addressing, at most half full. */
struct pair {
	uint32_t number[2];
	uint32_t quote; /* a reason; 0: none */
	struct sum sum; /* messages 0: the place is free */
};
struct pairs {
	struct pair *places;
	uint32_t mask, used;
};
#define PAIRS_MIN 1024

/* Longer than any name of a host (RFC 1035: 255). */
#define SURVEY_HOST_MAX 256

/* The number of a reason may be used for another by now: then its hash is another. */
struct named_host {
	uint32_t hash, host;
};
/* Beyond so many hosts all are forgotten, of which most have long gone. */
#define SURVEY_HOSTS_MAX 200000

struct held_domain {
	uint32_t hash; /* 0: not looked up */
	bool back;
};

/* A recipient that was come to. What its numbers lead to is in no cache: some are fetched from
 * memory together before any is counted. */
struct waiting {
	uint32_t row, address, reason;
	uint32_t domain, cause, host, provider;
};
#define WAITING_MAX 128

struct survey {
	struct index *ix;
	int64_t now;
	uint32_t at; /* the next word of ix->live */
	struct sums logins, clients, senders, domains, causes;
	struct pairs domain_causes, host_causes, provider_causes, expiring_senders, null_domains;
	/* Remote hosts get numbers of the survey's own; the note of a host is its provider. These
	 * are kept, as are the hosts of reasons. */
	struct dict hosts, providers;
	struct named_host *host_of; /* by number of a reason */
	uint32_t reasons;
	struct held_domain *held; /* by number of a domain */
	uint32_t held_count;
	uint64_t expiring, held_long, due;
	uint64_t ages[SURVEY_AGES], expiring_within[SURVEY_SPANS];
	struct survey_queue queues[QUEUE_COUNT];
	uint32_t oldest[QUEUE_COUNT];
	struct waiting waiting[WAITING_MAX];
	size_t waiting_count;
};

/* ---- Adding up ---- */

static void sum_add(struct sum *s, const struct index *ix, uint32_t row, uint32_t recipients)
{
	uint32_t arrival = ix->c.arrival[row];

	s->recipients += recipients;
	if (s->last_row == row + 1)
		return;
	s->last_row = row + 1;
	if (s->messages++ == 0 || arrival < s->oldest)
		s->oldest = arrival;
}

static void *grown(void *items, uint32_t from, uint32_t to, size_t size)
{
	char *more = memory_resize(items, to, size);

	memset(more + from * size, 0, (to - from) * size);
	return more;
}

static void sums_reach(struct sums *s, uint32_t count)
{
	if (count <= s->count)
		return;
	/* Some more: dictionaries grow by the message. */
	count += count / 8;
	s->items = grown(s->items, s->count, count, sizeof(*s->items));
	s->count = count;
}

/* Where the search for a pair begins. */
static uint32_t pairs_slot(const struct pairs *p, uint32_t a, uint32_t b)
{
	return (uint32_t)hash_u64((uint64_t)a << 32 | b) & p->mask;
}

static struct pair *pairs_place(const struct pairs *p, uint32_t a, uint32_t b)
{
	uint32_t at = pairs_slot(p, a, b);

	while (p->places[at].sum.messages != 0 &&
	       (p->places[at].number[0] != a || p->places[at].number[1] != b))
		at = (at + 1) & p->mask;
	return &p->places[at];
}

static void pairs_grow(struct pairs *p)
{
	struct pairs old = *p;
	uint32_t places = old.places != NULL ? (old.mask + 1) * 2 : PAIRS_MIN;

	p->places = memory_zero(places, sizeof(*p->places));
	p->mask = places - 1;
	for (uint32_t i = 0; old.places != NULL && i <= old.mask; i++)
		if (old.places[i].sum.messages != 0)
			*pairs_place(p, old.places[i].number[0], old.places[i].number[1]) =
			    old.places[i];
	free(old.places);
}

static void pairs_add(struct survey *s, struct pairs *p, uint32_t a, uint32_t b, uint32_t row,
    uint32_t recipients, uint32_t quote)
{
	struct pair *pair;

	if (p->places == NULL || p->used >= p->mask / 2)
		pairs_grow(p);
	pair = pairs_place(p, a, b);
	if (pair->sum.messages == 0) {
		pair->number[0] = a;
		pair->number[1] = b;
		p->used++;
	}
	pair->quote = quote;
	sum_add(&pair->sum, s->ix, row, recipients);
}

/* ---- Rows ---- */

/* The host that a reason names, in lower case; 0: none. */
static uint32_t host_of(struct survey *s, uint32_t reason)
{
	char text[SURVEY_HOST_MAX];
	uint32_t number, hash = s->ix->reasons.entries[reason].hash | 1;
	struct slice host;

	/* 0 is what was never looked for. */
	if (s->host_of[reason].hash == hash)
		return s->host_of[reason].host;
	host = slice_first(hosts_of_reason(s->ix, reason), sizeof(text));
	for (size_t i = 0; i < host.len; i++)
		text[i] = (char)tolower((unsigned char)host.data[i]);
	host.data = text;
	number = host.len > 0 ? dict_intern(&s->hosts, host) : 0;
	if (number != 0 && s->hosts.note[number] == 0)
		s->hosts.note[number] = dict_intern(&s->providers, hosts_domain(host));
	s->host_of[reason] = (struct named_host){hash, number};
	return number;
}

static void expect_pair(const struct pairs *p, uint32_t a, uint32_t b)
{
	if (p->places != NULL)
		__builtin_prefetch(&p->places[pairs_slot(p, a, b)]);
}

/* Whether a pause lets nothing pass to the domain. Looked up once for each domain: its number may
 * be another's later in a survey, and then its hash is another. */
static bool is_held_back(struct survey *s, uint32_t domain)
{
	const struct index *ix = s->ix;
	struct held_domain *held = &s->held[domain];
	uint32_t pause, hash = ix->domains.entries[domain].hash | 1;

	if (ix->paused.by_text[PAUSED_NAMES_DOMAIN].used == 0)
		return false;
	if (held->hash != hash) {
		pause = paused_of_domain(ix, domain);
		*held = (struct held_domain){
		    hash, pause != 0 && ix->paused.pause[pause - 1].throttle_s == 0};
	}
	return held->back;
}

static void resolve(struct survey *s, struct waiting *w)
{
	const struct index *ix = s->ix;

	w->domain = address_domain(&ix->addresses, w->address);
	/* What is not settled is not told yet. What we hold back waits for that alone, whatever was
	 * said of it before: no incident shall find a destination dead that nobody tries. */
	if (is_held_back(s, w->domain))
		w->cause = ix->paused.diagnosis;
	else
		w->cause =
		    reasons_settled(ix, w->reason) ? reasons_settled_diagnosis(ix, w->reason) : 0;
	w->host = w->reason != 0 ? host_of(s, w->reason) : 0;
	w->provider = w->host != 0 ? s->hosts.note[w->host] : 0;
	__builtin_prefetch(&s->domains.items[w->domain]);
	expect_pair(&s->domain_causes, w->domain, w->cause);
	expect_pair(&s->host_causes, w->host, w->cause);
}

static void count_recipient(struct survey *s, const struct waiting *w)
{
	const struct index *ix = s->ix;

	sum_add(&s->domains.items[w->domain], ix, w->row, 1);
	sum_add(&s->causes.items[w->cause], ix, w->row, 1);
	pairs_add(s, &s->domain_causes, w->domain, w->cause, w->row, 1, w->reason);
	if (ix->c.sender[w->row] == 0)
		pairs_add(s, &s->null_domains, w->domain, 0, w->row, 1, 0);
	if (w->host == 0)
		return;
	pairs_add(s, &s->host_causes, w->host, w->cause, w->row, 1, w->reason);
	pairs_add(s, &s->provider_causes, w->provider, w->cause, w->row, 1, w->reason);
}

static void count_waiting(struct survey *s)
{
	for (size_t i = 0; i < s->waiting_count; i++)
		resolve(s, &s->waiting[i]);
	for (size_t i = 0; i < s->waiting_count; i++)
		count_recipient(s, &s->waiting[i]);
	s->waiting_count = 0;
}

static void look_at_recipient(struct survey *s, uint32_t row, const struct recipient *r)
{
	const struct index *ix = s->ix;
	struct waiting *w = &s->waiting[s->waiting_count++];

	*w = (struct waiting){
	    .row = row, .address = recipient_address(ix, r), .reason = recipient_reason(r)};
	__builtin_prefetch(&ix->addresses.note[w->address]);
	__builtin_prefetch(&ix->reasons.entries[w->reason]);
	__builtin_prefetch(&s->host_of[w->reason]);
	if (w->reason < ix->diagnoses_cap)
		__builtin_prefetch(&ix->diagnoses[w->reason]);
	if (s->waiting_count == WAITING_MAX)
		count_waiting(s);
}

static const int64_t spans[SURVEY_SPANS] = {3600, 4 * 3600, 86400};

int64_t survey_span_seconds(unsigned span)
{
	return spans[span];
}

/* As Postfix counts: from the create time, bounces by their own lifetime. */
static void look_at_lifetime(struct survey *s, uint32_t row)
{
	const struct index *ix = s->ix;
	int64_t lifetime = ix->c.sender[row] != 0 ? ix->lifetime : ix->bounce_lifetime, left;

	if (lifetime < 0 || !(ix->c.known[row] & MESSAGE_KNOWS_CREATE_TIME))
		return;
	left = (int64_t)row_create_time(ix, row) + lifetime - s->now;
	for (int span = 0; span < SURVEY_SPANS; span++)
		s->expiring_within[span] += left < spans[span];
	if (left >= SURVEY_EXPIRING)
		return;
	s->expiring++;
	pairs_add(s, &s->expiring_senders, ix->c.sender[row], 0, row, row_todo(ix, row), 0);
}

/* These rows come next. */
static void expect_rows(const struct survey *s, uint64_t bits, uint32_t first)
{
	const struct index *ix = s->ix;

	rows_expect_recipients(ix, bits, first);
	for (; bits != 0; bits &= bits - 1)
		__builtin_prefetch(
		    &s->senders.items[ix->c.sender[first + (uint32_t)__builtin_ctzll(bits)]]);
}

static void look_at_row(struct survey *s, uint32_t row)
{
	const struct index *ix = s->ix;
	struct origin origin = origin_parts(ix, ix->c.origin[row]);
	uint32_t todo = row_todo(ix, row), kept = row_kept(ix, row), arrival = ix->c.arrival[row];
	const struct recipient *list = row_recipients(ix, row);
	enum queue queue = ix->c.queue[row];

	s->queues[queue].messages++;
	s->queues[queue].bytes += row_size(ix, row);
	s->queues[queue].recipients += todo;
	if (row_is_being_deleted(ix, row))
		return;
	s->ages[group_keys_age(s->now - (int64_t)arrival)]++;
	if (s->oldest[queue] == 0 || arrival < s->oldest[queue])
		s->oldest[queue] = arrival;
	sum_add(&s->logins.items[origin.login], ix, row, todo);
	sum_add(&s->clients.items[origin.client], ix, row, todo);
	sum_add(&s->senders.items[ix->c.sender[row]], ix, row, todo);
	if (queue == QUEUE_HOLD && s->now - (int64_t)arrival > SURVEY_HELD_LONG &&
	    paused_of_held(ix, row) == 0)
		s->held_long++;
	/* Nobody tries these. */
	if (queue == QUEUE_HOLD || queue == QUEUE_MAILDROP)
		return;
	look_at_lifetime(s, row);
	/* What is not deferred is taken up as soon as there is room. */
	s->due += queue != QUEUE_DEFERRED || ((ix->c.known[row] & MESSAGE_KNOWS_NEXT_RETRY) &&
						 (int64_t)ix->c.next_retry[row] <= s->now);
	for (uint32_t i = 0; i < kept; i++)
		if (!recipient_is_done(&list[i]))
			look_at_recipient(s, row, &list[i]);
}

/* The dictionaries may have grown since the step before; within one they stand still. */
static void reach_all(struct survey *s)
{
	const struct index *ix = s->ix;

	sums_reach(&s->logins, ix->logins.count);
	sums_reach(&s->clients, ix->clients.count);
	sums_reach(&s->senders, ix->senders.count);
	sums_reach(&s->domains, ix->domains.count);
	sums_reach(&s->causes, (uint32_t)diagnosis_count() + 1);
	if (ix->domains.count > s->held_count) {
		uint32_t count = ix->domains.count + ix->domains.count / 8;

		s->held = grown(s->held, s->held_count, count, sizeof(*s->held));
		s->held_count = count;
	}
	if (ix->reasons.count > s->reasons) {
		uint32_t count = ix->reasons.count + ix->reasons.count / 8;

		s->host_of = grown(s->host_of, s->reasons, count, sizeof(*s->host_of));
		s->reasons = count;
	}
}

static void forget_sums(struct survey *s)
{
	free(s->logins.items);
	free(s->clients.items);
	free(s->senders.items);
	free(s->domains.items);
	free(s->causes.items);
	free(s->domain_causes.places);
	free(s->host_causes.places);
	free(s->provider_causes.places);
	free(s->null_domains.places);
	free(s->expiring_senders.places);
	free(s->held);
}

static void forget_hosts(struct survey *s)
{
	dict_free(&s->hosts);
	dict_free(&s->providers);
	free(s->host_of);
}

static void no_hosts(struct survey *s)
{
	dict_init(&s->hosts, true);
	dict_init(&s->providers, false);
	s->host_of = NULL;
	s->reasons = 0;
}

struct survey *survey_create(struct index *ix)
{
	struct survey *s = memory_zero(1, sizeof(*s));

	s->ix = ix;
	no_hosts(s);
	return s;
}

void survey_begin(struct survey *s, int64_t now)
{
	struct survey fresh = {.ix = s->ix, .now = now};

	if (s->hosts.count > SURVEY_HOSTS_MAX) {
		forget_hosts(s);
		no_hosts(s);
	}
	forget_sums(s);
	fresh.hosts = s->hosts;
	fresh.providers = s->providers;
	fresh.host_of = s->host_of;
	fresh.reasons = s->reasons;
	*s = fresh;
}

bool survey_step(struct survey *s, uint32_t rows)
{
	const struct index *ix = s->ix;
	uint32_t words = (ix->rows + 63) / 64, step = (rows + 63) / 64;
	uint32_t to = words > s->at && words - s->at > step ? s->at + step : words;

	reach_all(s);
	for (; s->at < to; s->at++) {
		if (s->at + 1 < to)
			expect_rows(s, ix->live[s->at + 1], (s->at + 1) * 64);
		for (uint64_t left = ix->live[s->at]; left != 0; left &= left - 1)
			look_at_row(s, s->at * 64 + (uint32_t)__builtin_ctzll(left));
	}
	/* Before the index changes. */
	count_waiting(s);
	return s->at < words;
}

/* ---- The largest ---- */

/* A heap with the smallest of the largest on top. */
struct largest {
	const struct sum **items;
	size_t count, max;
};

static void sink(struct largest *l, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < l->count; at = child) {
		const struct sum *moved = l->items[at];

		if (child + 1 < l->count &&
		    l->items[child + 1]->messages < l->items[child]->messages)
			child++;
		if (moved->messages <= l->items[child]->messages)
			return;
		l->items[at] = l->items[child];
		l->items[child] = moved;
	}
}

static void offer(struct largest *l, const struct sum *sum)
{
	if (l->count < l->max) {
		l->items[l->count++] = sum;
		for (size_t i = l->count == l->max ? l->count : 0; i > 0; i--)
			sink(l, i - 1);
	} else if (sum->messages > l->items[0]->messages) {
		l->items[0] = sum;
		sink(l, 0);
	}
}

static int most_first(const void *a, const void *b)
{
	const struct sum *x = *(const struct sum *const *)a, *y = *(const struct sum *const *)b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	/* Of equal ones those that came first: the same facts give the same order. */
	return x < y ? -1 : x > y;
}

static struct largest largest_of_sums(const struct sums *s, uint32_t from, size_t max)
{
	struct largest l = {memory_alloc(max * sizeof(*l.items)), 0, max};

	for (uint32_t i = from; i < s->count; i++)
		if (s->items[i].messages > 0)
			offer(&l, &s->items[i]);
	qsort(l.items, l.count, sizeof(*l.items), most_first);
	return l;
}

static struct largest largest_of_pairs(const struct pairs *p, size_t max)
{
	struct largest l = {memory_alloc(max * sizeof(*l.items)), 0, max};

	for (uint32_t i = 0; p->places != NULL && i <= p->mask; i++)
		if (p->places[i].sum.messages > 0)
			offer(&l, &p->places[i].sum);
	qsort(l.items, l.count, sizeof(*l.items), most_first);
	return l;
}

static const struct pair *pair_of(const struct sum *sum)
{
	return (const struct pair *)((const char *)sum - offsetof(struct pair, sum));
}

/* ---- Texts ---- */

/* Texts are put behind one another in a region that moves while it grows; keys hold offsets until
 * all of them are there. */
struct texts {
	struct buffer bytes;
};

static struct slice put(struct texts *t, struct slice text)
{
	struct slice key = {(const char *)(uintptr_t)t->bytes.len, text.len};

	buffer_append_slice(&t->bytes, text);
	return key;
}

static void settle(struct slice *key, const char *base)
{
	key->data = base + (uintptr_t)key->data;
}

typedef struct slice text_of_fn(const struct survey *s, uint32_t number);

static struct slice used(const struct dict *d, uint32_t number)
{
	/* The last message with it may have left meanwhile. */
	return number < d->count && dict_used(d, number) ? dict_text(d, number) : SLICE("");
}

static struct slice login_text(const struct survey *s, uint32_t number)
{
	return used(&s->ix->logins, number);
}

static struct slice client_text(const struct survey *s, uint32_t number)
{
	struct slice address = used(&s->ix->clients, number);

	/* Its address alone: its name is what others say of it. */
	if (address.len > 0)
		intern_part(&address);
	return address;
}

static struct slice sender_text(const struct survey *s, uint32_t number)
{
	return number == 0 ? SLICE("<>") : used(&s->ix->senders, number);
}

static struct slice domain_text(const struct survey *s, uint32_t number)
{
	return used(&s->ix->domains, number);
}

static struct slice cause_text(const struct survey *s, uint32_t number)
{
	(void)s;
	return slice_of(number ? diagnosis_at(number - 1)->key : "");
}

static struct slice host_text(const struct survey *s, uint32_t number)
{
	return used(&s->hosts, number);
}

static struct slice provider_text(const struct survey *s, uint32_t number)
{
	return used(&s->providers, number);
}

static void tell_group(struct survey_groups *out, const struct sum *sum, struct slice key)
{
	out->items[out->count++] =
	    (struct survey_group){key, sum->messages, sum->recipients, sum->oldest, 0, 0};
}

/* How many domains wait with each cause. */
static void tell_spread(const struct survey *s, struct survey_groups *causes)
{
	const struct pairs *p = &s->domain_causes;
	MEMORY_AUTO uint32_t *domains = memory_zero(s->causes.count + 1, sizeof(*domains));

	for (uint32_t i = 0; p->places != NULL && i <= p->mask; i++)
		if (p->places[i].sum.messages > 0)
			domains[p->places[i].number[1]]++;
	for (size_t i = 0; i < causes->count; i++)
		causes->items[i].spread = domains[causes->items[i].number];
}

/* Number 0 of a dictionary is the empty text: no login, no client, no domain. `from` 0 where it
 * says something. */
static void tell_sums(const struct survey *s, const struct sums *sums, uint32_t from,
    text_of_fn *text_of, struct texts *texts, struct survey_groups *out)
{
	struct largest l = largest_of_sums(sums, from, SURVEY_GROUPS_MAX);

	out->items = memory_alloc((l.count + 1) * sizeof(*out->items));
	for (size_t i = 0; i < l.count; i++) {
		struct slice key = text_of(s, (uint32_t)(l.items[i] - sums->items));

		if (key.len == 0 && text_of != cause_text)
			continue;
		tell_group(out, l.items[i], put(texts, key));
		out->items[out->count - 1].number = (uint32_t)(l.items[i] - sums->items);
	}
	free(l.items);
}

static void tell_expiring(const struct survey *s, struct texts *texts, struct survey_groups *out)
{
	struct largest l = largest_of_pairs(&s->expiring_senders, SURVEY_GROUPS_MAX);

	out->items = memory_alloc((l.count + 1) * sizeof(*out->items));
	for (size_t i = 0; i < l.count; i++) {
		struct slice key = sender_text(s, pair_of(l.items[i])->number[0]);

		if (key.len > 0)
			tell_group(out, l.items[i], put(texts, key));
	}
	free(l.items);
}

static void tell_cells(const struct survey *s, const struct pairs *pairs, text_of_fn *text_of,
    struct texts *texts, struct survey_cells *out)
{
	struct largest l = largest_of_pairs(pairs, SURVEY_CELLS_MAX);

	out->items = memory_alloc((l.count + 1) * sizeof(*out->items));
	for (size_t i = 0; i < l.count; i++) {
		const struct pair *pair = pair_of(l.items[i]);
		struct slice key = text_of(s, pair->number[0]), quote = SLICE("");

		if (key.len == 0)
			continue;
		if (pair->quote < s->ix->reasons.count && dict_used(&s->ix->reasons, pair->quote))
			quote = reasons_text(s->ix, pair->quote);
		out->items[out->count++] = (struct survey_cell){put(texts, key),
		    cause_text(s, pair->number[1]), pair->sum.messages, pair->sum.recipients,
		    pair->sum.oldest, put(texts, quote)};
	}
	free(l.items);
}

static void settle_groups(struct survey_groups *groups, const char *base)
{
	for (size_t i = 0; i < groups->count; i++)
		settle(&groups->items[i].key, base);
}

/* Names of causes are constants and stay where they are. */
static void settle_cells(struct survey_cells *cells, const char *base)
{
	for (size_t i = 0; i < cells->count; i++) {
		settle(&cells->items[i].key, base);
		settle(&cells->items[i].quote, base);
	}
}

static void settle_all(struct survey_result *out, struct texts *texts)
{
	const char *base = buffer_string(&texts->bytes);

	settle_groups(&out->logins, base);
	settle_groups(&out->clients, base);
	settle_groups(&out->senders, base);
	settle_groups(&out->domains, base);
	settle_groups(&out->causes, base);
	settle_groups(&out->expiring_senders, base);
	settle_cells(&out->domain_causes, base);
	settle_cells(&out->host_causes, base);
	settle_cells(&out->provider_causes, base);
	out->memory = texts->bytes.data;
}

void survey_result(struct survey *s, struct survey_result *out)
{
	struct texts texts = {{0}};

	*out = (struct survey_result){.expiring_known = s->ix->lifetime >= 0,
	    .expiring = s->expiring,
	    .held_long = s->held_long,
	    .due = s->due,
	    .null_sender_domains = s->null_domains.used};
	tell_sums(s, &s->logins, 1, login_text, &texts, &out->logins);
	tell_sums(s, &s->clients, 1, client_text, &texts, &out->clients);
	tell_sums(s, &s->senders, 0, sender_text, &texts, &out->senders);
	tell_sums(s, &s->domains, 1, domain_text, &texts, &out->domains);
	tell_sums(s, &s->causes, 0, cause_text, &texts, &out->causes);
	tell_spread(s, &out->causes);
	tell_expiring(s, &texts, &out->expiring_senders);
	tell_cells(s, &s->domain_causes, domain_text, &texts, &out->domain_causes);
	tell_cells(s, &s->host_causes, host_text, &texts, &out->host_causes);
	tell_cells(s, &s->provider_causes, provider_text, &texts, &out->provider_causes);
	for (uint32_t i = 1; i < s->domains.count; i++)
		out->domains_waiting += s->domains.items[i].messages > 0;
	for (uint32_t i = 0; i < s->domains.count; i++)
		out->waiting_recipients += s->domains.items[i].recipients;
	for (int q = 0; q < QUEUE_COUNT; q++)
		out->oldest[q] = s->oldest[q];
	memcpy(out->queues, s->queues, sizeof(out->queues));
	memcpy(out->ages, s->ages, sizeof(out->ages));
	memcpy(out->expiring_within, s->expiring_within, sizeof(out->expiring_within));
	settle_all(out, &texts);
	survey_begin(s, s->now);
}

void survey_result_free(struct survey_result *r)
{
	free(r->logins.items);
	free(r->clients.items);
	free(r->senders.items);
	free(r->domains.items);
	free(r->causes.items);
	free(r->expiring_senders.items);
	free(r->domain_causes.items);
	free(r->host_causes.items);
	free(r->provider_causes.items);
	free(r->memory);
	*r = (struct survey_result){0};
}

void survey_free(struct survey **s)
{
	if (*s == NULL)
		return;
	forget_sums(*s);
	forget_hosts(*s);
	free(*s);
	*s = NULL;
}
