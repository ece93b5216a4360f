/* Who there is: 132 senders and what they are used to, four large providers, a host of many
 * domains, small domains (some greylist, some are dead for ever), and those who write from outside.
 */
#include "world.h"

#include "base/memory.h"

#define SMALL_DOMAINS 350
#define HOSTED_DOMAINS 40
#define DEAD_DOMAINS 9
#define FULL_DOMAINS 3

struct dealt {
	enum habit habit;
	int until; /* senders up to this number */
};

static const struct dealt dealt[] = {
    {HABIT_PERSON, WORLD_PEOPLE},
    {HABIT_GROUPS, WORLD_PEOPLE + 6},
    {HABIT_NEWSLETTER, WORLD_PEOPLE + 11},
    {HABIT_BILLING, WORLD_PEOPLE + 16},
    {HABIT_LIST, WORLD_PEOPLE + 19},
    {HABIT_MACHINE, WORLD_PEOPLE + 29},
    {HABIT_SHOP, WORLD_SENDERS},
};

static struct domain *domain_new(struct world *w, const char *format, unsigned number)
{
	uint32_t i;

	if (w->domain_count == w->domain_room) {
		w->domain_room = w->domain_room * 2 + 1024;
		w->domains = memory_resize(w->domains, w->domain_room, sizeof(*w->domains));
	}
	/* The format is one of this file's literals. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	i = names_add(&w->names[KEY_DOMAIN], format, number);
#pragma GCC diagnostic pop
	w->domains[i] = (struct domain){.hosts = 1};
	w->domain_count++;
	return &w->domains[i];
}

/* A mail server of its own, as most have. */
static void own_host(struct world *w, struct domain *d)
{
	struct slice name = names_text(&w->names[KEY_DOMAIN], (uint32_t)(d - w->domains));

	d->host = names_add(&w->names[KEY_HOST], "mx.%.*s", SLICE_ARGS(name));
	d->provider = names_add(&w->names[KEY_PROVIDER], "%.*s", SLICE_ARGS(name));
}

static void reach(struct world *w, double weight)
{
	double before = w->domain_count > 1 ? w->reach[w->domain_count - 2] : 0;

	w->reach = memory_resize(w->reach, w->domain_count, sizeof(*w->reach));
	w->reach[w->domain_count - 1] = before + weight;
	w->known_domains = w->domain_count;
}

static void big_providers(struct world *w)
{
	static const double weights[] = {22, 15, 8, 5};

	for (unsigned i = 0; i < 4; i++) {
		struct domain *d = domain_new(w, "bigmail%u.example", i);
		uint32_t host = 0;

		w->big_domains[i] = (uint32_t)(d - w->domains);
		for (unsigned j = 0; j < 4; j++) {
			uint32_t one =
			    names_add(&w->names[KEY_HOST], "mx%u.bigmail%u.example", j, i);
			host = j == 0 ? one : host;
		}
		d->host = host;
		d->hosts = 4;
		d->full = dice_range(&w->dice, 0, .006);
		d->provider = names_add(&w->names[KEY_PROVIDER], "bigmail%u.example", i);
		w->big_providers[i] = d->provider;
		reach(w, weights[i] * dice_range(&w->dice, .6, 1.5));
	}
}

static void hosting(struct world *w)
{
	uint32_t host = names_add(&w->names[KEY_HOST], "mx1.hosting.example");

	names_add(&w->names[KEY_HOST], "mx2.hosting.example");
	w->hosting_provider = names_add(&w->names[KEY_PROVIDER], "hosting.example");
	w->hosting_first = w->domain_count;
	w->hosting_count = HOSTED_DOMAINS;
	for (unsigned i = 0; i < HOSTED_DOMAINS; i++) {
		struct domain *d = domain_new(w, "customer%u.example", i);

		d->host = host;
		d->hosts = 2;
		d->provider = w->hosting_provider;
		reach(w, 12. / HOSTED_DOMAINS);
	}
}

static void small_domains(struct world *w)
{
	w->first_small = w->domain_count;
	for (unsigned i = 0; i < SMALL_DOMAINS; i++) {
		struct domain *d = domain_new(w, "small%u.example", i);

		own_host(w, d);
		d->full = dice_range(&w->dice, 0, .01);
		if (dice_chance(&w->dice, .2))
			d->greylists =
			    dice_chance(&w->dice, .75) ? REPLY_GREYLISTED : REPLY_TRY_LATER;
		reach(w, 9. / (i + 4));
	}
	for (unsigned i = 0; i < FULL_DOMAINS; i++)
		w->domains[w->first_small + (uint32_t)dice_between(&w->dice, 5, 60)].full = .4;
}

/* Misspelt, or given up: somebody writes there now and then, and nobody answers. */
static void dead_domains(struct world *w)
{
	static const enum reply deaths[] = {
	    REPLY_TIMED_OUT, REPLY_DNS_AGAIN, REPLY_REFUSED, REPLY_TIMED_OUT};

	for (unsigned i = 0; i < DEAD_DOMAINS; i++) {
		struct domain *d = domain_new(w, "gone%u.example", i);

		own_host(w, d);
		d->dead = deaths[i % 4];
		reach(w, .012);
	}
}

static void outside(struct world *w)
{
	for (unsigned i = 0; i < sizeof(w->outside_clients) / sizeof(*w->outside_clients); i++)
		w->outside_clients[i] =
		    names_add(&w->names[KEY_CLIENT], "198.51.%u.%u", 100 + i / 250, 1 + i % 250);
	for (unsigned i = 0; i < sizeof(w->outside) / sizeof(*w->outside); i++) {
		uint32_t domain = people_any_domain(w);
		struct slice at = names_text(&w->names[KEY_DOMAIN], domain);

		w->outside_domains[i] = domain;
		w->outside[i] =
		    names_add(&w->names[KEY_SENDER], "writer%u@%.*s", i, SLICE_ARGS(at));
	}
}

static uint32_t client_of(struct world *w, unsigned i, enum habit habit)
{
	if (habit == HABIT_SHOP || habit == HABIT_LIST)
		return w->localhost;
	if (habit == HABIT_MACHINE && i % 4 == 0)
		return NAME_NONE; /* on this host: given in by the sendmail command */
	if (habit == HABIT_MACHINE)
		return names_add(&w->names[KEY_CLIENT], "10.0.0.%u", i);
	if (dice_chance(&w->dice, .6))
		return names_add(&w->names[KEY_CLIENT], "192.0.2.%u", i);
	return names_add(&w->names[KEY_CLIENT], "203.0.113.%u", i);
}

static void routine(struct world *w, struct sender *s)
{
	struct dice *dice = &w->dice;

	s->phase = (int)dice_between(dice, 0, 27) * DAY + (int)dice_between(dice, 7, 18) * HOUR;
	switch (s->habit) {
	case HABIT_PERSON:
		s->per_day = dice_scale(dice, 3, 45) * w->busy;
		break;
	case HABIT_GROUPS:
		s->per_day = dice_scale(dice, 5, 25) * w->busy;
		s->period = (int)dice_between(dice, 2, 10) * DAY;
		s->size = (unsigned)dice_between(dice, 120, 260);
		break;
	case HABIT_NEWSLETTER:
		s->period = (int)(dice_chance(dice, .6) ? 7 : 28) * DAY;
		s->size = (unsigned)dice_scale(dice, 300, 4000);
		break;
	case HABIT_BILLING:
		s->period = (int)(dice_chance(dice, .4) ? 7 : 14) * DAY;
		s->size = (unsigned)dice_scale(dice, 150, 1500);
		break;
	case HABIT_LIST:
		s->per_day = dice_scale(dice, 3, 25);
		s->size = (unsigned)dice_between(dice, 15, 150);
		break;
	case HABIT_MACHINE:
		s->per_day = dice_scale(dice, 5, 150);
		s->period = (int)dice_between(dice, 3, 14) * DAY;
		s->size = (unsigned)dice_between(dice, 20, 80); /* all to one mailbox */
		break;
	case HABIT_SHOP:
		s->per_day = dice_scale(dice, 30, 500) * w->busy;
		break;
	}
}

static void sender_create(struct world *w, unsigned i, enum habit habit)
{
	struct sender *s = &w->senders[i];
	static const char *const named[] = {
	    "p", "team", "news", "billing", "list-bounces", "machine", "shop"};
	bool logs_in = habit <= HABIT_BILLING;

	s->habit = habit;
	s->address = names_add(&w->names[KEY_SENDER], "%s%03u@office.example", named[habit], i);
	s->login = logs_in
		       ? names_add(&w->names[KEY_LOGIN], "%s%03u@office.example", named[habit], i)
		       : NAME_NONE;
	s->client = client_of(w, i, habit);
	s->shift = dice_chance(&w->dice, .04) ? (int)dice_between(&w->dice, -9, 9) : 0;
	for (unsigned f = 0; f < FAVOURITES; f++)
		s->favourites[f] = people_any_domain(w);
	routine(w, s);
	/* So that the past has seen a run of whoever makes one that often. */
	if (s->period)
		s->phase %= s->period;
}

void people_create(struct world *w)
{
	struct domain *local;

	w->localhost = names_add(&w->names[KEY_CLIENT], "127.0.0.1");
	w->null_sender = names_add(&w->names[KEY_SENDER], "<>");
	w->filter_host = names_add(&w->names[KEY_HOST], "127.0.0.1");
	w->lmtp_host = names_add(&w->names[KEY_HOST], "private/dovecot-lmtp");
	big_providers(w);
	hosting(w);
	small_domains(w);
	dead_domains(w);
	local = domain_new(w, "office%u.example", 0);
	local->local = true;
	own_host(w, local);
	w->local_domain = (uint32_t)(local - w->domains);
	for (unsigned i = 0, part = 0; i < WORLD_SENDERS; i++) {
		part += (int)i >= dealt[part].until;
		sender_create(w, i, dealt[part].habit);
	}
	outside(w);
}

uint32_t people_any_domain(struct world *w)
{
	double at = dice_unit(&w->dice) * w->reach[w->known_domains - 1];
	uint32_t lo = 0, hi = w->known_domains - 1;

	while (lo < hi) {
		uint32_t middle = (lo + hi) / 2;

		if (w->reach[middle] > at)
			hi = middle;
		else
			lo = middle + 1;
	}
	return lo;
}

uint32_t people_new_domain(struct world *w)
{
	struct domain *d = domain_new(w, "stranger%u.example", w->domain_count);

	own_host(w, d);
	if (dice_chance(&w->dice, .15))
		d->greylists = REPLY_GREYLISTED;
	if (dice_chance(&w->dice, .08))
		d->dead = dice_chance(&w->dice, .5) ? REPLY_TIMED_OUT : REPLY_REFUSED;
	return (uint32_t)(d - w->domains);
}
