/* What a job would do to a selection, in numbers and warnings: one function for each action. The
 * words promise only what Postfix keeps. */
#include "jobs/preview.h"

#include <stdio.h>
#include <string.h>

struct tally {
	const struct preview_facts *facts;
	int64_t active, incoming, held, maildrop, missing, null_sender, over_age, over_age_held;
	int64_t held_bytes, held_recipients;
};

static bool is_over_age(const struct index_brief *m, const struct preview_facts *facts)
{
	/* Lifetimes count from create_time; arrival stands for it where a source does not know it.
	 */
	int64_t lifetime = m->null_sender ? facts->bounce_lifetime : facts->maximal_lifetime;
	int64_t base = m->create_time >= 0 ? m->create_time : m->arrival;

	return lifetime >= 0 && base >= 0 && facts->now - base >= lifetime;
}

static void count_one(void *context, const struct index_brief *m)
{
	struct tally *t = context;

	if (m == NULL) {
		t->missing++;
		return;
	}
	/* Bounces: they cannot be returned to anybody. */
	t->null_sender += m->null_sender;
	if (m->queue == QUEUE_HOLD) {
		t->held_bytes += (int64_t)m->size;
		t->held_recipients += m->recipient_count;
	}
	if (is_over_age(m, t->facts)) {
		t->over_age++;
		t->over_age_held += m->queue == QUEUE_HOLD;
	}
}

static struct tally count(const struct selection *selection, const struct preview_facts *facts)
{
	const struct selection_totals *totals = selection_totals(selection);
	struct tally tally = {.facts = facts,
	    .active = totals->queue[QUEUE_ACTIVE],
	    .incoming = totals->queue[QUEUE_INCOMING],
	    .held = totals->queue[QUEUE_HOLD],
	    .maildrop = totals->queue[QUEUE_MAILDROP]};

	selection_each(selection, count_one, &tally);
	return tally;
}

static void add(struct preview *p, enum preview_severity severity, const char *code, int64_t about,
    struct said *said)
{
	struct preview_warning *w = &p->warning[p->warning_count];

	if (about == 0 || p->warning_count == PREVIEW_WARNINGS_MAX)
		return;
	w->code = code;
	w->severity = severity;
	w->count = about;
	snprintf(w->text, sizeof(w->text), "%s", buffer_string(&said->text));
	snprintf(w->words, sizeof(w->words), "%s", buffer_string(&said->words));
	p->warning_count++;
}

/* Adds a warning unless it is about no message; -1: about all of them. */
static void warn(struct preview *p, enum preview_severity severity, const char *code, int64_t about,
    enum said_code says)
{
	SAID_AUTO struct said said = {0};

	said_put(&said, says, 1, said_number("count", about));
	add(p, severity, code, about, &said);
}

static void command(struct preview *p, const char *text)
{
	p->commands[p->command_count++] = text;
}

/* ---- one function for each action: what it does to the mail, in words that Postfix keeps ---- */

static void about_retry(struct preview *p, const struct tally *t)
{
	command(p, "postqueue -i");
	warn(p, PREVIEW_WARNING, "on_hold", t->held, SAID_PREVIEW_RETRY_ON_HOLD);
	warn(p, PREVIEW_INFO, "maildrop", t->maildrop, SAID_PREVIEW_RETRY_MAILDROP);
	warn(p, PREVIEW_INFO, "active_now", t->active, SAID_PREVIEW_ACTIVE);
	warn(p, PREVIEW_INFO, "over_age", t->over_age - t->over_age_held,
	    SAID_PREVIEW_RETRY_OVER_AGE);
}

static void about_hold(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -h -");
	warn(p, PREVIEW_INFO, "already_held", t->held, SAID_PREVIEW_ALREADY_HELD);
	warn(p, PREVIEW_WARNING, "active_now", t->active, SAID_PREVIEW_ACTIVE_MAY_GET);
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, SAID_PREVIEW_HOLD_MAILDROP);
}

/* What the queue manager does again after a reload: it reads what was active, and looks at what is
 * deferred (docs/POSTFIX.md). */
static long long reload_seconds(const struct preview_facts *facts)
{
	return 1 + (facts->queued_active * 200 + facts->queued_deferred * 6) / 1000000;
}

static void warn_of_reload(struct preview *p, const struct preview_facts *facts)
{
	SAID_AUTO struct said said = {0};

	/* Nobody could look at the files: the warning is then about what may be. */
	if (facts->reload_for < 0) {
		warn(p, PREVIEW_INFO, "release_reload", -1, SAID_PREVIEW_RELOAD_PERHAPS);
		return;
	}
	said_put(&said, SAID_PREVIEW_RELOAD, 2, said_number("count", facts->reload_for),
	    said_number("seconds", reload_seconds(facts)));
	add(p, PREVIEW_WARNING, "release_reload", facts->reload_for, &said);
}

static void about_release(struct preview *p, const struct tally *t,
    const struct selection *selection, const struct preview_facts *facts)
{
	int64_t all = (int64_t)selection_count(selection);

	/* Nothing happens to the others. */
	if (!t->facts->takes_hold_back) {
		p->matched = t->held;
		p->bytes = t->held_bytes;
		p->recipients = t->held_recipients;
	}
	if (facts->reload_for > 0)
		command(p, "postfix reload");
	command(p, "postsuper -H -");
	if (facts->reload_for != 0)
		warn_of_reload(p, facts);
	warn(p, PREVIEW_INFO, "not_held", all - t->held - t->missing, SAID_PREVIEW_NOT_HELD);
	warn(p, PREVIEW_WARNING, "held_long", t->over_age_held, SAID_PREVIEW_HELD_LONG);
	warn(p, PREVIEW_INFO, "release_waits", t->held, SAID_PREVIEW_RELEASE_WAITS);
}

static void about_requeue(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -r -");
	warn(p, PREVIEW_WARNING, "requeue_effects", -1, SAID_PREVIEW_REQUEUE_EFFECTS);
	warn(p, PREVIEW_WARNING, "active_now", t->active, SAID_PREVIEW_ACTIVE_TWICE);
	warn(p, PREVIEW_INFO, "on_hold", t->held, SAID_PREVIEW_REQUEUE_ON_HOLD);
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, SAID_PREVIEW_REQUEUE_MAILDROP);
}

static void about_delete(struct preview *p, const struct tally *t, int64_t undo_seconds)
{
	if (undo_seconds > 0)
		command(p, "postsuper -h -");
	command(p, undo_seconds > 0 ? "postsuper -d - hold" : "postsuper -d -");
	warn(p, PREVIEW_INFO, "delete_silent", -1, SAID_PREVIEW_DELETE_SILENT);
	warn(p, PREVIEW_WARNING, "active_now", t->active, SAID_PREVIEW_ACTIVE_MAY_GET);
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop,
	    undo_seconds > 0 ? SAID_PREVIEW_DELETE_MAILDROP_AT_ONCE : SAID_PREVIEW_DELETE_MAILDROP);
	if (undo_seconds > 0)
		warn(p, PREVIEW_INFO, "already_held", t->held, SAID_PREVIEW_DELETE_HELD);
}

static void about_bounce(struct preview *p, const struct tally *t)
{
	command(p, "postsuper -e -");
	if (t->held > 0)
		command(p, "postsuper -H -");
	command(p, "postqueue -i");
	warn(p, PREVIEW_WARNING, "bounce_effects", -1, SAID_PREVIEW_BOUNCE_EFFECTS);
	warn(p, PREVIEW_WARNING, "null_sender", t->null_sender, SAID_PREVIEW_NULL_SENDER);
	warn(p, PREVIEW_WARNING, "on_hold", t->held, SAID_PREVIEW_BOUNCE_ON_HOLD);
	warn(p, PREVIEW_INFO, "active_now", t->active, SAID_PREVIEW_BOUNCE_ACTIVE);
	warn(p, PREVIEW_WARNING, "maildrop", t->maildrop, SAID_PREVIEW_BOUNCE_MAILDROP);
}

/* What a button may promise: the others are left as they are, and a warning says why. */
static int64_t possible(enum job_action action, const struct preview *p, const struct tally *t)
{
	switch (action) {
	case JOB_RETRY:
		return p->matched - t->held - t->maildrop - t->active;
	case JOB_HOLD:
		return p->matched - t->held - t->maildrop;
	case JOB_RELEASE:
		return t->held;
	case JOB_REQUEUE:
	case JOB_BOUNCE:
		return p->matched - t->maildrop;
	case JOB_DELETE:
		break;
	}
	return p->matched;
}

bool preview_make(enum job_action action, const struct selection *selection,
    const struct preview_facts *facts, struct preview *p, struct error *err)
{
	struct tally tally;
	char version[16];

	snprintf(version, sizeof(version), "%d.%d", facts->postfix_version / 100,
	    facts->postfix_version % 100);
	memset(p, 0, sizeof(*p));
	/* An unknown version is tried all the same: postsuper refuses what it does not know. */
	if (action == JOB_BOUNCE && facts->postfix_version > 0 && facts->postfix_version < 305)
		return error_say(err, "unsupported_by_postfix", SAID_PROBLEM_NO_BOUNCE, 1,
		    said_text("version", slice_of(version)));
	tally = count(selection, facts);
	p->matched = (int64_t)selection_count(selection) - tally.missing;
	p->bytes = selection_totals(selection)->bytes;
	p->recipients = (int64_t)selection_totals(selection)->recipients;
	p->counts = preview_counts_of(selection);
	p->possible = possible(action, p, &tally);
	switch (action) {
	case JOB_RETRY:
		about_retry(p, &tally);
		break;
	case JOB_HOLD:
		about_hold(p, &tally);
		break;
	case JOB_RELEASE:
		about_release(p, &tally, selection, facts);
		break;
	case JOB_REQUEUE:
		about_requeue(p, &tally);
		break;
	case JOB_DELETE:
		about_delete(p, &tally, facts->undo_seconds);
		break;
	case JOB_BOUNCE:
		about_bounce(p, &tally);
		break;
	}
	warn(p, PREVIEW_INFO, "not_found", tally.missing, SAID_PREVIEW_NOT_FOUND);
	warn(p, PREVIEW_WARNING, "not_all_yours", (int64_t)selection_not_whole(selection),
	    SAID_PREVIEW_NOT_ALL_YOURS);
	return true;
}
