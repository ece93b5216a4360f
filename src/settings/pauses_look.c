/* What Postfix is asked about pauses: whether they hold, how main.cf stands, what would become of
 * an address, and who else holds mail back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "settings/pauses_internal.h"

/* How often it is looked whether main.cf still names the tables. Four runs of postconf. */
#define LOOK_MS 60000

/* ---- whether it holds ---- */

/* A provider's domains are one like another: the newest stands for them. */
static struct slice probe_domain(const struct live *l)
{
	return l->pause.domain_count == 0 ? SLICE("")
					  : slice_of(l->pause.domains[l->pause.domain_count - 1]);
}

/* What no address can be asked for: how main.cf and master.cf stand says it. */
static void judge_unasked(struct live *l)
{
	const char *trouble = l->pauses->setup_trouble;

	if (trouble[0] == '\0' && l->pause.kind == PAUSE_LOGIN && l->pauses->no_logins)
		trouble = "it does not hold: smtpd_sasl_auth_enable is no in main.cf, and no "
			  "service of master.cf has another, so that Postfix knows no logins";
	pauses_set_trouble(l, trouble);
}

static void settle_in(struct live *l)
{
	l->wants_probe = false;
	if (l->pause.state != PAUSE_SETTING)
		return;
	pauses_go(l, PAUSE_IN_FORCE);
	pauses_keep(l);
	pauses_tell(l);
}

static void judge(struct live *l, const struct pause_answer *answer)
{
	char text[400];

	if (answer->ours) {
		pauses_set_trouble(l, l->pauses->setup_trouble);
	} else if (answer->found.len == 0) {
		pauses_set_trouble(
		    l, "it does not hold: Postfix does not find it in transport_maps");
	} else {
		struct slice key = slice_first(answer->found, 150),
			     says = slice_first(answer->answer, 150);

		snprintf(text, sizeof(text),
		    "it does not hold: for %.*s transport_maps says %.*s, which wins over a pause",
		    SLICE_ARGS(key), SLICE_ARGS(says));
		pauses_set_trouble(l, text);
	}
}

static void probed(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err)
{
	struct pauses *p = context;
	bool again = err != NULL && (strcmp(err->code, "helper_unavailable") == 0 ||
					strcmp(err->code, "busy") == 0);

	p->probing = false;
	if (p->stopping)
		return;
	if (again) {
		p->again_ms = clock_monotonic_ms() + GONE_MS;
		return;
	}
	for (size_t i = 0; i < p->asked_count; i++) {
		struct live *l = pauses_find(p, p->asked[i]);

		/* Of one that is lifted meanwhile nobody wants to know it. */
		if (l == NULL || !pauses_is_wanted(l))
			continue;
		if (err != NULL)
			pauses_set_trouble(l, err->text);
		else if (i < count)
			judge(l, &answers[i]);
		settle_in(l);
	}
}

void pauses_begin_probe(struct pauses *p)
{
	struct buffer texts[PAUSE_QUERY_MAX] = {{0}};
	struct slice keys[PAUSE_QUERY_MAX];
	size_t count = 0;

	for (struct live *l = p->first; l != NULL; l = l->next) {
		if (!l->wants_probe || !pauses_is_wanted(l))
			continue;
		/* A provider without a domain so far, a sender, a login. */
		if (probe_domain(l).len == 0) {
			judge_unasked(l);
			settle_in(l);
			continue;
		}
		if (count == PAUSE_QUERY_MAX)
			break;
		p->asked[count] = l->pause.id;
		buffer_printf(&texts[count], "postroom-probe@%.*s", SLICE_ARGS(probe_domain(l)));
		keys[count] = buffer_slice(&texts[count]);
		count++;
	}
	p->asked_count = count;
	p->probing = count > 0;
	if (count > 0)
		p->ports.query(p->ports.owner, PAUSE_QUERY_TRANSPORT, keys, count, probed, p);
	for (size_t i = 0; i < count; i++)
		buffer_free(&texts[i]);
}

/* ---- whether main.cf still names the tables ---- */

void pauses_take_setup(struct pauses *p, const struct pause_setup *setup)
{
	struct error why;

	why.text[0] = '\0';
	snprintf(p->setup_trouble, sizeof(p->setup_trouble), "%.190s",
	    pauses_is_set_up(setup, &why) ? "" : why.text);
	p->no_logins = setup->no_logins;
}

static void looked(void *context, const struct pause_setup *setup, const struct error *err)
{
	struct pauses *p = context;

	p->looking = false;
	if (p->stopping || err != NULL)
		return;
	pauses_take_setup(p, setup);
	for (struct live *l = p->first; l != NULL; l = l->next)
		if (l->pause.state == PAUSE_IN_FORCE) {
			/* What is asked with it says the rest. */
			if (p->setup_trouble[0] != '\0')
				pauses_set_trouble(l, p->setup_trouble);
			else
				l->wants_probe = true;
		}
}

void pauses_begin_look(struct pauses *p)
{
	p->looking = true;
	p->look_ms = clock_monotonic_ms() + LOOK_MS;
	p->ports.setup(
	    p->ports.owner, &(struct pause_setup_ask){.action = PAUSE_SETUP_LOOK}, looked, p);
}

/* ---- the set-up, and what Postfix would do ---- */

static struct asker *add_asker(struct askers *askers, void *context)
{
	struct asker *a = memory_zero(1, sizeof(*a));

	*a = (struct asker){.next = askers->then, .context = context};
	askers->then = a;
	return a;
}

/* Takes those that wait for the next run; false where there are none, or one is under way. */
static bool begin_run(struct askers *askers)
{
	if (askers->now != NULL || askers->then == NULL)
		return false;
	askers->now = askers->then;
	askers->then = NULL;
	return true;
}

/* The next of the run that has ended, which the caller frees; NULL at the end. */
static struct asker *take_asker(struct asker **run)
{
	struct asker *a = *run;

	if (a != NULL)
		*run = a->next;
	return a;
}

static struct asker *end_run(struct askers *askers)
{
	struct asker *run = askers->now;

	askers->now = NULL;
	return run;
}

static void free_askers(struct asker *run)
{
	for (struct asker *a; (a = take_asker(&run)) != NULL;)
		free(a);
}

void pauses_forget_askers(struct pauses *p)
{
	free_askers(p->setup_askers.now);
	free_askers(p->setup_askers.then);
	free_askers(p->foreign_askers.now);
	free_askers(p->foreign_askers.then);
}

static void look_for_all(struct pauses *p);

static void looked_for_all(void *context, const struct pause_setup *setup, const struct error *err)
{
	struct pauses *p = context;
	struct asker *run = end_run(&p->setup_askers);

	for (struct asker *a; (a = take_asker(&run)) != NULL; free(a))
		a->setup(a->context, setup, err);
	look_for_all(p);
}

static void look_for_all(struct pauses *p)
{
	if (begin_run(&p->setup_askers))
		p->ports.setup(p->ports.owner,
		    &(struct pause_setup_ask){.action = PAUSE_SETUP_LOOK}, looked_for_all, p);
}

void pauses_setup_look(struct pauses *p, pauses_setup_done *done, void *context)
{
	add_asker(&p->setup_askers, context)->setup = done;
	look_for_all(p);
}

void pauses_setup_do(struct pauses *p, uint64_t seen, pauses_setup_done *done, void *context)
{
	/* Other tables may be named then: all are written once more, when the helper is through. */
	for (int i = 0; i < PAUSE_TABLES; i++)
		p->dirty[i] = p->known;
	p->again_ms = 0;
	p->look_ms = 0;
	p->ports.setup(
	    p->ports.owner, &(struct pause_setup_ask){PAUSE_SETUP_DO, seen}, done, context);
}

void pauses_setup_undo(struct pauses *p, uint64_t seen, pauses_setup_done *done, void *context)
{
	p->ports.setup(
	    p->ports.owner, &(struct pause_setup_ask){PAUSE_SETUP_UNDO, seen}, done, context);
}

struct probe {
	struct buffer texts;
	struct slice address[PAUSE_QUERY_MAX];
	size_t count;
	pauses_probe_done *done;
	void *context;
};

static void probe_answered(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err)
{
	struct probe *probe = context;
	struct pauses_found found[PAUSE_QUERY_MAX];

	for (size_t i = 0; i < count && i < probe->count; i++)
		found[i] = (struct pauses_found){probe->address[i], answers[i].found,
		    answers[i].answer, answers[i].ours,
		    /* Keys are tried before tables: only an entry for the whole address is asked
		     * for before a domain of ours. */
		    !answers[i].ours && slice_equal(answers[i].found, probe->address[i])};
	probe->done(probe->context, found, count < probe->count ? count : probe->count, err);
	buffer_free(&probe->texts);
	free(probe);
}

void pauses_probe(struct pauses *p, const struct slice *addresses, size_t count,
    pauses_probe_done *done, void *context)
{
	struct probe *probe = memory_zero(1, sizeof(*probe));
	size_t at = 0;

	*probe = (struct probe){.done = done, .context = context};
	for (size_t i = 0; i < count && probe->count < PAUSE_QUERY_MAX; i++) {
		BUFFER_AUTO struct buffer lower = {0};

		pauses_put_lower(&lower, addresses[i]);
		/* What has quotes or 8-bit characters is left out: it is asked for by its domain.
		 */
		if (!pause_address_valid(buffer_slice(&lower)))
			continue;
		buffer_append_slice(&probe->texts, buffer_slice(&lower));
		probe->address[probe->count++].len = lower.len;
	}
	for (size_t i = 0; i < probe->count; at += probe->address[i++].len)
		probe->address[i].data = probe->texts.data + at;
	p->ports.query(p->ports.owner, PAUSE_QUERY_TRANSPORT, probe->address, probe->count,
	    probe_answered, probe);
}

static void find_for_all(struct pauses *p);

static void found_for_all(
    void *context, const struct pause_found *found, size_t count, const struct error *err)
{
	struct pauses *p = context;
	struct asker *run = end_run(&p->foreign_askers);
	struct pauses_foreign list[PAUSE_FOUND_MAX];

	for (size_t i = 0; i < count; i++)
		list[i] = (struct pauses_foreign){found[i].what, found[i].text};
	for (struct asker *a; (a = take_asker(&run)) != NULL; free(a))
		a->foreign(a->context, list, count, err);
	find_for_all(p);
}

static void find_for_all(struct pauses *p)
{
	if (begin_run(&p->foreign_askers))
		p->ports.foreign(p->ports.owner, found_for_all, p);
}

void pauses_foreign(struct pauses *p, pauses_foreign_done *done, void *context)
{
	add_asker(&p->foreign_askers, context)->foreign = done;
	find_for_all(p);
}
