/* What people ask of pauses: setting one, lifting it, another end; and what the queue tells of a
 * provider. Everything is checked first, written down then, answered after that; Postfix's tables
 * follow by themselves (pauses.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "settings/pauses_internal.h"

/* ---- checking what was asked ---- */

const uint32_t *pauses_throttles(void)
{
	static const uint32_t throttles[] = PAUSE_THROTTLES;

	return throttles;
}

static bool check_key(const struct pauses_ask *ask, struct slice key, struct error *err)
{
	if (key.len == 0 || slice_is(key, "*"))
		return error_say(err, "invalid_value", SAID_PAUSE_OF_ONE, 0);
	if (ask->kind == PAUSE_SENDER && !pause_address_valid(key))
		return error_say(err, "invalid_value", SAID_PAUSE_SENDER_FORM, 0);
	if (ask->kind == PAUSE_LOGIN && !pause_login_valid(key))
		return error_say(err, "invalid_value", SAID_PAUSE_LOGIN_FORM, 0);
	if (pauses_table_of(&(struct live){.pause.kind = ask->kind}) == PAUSE_TABLE_TRANSPORT &&
	    !pause_domain_valid(key))
		return error_say(err, "invalid_value",
		    ask->kind == PAUSE_DOMAIN ? SAID_PAUSE_DOMAIN_FORM : SAID_PAUSE_PROVIDER_FORM,
		    0);
	return true;
}

static bool check_end(int64_t until, bool long_confirmed, int64_t now, struct error *err)
{
	if (until <= now)
		return error_say(err, "invalid_value", SAID_PAUSE_PAST, 0);
	if (until > now + PAUSES_LONGEST_S)
		return error_say(err, "invalid_value", SAID_PAUSE_LONGEST, 0);
	if (until > now + PAUSES_USUAL_S && !long_confirmed)
		return error_say(err, "pause_too_long", SAID_PAUSE_LONG, 0);
	return true;
}

static bool check_rest(const struct pauses_ask *ask, struct error *err)
{
	bool transport = ask->kind == PAUSE_DOMAIN || ask->kind == PAUSE_PROVIDER;

	if (ask->subdomains && ask->kind != PAUSE_DOMAIN)
		return error_say(err, "invalid_value", SAID_PAUSE_SUBDOMAINS, 0);
	if (ask->throttle_s != 0 && !(transport && pause_throttle_valid(ask->throttle_s)))
		return error_say(err, "invalid_value", SAID_PAUSE_THROTTLE, 0);
	if (ask->release && transport)
		return error_say(err, "invalid_value", SAID_PAUSE_RELEASES, 0);
	if (ask->reason.len > PAUSES_REASON_MAX)
		return error_say(err, "invalid_value", SAID_PAUSE_REASON_LONG, 1,
		    said_number("most", PAUSES_REASON_MAX));
	return true;
}

bool pauses_check(const struct pauses_ask *ask, int64_t now, struct buffer *key, struct error *err)
{
	/* As postmap itself folds the keys of a table. */
	pauses_put_lower(key, slice_trim(ask->key));
	return check_key(ask, buffer_slice(key), err) &&
	       check_end(ask->until, ask->long_confirmed, now, err) && check_rest(ask, err);
}

/* ---- answering later ---- */

static enum db_result nothing(struct db *db, void *context, struct error *err)
{
	(void)db;
	(void)context;
	(void)err;
	return DB_OK;
}

static void refused(void *context, enum db_result result, const struct error *err)
{
	struct answer *a = context;

	(void)result;
	(void)err;
	pauses_answer_end(a, &a->err);
}

/* By way of the store: callers count on an answer that comes after the call. */
static void refuse(struct answer *a, const struct error *err)
{
	a->err = *err;
	store_read(a->pauses->store, nothing, refused, a);
}

/* ---- setting ---- */

static void setting_end(struct answer *a, const struct error *err)
{
	pauses_drop(a->live);
	pauses_answer_end(a, err);
}

static enum db_result write_new(struct db *db, void *context, struct error *err)
{
	struct answer *a = context;
	enum db_result result = pause_rows_add(db, &a->pause, err);

	return result == DB_OK ? pause_rows_prune(db, clock_now(), err) : result;
}

static void new_written(void *context, enum db_result result, const struct error *err)
{
	struct answer *a = context;
	struct live *l = a->live;

	/* Also when it is not known whether it was stored: then the next start finds it there. */
	if (result != DB_OK) {
		setting_end(a, err);
		return;
	}
	l->pause.id = a->id = a->pause.id;
	l->stored_domains = a->pause.domain_count;
	l->born = true;
	pauses_mark(l);
	pauses_tell(l);
	pauses_answer_end(a, NULL);
}

static void write_down(struct answer *a)
{
	pauses_go(a->live, PAUSE_SETTING);
	pause_copy(&a->pause, &a->live->pause);
	store_write(a->live->pauses->store, write_new, new_written, a);
}

static void say_own(struct error *why, const char *domain, const struct pause_answer *answer)
{
	struct said_value named = said_text("domain", slice_of(domain));
	struct said_value where = said_text("where", answer->found);

	if (answer->unsure)
		error_say(why, "pause_own_domain", SAID_PAUSE_OWN_PERHAPS, 3, named, where,
		    said_text("answer", answer->answer));
	else
		error_say(why, "pause_own_domain", SAID_PAUSE_OWN, 2, named, where);
}

static void own_asked(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err)
{
	struct answer *a = context;
	struct error why;
	size_t own = 0;

	while (err == NULL && own < count && answers[own].found.len == 0)
		own++;
	if (err == NULL && own < count) {
		say_own(&why, a->live->pause.domains[own], &answers[own]);
		err = &why;
	}
	if (err != NULL)
		setting_end(a, err);
	else
		write_down(a);
}

static void ask_own(struct answer *a)
{
	const struct pause *pause = &a->live->pause;
	const struct pause_ports *ports = &a->live->pauses->ports;
	BUFFER_AUTO struct buffer below = {0};
	struct slice keys[PAUSE_QUERY_MAX];
	size_t count = 0;

	/* Of a provider: those that are known to go there. */
	for (; count < pause->domain_count && count < PAUSE_QUERY_MAX; count++)
		keys[count] = slice_of(pause->domains[count]);
	/* With a dot: and those below it. */
	if (pause->subdomains) {
		buffer_printf(&below, ".%s", pause->key);
		keys[0] = buffer_slice(&below);
	}
	ports->query(ports->owner, PAUSE_QUERY_OWN, keys, count, own_asked, a);
}

static void set_up_asked(void *context, const struct pause_setup *setup, const struct error *err)
{
	struct answer *a = context;
	struct error why;

	if (err != NULL) {
		setting_end(a, err);
		return;
	}
	pauses_take_setup(a->live->pauses, setup);
	if (!pauses_is_set_up(setup, &why)) {
		/* Those in force want to know it too. */
		a->live->pauses->look_ms = 0;
		setting_end(a, &why);
	} else if (a->live->pause.domain_count > 0 && !a->own_confirmed)
		ask_own(a);
	else
		write_down(a);
}

/* Its key is taken from here on, so that of two that ask at once only one is set. */
static struct live *take(struct pauses *p, const struct pauses_ask *ask, const char *key)
{
	struct live *l = pauses_add(p);
	struct pause *pause = &l->pause;

	*pause = (struct pause){.kind = ask->kind,
	    .key = memory_strdup(key),
	    .subdomains = ask->subdomains,
	    .throttle_s = ask->throttle_s,
	    .release = ask->release,
	    .reason = memory_strndup(ask->reason.data, ask->reason.len),
	    .who = memory_strndup(ask->who.data, ask->who.len),
	    .ended_by = memory_strdup(""),
	    .since = clock_now(),
	    .until = ask->until};
	if (ask->kind == PAUSE_DOMAIN)
		pause_add_domain(pause, slice_of(key));
	pauses_index_domains(l);
	return l;
}

/* False for what no table can have, or is there already. */
static bool take_in(struct live *l, struct slice domain)
{
	BUFFER_AUTO struct buffer lower = {0};

	pauses_put_lower(&lower, domain);
	if (!pause_domain_valid(buffer_slice(&lower)) ||
	    l->pause.domain_count >= PAUSE_ENTRIES_MAX ||
	    table_find(&l->taken, &l->pause, buffer_slice(&lower)) != TABLE_NONE)
		return false;
	pause_add_domain(&l->pause, buffer_slice(&lower));
	pauses_index_domains(l);
	return true;
}

static bool has_room(
    const struct pauses *p, const struct pauses_ask *ask, const char *key, struct error *err)
{
	size_t count = 0;

	for (const struct live *l = p->first; l != NULL; l = l->next, count++)
		if (l->pause.kind == ask->kind && strcmp(l->pause.key, key) == 0 &&
		    l->pause.state != PAUSE_LIFTING)
			return error_say(err, "pause_exists", SAID_PAUSE_EXISTS, 1,
			    said_text("kind", slice_of(pause_kind_name(ask->kind))));
	return count < PAUSES_MAX ||
	       error_say(err, "pauses_full", SAID_PAUSE_FULL, 1, said_number("count", PAUSES_MAX));
}

void pauses_set(struct pauses *p, const struct pauses_ask *ask, pauses_done *done, void *context)
{
	struct answer *a = pauses_answer_new(p, done, context);
	BUFFER_AUTO struct buffer key = {0};
	struct error err;

	if (!p->known)
		error_say(&err, "helper_unavailable", SAID_PAUSE_NOT_READY, 0);
	if (!p->known || !pauses_check(ask, clock_now(), &key, &err) ||
	    !has_room(p, ask, buffer_string(&key), &err)) {
		refuse(a, &err);
		return;
	}
	a->live = take(p, ask, buffer_string(&key));
	a->own_confirmed = ask->own_domain_confirmed;
	for (size_t i = 0; ask->kind == PAUSE_PROVIDER && i < ask->domain_count; i++)
		take_in(a->live, ask->domains[i]);
	p->ports.setup(
	    p->ports.owner, &(struct pause_setup_ask){.action = PAUSE_SETUP_LOOK}, set_up_asked, a);
}

/* ---- lifting and changing ---- */

static void lift_written(void *context, enum db_result result, const struct error *err)
{
	struct answer *a = context;
	struct live *l = pauses_find(a->pauses, a->id);

	/* It may have ended by itself meanwhile. Another end, or a domain that was taken in, may be
	 * on its way to the store behind this: the last word has to be that it is lifted. */
	if (result == DB_OK && l != NULL && pauses_is_wanted(l)) {
		pauses_begin_lift(l, a->pause.ended_by);
		pauses_keep(l);
	}
	pauses_answer_end(a, result == DB_OK ? NULL : err);
}

static struct live *find_to_change(struct pauses *p, int64_t id, struct error *err)
{
	struct live *l = pauses_find(p, id);

	if (l == NULL)
		error_say(
		    err, "pause_not_found", SAID_PAUSE_NOT_IN_FORCE, 1, said_number("pause", id));
	else if (!pauses_is_wanted(l)) {
		error_say(err, "pause_ended", SAID_PAUSE_BEING_LIFTED, 0);
		l = NULL;
	}
	return l;
}

void pauses_lift(struct pauses *p, int64_t id, const char *who, pauses_done *done, void *context)
{
	struct answer *a = pauses_answer_new(p, done, context);
	struct error err;
	struct live *l = find_to_change(p, id, &err);

	if (l == NULL) {
		refuse(a, &err);
		return;
	}
	a->id = id;
	pause_copy(&a->pause, &l->pause);
	a->from = l->stored_domains;
	a->pause.state = PAUSE_LIFTING;
	a->pause.ended = clock_now();
	free(a->pause.ended_by);
	a->pause.ended_by = memory_strdup(who);
	store_write(p->store, pauses_write_row, lift_written, a);
}

static void change_written(void *context, enum db_result result, const struct error *err)
{
	struct answer *a = context;
	struct live *l = pauses_find(a->pauses, a->id);

	if (result == DB_OK && l != NULL && pauses_is_wanted(l)) {
		l->pause.until = a->pause.until;
		pauses_tell(l);
	}
	pauses_answer_end(a, result == DB_OK ? NULL : err);
}

void pauses_change(struct pauses *p, int64_t id, int64_t until, bool long_confirmed,
    const char *who, pauses_done *done, void *context)
{
	struct answer *a = pauses_answer_new(p, done, context);
	struct error err;
	struct live *l = find_to_change(p, id, &err);

	(void)who; /* the audit log has it; the pause stays of who set it */
	if (l == NULL || !check_end(until, long_confirmed, clock_now(), &err)) {
		refuse(a, &err);
		return;
	}
	a->id = id;
	pause_copy(&a->pause, &l->pause);
	a->from = l->stored_domains;
	a->pause.until = until;
	store_write(p->store, pauses_write_row, change_written, a);
}

/* ---- what goes where ---- */

bool pauses_want_hosts(const struct pauses *p)
{
	for (const struct live *l = p->first; l != NULL; l = l->next)
		if (l->pause.kind == PAUSE_PROVIDER && pauses_is_wanted(l))
			return true;
	return false;
}

void pauses_saw(struct pauses *p, struct slice remote_host, struct slice domain)
{
	for (struct live *l = p->first; l != NULL; l = l->next) {
		struct slice key = slice_of(l->pause.key);

		/* mx1.provider.example for provider.example: a provider has many hosts. */
		if (l->pause.kind != PAUSE_PROVIDER || !pauses_is_wanted(l) ||
		    !(slice_equal_nocase(remote_host, key) || pauses_is_below(remote_host, key)) ||
		    !take_in(l, domain))
			continue;
		pauses_mark_grown(l);
		pauses_keep(l);
		pauses_tell(l);
	}
}
