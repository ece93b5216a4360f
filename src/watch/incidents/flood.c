/* Floods: a login, client or sender that sends far more than it ever does. A mailing sends as much,
 * so volume alone is only watched; what tells a hijacked account is that much of it fails, because
 * the addresses are bought and the receivers object. Logins are looked at first: a client or sender
 * that is only a flooding login's own is the same flood. */
#include "watch/incidents/kinds.h"

#include <math.h>

#include "watch/incidents/words.h"

/* Recipients in ten minutes below which nothing is a flood: it is what one person writes. */
#define FLOOD_LEAST 15
/* A flood fails in so many, and so large a share, within 30 minutes... */
#define FLOOD_FAILING 8
#define FLOOD_FAILING_PERCENT 12
/* ...and while it begins, when half of it came in so many seconds, more than chance makes of a list
 * of which so many are unknown, by so many standard deviations... */
#define FLOOD_BEGINS 120
#define FLOOD_LIST_PERCENT 8
#define FLOOD_CHANCE 3
/* ...and is so many times its own peak. */
#define FLOOD_TIMES 2
/* Volume alone: so many times its peak, and so many in ten minutes. */
#define FLOOD_ALONE_TIMES 4
#define FLOOD_ALONE 60
/* Without a day of peaks, what is much is not known: every mailing would be "never seen". */
#define FLOOD_LEARNED (86400)
/* After a queue was stuck, what it kept comes at once; so does what a filter gives back, without
 * its login. For so long volume says nothing. */
#define FLOOD_AFTER_STUCK 900
/* What fails for all others too says nothing about this one: its share of attempts must be so many
 * times theirs, where they have so many... */
#define FLOOD_CONTRAST_TIMES 1.5
#define FLOOD_CONTRAST_LEAST 20
/* ...or so large a part of its new mail must fail, and so many times theirs. */
#define FLOOD_NEW_FAILING 0.4
#define FLOOD_NEW_TIMES 2
/* Causes that a suspect's mail is counted by; with all of it, what a turn may count. */
#define FLOOD_CAUSES (INCIDENTS_COUNTS_MAX - 1)
/* How often the messages of one are counted. */
#define FLOOD_COUNTED 60
/* Logins that clients and senders are compared with. */
#define FLOOD_LOGINS 256
/* Of one kind, the largest are looked at; a server whose accounts are all hijacked is beyond this
 * list. */
#define FLOOD_SUSPECTS 64

static const struct flood_kind {
	enum rate_kind rate;
	enum incident_subject subject;
	enum said_code title, act, watch;
	enum incident_sweep sweep;
} flood_kinds[] = {
    {RATE_LOGIN, INCIDENT_OF_LOGIN, SAID_INCIDENT_FLOOD_LOGIN, SAID_INCIDENT_FLOOD_LOGIN_ACT,
	SAID_INCIDENT_FLOOD_LOGIN_WATCH, INCIDENT_SWEEP_LOGINS},
    {RATE_CLIENT, INCIDENT_OF_CLIENT, SAID_INCIDENT_FLOOD_CLIENT, SAID_INCIDENT_FLOOD_CLIENT_ACT,
	SAID_INCIDENT_FLOOD_CLIENT_WATCH, INCIDENT_SWEEP_CLIENTS},
    {RATE_SENDER, INCIDENT_OF_SENDER, SAID_INCIDENT_FLOOD_SENDER, SAID_INCIDENT_FLOOD_SENDER_ACT,
	SAID_INCIDENT_FLOOD_SENDER_WATCH, INCIDENT_SWEEP_SENDERS},
};

struct suspect {
	struct slice key;
	uint32_t received; /* in ten minutes */
	uint32_t lately;   /* in FLOOD_BEGINS */
	double usual;	   /* its peak */
	struct rate_counts half_hour;
};

struct suspects {
	const struct incident_turn *turn;
	const struct flood_kind *kind;
	struct suspect items[FLOOD_SUSPECTS]; /* the largest first */
	size_t count;
	/* Of clients and senders: half an hour of the logins that may be behind them. */
	struct rate_counts logins[FLOOD_LOGINS];
	size_t login_count;
	bool logins_known;
};

static double largest(double a, double b)
{
	return a > b ? a : b;
}

static bool is_culprit(const struct suspects *all, struct slice key)
{
	const struct incident_facts *facts = all->turn->facts;

	/* Mail of our own networks is named by the login or sender behind it, and the null sender
	 * is nobody: its floods are backscatter. */
	if (all->kind->rate == RATE_CLIENT)
		return facts->is_own_client == NULL || !facts->is_own_client(facts->context, key);
	return all->kind->rate != RATE_SENDER || !slice_is(key, "<>");
}

static void consider(void *context, struct slice key, const struct rate_counts *counts)
{
	struct suspects *all = context;
	uint32_t received = counts->n[RATE_RECEIVED];
	size_t i;

	/* Half of what opens one: enough to keep one open. */
	if (key.len == 0 || received < FLOOD_LEAST / 2 || !is_culprit(all, key))
		return;
	if (all->count == FLOOD_SUSPECTS && received <= all->items[all->count - 1].received)
		return;
	i = all->count < FLOOD_SUSPECTS ? all->count++ : all->count - 1;
	for (; i > 0 && (all->items[i - 1].received < received ||
			    (all->items[i - 1].received == received &&
				slice_compare(all->items[i - 1].key, key) > 0));
	     i--)
		all->items[i] = all->items[i - 1];
	all->items[i] = (struct suspect){.key = key, .received = received};
}

/* What would happen to anybody's mail: greylisting, a limit of our rate, what is thought of our
 * address, a full mailbox, a dead destination, our own trouble. */
static const enum diagnosis_family innocent[] = {DIAGNOSIS_FAMILY_LATER, DIAGNOSIS_FAMILY_FULL,
    DIAGNOSIS_FAMILY_RATE, DIAGNOSIS_FAMILY_REPUTATION, DIAGNOSIS_FAMILY_UNREACHABLE,
    DIAGNOSIS_FAMILY_NAMES, DIAGNOSIS_FAMILY_SERVICE, DIAGNOSIS_FAMILY_POSTFIX,
    DIAGNOSIS_FAMILY_DISK};
#define INNOCENT (sizeof(innocent) / sizeof(innocent[0]))

static bool is_innocent(struct slice cause)
{
	for (size_t f = 0; f < INNOCENT; f++)
		if (incident_is_family(cause, innocent[f]))
			return true;
	return false;
}

/* The part of this suspect's mail that waits for such a reason, of those that most mail waits for;
 * -1 where the queue does not tell: behind a content filter no login is left. */
static double innocent_waiting(
    struct incident_turn *turn, const struct flood_kind *kind, const struct suspect *suspect)
{
	const struct incident_groups *causes = &turn->facts->causes;
	struct incident_term terms[2] = {{kind->subject, suspect->key}, {INCIDENT_OF_CAUSE, {0}}};
	int64_t all = incident_count(turn, terms, 1), some = 0;

	for (size_t i = 0, counted = 0; all > 0 && i < causes->count && counted < FLOOD_CAUSES;
	     i++) {
		int64_t count;
		if (!is_innocent(causes->items[i].key))
			continue;
		terms[1].value = causes->items[i].key;
		count = incident_count(turn, terms, 2);
		if (count < 0)
			return -1;
		some += count;
		counted++;
	}
	return all > 0 ? (double)some / (double)all : -1;
}

/* The same part of what was put off for everybody in half an hour. */
static double innocent_logged(const struct incident_turn *turn)
{
	uint64_t some = 0;

	for (size_t f = 0; f < INNOCENT; f++)
		some += incident_family_rate(turn, innocent[f], 1800);
	return (double)some / largest(1, turn->total.n[RATE_DEFERRED]);
}

/* Of what was refused for good, the part that is not because of our address: a blocklist refuses
 * everybody's mail. */
static double own_refusals(const struct incident_turn *turn, const struct suspect *suspect)
{
	double reputation = (double)incident_family_rate(turn, DIAGNOSIS_FAMILY_REPUTATION, 1800);
	double part = reputation / largest(1, turn->total.n[RATE_BOUNCED]);

	return suspect->half_hour.n[RATE_BOUNCED] * largest(0, 1 - part);
}

/* Failing attempts that say something about the sender. */
static double telling_failures(
    struct incident_turn *turn, const struct flood_kind *kind, const struct suspect *suspect)
{
	const struct rate_counts *half = &suspect->half_hour;
	double part = innocent_waiting(turn, kind, suspect);

	if (part < 0)
		part = innocent_logged(turn);
	return own_refusals(turn, suspect) + half->n[RATE_EXPIRED] +
	       half->n[RATE_DEFERRED] * largest(0, 1 - part);
}

static bool fails(double failing, double attempts)
{
	return failing >= FLOOD_FAILING && failing * 100 >= attempts * FLOOD_FAILING_PERCENT;
}

/* Whether so much fails that it is no chance. The first attempts of a good list may be worse than
 * all of it will be, and a minute later there are more of them; what sends slowly has had its time.
 */
static bool fails_surely(const struct suspect *suspect, double failing)
{
	double attempts = (double)incident_attempts(&suspect->half_hour);
	double list = attempts * FLOOD_LIST_PERCENT / 100;
	bool begins = suspect->lately * UINT64_C(2) >= suspect->half_hour.n[RATE_RECEIVED];

	return fails(failing, attempts) && (!begins || failing >= list + FLOOD_CHANCE * sqrt(list));
}

/* The part of new mail that does not get through; 0 where there is too little to say so. */
static double new_fails(double received, double delivered)
{
	return received >= FLOOD_CONTRAST_LEAST ? largest(0, 1 - delivered / received) : 0;
}

/* Whether much more of its mail fails than of everybody else's. Of the attempts; or of the new
 * mail, as on a quiet night nearly all that is tried is old mail without hope. */
static bool stands_out(const struct incident_turn *turn, const struct rate_counts *half)
{
	const struct rate_counts *total = &turn->total;
	double failing = (double)incident_failing(half), attempts = (double)incident_attempts(half);
	double others_failing = (double)incident_failing(total) - failing;
	double others = (double)incident_attempts(total) - attempts;
	double own_new = new_fails(half->n[RATE_RECEIVED], half->n[RATE_DELIVERED]);
	double others_new = new_fails((double)total->n[RATE_RECEIVED] - half->n[RATE_RECEIVED],
	    (double)total->n[RATE_DELIVERED] - half->n[RATE_DELIVERED]);

	return others < FLOOD_CONTRAST_LEAST ||
	       failing / attempts >= FLOOD_CONTRAST_TIMES * largest(0, others_failing) / others ||
	       (own_new >= FLOOD_NEW_FAILING && own_new >= FLOOD_NEW_TIMES * others_new);
}

/* Whether what waits of the suspect is the flood's, too; -1 where the queue does not tell. Nothing
 * in common tells nothing: a filter gives mail back without its login, from this host. */
static int is_floods(
    struct incident_turn *turn, const struct incident_term *term, const struct incident *flood)
{
	int64_t all = incident_count(turn, term, 1);
	int64_t both = all > 0 ? incident_count_shared(turn, NULL, flood, term) : -1;

	return both <= 0 ? -1 : both * 10 >= all * 8;
}

/* A client or sender of a flooding login is the same flood; where the queue does not tell, what
 * would be left without that login is no flood. */
static bool is_explained(struct incident_turn *turn, const struct suspects *all,
    const struct suspect *suspect, double threshold)
{
	const struct incident_term term = {all->kind->subject, suspect->key};

	for (size_t i = 0; i < turn->list->count; i++) {
		const struct incident *flood = &turn->list->items[i]->shown;
		struct rate_counts counts;
		int floods;
		if (flood->kind != INCIDENT_FLOOD || flood->state != INCIDENT_OPEN ||
		    flood->subject >= all->kind->subject)
			continue;
		floods = is_floods(turn, &term, flood);
		counts = incident_rates(turn,
		    flood->subject == INCIDENT_OF_LOGIN ? RATE_LOGIN : RATE_CLIENT,
		    slice_of(flood->key), 600);
		if (floods > 0 ||
		    (floods < 0 && suspect->received < counts.n[RATE_RECEIVED] + threshold))
			return true;
	}
	return false;
}

static bool is_near(uint64_t a, uint64_t b)
{
	return a * 10 >= b * 9 && b * 10 >= a * 9;
}

static void keep_login(void *context, struct slice key, const struct rate_counts *counts)
{
	struct suspects *all = context;

	/* As a suspect: whoever is a suspect's login was as busy in these ten minutes. To go
	 * through half an hour of all logins would take most of a turn under attack. */
	if (key.len > 0 && counts->n[RATE_RECEIVED] >= FLOOD_LEAST / 2 &&
	    all->login_count < FLOOD_LOGINS)
		all->logins[all->login_count++] = incident_rates(all->turn, RATE_LOGIN, key, 1800);
}

/* A client or sender with just the numbers of a login is that login's own. The login was judged by
 * its own peak: that it comes from a new address says nothing. */
static bool is_logins(
    const struct incident_turn *turn, struct suspects *all, const struct suspect *suspect)
{
	const struct rate_counts *half = &suspect->half_hour;

	if (all->kind->rate == RATE_LOGIN)
		return false;
	if (!all->logins_known)
		rates_each(
		    turn->facts->rates, RATE_LOGIN, turn->to - 600, turn->to, keep_login, all);
	all->logins_known = true;
	for (size_t i = 0; i < all->login_count; i++)
		if (is_near(all->logins[i].n[RATE_RECEIVED], half->n[RATE_RECEIVED]) &&
		    is_near(all->logins[i].n[RATE_DELIVERED], half->n[RATE_DELIVERED]) &&
		    is_near(incident_failing(&all->logins[i]), incident_failing(half)))
			return true;
	return false;
}

/* The first minute of the run: walks back as long as minutes are above what is usual. */
static int64_t began(
    const struct incident_turn *turn, const struct flood_kind *kind, const struct suspect *suspect)
{
	double least = largest(1, suspect->usual / 10);
	int64_t since = turn->to - 60, quiet = 0;

	for (int64_t minute = since; minute > turn->to - 3600 && quiet < 5; minute -= 60) {
		struct rate_counts counts =
		    rates_sum(turn->facts->rates, kind->rate, suspect->key, minute, minute + 60);
		quiet = counts.n[RATE_RECEIVED] > least ? 0 : quiet + 1;
		if (quiet == 0)
			since = minute;
	}
	return since;
}

static void put_title(
    struct incident_claim *claim, const struct flood_kind *kind, const struct suspect *suspect)
{
	BUFFER_AUTO struct buffer key = {0}, rate = {0}, usual = {0};

	incident_words_put(&key, suspect->key, INCIDENT_KEY_SHOWN);
	incident_words_rate(&rate, suspect->received);
	incident_words_rate(&usual, (uint64_t)suspect->usual);
	said_put(&claim->title, kind->title, 2, said_text("key", buffer_slice(&key)),
	    said_number_as("rate", suspect->received, buffer_slice(&rate)));
	if (suspect->usual >= 1)
		said_put(&claim->baseline, SAID_INCIDENT_FLOOD_USUAL, 1,
		    said_number_as("rate", (int64_t)suspect->usual, buffer_slice(&usual)));
	else
		said_put(&claim->baseline, SAID_INCIDENT_FLOOD_NEVER, 0);
}

static void put_evidence(struct incident_claim *claim, const struct suspect *suspect)
{
	const struct rate_counts *half = &suspect->half_hour;
	uint64_t attempts = incident_attempts(half), failing = incident_failing(half);

	incident_claim_evidence(claim, SLICE(""), SAID_INCIDENT_FLOOD_RECIPIENTS, 2,
	    said_number("received", suspect->received),
	    said_number("usual", llrint(suspect->usual)));
	if (attempts > 0)
		incident_claim_evidence(claim, SLICE(""), SAID_INCIDENT_FLOOD_FAILED, 4,
		    said_number("attempts", (int64_t)attempts),
		    said_number("failed", (int64_t)failing),
		    said_number("percent", (int64_t)(failing * 100 / attempts)),
		    said_number("delivered", half->n[RATE_DELIVERED]));
	if (half->n[RATE_BOUNCED] > 0)
		incident_claim_evidence(claim, SLICE(""), SAID_INCIDENT_FLOOD_BOUNCED, 1,
		    said_number("count", half->n[RATE_BOUNCED]));
}

/* Counted once a minute: what a turn may count is wanted for those that are new. */
static int64_t messages_of(
    struct incident_turn *turn, struct incident_item *item, const struct incident_term *term)
{
	int64_t messages;

	if (item != NULL && turn->now - item->counted_at < FLOOD_COUNTED)
		return item->shown.messages;
	messages = incident_count(turn, term, 1);
	if (item == NULL)
		return messages;
	item->counted_at = turn->now;
	return messages < 0 ? item->shown.messages : messages;
}

static bool is_held_back(
    const struct incident_turn *turn, const struct flood_kind *kind, const struct suspect *suspect)
{
	const struct incident_facts *facts = turn->facts;

	return facts->is_held_back != NULL &&
	       facts->is_held_back(facts->context, kind->subject, suspect->key);
}

static void claim_flood(struct incident_turn *turn, const struct flood_kind *kind,
    const struct suspect *suspect, enum incident_severity severity, bool keeps_only)
{
	struct incident_term term = {kind->subject, suspect->key};
	struct incident_item *item =
	    incident_list_find(turn->list, INCIDENT_FLOOD, kind->subject, suspect->key);
	INCIDENT_CLAIM_AUTO struct incident_claim claim =
	    incident_claim_begin(INCIDENT_FLOOD, kind->subject, suspect->key);

	claim.severity = severity;
	claim.keeps_only = keeps_only;
	if (!keeps_only)
		claim.since = began(turn, kind, suspect);
	claim.messages = messages_of(turn, item, &term);
	claim.actions = INCIDENT_DO_HOLD | INCIDENT_DO_DELETE | INCIDENT_DO_RELEASE;
	/* Postfix cannot hold back what comes from an address, nor the null sender's notices. */
	if (kind->subject != INCIDENT_OF_CLIENT && !slice_is(suspect->key, "<>"))
		claim.actions |= INCIDENT_DO_PAUSE;
	incident_claim_filter(&claim, SLICE(""));
	put_title(&claim, kind, suspect);
	said_put(&claim.text, severity == INCIDENT_ACT ? kind->act : kind->watch, 0);
	if (severity == INCIDENT_ACT)
		said_then(&claim.text,
		    is_held_back(turn, kind, suspect) ? SAID_INCIDENT_FLOOD_NEW_HELD
						      : SAID_INCIDENT_FLOOD_NEW_ARRIVES,
		    0);
	put_evidence(&claim, suspect);
	incident_list_claim(turn->list, &claim, turn->now);
}

/* What a filter gives back has lost its login, and what pickup takes has neither login nor client.
 */
static bool is_backlog(const struct incident_turn *turn, const struct flood_kind *kind)
{
	return turn->now - turn->memory->stuck_end < FLOOD_AFTER_STUCK ||
	       (kind->rate == RATE_SENDER &&
		   turn->now - turn->memory->pickup_end < FLOOD_AFTER_STUCK) ||
	       (kind->rate != RATE_LOGIN &&
		   turn->now - turn->memory->service_end < FLOOD_AFTER_STUCK);
}

static void judge(struct incident_turn *turn, struct suspects *all, struct suspect *suspect)
{
	const struct flood_kind *kind = all->kind;
	const struct incident_item *open =
	    incident_list_find(turn->list, INCIDENT_FLOOD, kind->subject, suspect->key);
	enum incident_severity known = open != NULL ? open->shown.severity : INCIDENT_WATCH;
	double least = largest(FLOOD_LEAST, FLOOD_TIMES * suspect->usual);
	double alone = largest(FLOOD_ALONE, FLOOD_ALONE_TIMES * suspect->usual);
	/* What is refused for good tells by itself: unknown users, not the state of the world. */
	bool refused = fails_surely(suspect, own_refusals(turn, suspect));
	bool failing =
	    refused || (fails_surely(suspect, (double)incident_failing(&suspect->half_hour)) &&
			   stands_out(turn, &suspect->half_hour));
	bool learned = turn->memory->learned_from != 0 &&
		       turn->now - turn->memory->learned_from >= FLOOD_LEARNED;

	if (suspect->received < (open != NULL ? least / 2 : least) ||
	    (open == NULL && ((!failing && suspect->received < alone) || is_backlog(turn, kind))) ||
	    is_logins(turn, all, suspect) ||
	    is_explained(turn, all, suspect, largest(FLOOD_LEAST, suspect->usual)))
		return;
	if (failing && !refused && known != INCIDENT_ACT && suspect->received >= least)
		failing = fails_surely(suspect, telling_failures(turn, kind, suspect));
	if (failing)
		incident_peaks_skip(
		    turn->peaks, kind->rate, suspect->key, turn->to - 1800, turn->to);
	if (failing && suspect->received >= least)
		claim_flood(turn, kind, suspect, INCIDENT_ACT, false);
	else if (learned && suspect->received >= alone)
		claim_flood(turn, kind, suspect, known, false);
	else if (open != NULL)
		claim_flood(turn, kind, suspect, known, true);
}

void incident_tell_floods(struct incident_turn *turn)
{
	for (size_t k = 0; k < sizeof(flood_kinds) / sizeof(flood_kinds[0]); k++) {
		struct suspects all = {.turn = turn, .kind = &flood_kinds[k]};
		if (!incident_sweep_is_due(turn, all.kind->sweep))
			continue;
		rates_each(
		    turn->facts->rates, all.kind->rate, turn->to - 600, turn->to, consider, &all);
		for (size_t i = 0; i < all.count; i++) {
			struct suspect *suspect = &all.items[i];
			suspect->usual = incident_peaks_usual(
			    turn->peaks, all.kind->rate, suspect->key, turn->now);
			suspect->half_hour =
			    incident_rates(turn, all.kind->rate, suspect->key, 1800);
			suspect->lately =
			    incident_rates(turn, all.kind->rate, suspect->key, FLOOD_BEGINS)
				.n[RATE_RECEIVED];
			judge(turn, &all, suspect);
		}
	}
}
