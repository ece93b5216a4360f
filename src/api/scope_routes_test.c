/* What somebody within a scope is told by every route, against a service whose queue holds only
 * what the scope matches: the answers must be the same, byte for byte but for times and references,
 * for random queues and scopes. Between the questions the rest of the queue moves, others work in
 * it, and nothing of that may show.
 *
 * Each route of the tables either stands among the questions below, or refuses whoever has a scope:
 * a new one fails until it does. MODEL_SEED=n in the environment begins with another seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api_test_world.h"
#include "api/jobs.h"
#include "api/queue_events.h"
#include "base/clock.h"
#include "base/memory.h"
#include "index/model_test_world.h"
#include "jobs/jobs.h"
#include "query/scope.h"
#include "store/incident_rows.h"
#include "watch/incidents/incidents.h"

#define SEEDS 6
#define MESSAGES 60

/* Numbers of things, which are others in each service. */
enum { PLAIN, NUMBERED };

/* In the order in which they are asked. In targets and bodies stand: {in} a message that the scope
 * has, {mixed} one that also goes to others, {out} one that it has not, {filter} a random filter;
 * and what earlier answers gave, by its name. {other} is a number of something that somebody
 * without a scope has made; {incident} is that of one that is his, {hidden} of one that is not. */
static const struct question {
	const char *route, *target, *body;
	int numbers;
	const char *keep; /* the `id` of the answer, under this name */
} questions[] = {
    {"GET /api/v1/queue", "/api/v1/queue", NULL, PLAIN, NULL},
    {"GET /api/v1/messages", "/api/v1/messages?limit=20", NULL, PLAIN, NULL},
    {"GET /api/v1/messages", "/api/v1/messages?sort=-size&filter={filter}", NULL, PLAIN, NULL},
    {"GET /api/v1/messages", "/api/v1/messages?sort=recipients&filter=-({filter})", NULL, PLAIN,
	NULL},
    {"GET /api/v1/messages/{id}", "/api/v1/messages/{in}", NULL, PLAIN, NULL},
    {"GET /api/v1/messages/{id}", "/api/v1/messages/{mixed}", NULL, PLAIN, NULL},
    {"GET /api/v1/messages/{id}", "/api/v1/messages/{out}", NULL, PLAIN, NULL},
    {"GET /api/v1/messages/{id}/content", "/api/v1/messages/{in}/content", NULL, PLAIN, NULL},
    {"GET /api/v1/messages/{id}/content", "/api/v1/messages/{out}/content", NULL, PLAIN, NULL},
    {"GET /api/v1/messages/{id}/parts/{n}", "/api/v1/messages/{out}/parts/1", NULL, PLAIN, NULL},
    {"GET /api/v1/messages/{id}/raw", "/api/v1/messages/{out}/raw", NULL, PLAIN, NULL},
    {"GET /api/v1/filters", "/api/v1/filters?counts=true&text={filter}", NULL, PLAIN, NULL},
    {"POST /api/v1/filters", "/api/v1/filters", "{\"text\":\"from:a or to:b\",\"counts\":true}",
	PLAIN, NULL},
    {"GET /api/v1/filters/completions", "/api/v1/filters/completions?text=from:", NULL, PLAIN,
	NULL},
    {"GET /api/v1/filters/completions", "/api/v1/filters/completions?text=domain:", NULL, PLAIN,
	NULL},
    {"GET /api/v1/filters/completions", "/api/v1/filters/completions?text=to:u", NULL, PLAIN, NULL},
    {"GET /api/v1/groups", "/api/v1/groups?by=sender", NULL, PLAIN, NULL},
    {"GET /api/v1/groups", "/api/v1/groups?by=recipient_domain&filter={filter}", NULL, PLAIN, NULL},
    {"GET /api/v1/groups", "/api/v1/groups?by=cause,recipient_domain", NULL, PLAIN, NULL},
    {"POST /api/v1/groups", "/api/v1/groups", "{\"by\":\"reason\",\"limit\":3}", PLAIN, NULL},
    {"POST /api/v1/views", "/api/v1/views", "{\"filter\":\"\",\"sort\":\"sender\"}", NUMBERED,
	"view"},
    {"GET /api/v1/views/{id}", "/api/v1/views/{view}", NULL, NUMBERED, NULL},
    {"GET /api/v1/views/{id}/rows", "/api/v1/views/{view}/rows?limit=30", NULL, PLAIN, NULL},
    {"GET /api/v1/views/{id}/rows", "/api/v1/views/{view}/rows?around={out}", NULL, PLAIN, NULL},
    {"GET /print", "/print?view={view}", NULL, PLAIN, NULL},
    {"POST /api/v1/previews", "/api/v1/previews",
	"{\"action\":\"hold\",\"ids\":[\"{in}\",\"{out}\"]}", PLAIN, NULL},
    {"POST /api/v1/views", "/api/v1/views", "{\"filter\":\"id:={in}\"}", NUMBERED, "one"},
    {"POST /api/v1/previews", "/api/v1/previews", "{\"action\":\"delete\",\"view\":\"{one}\"}",
	PLAIN, NULL},
    {"POST /api/v1/previews", "/api/v1/previews", "{\"action\":\"release\",\"undoes\":{other}}",
	PLAIN, NULL},
    {"POST /api/v1/previews", "/api/v1/previews", "{\"pause\":{\"kind\":\"domain\"}}", PLAIN, NULL},
    {"POST /api/v1/jobs", "/api/v1/jobs", "{\"action\":\"hold\",\"ids\":[\"{out}\"]}", NUMBERED,
	NULL},
    {"POST /api/v1/jobs", "/api/v1/jobs", "{\"action\":\"hold\",\"ids\":[\"{in}\",\"{out}\"]}",
	NUMBERED, "job"},
    {"POST /api/v1/jobs", "/api/v1/jobs", "{\"action\":\"delete\",\"view\":\"{one}\"}", NUMBERED,
	"deletion"},
    {"GET /api/v1/jobs", "/api/v1/jobs", NULL, NUMBERED, NULL},
    {"GET /api/v1/jobs", "/api/v1/jobs?limit=1", NULL, NUMBERED, NULL},
    {"GET /api/v1/jobs", "/api/v1/jobs?after={job}", NULL, NUMBERED, NULL},
    {"GET /api/v1/jobs/{id}", "/api/v1/jobs/{job}", NULL, NUMBERED, NULL},
    {"GET /api/v1/jobs/{id}", "/api/v1/jobs/{other}", NULL, NUMBERED, NULL},
    {"GET /api/v1/jobs/{id}", "/api/v1/jobs/1", NULL, NUMBERED, NULL},
    {"GET /api/v1/jobs/{id}/items", "/api/v1/jobs/{job}/items", NULL, PLAIN, NULL},
    {"GET /api/v1/jobs/{id}/items", "/api/v1/jobs/{other}/items", NULL, PLAIN, NULL},
    {"POST /api/v1/jobs/{id}/cancel", "/api/v1/jobs/{other}/cancel", "{}", NUMBERED, NULL},
    {"POST /api/v1/jobs/{id}/cancel", "/api/v1/jobs/{job}/cancel", "{}", NUMBERED, NULL},
    {"POST /api/v1/jobs/{id}/undo", "/api/v1/jobs/{other}/undo", "{}", NUMBERED, NULL},
    {"POST /api/v1/jobs/{id}/undo", "/api/v1/jobs/{job}/undo", "{}", NUMBERED, NULL},
    {"POST /api/v1/jobs/{id}/undo", "/api/v1/jobs/{deletion}/undo", "{}", NUMBERED, NULL},
    {"DELETE /api/v1/views/{id}", "/api/v1/views/{view}", NULL, PLAIN, NULL},
    {"GET /api/v1/views/{id}", "/api/v1/views/{view}", NULL, NUMBERED, NULL},
    {"GET /api/v1/saved-views", "/api/v1/saved-views", NULL, NUMBERED, NULL},
    {"POST /api/v1/saved-views", "/api/v1/saved-views",
	"{\"name\":\"night\",\"address\":\"?filter=hold\"}", NUMBERED, "saved"},
    {"POST /api/v1/saved-views", "/api/v1/saved-views", "{\"name\":\"night\",\"address\":\"?a\"}",
	NUMBERED, NULL},
    {"PUT /api/v1/saved-views/{id}", "/api/v1/saved-views/{saved}",
	"{\"name\":\"day\",\"address\":\"?filter=x\"}", NUMBERED, NULL},
    {"PUT /api/v1/saved-views/{id}", "/api/v1/saved-views/{other}",
	"{\"name\":\"mine\",\"address\":\"?\"}", NUMBERED, NULL},
    {"GET /api/v1/saved-views", "/api/v1/saved-views", NULL, NUMBERED, NULL},
    {"DELETE /api/v1/saved-views/{id}", "/api/v1/saved-views/{other}", NULL, NUMBERED, NULL},
    {"DELETE /api/v1/saved-views/{id}", "/api/v1/saved-views/{saved}", NULL, NUMBERED, NULL},
    {"GET /api/v1/incidents", "/api/v1/incidents", NULL, NUMBERED, NULL},
    {"GET /api/v1/incidents", "/api/v1/incidents?state=all", NULL, NUMBERED, NULL},
    {"GET /api/v1/incidents/{id}", "/api/v1/incidents/{other}", NULL, NUMBERED, NULL},
    {"GET /api/v1/incidents/{id}", "/api/v1/incidents/2", NULL, NUMBERED, NULL},
    {"GET /api/v1/incidents/{id}", "/api/v1/incidents/{incident}", NULL, NUMBERED, NULL},
    {"GET /api/v1/incidents/{id}", "/api/v1/incidents/{hidden}", NULL, NUMBERED, NULL},
    {"GET /api/v1/history", "/api/v1/history?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z",
	NULL, PLAIN, NULL},
    {"GET /api/v1/series",
	"/api/v1/series?by=sender&what=received&from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z",
	NULL, PLAIN, NULL},
    {"GET /api/v1/trace", "/api/v1/trace?text=d3.test", NULL, PLAIN, NULL},
    {"GET /api/v1/probes", "/api/v1/probes", NULL, NUMBERED, NULL},
    {"POST /api/v1/probes", "/api/v1/probes", "{\"kind\":\"destination\",\"domain\":\"d0.test\"}",
	NUMBERED, NULL},
    {"POST /api/v1/probes", "/api/v1/probes", "{\"kind\":\"destination\",\"incident\":\"2\"}",
	NUMBERED, NULL},
    {"POST /api/v1/probes", "/api/v1/probes",
	"{\"kind\":\"destination\",\"incident\":\"{hidden}\"}", NUMBERED, NULL},
    {"GET /api/v1/probes/{id}", "/api/v1/probes/{other}", NULL, NUMBERED, NULL},
};

/* Not about mail: what they tell does not come from the queue, nor from what others do. They are
 * not asked here, as the service they speak of is not there. */
static const char *const no_mail[] = {"GET /api/v1/me", "GET /api/v1/me/otp", "POST /api/v1/me/otp",
    "DELETE /api/v1/me/otp", "POST /api/v1/me/otp/confirm", "POST /api/v1/me/password",
    "POST /api/v1/logout", "GET /api/v1/tokens", "POST /api/v1/tokens",
    "DELETE /api/v1/tokens/{id}", "GET /api/v1/sessions", "DELETE /api/v1/sessions",
    "DELETE /api/v1/sessions/{id}", "GET /api/v1/settings", "POST /api/v1/settings/preview"};

/* Streams, which have a test of their own. */
static const char *const streams[] = {"GET /api/v1/events"};

/* ---- Two services ---- */

#define KEPT_MAX 8

struct side {
	struct world w;
	char database[90];
	int64_t incident, hidden_incident; /* one that is his, and not; 0: none is */
	struct buffer answer;
	struct {
		const char *name;
		char value[64];
	} kept[KEPT_MAX];
	size_t kept_count;
	/* Numbers in the order in which they were told. */
	char told[400][64];
	size_t told_count;
};

struct round {
	unsigned seed;
	char folder[64];
	struct model model;
	struct buffer scope_text, filter;
	struct filter *scope;
	struct side whole, part;
	char in[QUEUE_ID_SIZE], mixed[QUEUE_ID_SIZE], out[QUEUE_ID_SIZE];
	unsigned moved;
};

/* How much of a message is his. */
enum share { NONE, SOME, ALL };

static enum share share_of(const struct round *r, const struct model_message *m)
{
	struct model_message seen;
	bool whole;

	if (!model_cut(m, r->scope, &seen, &whole))
		return NONE;
	return whole ? ALL : SOME;
}

/* As a help desk has them. */
static void new_scope(struct round *r)
{
	static const char *const scopes[] = {"domain:=d0.test",
	    "domain:=d0.test or domain:=d3.test", "domain:=d1.test or from:*@d1.test",
	    "to:*@d3.test login:login", "from:*@d0.test", "from:*@d0.test or from:*@d1.test",
	    "login:=login1", "login:=login0 or login:=login2", "from:user1", "-from:user",
	    "login:=login1 from:*@d3.test", "from:=user3@d3.test or login:=login1"};

	buffer_append_string(&r->scope_text, scopes[model_below(sizeof(scopes) / sizeof(*scopes))]);
	r->scope = filter_parse(buffer_slice(&r->scope_text), NULL);
	assert_non_null(r->scope);
}

/* A queue in which there are messages that are his and that are not, whose IDs are remembered; and
 * one that also goes to others, where the scope makes such a difference. */
static void make_model(struct round *r, struct index *unused)
{
	do {
		do
			model_change(&r->model, unused, MESSAGES);
		while (r->model.count < MESSAGES);
		r->in[0] = r->mixed[0] = r->out[0] = '\0';
		for (size_t i = 0; i < r->model.count; i++) {
			enum share share = share_of(r, &r->model.m[i]);

			memcpy(share == ALL    ? r->in
			       : share == SOME ? r->mixed
					       : r->out,
			    r->model.m[i].id, QUEUE_ID_SIZE);
		}
	} while (r->in[0] == '\0' || r->out[0] == '\0');
	if (r->mixed[0] == '\0')
		memcpy(r->mixed, r->in, sizeof(r->mixed));
}

/* ---- Incidents, as they were kept ---- */

/* What one may be about; some of them are his by the scope's own words. */
static const struct {
	enum incident_subject subject;
	enum group_key key;
	const char *name;
} subjects[] = {
    {INCIDENT_OF_DOMAIN, GROUP_RECIPIENT_DOMAIN, "d0.test"},
    {INCIDENT_OF_DOMAIN, GROUP_RECIPIENT_DOMAIN, "d1.test"},
    {INCIDENT_OF_DOMAIN, GROUP_RECIPIENT_DOMAIN, "d3.test"},
    {INCIDENT_OF_SENDER, GROUP_SENDER, "user3@d3.test"},
    {INCIDENT_OF_SENDER, GROUP_SENDER, "user1@d0.test"},
    {INCIDENT_OF_LOGIN, GROUP_LOGIN, "login0"},
    {INCIDENT_OF_LOGIN, GROUP_LOGIN, "login1"},
    {INCIDENT_OF_LOGIN, GROUP_LOGIN, "login2"},
    {INCIDENT_OF_REMOTE_HOST, GROUP_REMOTE_HOST, "mx1.test"},
    {INCIDENT_OF_NONE, GROUP_QUEUE, ""},
};

static struct incident_row incident_about(size_t i, int64_t id)
{
	/* Some of them so long ago that only the store has them: both ways are asked. */
	int64_t at = clock_now() / 86400 * 86400 - (int64_t)(i % 2) * 5 * 86400 - (int64_t)i * 60;

	return (struct incident_row){.id = id,
	    .kind = INCIDENT_DESTINATION,
	    .severity = INCIDENT_WATCH,
	    .state = i % 2 ? INCIDENT_ENDED : INCIDENT_OPEN,
	    .subject = (int)subjects[i].subject,
	    .key = (char *)(uintptr_t)subjects[i].name,
	    .cause = (char *)(uintptr_t) "greylisted",
	    .title = (char *)(uintptr_t) "It waits",
	    .text = (char *)(uintptr_t) "It has put off all mail.",
	    .since = at,
	    .noticed = at,
	    .until = i % 2 ? at + 60 : 0,
	    .messages = 12,
	    .actions = INCIDENT_DO_HOLD | INCIDENT_DO_FLUSH | INCIDENT_DO_PAUSE};
}

static void keep_incident(struct db *db, const struct incident_row *row, bool with_work)
{
	struct incident_note note = {
	    .at = 5, .who = "Aester", .text = (char *)(uintptr_t) "secret"};
	const struct incident_moment did = {
	    5, INCIDENT_MOMENT_JOB, (char *)(uintptr_t) "Aester held secret", NULL};
	struct error err;

	assert_int_equal(incident_rows_put(db, row, &err), DB_OK);
	if (!with_work)
		return;
	assert_int_equal(incident_rows_add_note(db, row->id, &note, &err), DB_OK);
	assert_int_equal(incident_rows_add_moment(db, row->id, &did, &err), DB_OK);
}

static bool is_his(const struct query_scope *scope, size_t i)
{
	return subjects[i].subject != INCIDENT_OF_REMOTE_HOST &&
	       subjects[i].subject != INCIDENT_OF_NONE &&
	       query_scope_holds(scope, subjects[i].key, slice_of(subjects[i].name)) ==
		   QUERY_HOLDS_ALL;
}

/* In the whole all of them, with what others did; in the part those that are his. */
static void keep_incidents(const struct round *r, struct side *s)
{
	struct query_scope *scope = query_scope_create(buffer_slice(&r->scope_text), NULL);
	bool whole = s == &r->whole;
	struct db_health health;
	struct db *db = db_open(s->database, &health, NULL);
	int64_t id = 0;

	assert_non_null(db);
	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
		struct incident_row row = incident_about(i, id + 1);

		if (!whole && !is_his(scope, i))
			continue;
		/* What explains it is about everybody. */
		row.caused_by = whole && subjects[i].subject != INCIDENT_OF_NONE ? 10 : 0;
		keep_incident(db, &row, whole);
		*(is_his(scope, i) ? &s->incident : &s->hidden_incident) = ++id;
	}
	db_close(&db);
	query_scope_free(scope);
}

static void start_side(struct round *r, struct side *s, const char *name)
{
	snprintf(s->database, sizeof(s->database), "%s/%s.db", r->folder, name);
	keep_incidents(r, s);
	world_start_with(&s->w, s->database);
	s->w.caller.role = ACCESS_ROLE_OPERATOR;
}

static void ask_as_all(struct side *s, const char *method, const char *target, const char *body)
{
	BUFFER_AUTO struct buffer answer = {0};
	unsigned status;

	s->w.caller.scope = NULL;
	s->w.caller.name[0] = 'A';
	status = world_ask(&s->w, method, target, body, &answer);
	if (status >= 300)
		fail_msg("%s %s: %u %s", method, target, status, buffer_string(&answer));
	s->w.caller.name[0] = 't';
}

/* What somebody has done who sees everything: it is none of the other's business. */
static void work_outside(struct round *r)
{
	BUFFER_AUTO struct buffer body = {0};

	buffer_printf(&body, "{\"action\":\"hold\",\"ids\":[\"%s\"]}", r->out);
	ask_as_all(&r->whole, "POST", "/api/v1/jobs", buffer_string(&body));
	ask_as_all(&r->whole, "POST", "/api/v1/saved-views",
	    "{\"name\":\"night\",\"address\":\"?filter=from:secret\"}");
}

/* Something happens that is none of his business either. */
static void move_outside(struct round *r)
{
	char id[QUEUE_ID_SIZE];
	struct model_message m = r->model.m[0];

	for (size_t i = 0; i < r->model.count && share_of(r, &m) != NONE; i++)
		m = r->model.m[i];
	snprintf(id, sizeof(id), "0FFFF%X", 0xA000 + r->moved++);
	memcpy(m.id, id, sizeof(m.id));
	model_tell(r->whole.w.ix, &m);
	if (r->moved % 2 == 0)
		index_remove(r->whole.w.ix, slice_of(id));
}

static void round_start(struct round *r, unsigned seed)
{
	struct index *unused = index_create();

	*r = (struct round){.seed = seed};
	srandom(seed);
	strcpy(r->folder, "/tmp/postroom-scope-test-XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	new_scope(r);
	make_model(r, unused);
	index_free(unused);
	start_side(r, &r->whole, "whole");
	start_side(r, &r->part, "part");
	for (size_t i = 0; i < r->model.count; i++) {
		struct model_message seen;
		bool whole;

		model_tell(r->whole.w.ix, &r->model.m[i]);
		if (model_cut(&r->model.m[i], r->scope, &seen, &whole))
			model_tell(r->part.w.ix, &seen);
	}
	work_outside(r);
	r->whole.w.caller.scope = r->part.w.caller.scope = buffer_string(&r->scope_text);
}

static void end_side(struct side *s)
{
	world_end(&s->w);
	buffer_free(&s->answer);
}

static void round_end(struct round *r)
{
	char command[100];

	end_side(&r->whole);
	end_side(&r->part);
	snprintf(command, sizeof(command), "rm -rf %s", r->folder);
	assert_int_equal(system(command), 0);
	model_free(&r->model);
	filter_free(r->scope);
	buffer_free(&r->scope_text);
	buffer_free(&r->filter);
}

/* ---- The same but for times and references ---- */

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof(*(list)))

/* A number becomes its place among those that were told on this side. */
static json_t *place_of(struct side *s, const json_t *value)
{
	char text[64];
	size_t i = 0;

	if (json_is_string(value))
		snprintf(text, sizeof(text), "%s", json_string_value(value));
	else
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
	while (i < s->told_count && strcmp(s->told[i], text) != 0)
		i++;
	assert_true(i < sizeof(s->told) / sizeof(*s->told));
	if (i == s->told_count)
		snprintf(s->told[s->told_count++], sizeof(s->told[0]), "%s", text);
	return json_sprintf("number %zu", i);
}

static void make_plain(struct side *s, json_t *json, int numbers)
{
	static const char *const times[] = {"as_of", "age", "created", "started", "finished", "at",
	    "undo_until", "took_ms", "reference"};
	static const char *const counted[] = {"generation", "current_generation", "view", "job"};
	static const char *const numbered[] = {"id", "undoes", "next", "incident", "version"};
	const char *name;
	json_t *value;
	void *next;
	size_t i;

	if (json_is_array(json))
		json_array_foreach(json, i, value) make_plain(s, value, numbers);
	json_object_foreach_safe(json, next, name, value)
	{
		bool is_number =
		    IS_ONE_OF(name, counted) || (numbers == NUMBERED && IS_ONE_OF(name, numbered));

		if (IS_ONE_OF(name, times) && !json_is_null(value))
			json_object_set_new(json, name, json_string("some time"));
		else if (is_number && (json_is_string(value) || json_is_integer(value)))
			json_object_set_new(json, name, place_of(s, value));
		else
			make_plain(s, value, numbers);
	}
}

/* What is printed has its time in a sentence. */
static char *plain_text(struct side *s, int numbers)
{
	json_t *json = json_loadb(s->answer.data, s->answer.len, 0, NULL);
	ptrdiff_t printed = slice_find(buffer_slice(&s->answer), SLICE("Printed "));
	char *text;

	if (json == NULL && printed >= 0)
		memset(s->answer.data + printed + 8, 'T', 20);
	if (json == NULL)
		return memory_strndup(s->answer.data, s->answer.len);
	make_plain(s, json, numbers);
	text = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	return text;
}

/* ---- Asking ---- */

static const char *value_of(const struct round *r, const struct side *s, const char *name)
{
	static char number[32];

	if (strcmp(name, "in") == 0)
		return r->in;
	if (strcmp(name, "mixed") == 0)
		return r->mixed;
	if (strcmp(name, "out") == 0)
		return r->out;
	if (strcmp(name, "filter") == 0)
		return buffer_string((struct buffer *)(uintptr_t)&r->filter);
	if (strcmp(name, "incident") == 0 || strcmp(name, "hidden") == 0) {
		int64_t id = strcmp(name, "hidden") == 0 ? s->hidden_incident : s->incident;

		snprintf(number, sizeof(number), "%lld",
		    (long long)numbers_shown(
			s->w.api.numbers, NUMBER_INCIDENT, id != 0 ? id : 4000));
		return number;
	}
	if (strcmp(name, "other") == 0) {
		/* The number that he would have for somebody else's job; in the part, for none. */
		snprintf(number, sizeof(number), "%lld",
		    (long long)numbers_shown(
			s->w.api.numbers, NUMBER_JOB, s == &r->whole ? 1 : 4000));
		return number;
	}
	for (size_t i = 0; i < s->kept_count; i++)
		if (strcmp(s->kept[i].name, name) == 0)
			return s->kept[i].value;
	return "none";
}

static void append_encoded(struct buffer *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (isalnum((unsigned char)*text))
			buffer_append_char(out, *text);
		else
			buffer_printf(out, "%%%02X", (unsigned char)*text);
}

static void fill_in(
    const struct round *r, const struct side *s, const char *text, bool encode, struct buffer *out)
{
	while (*text != '\0') {
		const char *end = *text == '{' ? strchr(text, '}') : NULL;
		char name[32];

		/* A member of JSON begins with a quote. */
		if (end == NULL || end - text < 2 || text[1] == '"' ||
		    end - text > (ptrdiff_t)sizeof(name)) {
			buffer_append_char(out, *text++);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(end - text - 1), text + 1);
		if (encode)
			append_encoded(out, value_of(r, s, name));
		else
			buffer_append_string(out, value_of(r, s, name));
		text = end + 1;
	}
}

static void keep_id(struct side *s, const char *name)
{
	json_t *json = json_loadb(s->answer.data, s->answer.len, 0, NULL);
	json_t *id = json_object_get(json, "id");

	assert_true(s->kept_count < KEPT_MAX);
	s->kept[s->kept_count].name = name;
	if (json_is_string(id))
		snprintf(s->kept[s->kept_count].value, 64, "%s", json_string_value(id));
	else
		snprintf(
		    s->kept[s->kept_count].value, 64, "%lld", (long long)json_integer_value(id));
	s->kept_count++;
	json_decref(json);
}

static unsigned ask(struct round *r, struct side *s, const struct question *q)
{
	BUFFER_AUTO struct buffer target = {0}, body = {0};
	char method[8];

	snprintf(method, sizeof(method), "%.*s", (int)(strchr(q->route, ' ') - q->route), q->route);
	fill_in(r, s, q->target, true, &target);
	if (q->body != NULL)
		fill_in(r, s, q->body, false, &body);
	buffer_clear(&s->answer);
	return world_ask(&s->w, method, buffer_string(&target),
	    q->body != NULL ? buffer_string(&body) : NULL, &s->answer);
}

/* Shortly before the first byte that differs: a message of cmocka's is soon cut. */
static size_t difference(const char *a, const char *b)
{
	size_t at = 0;

	while (a[at] != '\0' && a[at] == b[at])
		at++;
	return at > 60 ? at - 60 : 0;
}

static void check_question(struct round *r, const struct question *q)
{
	unsigned whole, part;
	size_t from;
	char *a, *b;

	buffer_clear(&r->filter);
	model_random_filter(&r->filter);
	move_outside(r);
	whole = ask(r, &r->whole, q);
	part = ask(r, &r->part, q);
	if (q->keep != NULL) {
		keep_id(&r->whole, q->keep);
		keep_id(&r->part, q->keep);
	}
	a = plain_text(&r->whole, q->numbers);
	b = plain_text(&r->part, q->numbers);
	from = difference(a, b);
	if (whole != part || strcmp(a, b) != 0)
		fail_msg("%s %s is not as in a queue without the rest; MODEL_SEED=%u, scope %s, "
			 "filter %s\n%u ... %.250s\n%u ... %.250s",
		    q->route, q->target, r->seed, buffer_string(&r->scope_text),
		    buffer_string(&r->filter), whole, a + from, part, b + from);
	free(a);
	free(b);
}

static unsigned first_seed(void)
{
	const char *set = getenv("MODEL_SEED");

	return set != NULL ? (unsigned)strtoul(set, NULL, 10) : 1;
}

static void test_answers(void **state)
{
	(void)state;
	for (unsigned seed = first_seed(); seed < first_seed() + SEEDS; seed++) {
		struct round *r = memory_zero(1, sizeof(*r));

		round_start(r, seed);
		for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
			check_question(r, &questions[i]);
		round_end(r);
		free(r);
	}
}

/* ---- Every route ---- */

static bool is_asked(const char *route)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
		if (strcmp(questions[i].route, route) == 0)
			return true;
	return IS_ONE_OF(route, streams);
}

static void check_refusal(struct round *r, const struct http_route *route, const char *method)
{
	BUFFER_AUTO struct buffer target = {0};

	fill_in(r, &r->whole, route->path, true, &target);
	buffer_clear(&r->whole.answer);
	assert_int_equal(world_ask(&r->whole.w, method, buffer_string(&target),
			     route->body_max > 0 ? "{}" : NULL, &r->whole.answer),
	    403);
	assert_true(
	    slice_find(buffer_slice(&r->whole.answer), SLICE("\"code\": \"forbidden\"")) > 0 ||
	    slice_find(buffer_slice(&r->whole.answer), SLICE("\"code\":\"forbidden\"")) > 0);
}

static void check_route(struct round *r, const struct http_route *route)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
	const char *method = methods[route->method];
	char name[120];

	snprintf(name, sizeof(name), "%s %s", method, route->path);
	if (route->right == RIGHT_PUBLIC)
		return; /* nobody has shown who he is */
	if (route->within == SCOPE_REFUSED)
		check_refusal(r, route, method);
	else if (route->within == SCOPE_NO_MAIL ? !IS_ONE_OF(name, no_mail) : !is_asked(name))
		fail_msg(
		    "%s is not refused to whoever has a scope, and no question here asks it", name);
}

static void test_every_route(void **state)
{
	struct round *r = memory_zero(1, sizeof(*r));
	const struct http_route *const *tables;
	size_t count;

	(void)state;
	tables = api_tables(&count);
	round_start(r, 1);
	for (size_t i = 0; i < count; i++)
		for (const struct http_route *route = tables[i]; route->path != NULL; route++)
			check_route(r, route);
	round_end(r);
	free(r);
}

/* ---- Events ---- */

static struct round *streaming;

static void happens_outside(struct world *w)
{
	struct job_row job = {.id = 77, .action = JOB_HOLD, .state = JOB_RUNNING, .who = "Aester"};

	if (w == &streaming->whole.w)
		move_outside(streaming);
	if (w == &streaming->whole.w)
		api_jobs_changed(&w->api, &job);
	queue_events_changed(&w->api);
}

/* Much happens outside; one message of his leaves; then the end of it is marked by a job of his. */
static void happens(struct world *w)
{
	struct job_row job = {
	    .id = w == &streaming->whole.w ? 78 : 1, .action = JOB_HOLD, .state = JOB_DONE};

	for (int i = 0; i < 5; i++)
		happens_outside(w);
	index_remove(w->ix, slice_of(streaming->in));
	queue_events_changed(&w->api);
	for (int i = 0; i < 5; i++)
		happens_outside(w);
	snprintf(job.scope, sizeof(job.scope), "%s", w->caller.scope);
	snprintf(job.note, sizeof(job.note), "the end");
	api_jobs_changed(&w->api, &job);
}

/* The events, without numbers and times. */
static void read_events(struct side *s, struct buffer *out)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, line;

	world_stream(&s->w, "/api/v1/events", happens, "the end\"", &text);
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line)) {
		json_t *json;
		char *data;

		if (!slice_starts_with(line, "data: ")) {
			/* Nor has an event a number that would count those of others. */
			assert_false(slice_starts_with(line, "id:"));
			if (slice_starts_with(line, "event: "))
				buffer_printf(out, "%.*s\n", SLICE_ARGS(line));
			continue;
		}
		json = json_loadb(line.data + 6, line.len - 6, 0, NULL);
		assert_non_null(json);
		make_plain(s, json, NUMBERED);
		data = json_dumps(json, JSON_COMPACT);
		buffer_printf(out, "%s\n", data);
		free(data);
		json_decref(json);
	}
}

static void test_events(void **state)
{
	(void)state;
	for (unsigned seed = first_seed(); seed < first_seed() + SEEDS; seed++) {
		BUFFER_AUTO struct buffer whole = {0}, part = {0};
		struct round *r = memory_zero(1, sizeof(*r));

		round_start(r, seed);
		streaming = r;
		read_events(&r->whole, &whole);
		read_events(&r->part, &part);
		assert_string_equal(buffer_string(&whole), buffer_string(&part));
		assert_true(slice_find(buffer_slice(&part), SLICE("event: job")) > 0);
		round_end(r);
		free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_route),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
