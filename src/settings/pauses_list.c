/* The pauses as they are known: their states, the list, who is told of a change, and how an answer
 * is given once something is written down. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/state_machine.h"
#include "settings/pauses_internal.h"

/* ---- states ---- */

static const char *const state_names[PAUSE_STATES] = {
    "none", "setting", "in force", "lifting", "ended", "failed"};
#define TO STATE_MACHINE_BIT
static const uint32_t next_states[PAUSE_STATES] = {
    [0] = TO(PAUSE_SETTING),
    [PAUSE_SETTING] = TO(PAUSE_IN_FORCE) | TO(PAUSE_LIFTING) | TO(PAUSE_FAILED),
    [PAUSE_IN_FORCE] = TO(PAUSE_LIFTING),
    [PAUSE_LIFTING] = TO(PAUSE_ENDED),
};
#undef TO
static const struct state_machine machine = {"pause", PAUSE_STATES, state_names, next_states};

void pauses_go(struct live *l, enum pause_state to)
{
	l->pause.state = (enum pause_state)state_machine_move(&machine, l->pause.state, to);
}

bool pauses_is_wanted(const struct live *l)
{
	return l->born && (l->pause.state == PAUSE_SETTING || l->pause.state == PAUSE_IN_FORCE);
}

enum pause_table pauses_table_of(const struct live *l)
{
	return l->pause.kind == PAUSE_SENDER  ? PAUSE_TABLE_SENDER
	       : l->pause.kind == PAUSE_LOGIN ? PAUSE_TABLE_LOGIN
					      : PAUSE_TABLE_TRANSPORT;
}

/* ---- the list ---- */

static struct slice domain_text(const void *owner, uint32_t number)
{
	const struct pause *pause = owner;

	return slice_of(pause->domains[number]);
}

void pauses_index_domains(struct live *l)
{
	for (size_t i = l->taken.used; i < l->pause.domain_count; i++)
		table_add(&l->taken, &l->pause, (uint32_t)i);
}

struct live *pauses_add(struct pauses *p)
{
	struct live *l = memory_zero(1, sizeof(*l));

	l->pauses = p;
	l->settle_ms = NEVER;
	table_init(&l->taken, domain_text);
	l->next = p->first;
	p->first = l;
	return l;
}

void pauses_drop(struct live *l)
{
	struct live **at = &l->pauses->first;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	table_free(&l->taken);
	pause_clear(&l->pause);
	free(l);
}

void pauses_make_list(struct pauses *p)
{
	size_t count = 0;

	for (const struct live *l = p->first; l != NULL; l = l->next)
		count++;
	p->list = memory_resize(p->list, count + 1, sizeof(struct pause *));
	p->list_count = 0;
	for (const struct live *l = p->first; l != NULL; l = l->next)
		if (l->born)
			p->list[p->list_count++] = &l->pause;
}

bool pauses_known(const struct pauses *p)
{
	return p->known;
}

const struct pause *const *pauses_list(const struct pauses *p, size_t *count)
{
	*count = p->list_count;
	return p->list;
}

struct live *pauses_find(const struct pauses *p, int64_t id)
{
	struct live *l = p->first;

	while (l != NULL && !(l->born && l->pause.id == id))
		l = l->next;
	return l;
}

const struct pause *pauses_get(const struct pauses *p, int64_t id)
{
	const struct live *l = pauses_find(p, id);

	return l != NULL ? &l->pause : NULL;
}

bool pauses_is_below(struct slice name, struct slice parent)
{
	return name.len > parent.len + 1 && name.data[name.len - parent.len - 1] == '.' &&
	       slice_equal_nocase(slice_from(name, name.len - parent.len), parent);
}

static bool holds_domain(const struct live *l, struct slice domain)
{
	return pauses_table_of(l) == PAUSE_TABLE_TRANSPORT &&
	       (table_find(&l->taken, &l->pause, domain) != TABLE_NONE ||
		   (l->pause.subdomains && pauses_is_below(domain, slice_of(l->pause.key))));
}

const struct pause *pauses_of_domain(const struct pauses *p, struct slice domain)
{
	for (const struct live *l = p->first; l != NULL; l = l->next)
		if (pauses_is_wanted(l) && holds_domain(l, domain))
			return &l->pause;
	return NULL;
}

void pauses_tell(struct live *l)
{
	pauses_make_list(l->pauses);
	if (l->pauses->events.changed != NULL)
		l->pauses->events.changed(l->pauses->events.owner, &l->pause);
}

void pauses_mark(struct live *l)
{
	l->pauses->dirty[pauses_table_of(l)] = true;
}

/* A provider's domains come one by one. Where each table costs a reload they are gathered: Postfix
 * does nothing else if it is reloaded all the time. */
#define RELOAD_PACE_MS 60000

void pauses_mark_grown(struct live *l)
{
	struct pauses *p = l->pauses;
	int64_t first = p->reloaded_ms + RELOAD_PACE_MS;

	if (clock_monotonic_ms() >= first)
		pauses_mark(l);
	else if (p->grown_ms == 0)
		p->grown_ms = first;
}

/* Says it, or that it is no more; the page hears of a change only. */
void pauses_set_trouble(struct live *l, const char *trouble)
{
	const char *old = l->pause.trouble != NULL ? l->pause.trouble : "";

	if (strcmp(old, trouble) == 0)
		return;
	free(l->pause.trouble);
	l->pause.trouble = trouble[0] != '\0' ? memory_strdup(trouble) : NULL;
	pauses_tell(l);
}

/* ---- answering, and writing down ---- */

void pauses_answer_free(struct answer *a)
{
	struct answer **at = &a->pauses->answers;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	pause_clear(&a->pause);
	free(a);
}

void pauses_answer_end(struct answer *a, const struct error *err)
{
	const struct pause *pause = pauses_get(a->pauses, a->id);

	if (a->done != NULL)
		a->done(a->context, err == NULL ? (pause != NULL ? pause : &a->pause) : NULL, err);
	pauses_answer_free(a);
}

struct answer *pauses_answer_new(struct pauses *p, pauses_done *done, void *context)
{
	struct answer *a = memory_zero(1, sizeof(*a));

	*a = (struct answer){.pauses = p, .done = done, .context = context, .next = p->answers};
	p->answers = a;
	return a;
}

enum db_result pauses_write_row(struct db *db, void *context, struct error *err)
{
	struct answer *a = context;

	return pause_rows_update(db, &a->pause, a->from, err);
}

static void row_written(void *context, enum db_result result, const struct error *err)
{
	struct answer *a = context;
	struct live *l = pauses_find(a->pauses, a->id);

	/* What could not be written is written with the next change; the list in memory counts. */
	if (result == DB_OK && l != NULL && l->stored_domains < a->pause.domain_count)
		l->stored_domains = a->pause.domain_count;
	pauses_answer_end(a, result == DB_OK ? NULL : err);
}

void pauses_keep(struct live *l)
{
	struct answer *a = pauses_answer_new(l->pauses, NULL, NULL);

	pause_copy(&a->pause, &l->pause);
	a->id = l->pause.id;
	a->from = l->stored_domains;
	store_write(l->pauses->store, pauses_write_row, row_written, a);
}

/* By whom, or "" because its time is over. The table comes by itself; the store follows. */
void pauses_begin_lift(struct live *l, const char *who)
{
	pauses_go(l, PAUSE_LIFTING);
	l->pause.ended = clock_now();
	free(l->pause.ended_by);
	l->pause.ended_by = memory_strdup(who);
	l->settle_ms = NEVER;
	l->sent = false;
	pauses_mark(l);
	pauses_tell(l);
}

/* ---- for all ---- */

void pauses_put_lower(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		buffer_append_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
}

bool pauses_is_set_up(const struct pause_setup *setup, struct error *err)
{
	switch (setup->state) {
	case PAUSE_SETUP_DONE:
		return true;
	case PAUSE_SETUP_CHANGED:
		return error_say(err, "pause_setup_changed", SAID_PAUSE_SETUP_CHANGED, 0);
	case PAUSE_SETUP_IMPOSSIBLE:
		return error_say(err, "pause_setup_impossible", SAID_PAUSE_SETUP_IMPOSSIBLE, 1,
		    said_text("why", setup->why));
	default:
		return error_say(err, "pause_setup_missing", SAID_PAUSE_SETUP_MISSING, 0);
	}
}
