/* The set of pauses, and which of them a domain, a sender or a login belongs to. Names are found by
 * their text, of a domain also by what is behind each of its dots, because a domain's pause may
 * take its subdomains in. All texts of a set stand in one piece of memory. */
#include "index/columns/paused.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/idn.h"
#include "index/columns/reasons.h"
#include "index/columns/row_values.h"

/* Longer than any address that SMTP has room for (RFC 5321: 254) and any login that is one. */
#define NAME_MAX_BYTES 512

static struct slice name_text(const void *owner, uint32_t number)
{
	return ((const struct paused *)owner)->name[number].text;
}

void paused_free(struct paused *p)
{
	for (int kind = 0; kind < PAUSED_NAMES_KINDS; kind++)
		table_free(&p->by_text[kind]);
	free(p->pause);
	free(p->name);
	free(p->texts);
	*p = (struct paused){.known = p->known};
}

/* ---- A new set ---- */

/* Texts are copied one behind the other into room that was made for all of them. */
static struct slice put(char **room, struct slice text, bool lower)
{
	struct slice copy = {*room, text.len};

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		(*room)[i] = lower && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	*room += text.len;
	return copy;
}

static void add_name(struct paused *p, enum paused_names kind, struct slice text, uint32_t pause)
{
	uint32_t first = table_find(&p->by_text[kind], p, text);

	if (p->names == p->names_cap) {
		p->names_cap = p->names_cap ? p->names_cap * 2 : 16;
		p->name = memory_resize(p->name, p->names_cap, sizeof(*p->name));
	}
	p->name[p->names] = (struct paused_name){text, pause, TABLE_NONE};
	if (first == TABLE_NONE) {
		table_add(&p->by_text[kind], p, p->names);
	} else {
		p->name[p->names].next = p->name[first].next;
		p->name[first].next = p->names;
	}
	p->names++;
}

/* Mail may name a domain in either of its forms. The readable one is never longer than four times
 * the ASCII one: a character of UTF-8 for each of Punycode's. */
#define FORMS_FACTOR 5

static void add_domain(struct paused *p, char **room, struct slice domain, uint32_t pause)
{
	BUFFER_AUTO struct buffer readable = {0};
	struct slice text = put(room, domain, true);

	add_name(p, PAUSED_NAMES_DOMAIN, text, pause);
	if (idn_readable(&readable, text) && readable.len < domain.len * FORMS_FACTOR)
		add_name(p, PAUSED_NAMES_DOMAIN, put(room, buffer_slice(&readable), false), pause);
}

static size_t room_for(const struct index_pause *pauses, size_t count)
{
	size_t room = 1;

	for (size_t i = 0; i < count; i++) {
		room += 2 * pauses[i].key.len + pauses[i].by.len + pauses[i].reason.len;
		for (size_t d = 0; d < pauses[i].domain_count; d++)
			room += pauses[i].domains[d].len * (1 + FORMS_FACTOR);
	}
	return room;
}

static void take(struct paused *p, char **room, const struct index_pause *pause)
{
	uint32_t place = (uint32_t)p->count++;
	struct index_pause *copy = &p->pause[place];

	*copy = *pause;
	copy->key = put(room, pause->key, false);
	copy->by = put(room, pause->by, false);
	copy->reason = put(room, pause->reason, false);
	copy->domains = NULL;
	copy->domain_count = 0;
	p->subdomains |= pause->subdomains;
	if (pause->kind == INDEX_PAUSE_SENDER || pause->kind == INDEX_PAUSE_LOGIN)
		add_name(p,
		    pause->kind == INDEX_PAUSE_SENDER ? PAUSED_NAMES_SENDER : PAUSED_NAMES_LOGIN,
		    put(room, pause->key, true), place);
	for (size_t i = 0; i < pause->domain_count; i++)
		add_domain(p, room, pause->domains[i], place);
}

static uint32_t number_of(const char *key)
{
	const struct diagnosis *diagnosis = diagnosis_by_key(slice_of(key));

	return diagnosis ? (uint32_t)diagnosis_index(diagnosis) + 1 : 0;
}

void index_set_pauses(struct index *ix, const struct index_pause *pauses, size_t count)
{
	struct paused *p = &ix->paused;
	char *room;

	paused_free(p);
	for (int kind = 0; kind < PAUSED_NAMES_KINDS; kind++)
		table_init(&p->by_text[kind], name_text);
	p->pause = memory_zero(count + 1, sizeof(*p->pause));
	room = p->texts = memory_alloc(room_for(pauses, count));
	for (size_t i = 0; i < count; i++)
		take(p, &room, &pauses[i]);
	p->known = true;
	p->diagnosis = number_of("paused");
	p->deferred = number_of("deferred-by-configuration");
	p->unavailable = number_of("transport-unavailable");
	generation_next_all(ix);
}

/* ---- Which pauses ---- */

/* False: the caller has had enough. */
static bool each_named(const struct paused *p, enum paused_names kind, struct slice text,
    bool subdomain, int64_t since, paused_each_fn *each, void *context)
{
	uint32_t n = table_find(&p->by_text[kind], p, text);

	for (; n != TABLE_NONE; n = p->name[n].next) {
		const struct index_pause *pause = &p->pause[p->name[n].pause];
		if ((!subdomain || pause->subdomains) && pause->since <= since &&
		    !each(context, p->name[n].pause))
			return false;
	}
	return true;
}

void paused_each_of_domain(
    const struct index *ix, uint32_t domain, paused_each_fn *each, void *context)
{
	const struct paused *p = &ix->paused;
	struct slice text = dict_text(&ix->domains, domain);
	ptrdiff_t dot;

	if (p->by_text[PAUSED_NAMES_DOMAIN].used == 0 || domain == 0 ||
	    !each_named(p, PAUSED_NAMES_DOMAIN, text, false, INT64_MAX, each, context))
		return;
	while (p->subdomains && (dot = slice_find_char(text, '.')) >= 0) {
		text = slice_from(text, (size_t)dot + 1);
		if (!each_named(p, PAUSED_NAMES_DOMAIN, text, true, INT64_MAX, each, context))
			return;
	}
}

/* As Postfix looks addresses and logins up: without regard to case. */
static bool each_held(const struct index *ix, enum paused_names kind, struct slice text,
    int64_t arrival, paused_each_fn *each, void *context)
{
	char lower[NAME_MAX_BYTES];

	if (ix->paused.by_text[kind].used == 0 || text.len == 0 || text.len > sizeof(lower))
		return true;
	for (size_t i = 0; i < text.len; i++)
		lower[i] = text.data[i] >= 'A' && text.data[i] <= 'Z' ? (char)(text.data[i] | 0x20)
								      : text.data[i];
	return each_named(
	    &ix->paused, kind, slice_make(lower, text.len), false, arrival, each, context);
}

void paused_each_of_held(const struct index *ix, uint32_t row, paused_each_fn *each, void *context)
{
	int64_t arrival = ix->c.arrival[row];

	if (ix->c.queue[row] != QUEUE_HOLD || row_is_being_deleted(ix, row))
		return;
	if (each_held(ix, PAUSED_NAMES_SENDER, dict_text(&ix->senders, ix->c.sender[row]), arrival,
		each, context))
		each_held(ix, PAUSED_NAMES_LOGIN, dict_text(&ix->logins, row_login(ix, row)),
		    arrival, each, context);
}

struct first {
	const struct paused *paused;
	uint32_t found; /* + 1 */
};

static bool take_first(void *context, uint32_t pause)
{
	struct first *first = context;
	bool holds = first->paused->pause[pause].throttle_s == 0;

	if (first->found == 0 || holds)
		first->found = pause + 1;
	return !holds;
}

uint32_t paused_of_domain(const struct index *ix, uint32_t domain)
{
	struct first first = {&ix->paused, 0};

	paused_each_of_domain(ix, domain, take_first, &first);
	return first.found;
}

uint32_t paused_of_held(const struct index *ix, uint32_t row)
{
	struct first first = {&ix->paused, 0};

	paused_each_of_held(ix, row, take_first, &first);
	return first.found;
}

static uint32_t domain_of(const struct index *ix, const struct recipient *recipient)
{
	return address_domain(&ix->addresses, recipient_address(ix, recipient));
}

uint32_t paused_of_recipient(
    const struct index *ix, uint32_t row, const struct recipient *recipient)
{
	if (recipient_is_done(recipient))
		return 0;
	return paused_in_queue(ix->c.queue[row]) ? paused_of_domain(ix, domain_of(ix, recipient))
						 : paused_of_held(ix, row);
}

uint32_t paused_diagnosis(const struct index *ix, const struct recipient *recipient)
{
	uint32_t reason = recipient_reason(recipient);
	uint32_t number = reasons_settled_diagnosis(ix, reason);

	if (ix->paused.count == 0 || reason == 0 || number == 0 ||
	    (number != ix->paused.deferred && number != ix->paused.unavailable))
		return number;
	return paused_of_domain(ix, domain_of(ix, recipient)) ? ix->paused.diagnosis : number;
}

/* ---- For callers ---- */

static bool tell(const struct index *ix, uint32_t found, struct index_pause *out)
{
	if (found != 0)
		*out = ix->paused.pause[found - 1];
	return found != 0;
}

bool index_recipient_pause(
    const struct index *ix, uint32_t row, uint32_t n, struct index_pause *out)
{
	return ix->paused.count > 0 && row_is_live(ix, row) && n < row_kept(ix, row) &&
	       tell(ix, paused_of_recipient(ix, row, &row_recipients(ix, row)[n]), out);
}

bool index_pause(const struct index *ix, uint32_t row, struct index_pause *out)
{
	uint32_t found = 0;

	if (ix->paused.count == 0 || !row_is_live(ix, row))
		return false;
	if (!paused_in_queue(ix->c.queue[row]))
		return tell(ix, paused_of_held(ix, row), out);
	for (uint32_t n = 0; n < row_kept(ix, row) && found == 0; n++)
		found = paused_of_recipient(ix, row, &row_recipients(ix, row)[n]);
	return tell(ix, found, out);
}
