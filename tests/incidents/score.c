/* Episodes are gathered turn by turn and judged when the world has ended, as only then it is known
 * what a truth did. */
#include "score.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define NEVER INT32_MAX
/* An episode may begin so many minutes after what it is about has ended: no longer. */
#define LATE 15
/* A truth that could be told only in its last minutes need not be found. */
#define TOO_SHORT 10
/* A consequence that was shown for so long before its cause hid it was no fault. */
#define HIDDEN_IN_TIME 20
/* Consequences stay in the queue: for so long they are neither right nor wrong. */
#define AFTERMATH (2 * HOUR)
/* An incident should have ended so long after its truth. */
#define ENDED_BY (6 * HOUR)
/* Messages that make a dead domain, or mail about to expire, worth somebody's look; fewer of them
 * need not be told. */
#define EXPIRING_MANY 25
#define EXPIRING_TIMES 2
#define EXPIRING_SOME 5
#define HELD_MANY 3
#define DEAD_WAITING 5
#define TIMES_MAX 20000

struct episode {
	uint64_t id, hidden_by;
	enum incident_kind kind;
	enum incident_subject subject;
	char key[120], title[160], why[400]; /* why: its evidence when it was called act */
	int first, watch, act, hidden, last; /* minutes */
	int64_t messages;		     /* when it was first shown as watch */
	bool open;
	bool right, neither;
	struct truth *about;
};

struct line {
	unsigned truths, found, wrong, doubles, flaps, stays;
	int times[TIMES_MAX];
	unsigned time_count;
};

enum flood {
	FLOOD_400,
	FLOOD_60,
	FLOOD_12,
	FLOOD_RAMP,
	FLOOD_BURST_HABIT, /* of those who mail many at once themselves */
	FLOODS
};

static const char *const flood_names[FLOODS] = {"flood, 400 in 5 min", "flood, 60 in 5 min",
    "flood, 12 in 5 min", "flood, a ramp to 200", "flood, of who mails many"};

struct score {
	uint64_t seed, digest;
	unsigned worlds;
	struct line kinds[INCIDENT_KINDS], floods[FLOODS]; /* of floods, `wrong` is not used */
	unsigned acts, acts_right, bursts, bursts_act, bursts_watch, floods_other;

	struct episode *episodes;
	size_t count, room;
	/* What the facts themselves say is about to expire, and is held. */
	struct truth expiring[40];
	unsigned expiring_count;
	unsigned expired_then[DAY]; /* a day ago, by the minute of the day; in play */
	unsigned expiring_late[HOUR + 1];
	int held_since;
};

struct score *score_create(void)
{
	return memory_zero(1, sizeof(struct score));
}

void score_free(struct score *s)
{
	free(s->episodes);
	free(s);
}

void score_begin(struct score *s, uint64_t seed)
{
	s->seed = seed;
	s->worlds++;
	s->count = 0;
	s->expiring_count = 0;
	memset(s->expired_then, 0, sizeof(s->expired_then));
	memset(s->expiring_late, 0, sizeof(s->expiring_late));
	s->held_since = NEVER;
}

/* ---- Turn by turn ---- */

/* What stands in the queue for hours, and needs no haste: a note tells it, too. */
static bool is_standing(enum incident_kind kind)
{
	return kind == INCIDENT_HELD_FORGOTTEN || kind == INCIDENT_EXPIRING;
}

static struct episode *episode_of(struct score *s, const struct incident *i, int now)
{
	struct episode *e;

	for (size_t n = s->count; n-- > 0;)
		if (s->episodes[n].id == i->id && s->episodes[n].open)
			return &s->episodes[n];
	if (i->state != INCIDENT_OPEN)
		return NULL;
	if (s->count == s->room) {
		s->room = s->room * 2 + 64;
		s->episodes = memory_resize(s->episodes, s->room, sizeof(*s->episodes));
	}
	e = &s->episodes[s->count++];
	*e = (struct episode){.id = i->id,
	    .kind = i->kind,
	    .subject = i->subject,
	    .first = now,
	    .watch = NEVER,
	    .act = NEVER,
	    .hidden = NEVER,
	    .last = now,
	    .open = true};
	snprintf(e->key, sizeof(e->key), "%s", i->key);
	return e;
}

static void see(struct score *s, const struct incident *i, int now)
{
	struct episode *e = episode_of(s, i, now);

	if (!e)
		return;
	e->last = now;
	e->open = i->state == INCIDENT_OPEN;
	if (!e->open)
		return;
	if (i->caused_by) {
		e->hidden_by = i->caused_by;
		if (e->hidden == NEVER)
			e->hidden = now;
		return;
	}
	if ((i->severity >= INCIDENT_WATCH || is_standing(i->kind)) && e->watch == NEVER) {
		e->watch = now;
		e->messages = i->messages;
		snprintf(e->title, sizeof(e->title), "%s", i->title);
	}
	if (i->severity == INCIDENT_ACT && e->act == NEVER) {
		size_t len = 0;
		e->act = now;
		snprintf(e->title, sizeof(e->title), "%s", i->title);
		for (size_t n = 0; n < i->evidence_count && len < sizeof(e->why); n++)
			len += (size_t)snprintf(e->why + len, sizeof(e->why) - len, "%s%s",
			    n > 0 ? "; " : "", i->evidence[n].text);
	}
}

/* The most of yesterday within an hour of this time: what expires every day is no news. */
static unsigned yesterday(const struct score *s, int now)
{
	unsigned most = 0;

	for (int minute = now - HOUR; minute <= now + HOUR; minute++)
		if (s->expired_then[(minute + DAY) % DAY] > most)
			most = s->expired_then[(minute + DAY) % DAY];
	return most;
}

static void watch_expiring(struct score *s, const struct world *w)
{
	struct truth *t = s->expiring_count ? &s->expiring[s->expiring_count - 1] : NULL;
	bool many =
	    w->expiring >= EXPIRING_MANY && w->expiring >= EXPIRING_TIMES * yesterday(s, w->now);

	if (t && t->acting) {
		t->to = w->now;
		t->acting = w->expiring >= EXPIRING_MANY / 2;
	} else if (many && s->expiring_count < 40) {
		s->expiring[s->expiring_count++] = (struct truth){.plot = PLOTS,
		    .kinds = 1 << INCIDENT_EXPIRING,
		    .from = w->now,
		    .to = w->now,
		    .first_hit = w->now,
		    .told = w->now,
		    .acting = true};
	}
	/* Not before it has been compared: an hour ahead of now is yesterday's. */
	s->expired_then[(w->now - HOUR - 1 + DAY) % DAY] = s->expiring_late[w->now % (HOUR + 1)];
	s->expiring_late[w->now % (HOUR + 1)] = w->expiring;
}

static void digest(struct score *s, const struct incident *i)
{
	uint64_t key = 0;

	for (const char *c = i->key; *c; c++)
		key = hash_mix(key, (uint64_t)(unsigned char)*c);
	s->digest = hash_mix(s->digest, key);
	s->digest = hash_mix(s->digest,
	    i->id << 16 | (uint64_t)i->kind << 8 | (uint64_t)i->severity << 4 | (uint64_t)i->state);
	s->digest = hash_mix(s->digest, hash_mix((uint64_t)i->messages, i->caused_by));
}

uint64_t score_digest(const struct score *score)
{
	return score->digest;
}

void score_turn(struct score *s, const struct world *w, const struct incidents *incidents)
{
	for (size_t n = 0; n < s->count; n++)
		if (s->episodes[n].open && !incidents_find(incidents, s->episodes[n].id))
			s->episodes[n].open = false;
	for (size_t i = 0; i < incidents_count(incidents); i++) {
		see(s, incidents_at(incidents, i), w->now);
		digest(s, incidents_at(incidents, i));
	}
	watch_expiring(s, w);
	if (w->held_long >= HELD_MANY && s->held_since == NEVER)
		s->held_since = w->now;
}

/* ---- Judging ---- */

static bool is_about(const struct world *w, const struct truth *t, const struct episode *e)
{
	if (e->kind != INCIDENT_FLOOD && e->kind != INCIDENT_DESTINATION)
		return true;
	for (unsigned i = 0; i < t->key_count; i++)
		if (t->keys[i].subject == e->subject &&
		    slice_is(names_text(&w->names[t->keys[i].kind], t->keys[i].number), e->key))
			return true;
	return t->forged && e->subject == INCIDENT_OF_SENDER &&
	       slice_ends_with(slice_of(e->key), "@forged.example");
}

/* When the episode could first be seen, hidden or not. */
static int seen(const struct episode *e)
{
	return e->watch < e->hidden ? e->watch : e->hidden;
}

static bool is_right(const struct world *w, const struct truth *t, const struct episode *e)
{
	/* What the queue itself shows may have been told before it was much. */
	bool in_time = is_standing(e->kind) ? e->last >= t->from : seen(e) >= t->from - 1;

	return (t->kinds & 1u << e->kind) && in_time && seen(e) <= t->to + LATE &&
	       is_about(w, t, e);
}

static bool is_enough(const struct truth *t)
{
	return t->told >= 0 && t->told <= t->to - TOO_SHORT;
}

static struct episode *episode_by_id(struct score *s, uint64_t id, int at)
{
	for (size_t n = 0; n < s->count; n++)
		if (s->episodes[n].id == id && s->episodes[n].first <= at + 1 &&
		    s->episodes[n].last >= at - 1)
			return &s->episodes[n];
	return NULL;
}

/* The first of its episodes that was shown, or hidden by one that is right. */
static int found_at(struct score *s, const struct world *w, struct truth *t)
{
	int found = NEVER;

	for (size_t n = 0; n < s->count; n++) {
		struct episode *e = &s->episodes[n];
		struct episode *by =
		    e->hidden_by ? episode_by_id(s, e->hidden_by, e->hidden) : NULL;
		int at = by && by->right && e->hidden < e->watch ? e->hidden : e->watch;

		if (is_right(w, t, e) && at < found)
			found = at;
	}
	return found;
}

static void mark_right(struct score *s, const struct world *w, struct truth *t)
{
	for (size_t n = 0; n < s->count; n++)
		if (is_right(w, t, &s->episodes[n])) {
			s->episodes[n].right = true;
			s->episodes[n].about = t;
		}
}

static void mark_consequences(struct score *s, const struct truth *t)
{
	for (size_t n = 0; n < s->count; n++) {
		struct episode *e = &s->episodes[n];

		if ((t->also & 1u << e->kind) && seen(e) >= t->from && seen(e) <= t->to + AFTERMATH)
			e->neither = true;
		if ((t->early & 1u << e->kind) && seen(e) >= t->from &&
		    seen(e) <= t->from + HIDDEN_IN_TIME)
			e->neither = true;
	}
}

static bool of_dead_domain(const struct world *w, const struct episode *e)
{
	if (e->messages < DEAD_WAITING || e->act != NEVER)
		return false;
	for (uint32_t d = 0; d < w->domain_count; d++) {
		const struct domain *domain = &w->domains[d];

		if (domain->dead &&
		    (slice_is(names_text(&w->names[KEY_DOMAIN], d), e->key) ||
			slice_is(names_text(&w->names[KEY_PROVIDER], domain->provider), e->key) ||
			slice_is(names_text(&w->names[KEY_HOST], domain->host), e->key)))
			return true;
	}
	return false;
}

static const struct good_burst *burst_of(const struct world *w, const struct episode *e)
{
	for (uint32_t i = 0; i < w->good_count; i++) {
		const struct good_burst *b = &w->good[i];
		const struct names *names = w->names;

		if (seen(e) < b->from || seen(e) > b->to)
			continue;
		if (e->subject == INCIDENT_OF_SENDER &&
		    slice_is(names_text(&names[KEY_SENDER], b->sender), e->key))
			return b;
		if (e->subject == INCIDENT_OF_LOGIN && b->login != NAME_NONE &&
		    slice_is(names_text(&names[KEY_LOGIN], b->login), e->key))
			return b;
		if (e->subject == INCIDENT_OF_CLIENT && b->client != NAME_NONE &&
		    slice_is(names_text(&names[KEY_CLIENT], b->client), e->key))
			return b;
	}
	return NULL;
}

/* What is told and no truth's, but no fault either. */
static bool is_excused(struct score *s, const struct world *w, const struct episode *e)
{
	struct episode *by = e->hidden_by ? episode_by_id(s, e->hidden_by, e->hidden) : NULL;

	if (by && by->right && e->hidden - e->watch <= HIDDEN_IN_TIME)
		return true;
	if (e->kind == INCIDENT_EXPIRING)
		return e->messages >= EXPIRING_SOME;
	if (e->kind == INCIDENT_HELD_FORGOTTEN)
		return e->messages > 0;
	if (e->kind == INCIDENT_DESTINATION)
		return of_dead_domain(w, e);
	return false;
}

static const char *const plot_names[PLOTS + 1] = {"hijack 400", "hijack 60", "hijack 12",
    "hijack ramp", "dead domain", "refusing domain", "dead hosting", "rate limit", "blocklist",
    "resolver down", "filter down", "filter hangs", "lmtp down", "disk", "inodes", "throttled",
    "lookups", "loop by hops", "loop of a pair", "backscatter", "long dead", "network", "qmgr",
    "pickup", "active full", "held", "log unread", "log silent", "source blind", "expiring"};

static void clock_text(const struct world *w, int minute, char text[40])
{
	if (minute == NEVER)
		snprintf(text, 40, "never");
	else
		snprintf(text, 40, "day %d %02d:%02d", (minute - w->play) / DAY,
		    minute % DAY / HOUR, minute % HOUR);
}

static void tell_truth(
    const struct score *s, const struct world *w, const struct truth *t, FILE *out)
{
	char from[40], to[40], told[40];

	clock_text(w, t->from, from);
	clock_text(w, t->to, to);
	clock_text(w, t->told, told);
	fprintf(out,
	    "seed %llu: missed %s%s %s, from %s to %s, hits %u, could be told %s, reply %.*s, "
	    "strength %.2f, filter %d, mailboxes %d, busy %.1f\n",
	    (unsigned long long)s->seed, plot_names[t->plot],
	    t->burst_habit ? " (burst habit)" : "",
	    t->key_count ? names_text(&w->names[t->keys[0].kind], t->keys[0].number).data : "",
	    from, to, t->hits, told, SLICE_ARGS(slice_first(reply_text(t->reply), 80)), t->strength,
	    w->has_filter, w->has_mailboxes, w->busy);
	for (size_t n = 0; n < s->count; n++) {
		const struct episode *e = &s->episodes[n];

		if (e->last < t->from || e->first > t->to)
			continue;
		clock_text(w, e->first, from);
		fprintf(out, "    then: %s %s [%s] from %s, watch %s, hidden by %llu: %s\n",
		    incident_kind_name(e->kind),
		    e->subject ? incident_subject_name(e->subject) : "", e->key, from,
		    e->watch == NEVER ? "never" : "yes", (unsigned long long)e->hidden_by,
		    e->title);
	}
}

static void tell_episode(const struct score *s, const struct world *w, const struct episode *e,
    const char *what, FILE *out)
{
	char first[40], last[40];

	clock_text(w, e->watch, first);
	clock_text(w, e->last, last);
	fprintf(out, "seed %llu: %s %s %s [%s], from %s to %s%s: %s\n", (unsigned long long)s->seed,
	    what, incident_kind_name(e->kind), e->subject ? incident_subject_name(e->subject) : "",
	    e->key, first, last, e->act == NEVER ? "" : " (act)", e->title);
	for (unsigned i = 0; i < w->truth_count; i++) {
		const struct truth *t = &w->truths[i];

		if (t->from > e->last || t->to + AFTERMATH < e->first)
			continue;
		clock_text(w, t->from, first);
		clock_text(w, t->to, last);
		fprintf(out, "    while: %s %s, %s to %s, hits %u\n", plot_names[t->plot],
		    t->key_count ? names_text(&w->names[t->keys[0].kind], t->keys[0].number).data
				 : "",
		    first, last, t->hits);
	}
}

static bool is_hijack(const struct truth *t)
{
	return t->plot <= PLOT_HIJACK_RAMP;
}

static struct line *line_of(struct score *s, const struct truth *t)
{
	if (is_hijack(t))
		return &s->floods[t->burst_habit ? FLOOD_BURST_HABIT : t->plot];
	for (int kind = 0; kind < INCIDENT_KINDS; kind++)
		if (t->kinds & 1u << kind)
			return &s->kinds[kind];
	return NULL;
}

/* Further episodes of a truth: doubles while another is open, flaps after it. */
static void count_further(const struct score *s, const struct truth *t, struct line *line)
{
	int until = -1;
	bool stays = false;

	/* They stand in the order in which they opened. */
	for (size_t i = 0; i < s->count; i++) {
		const struct episode *e = &s->episodes[i];

		if (e->about != t || e->watch == NEVER)
			continue;
		line->doubles += until >= e->watch;
		line->flaps += until >= 0 && until < e->watch;
		until = e->last > until ? e->last : until;
		stays |= e->last > t->to + ENDED_BY;
	}
	line->stays += stays;
}

/* Right ones count once for each flood, as wrong ones each do. */
static bool is_called_act(const struct score *s, const struct truth *t)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->episodes[i].about == t && s->episodes[i].act != NEVER)
			return true;
	return false;
}

static void judge_truth(struct score *s, const struct world *w, struct truth *t, FILE *details)
{
	struct line *line = line_of(s, t);
	int found = found_at(s, w, t), from = is_hijack(t) ? t->tellable : t->told;

	if (!is_enough(t))
		return;
	line->truths++;
	count_further(s, t, line);
	if (found == NEVER) {
		if (details)
			tell_truth(s, w, t, details);
		return;
	}
	line->found++;
	if (is_hijack(t) && is_called_act(s, t)) {
		s->acts++;
		s->acts_right++;
	}
	if (line->time_count < TIMES_MAX)
		line->times[line->time_count++] = found > from ? found - from : 0;
}

static void judge_flood(
    struct score *s, const struct world *w, const struct episode *e, FILE *details)
{
	const struct good_burst *burst = e->right ? NULL : burst_of(w, e);

	if (e->right)
		return;
	s->acts += e->act != NEVER;
	s->bursts_act += burst && e->act != NEVER;
	s->bursts_watch += burst && e->act == NEVER;
	s->floods_other += !burst && e->act == NEVER;
	if (details && (e->act != NEVER || !burst))
		tell_episode(s, w, e, burst ? "good burst called" : "wrong", details);
	if (details && burst && e->act != NEVER)
		fprintf(details,
		    "    while: %u recipients at %.1f a minute, %.1f %% unknown\n    because: %s\n",
		    burst->size, burst->per_minute, burst->unknown * 100, e->why);
}

static void judge_episode(
    struct score *s, const struct world *w, const struct episode *e, FILE *details)
{
	struct line *line = &s->kinds[e->kind];

	if (e->watch == NEVER || (!e->right && (e->neither || is_excused(s, w, e))))
		return;
	if (e->kind == INCIDENT_FLOOD) {
		judge_flood(s, w, e, details);
		return;
	}
	/* Right ones count once for each truth, when it is judged: doubles make nothing better. */
	if (e->right)
		return;
	line->wrong++;
	if (details)
		tell_episode(s, w, e, "wrong", details);
	if (details && e->why[0] != '\0')
		fprintf(details, "    because: %s\n", e->why);
}

static void judge_bursts(struct score *s, const struct world *w)
{
	for (uint32_t i = 0; i < w->good_count; i++)
		s->bursts += w->good[i].from >= w->play;
}

static void prepare(struct score *s, struct truth *t)
{
	if (is_hijack(t))
		t->told = t->from;
	if (t->plot == PLOT_HELD)
		t->from = t->first_hit = t->told = s->held_since == NEVER ? -1 : s->held_since;
}

void score_end(struct score *s, const struct world *w, FILE *details)
{
	/* The judged ones are ours: the world has ended. */
	struct truth truths[TRUTHS_MAX + 40];
	unsigned count = w->truth_count;

	memcpy(truths, w->truths, count * sizeof(*truths));
	for (unsigned i = 0; i < count; i++)
		prepare(s, &truths[i]);
	for (unsigned i = 0; i < s->expiring_count; i++)
		truths[count++] = s->expiring[i];
	for (unsigned i = 0; i < count; i++) {
		mark_right(s, w, &truths[i]);
		mark_consequences(s, &truths[i]);
	}
	for (unsigned i = 0; i < count; i++)
		judge_truth(s, w, &truths[i], details);
	for (size_t n = 0; n < s->count; n++)
		judge_episode(s, w, &s->episodes[n], details);
	judge_bursts(s, w);
}

/* ---- The table ---- */

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void times_text(struct line *line, char median[20], char p90[20])
{
	unsigned n = line->time_count;

	if (n == 0) {
		strcpy(median, "");
		strcpy(p90, "");
		return;
	}
	qsort(line->times, n, sizeof(*line->times), by_number);
	snprintf(median, 20, "%d min", line->times[n / 2]);
	snprintf(p90, 20, "%d min", line->times[n * 9 / 10]);
}

static void share_text(unsigned part, unsigned whole, char text[20])
{
	if (whole == 0)
		strcpy(text, "");
	else
		snprintf(text, 20, "%.1f %%", 100. * part / whole);
}

static void print_line(const char *name, struct line *line, bool judged, FILE *out)
{
	char recall[20], precision[20] = "", wrong[20] = "", median[20], p90[20];

	share_text(line->found, line->truths, recall);
	if (judged) {
		share_text(line->found, line->found + line->wrong, precision);
		snprintf(wrong, sizeof(wrong), "%u", line->wrong);
	}
	times_text(line, median, p90);
	fprintf(out, "| %s | %u | %u | %s | %s | %s | %s | %s | %u | %u | %u |\n", name,
	    line->truths, line->found, recall, wrong, precision, median, p90, line->doubles,
	    line->flaps, line->stays);
}

static struct line all_kinds(const struct score *s)
{
	static struct line sum;

	memset(&sum, 0, sizeof(sum));
	for (int kind = 0; kind < INCIDENT_KINDS; kind++) {
		const struct line *line = &s->kinds[kind];

		if (kind == INCIDENT_FLOOD)
			continue;
		sum.truths += line->truths;
		sum.found += line->found;
		sum.wrong += line->wrong;
		sum.doubles += line->doubles;
		sum.flaps += line->flaps;
		sum.stays += line->stays;
	}
	return sum;
}

static void print_floods(const struct score *s, FILE *out)
{
	char share[20];

	share_text(s->acts_right, s->acts, share);
	fprintf(out,
	    "\nFloods called act: %u, of them right: %u (%s). Good bursts: %u, of them "
	    "called act: %u, called watch: %u. Other floods called watch: %u.\n",
	    s->acts, s->acts_right, share, s->bursts, s->bursts_act, s->bursts_watch,
	    s->floods_other);
}

void score_print(struct score *s, FILE *out)
{
	struct line sum = all_kinds(s);

	fprintf(out,
	    "%u worlds\n\n"
	    "| kind | planted | found | recall | wrong | precision | to find, median | p90 | "
	    "doubles | flaps | stay |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
	    s->worlds);
	for (int i = 0; i < FLOODS; i++)
		print_line(flood_names[i], &s->floods[i], false, out);
	for (int kind = 0; kind < INCIDENT_KINDS; kind++)
		if (kind != INCIDENT_FLOOD)
			print_line(incident_kind_name((enum incident_kind)kind), &s->kinds[kind],
			    true, out);
	print_line("all but floods", &sum, true, out);
	print_floods(s, out);
}

/* ---- What must hold ---- */

static bool at_least(FILE *out, const char *what, unsigned part, unsigned whole, double share)
{
	if (whole == 0 || part >= share * whole)
		return true;
	fprintf(out, "%s: %u of %u, and at least %.0f %% are asked for\n", what, part, whole,
	    share * 100);
	return false;
}

static int median_of_floods(struct score *s)
{
	static struct line all;

	all.time_count = 0;
	for (int i = 0; i < FLOOD_BURST_HABIT; i++)
		for (unsigned n = 0; n < s->floods[i].time_count && all.time_count < TIMES_MAX; n++)
			all.times[all.time_count++] = s->floods[i].times[n];
	if (all.time_count == 0)
		return 0;
	if (all.time_count > 0)
		qsort(all.times, all.time_count, sizeof(*all.times), by_number);
	return all.times[all.time_count / 2];
}

bool score_holds(struct score *s, double slack, FILE *out)
{
	struct line sum = all_kinds(s);
	unsigned large = s->floods[FLOOD_400].truths + s->floods[FLOOD_60].truths;
	unsigned found = s->floods[FLOOD_400].found + s->floods[FLOOD_60].found;
	double minutes = 5 * (1 + 2 * slack);
	bool holds = at_least(out, "found of floods of 60 and more", found, large, 1 - slack);

	holds &= at_least(out, "right of floods called act", s->acts_right, s->acts, .9 - slack);
	holds &= at_least(out, "recall of the other kinds", sum.found, sum.truths, .95 - slack);
	holds &= at_least(
	    out, "precision of the other kinds", sum.found, sum.found + sum.wrong, .95 - slack);
	/* Of a hundred bursts the slack lets a tenth of that share pass: one in a hundred for .1.
	 */
	holds &= at_least(out, "good bursts not called act", s->bursts - s->bursts_act, s->bursts,
	    1 - slack / 10);
	if (median_of_floods(s) > minutes)
		fprintf(out, "floods are found after %d minutes, and %.0f are asked for\n",
		    median_of_floods(s), minutes);
	return holds && median_of_floods(s) <= minutes;
}
