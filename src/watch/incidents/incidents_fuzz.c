/* Any facts at any times: the list stays bounded and in order, an incident changes its state no
 * oftener than its hysteresis allows, nothing explains itself, filters are filters, and what is
 * saved is restored. Any bytes may be a saved state. */
#include "base/cursor.h"
#include "base/must_fuzz.h"
#include "filter/filter.h"
#include "postfix/diagnosis.h"
#include "watch/incidents/list.h"

#define ITEMS 8

/* A state that was seen, by ID. */
struct seen {
	uint64_t id;
	enum incident_state state;
	int64_t open_at;
};

struct fuzz {
	struct cursor input;
	struct incidents *incidents;
	struct rates *rates;
	struct incident_facts facts;
	struct incident_group groups[5][ITEMS];
	struct incident_cell cells[3][ITEMS];
	struct incident_problem problems[ITEMS];
	struct incident_notice notices[ITEMS];
	struct incident_repeat repeats[ITEMS];
	struct seen seen[INCIDENTS_MAX];
	size_t seen_count;
	int64_t now;
};

/* Few keys, so that they meet again; some of them a stranger's. */
static struct slice any_key(struct cursor *c)
{
	static const char *const keys[] = {"info", "a.example", "b.example", "<>", "127.0.0.1", "",
	    "x\"y (z) \\", "\xff\x01* or from:<>", "bytes", "smtpd"};
	uint8_t choice = cursor_u8(c);

	if (choice < 200)
		return slice_of(keys[choice % (sizeof(keys) / sizeof(keys[0]))]);
	return choice < 210 ? cursor_string(c, 2000) : cursor_bytes(c, choice % 4);
}

static struct slice any_cause(struct cursor *c)
{
	return slice_of(diagnosis_at(cursor_u8(c) % diagnosis_count())->key);
}

static int64_t any_number(struct cursor *c)
{
	uint8_t choice = cursor_u8(c);

	return choice < 8 ? cursor_i64(c) : choice < 250 ? choice - 9 : (int64_t)choice << 32;
}

static int64_t count(void *context, const struct incident_term *terms, size_t n)
{
	struct fuzz *fuzz = context;
	BUFFER_AUTO struct buffer filter = {0};

	must(n > 0 && n <= 2);
	incident_terms_filter(&filter, terms, n);
	return any_number(&fuzz->input);
}

static void read_groups(struct fuzz *fuzz, int number, struct incident_groups *groups)
{
	groups->items = fuzz->groups[number];
	groups->count = cursor_u8(&fuzz->input) % ITEMS;
	for (size_t i = 0; i < groups->count; i++)
		fuzz->groups[number][i] = (struct incident_group){
		    number == 4 ? any_cause(&fuzz->input) : any_key(&fuzz->input),
		    (uint64_t)any_number(&fuzz->input), 1, any_number(&fuzz->input),
		    cursor_u8(&fuzz->input)};
}

static void read_cells(struct fuzz *fuzz, int number, struct incident_cells *cells)
{
	cells->items = fuzz->cells[number];
	cells->count = cursor_u8(&fuzz->input) % ITEMS;
	for (size_t i = 0; i < cells->count; i++)
		fuzz->cells[number][i] = (struct incident_cell){any_key(&fuzz->input),
		    any_cause(&fuzz->input), (uint64_t)any_number(&fuzz->input), 1,
		    any_number(&fuzz->input), any_key(&fuzz->input)};
}

static void read_lines(struct fuzz *fuzz)
{
	struct cursor *c = &fuzz->input;
	struct incident_facts *facts = &fuzz->facts;

	facts->problems = fuzz->problems;
	facts->problem_count = cursor_u8(c) % ITEMS;
	for (size_t i = 0; i < facts->problem_count; i++)
		fuzz->problems[i] = (struct incident_problem){fuzz->now - any_number(c),
		    cursor_u8(c) % 2 == 0 ? SLICE("master") : any_key(c), cursor_u8(c) % 5,
		    cursor_u8(c) % 2 == 0 ? SLICE("warning: /x/smtpd: -- throttling") : any_key(c)};
	facts->notices = fuzz->notices;
	facts->notice_count = cursor_u8(c) % 3;
	for (size_t i = 0; i < facts->notice_count; i++)
		fuzz->notices[i] = (struct incident_notice){SLICE("log_unavailable"),
		    SLICE("error"), any_key(c), any_key(c), any_number(c)};
	facts->repeats = fuzz->repeats;
	facts->repeat_count = cursor_u8(c) % 3;
	for (size_t i = 0; i < facts->repeat_count; i++)
		fuzz->repeats[i] = (struct incident_repeat){
		    any_key(c), any_key(c), (uint32_t)any_number(c), cursor_u8(c) % 2 == 0};
}

static void read_rates(struct fuzz *fuzz)
{
	struct cursor *c = &fuzz->input;
	int64_t minute = fuzz->now / 60 * 60 - 60 * (int64_t)(cursor_u8(c) % 4);

	for (unsigned n = cursor_u8(c) % 16; n > 0; n--) {
		enum rate_kind kind = (enum rate_kind)(cursor_u8(c) % RATE_KINDS);
		struct slice key = kind == RATE_CAUSE ? any_cause(c) : any_key(c);
		struct rate_counts counts;
		for (int i = 0; i < RATE_RESULTS; i++)
			counts.n[i] = (uint32_t)any_number(c);
		rates_begin(fuzz->rates, minute);
		rates_put(fuzz->rates, minute, kind, slice_first(key, RATES_KEY_MAX), &counts);
		if (cursor_u8(c) < 8)
			incidents_learn(fuzz->incidents, any_number(c), kind, key, &counts);
	}
}

static void read_facts(struct fuzz *fuzz)
{
	struct cursor *c = &fuzz->input;
	struct incident_facts *facts = &fuzz->facts;
	uint8_t known = cursor_u8(c);

	facts->now = fuzz->now;
	facts->queue_known = known % 8 != 0;
	facts->log_known = known / 8 % 8 != 0;
	for (int q = 0; q < QUEUE_COUNT; q++) {
		facts->counts[q] = any_number(c);
		facts->oldest[q] = any_number(c);
	}
	facts->expiring = any_number(c);
	facts->held_long = any_number(c);
	facts->active_limit = any_number(c);
	facts->log_newest = any_number(c);
	facts->null_sender_domains = any_number(c);
	facts->spool_bytes_free = any_number(c);
	facts->spool_bytes = any_number(c);
	facts->spool_inodes_free = any_number(c);
	facts->spool_inodes = any_number(c);
	facts->queue_minfree = any_number(c);
	facts->postfix_running = cursor_u8(c) % 3 - 1;
	read_groups(fuzz, 0, &facts->logins);
	read_groups(fuzz, 1, &facts->clients);
	read_groups(fuzz, 2, &facts->senders);
	read_groups(fuzz, 3, &facts->expiring_senders);
	read_groups(fuzz, 4, &facts->causes);
	read_cells(fuzz, 0, &facts->domain_causes);
	read_cells(fuzz, 1, &facts->host_causes);
	read_cells(fuzz, 2, &facts->provider_causes);
	read_lines(fuzz);
	facts->rates = fuzz->rates;
	facts->count_messages = cursor_u8(c) % 2 == 0 ? count : NULL;
	facts->context = fuzz;
}

static void check_one(const struct incidents *incidents, const struct incident *shown)
{
	const struct incident *root = shown;

	must(shown->title != NULL && shown->text != NULL && shown->key != NULL);
	must(shown->since >= 0 && shown->noticed >= shown->since && shown->messages >= -1);
	must(incidents_find(incidents, shown->id) == shown);
	for (size_t steps = 0; root != NULL && root->caused_by != 0; steps++) {
		must(steps <= INCIDENTS_MAX);
		root = incidents_find(incidents, root->caused_by);
	}
	if (shown->filter != NULL) {
		struct filter *filter = filter_parse(slice_of(shown->filter), NULL);
		must(filter != NULL);
		filter_free(filter);
	}
}

static struct seen *seen_of(struct fuzz *fuzz, const struct incident *shown)
{
	for (size_t i = 0; i < fuzz->seen_count; i++)
		if (fuzz->seen[i].id == shown->id)
			return &fuzz->seen[i];
	fuzz->seen[fuzz->seen_count] = (struct seen){shown->id, shown->state, fuzz->now};
	return &fuzz->seen[fuzz->seen_count++];
}

/* From open to quiet takes INCIDENT_QUIET_AFTER, as long as the clock runs forward. */
static void check_life(struct fuzz *fuzz, bool forward)
{
	size_t n = incidents_count(fuzz->incidents);

	must(n <= INCIDENTS_MAX);
	if (!forward)
		fuzz->seen_count = 0;
	for (size_t i = 0; i < n; i++) {
		const struct incident *shown = incidents_at(fuzz->incidents, i);
		struct seen *seen;
		check_one(fuzz->incidents, shown);
		if (fuzz->seen_count == INCIDENTS_MAX)
			fuzz->seen_count = 0;
		seen = seen_of(fuzz, shown);
		must(!forward || seen->state != INCIDENT_OPEN || shown->state != INCIDENT_QUIET ||
		     fuzz->now - seen->open_at >= INCIDENT_QUIET_AFTER);
		if (shown->state == INCIDENT_OPEN)
			seen->open_at = seen->state == INCIDENT_OPEN ? seen->open_at : fuzz->now;
		seen->state = shown->state;
	}
	must(incidents_at(fuzz->incidents, n) == NULL);
}

static void check_saved(struct fuzz *fuzz)
{
	BUFFER_AUTO struct buffer saved = {0}, again = {0};
	struct incidents *other = incidents_create(1);

	incidents_save(fuzz->incidents, &saved);
	must(saved.len <= INCIDENTS_STATE_MAX);
	must(incidents_restore(other, buffer_slice(&saved)));
	incidents_save(other, &again);
	must(slice_equal(buffer_slice(&saved), buffer_slice(&again)));
	incidents_free(other);
}

static void restore_anything(const uint8_t *data, size_t size)
{
	struct incidents *incidents = incidents_create(7);
	struct incident_facts facts = {.now = 1764500000, .queue_known = true, .log_known = true};

	incidents_restore(incidents, slice_make(data, size));
	incidents_turn(incidents, &facts);
	must(incidents_count(incidents) <= INCIDENTS_MAX);
	incidents_free(incidents);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = {.input = cursor_init(data, size),
	    .incidents = incidents_create(1),
	    .rates = rates_create(),
	    .now = 1764500000};

	restore_anything(data, size);
	while (fuzz.input.left > 0 && !fuzz.input.failed) {
		uint8_t step = cursor_u8(&fuzz.input);
		int64_t before = fuzz.now;
		fuzz.now += step < 240	 ? step
			    : step < 250 ? 3600 * (step - 239)
					 : any_number(&fuzz.input);
		if (fuzz.now < 0 || fuzz.now > INCIDENT_TIME_MAX)
			fuzz.now = before;
		read_facts(&fuzz);
		read_rates(&fuzz);
		incidents_turn(fuzz.incidents, &fuzz.facts);
		check_life(&fuzz, fuzz.now >= before);
	}
	check_saved(&fuzz);
	incidents_free(fuzz.incidents);
	rates_free(fuzz.rates);
	return 0;
}
