/* The queue: messages come in, are tried, wait as Postfix lets them wait (docs/POSTFIX.md, "When a
 * message is tried again"), and leave. Attempts take no time, but for a filter that hangs. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define NO_MESSAGE UINT32_MAX
#define BACKOFF_MIN 5
#define BACKOFF_MAX 66
#define SCAN 5
/* Greylisting lets pass who comes again after so many minutes. */
#define GREYLIST_MINUTES 5
/* What fails now and then on the best of days. */
#define CHANCE_FAILURE 0.002

enum outcome { DELIVERED, DEFERRED, BOUNCED, HANGS };

struct attempt {
	struct world *w;
	struct message *m;
	struct recipient *r;
	const struct domain *d;
	enum reply reply;
	uint32_t host;
};

static uint32_t message_new(struct world *w)
{
	uint32_t i = w->free_message;

	if (i != NO_MESSAGE) {
		w->free_message = w->messages[i].next;
		return i;
	}
	if (w->message_count == w->message_room) {
		w->message_room = w->message_room * 2 + 256;
		w->messages = memory_resize(w->messages, w->message_room, sizeof(*w->messages));
	}
	return w->message_count++;
}

static void message_gone(struct world *w, uint32_t i)
{
	struct message *m = &w->messages[i];

	free(m->recipients);
	*m = (struct message){.next = w->free_message};
	w->free_message = i;
}

/* ---- What the other side says ---- */

/* When this sender's mail to this domain was first put off: minutes + 1; kept for ever, as
 * greylisting keeps those that came again. */
static bool greylisted(struct world *w, uint32_t sender, uint32_t domain)
{
	uint64_t key = ((uint64_t)sender << 32 | domain) + 1;
	size_t i;

	if (w->met_count * 2 >= w->met_room) {
		uint64_t *old = w->met;
		size_t old_room = w->met_room;

		w->met_room = old_room ? old_room * 2 : 4096;
		w->met = memory_zero(w->met_room * 2, sizeof(*w->met));
		for (size_t j = 0; j < old_room; j++) {
			if (!old[j * 2])
				continue;
			i = hash_u64(old[j * 2]) & (w->met_room - 1);
			while (w->met[i * 2])
				i = (i + 1) & (w->met_room - 1);
			w->met[i * 2] = old[j * 2];
			w->met[i * 2 + 1] = old[j * 2 + 1];
		}
		free(old);
	}
	i = hash_u64(key) & (w->met_room - 1);
	while (w->met[i * 2] && w->met[i * 2] != key)
		i = (i + 1) & (w->met_room - 1);
	if (!w->met[i * 2]) {
		w->met[i * 2] = key;
		w->met[i * 2 + 1] = (uint64_t)w->now;
		w->met_count++;
	}
	return (uint64_t)w->now < w->met[i * 2 + 1] + GREYLIST_MINUTES;
}

static enum outcome say(struct attempt *a, enum outcome outcome, enum reply reply)
{
	a->reply = reply;
	return outcome;
}

static enum outcome planted(struct attempt *a, struct truth *truth, enum reply reply)
{
	/* Each recipient counts once, however often it is tried. */
	if (a->r->reply != reply)
		plan_hit(a->w, truth);
	return say(a, DEFERRED, reply);
}

static enum outcome by_fate(struct attempt *a)
{
	struct world *w = a->w;

	switch ((enum fate)a->r->fate) {
	case FATE_UNKNOWN:
		return say(a, BOUNCED, REPLY_UNKNOWN);
	case FATE_FULL:
		return say(a, DEFERRED, REPLY_OVER_QUOTA);
	case FATE_SPAM:
		return say(a, BOUNCED, REPLY_SPAM);
	case FATE_SPAM_LATER:
		return say(a, DEFERRED, REPLY_SPAM_LATER);
	case FATE_HOPS:
		return say(a, BOUNCED, REPLY_HOPS);
	case FATE_GOOD:
		break;
	}
	if (a->d->greylists && greylisted(w, a->m->sender, a->r->domain))
		return say(a, DEFERRED, a->d->greylists);
	if (dice_chance(&w->dice, CHANCE_FAILURE))
		return say(a, DEFERRED, dice_chance(&w->dice, .5) ? REPLY_SYSTEM : REPLY_TIMED_OUT);
	return say(a, DELIVERED, REPLY_NONE);
}

static enum outcome try_local(struct attempt *a)
{
	struct truth *down = a->w->acting[PLOT_LMTP];

	a->host = a->w->lmtp_host;
	if (down)
		return planted(a, down, REPLY_LMTP_DOWN);
	return a->r->fate == FATE_FULL ? say(a, DEFERRED, REPLY_OVER_QUOTA)
				       : say(a, DELIVERED, REPLY_NONE);
}

static enum outcome try_provider(struct attempt *a, struct truth *trouble)
{
	struct dice *dice = &a->w->dice;

	if (!dice_chance(dice, trouble->strength))
		return by_fate(a);
	if (trouble->plot == PLOT_BLOCKLIST && trouble->reply == REPLY_BLOCKED) {
		plan_hit(a->w, trouble);
		return say(a, BOUNCED, REPLY_BLOCKED);
	}
	if (trouble->plot == PLOT_BLOCKLIST)
		return planted(
		    a, trouble, (enum reply)(REPLY_BLOCKLIST + (int)(a->d->provider % 3)));
	return planted(a, trouble, trouble->reply);
}

static enum outcome try_remote(struct attempt *a)
{
	struct world *w = a->w;
	struct truth *provider =
	    a->d->provider < w->known_providers ? w->provider_trouble[a->d->provider] : NULL;

	a->host = a->d->host + (uint32_t)dice_between(&w->dice, 0, a->d->hosts - 1);
	if (w->acting[PLOT_THROTTLED] && w->acting[PLOT_THROTTLED]->strength > .5)
		return planted(a, w->acting[PLOT_THROTTLED], REPLY_TRANSPORT);
	if (w->acting[PLOT_RESOLVER])
		return planted(a, w->acting[PLOT_RESOLVER], REPLY_DNS_AGAIN);
	if (w->acting[PLOT_NETWORK])
		return planted(a, w->acting[PLOT_NETWORK], w->acting[PLOT_NETWORK]->reply);
	if (a->d->trouble)
		return planted(a, a->d->trouble, a->d->trouble->reply);
	if (provider)
		return try_provider(a, provider);
	if (a->d->dead)
		return say(a, DEFERRED, a->d->dead);
	return by_fate(a);
}

static enum outcome try_filter(struct attempt *a)
{
	struct world *w = a->w;

	a->host = w->filter_host;
	if (w->acting[PLOT_FILTER])
		return planted(a, w->acting[PLOT_FILTER], w->acting[PLOT_FILTER]->reply);
	if (w->acting[PLOT_FILTER_HANGS]) {
		if (a->m->created == w->now)
			plan_hit(w, w->acting[PLOT_FILTER_HANGS]);
		return HANGS;
	}
	return say(a, DELIVERED, REPLY_NONE);
}

static enum outcome try(struct attempt *a)
{
	struct truth *lookups = a->w->acting[PLOT_LOOKUPS];

	if (lookups && dice_chance(&a->w->dice, lookups->strength))
		return say(a, DEFERRED, REPLY_RESOLVE);
	if (a->w->has_filter && !a->m->filtered)
		return try_filter(a);
	return a->d->local && a->w->has_mailboxes ? try_local(a) : try_remote(a);
}

/* ---- What follows ---- */

static void count_result(struct attempt *a, enum rate_result result)
{
	struct world *w = a->w;

	count(w, RATE_TOTAL, 0, result, 1);
	/* What a filter took, the domain did not take. */
	if (result != RATE_DELIVERED || !w->has_filter || a->m->filtered)
		count(w, RATE_DOMAIN, a->r->domain, result, 1);
	count(w, RATE_LOGIN, a->m->log_login, result, 1);
	count(w, RATE_CLIENT, a->m->log_client, result, 1);
	count(w, RATE_SENDER, a->m->sender, result, 1);
	if (a->reply != REPLY_NONE)
		count(w, RATE_CAUSE, reply_class(a->reply), result, 1);
	if (a->reply == REPLY_NONE || reply_has_host(a->reply))
		count(w, RATE_REMOTE_HOST, a->host, result, 1);
	w->log_newest = w->now;
}

/* A notice to the sender; who has no address gets none. */
static void notify(struct world *w, const struct message *m)
{
	struct recipient to = {.domain = w->local_domain};

	if (m->sender == w->null_sender)
		return;
	if (m->external)
		to.domain = people_any_domain(w);
	if (!w->has_mailboxes && !m->external)
		return; /* its sender's mail host is another one, and always takes it */
	mail_accept(w, &(struct mail){.sender = w->null_sender,
			   .login = NAME_NONE,
			   .client = NAME_NONE,
			   .recipients = &to,
			   .count = 1});
}

/* The filter gives the message in again, from the local host, without a login. One that passes the
 * former queue ID on lets the log be read as one message; of the other kind it is received twice,
 * and who gave it in is known from "queued as" only when it has been. */
static void reinject(struct world *w, const struct message *first)
{
	struct message again = *first;
	uint32_t i = message_new(w);

	again.used = again.filtered = true;
	again.received = w->filter_tells;
	again.login = NAME_NONE;
	again.waiting = again.count;
	if (!w->filter_tells)
		again.client = w->localhost;
	again.arrival = again.created = w->now;
	again.recipients = memory_alloc(again.count * sizeof(*again.recipients));
	memcpy(again.recipients, first->recipients, again.count * sizeof(*again.recipients));
	for (uint32_t r = 0; r < again.count; r++) {
		again.recipients[r].done = false;
		again.recipients[r].reply = REPLY_NONE;
	}
	w->messages[i] = again;
	w->messages[i].next = w->due[w->now];
	w->due[w->now] = i;
}

static void wait_until(struct world *w, uint32_t i, int minute)
{
	w->messages[i].next = NO_MESSAGE;
	if (minute >= w->minutes)
		return; /* longer than the world is */
	w->messages[i].next = w->due[minute];
	w->due[minute] = i;
}

static void expire(struct world *w, uint32_t i)
{
	struct message gone = w->messages[i];

	for (uint32_t r = 0; r < gone.count; r++) {
		struct attempt a = {w, &gone, &gone.recipients[r],
		    &w->domains[gone.recipients[r].domain], (enum reply)gone.recipients[r].reply,
		    gone.recipients[r].host};

		if (!a.r->done)
			count_result(&a, RATE_EXPIRED);
	}
	notify(w, &gone);
	message_gone(w, i);
}

static void defer(struct world *w, uint32_t i)
{
	struct message *m = &w->messages[i];
	int age = w->now - m->created, wait = age;

	if (age >= w->lifetime) {
		expire(w, i);
		return;
	}
	if (wait < BACKOFF_MIN)
		wait = BACKOFF_MIN;
	if (wait > BACKOFF_MAX)
		wait = BACKOFF_MAX;
	m->queue = QUEUE_DEFERRED;
	wait_until(w, i, (w->now + wait + SCAN - 1) / SCAN * SCAN);
}

/* One recipient. Returns whether the message hangs. */
static bool attempt_one(struct world *w, struct message *m, struct recipient *r, bool *bounced)
{
	struct attempt a = {w, m, r, &w->domains[r->domain], REPLY_NONE, w->none_host};
	enum outcome outcome = try(&a);

	if (outcome == HANGS)
		return true;
	if (outcome == DELIVERED && w->has_filter && !m->filtered && w->filter_tells) {
		/* Handed over, not delivered. */
		r->done = true;
		m->waiting--;
		return false;
	}
	r->host = a.host;
	r->reply = (uint8_t)a.reply;
	count_result(&a, outcome == DELIVERED ? RATE_DELIVERED
			 : outcome == BOUNCED ? RATE_BOUNCED
					      : RATE_DEFERRED);
	if (outcome == DEFERRED)
		return false;
	*bounced |= outcome == BOUNCED;
	r->done = true;
	m->waiting--;
	return false;
}

/* The queue manager's first line about it is when the log counts it as received. */
static void take_up(struct world *w, struct message *m)
{
	bool first = !m->received;

	m->queue = QUEUE_ACTIVE;
	m->received = true;
	if (!first)
		return;
	w->log_newest = w->now;
	count(w, RATE_TOTAL, 0, RATE_RECEIVED, m->count);
	count(w, RATE_LOGIN, m->login, RATE_RECEIVED, m->count);
	count(w, RATE_CLIENT, m->client, RATE_RECEIVED, m->count);
	count(w, RATE_SENDER, m->sender, RATE_RECEIVED, m->count);
}

static void attempt_all(struct world *w, uint32_t i)
{
	struct message *m = &w->messages[i];
	bool bounced = false, hangs = false;

	take_up(w, m);
	for (uint32_t r = 0; r < m->count && !hangs; r++)
		if (!m->recipients[r].done)
			hangs = attempt_one(w, m, &m->recipients[r], &bounced);
	if (hangs) {
		wait_until(w, i, w->now + 1);
		return;
	}
	if (bounced) {
		struct message copy = *m;

		notify(w, &copy);
		m = &w->messages[i];
	}
	if (m->waiting > 0) {
		defer(w, i);
		return;
	}
	if (w->has_filter && !m->filtered)
		reinject(w, &(struct message){.external = m->external,
				.queue = m->queue,
				.sender = m->sender,
				.login = m->login,
				.client = m->client,
				.log_login = m->log_login,
				.log_client = m->log_client,
				.because = m->because,
				.count = m->count,
				.recipients = m->recipients});
	message_gone(w, i);
}

static bool stalled(struct world *w, uint32_t i)
{
	struct message *m = &w->messages[i];
	struct truth *stall = w->acting[PLOT_QMGR];

	if (m->queue == QUEUE_MAILDROP && w->acting[PLOT_PICKUP])
		stall = w->acting[PLOT_PICKUP];
	if (!stall)
		return false;
	if (m->queue == QUEUE_INCOMING || m->queue == QUEUE_MAILDROP)
		if (w->now - m->created == 3)
			plan_hit(w, stall);
	wait_until(w, i, w->now + 1);
	return true;
}

void mail_minute(struct world *w)
{
	/* What a filter gives back in this minute joins the list while it is worked on. */
	while (w->due[w->now] != NO_MESSAGE) {
		uint32_t i = w->due[w->now];

		w->due[w->now] = w->messages[i].next;
		if (!w->messages[i].used)
			message_gone(w, i);
		else if (w->messages[i].queue != QUEUE_HOLD && !stalled(w, i))
			attempt_all(w, i);
	}
}

void mail_flush(struct world *w)
{
	for (int minute = w->now + 1; minute < w->minutes; minute++) {
		while (w->due[minute] != NO_MESSAGE) {
			uint32_t i = w->due[minute];

			w->due[minute] = w->messages[i].next;
			w->messages[i].next = w->due[w->now];
			w->due[w->now] = i;
		}
		if (minute > w->now + 3 * BACKOFF_MAX)
			break;
	}
}

/* Out of the queue now; out of our lists when it would have been tried. */
void mail_delete(struct world *w, const struct truth *because)
{
	for (uint32_t i = 0; i < w->message_count; i++)
		if (w->messages[i].because == because)
			w->messages[i].used = false;
}

static bool is_local_submission(const struct world *w, const struct mail *mail)
{
	return mail->client == NAME_NONE && mail->sender != w->null_sender;
}

/* Now and then an operator puts one aside, while that is planted. */
static bool put_aside(struct world *w, struct message *m)
{
	struct truth *held = w->acting[PLOT_HELD];

	if (!held || held->target == 0 || m->sender == w->null_sender)
		return false;
	held->target--;
	m->queue = QUEUE_HOLD;
	m->held = w->now;
	return true;
}

void mail_accept(struct world *w, const struct mail *mail)
{
	uint32_t i = message_new(w);
	struct message *m = &w->messages[i];

	*m = (struct message){.used = true,
	    .external = mail->external,
	    .queue = is_local_submission(w, mail) ? QUEUE_MAILDROP : QUEUE_INCOMING,
	    .sender = mail->sender,
	    .login = mail->login,
	    .client = mail->client,
	    .log_login = mail->login,
	    .log_client = mail->client,
	    .because = mail->because,
	    .arrival = w->now,
	    .created = w->now,
	    .count = mail->count,
	    .waiting = mail->count,
	    .next = NO_MESSAGE};
	/* What Postfix itself sends goes to no filter. */
	m->filtered = mail->sender == w->null_sender && mail->client == NAME_NONE;
	m->recipients = memory_alloc(mail->count * sizeof(*m->recipients));
	memcpy(m->recipients, mail->recipients, mail->count * sizeof(*m->recipients));
	w->log_newest = w->now;
	if (put_aside(w, m))
		return;
	m->next = w->due[w->now];
	w->due[w->now] = i;
}
