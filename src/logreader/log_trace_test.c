/* Traces over generated logs in several forms, rotated and compressed, against an oracle that knows
 * nothing of the index: it goes through all lines, one after the other, with string functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "logreader/log_trace.h"

/* 2026-11-22T00:00:00Z */
#define START_S INT64_C(1795305600)
#define SECOND INT64_C(1000000)
#define MESSAGES 1500
#define FILES 5

static char folder[64];

/* ---- a world: what happens to messages, as log lines ---- */

struct line {
	int64_t us;
	size_t seq; /* as they were made: the order of lines of one time */
	const char *process;
	char *text;
};

struct world {
	struct line *lines;
	size_t count, room;
	uint64_t seed;
	bool whole_seconds;
};

static uint32_t dice(struct world *w, uint32_t sides)
{
	/* Numerical Recipes' generator: the same world for the same seed, everywhere. */
	w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(w->seed >> 33) % sides;
}

__attribute__((format(printf, 4, 5))) static void say(
    struct world *w, int64_t us, const char *process, const char *format, ...)
{
	char text[2000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (w->count == w->room) {
		w->room = w->room > 0 ? w->room * 2 : 1024;
		w->lines = memory_resize(w->lines, w->room, sizeof(*w->lines));
	}
	w->lines[w->count] = (struct line){
	    w->whole_seconds ? us / SECOND * SECOND : us, w->count, process, memory_strdup(text)};
	w->count++;
}

static void make_id(struct world *w, char id[32])
{
	/* Few enough that some are used again. */
	snprintf(id, 32, "%05X%05X", dice(w, 1000000), 0x40000 + dice(w, 3000));
}

static const char *const domains[] = {
    "popular.example", "popular.example", "popular.example", "Big.Example", "small.example"};

static void make_address(struct world *w, char address[64])
{
	uint32_t which = dice(w, 8);

	if (which < 5)
		snprintf(address, 64, "u%u@%s", dice(w, 200), domains[which]);
	else
		snprintf(address, 64, "User%u@d%u.example", dice(w, 50), dice(w, 300));
}

struct mail {
	char id[32], message_id[64], sender[64], to[3][64];
	uint32_t recipients;
	int64_t us;
};

static void take_in_from(struct world *w, struct mail *m, const char *client, const char *more)
{
	say(w, m->us, "smtpd", "%s: client=%s%s", m->id, client, more);
	m->us += dice(w, 200000);
	say(w, m->us, "cleanup", "%s: message-id=<%s>", m->id, m->message_id);
	m->us += dice(w, 50000);
}

static void take_in(struct world *w, struct mail *m, const char *more)
{
	char client[64];

	snprintf(client, sizeof(client), "c%u.example[192.0.2.%u]", dice(w, 9), dice(w, 200));
	take_in_from(w, m, client, more);
}

static void activate(struct world *w, struct mail *m)
{
	say(w, m->us, "qmgr", "%s: from=<%s>, size=%u, nrcpt=%u (queue active)", m->id, m->sender,
	    400 + dice(w, 90000), m->recipients);
	m->us += dice(w, 300000);
}

static void attempt_at(struct world *w, struct mail *m, uint32_t n, const char *relay,
    const char *status, const char *reply)
{
	bool alias = dice(w, 10) == 0;

	say(w, m->us, dice(w, 6) == 0 ? "lmtp" : "smtp",
	    "%s: to=<%s>,%s relay=%s, delay=%u.%u, delays=0.1/0.2/0.3/0.4, dsn=%s, status=%s (%s)",
	    m->id, m->to[n], alias ? " orig_to=<alias@shop.example>," : "", relay, dice(w, 90),
	    dice(w, 9), strcmp(status, "sent") == 0 ? "2.0.0" : "4.2.0", status, reply);
	m->us += dice(w, 400000);
}

static void attempt(
    struct world *w, struct mail *m, uint32_t n, const char *status, const char *reply)
{
	char relay[64];

	snprintf(relay, sizeof(relay), "mx%u.example[198.51.100.%u]:25", dice(w, 30), dice(w, 200));
	attempt_at(w, m, n, relay, status, reply);
}

static void deliver(struct world *w, struct mail *m, uint32_t n)
{
	char reply[100];

	snprintf(reply, sizeof(reply), "250 2.0.0 Ok: queued as R%08X", dice(w, 1u << 30));
	attempt(w, m, n, "sent", reply);
}

static void leave(struct world *w, struct mail *m)
{
	say(w, m->us, "qmgr", "%s: removed", m->id);
	m->us += 2 * SECOND;
}

/* Deferred for hours or days, a few times. */
static void wait(struct world *w, struct mail *m)
{
	for (uint32_t tries = 1 + dice(w, 4); tries > 0; tries--) {
		activate(w, m);
		for (uint32_t n = 0; n < m->recipients; n++)
			attempt(w, m, n, "deferred",
			    "host mx.example[198.51.100.1] said: 450 4.2.0 Greylisted");
		m->us += (300 + dice(w, 20000)) * SECOND;
	}
}

/* What may become of it before anything was tried. True when that is all. */
static bool stays_behind_filter(struct world *w, struct mail *back)
{
	uint32_t what = dice(w, 8);

	if (what == 1 || what == 2)
		say(w, back->us, "postsuper", "%s: placed on hold", back->id);
	back->us += SECOND;
	if (what == 2 || what == 3)
		say(w, back->us, "postsuper", "%s: removed", back->id);
	return what < 4;
}

/* `named`: it says under which ID it gave the mail back. Else it may be known by its address. */
static void go_through_filter(struct world *w, struct mail *m, bool named)
{
	bool at_home = dice(w, 2) == 0;
	struct mail back = *m;
	char more[100] = "", reply[100] = "250 2.0.0 Ok", client[64];

	make_id(w, back.id);
	activate(w, m);
	back.us = m->us;
	if (dice(w, 3) == 0)
		snprintf(more, sizeof(more), ", orig_queue_id=%s, orig_client=c[192.0.2.1]", m->id);
	snprintf(client, sizeof(client), "localhost[127.0.0.%d]", at_home ? 1 : 2);
	take_in_from(w, &back, client, more);
	activate(w, &back);
	if (named)
		snprintf(reply, sizeof(reply),
		    "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as %s",
		    back.id);
	/* The end of the one and the rest of the other, in either order. */
	m->us = back.us + dice(w, 900000);
	attempt_at(w, m, 0, "127.0.0.1[127.0.0.1]:10024", "sent", reply);
	leave(w, m);
	if (stays_behind_filter(w, &back))
		return;
	deliver(w, &back, 0);
	leave(w, &back);
}

static void requeue(struct world *w, struct mail *m)
{
	char old[32];

	say(w, m->us, "postsuper", "%s: requeued", m->id);
	m->us += dice(w, 40) * SECOND;
	memcpy(old, m->id, sizeof(old));
	make_id(w, m->id);
	say(w, m->us, "pickup", "%s: uid=0 from=<%s> orig_id=%s", m->id, m->sender, old);
	m->us += 1000;
	say(w, m->us, "cleanup", "%s: message-id=<%s>", m->id, m->message_id);
	m->us += 1000;
}

static void send_mail(struct world *w, uint32_t number)
{
	struct mail m = {
	    .us = START_S * SECOND + (int64_t)number * 170 * SECOND + dice(w, 1000000)};
	char more[100] = "";

	make_id(w, m.id);
	make_address(w, m.sender);
	snprintf(m.message_id, sizeof(m.message_id), "M%u.%u@d%u.example", number, dice(w, 999),
	    dice(w, 300));
	m.recipients = 1 + dice(w, 3);
	for (uint32_t n = 0; n < m.recipients; n++) {
		make_address(w, m.to[n]);
		for (uint32_t other = 0; other < n; other++)
			if (strcasecmp(m.to[n], m.to[other]) == 0)
				snprintf(
				    m.to[n], sizeof(m.to[n]), "one%u.%u@small.example", number, n);
	}
	if (dice(w, 4) == 0)
		snprintf(more, sizeof(more), ", sasl_method=PLAIN, sasl_username=%s", m.sender);
	take_in(w, &m, more);
	switch (dice(w, 12)) {
	case 0: /* still waits */
		wait(w, &m);
		return;
	case 1: /* expires */
		wait(w, &m);
		say(w, m.us, "qmgr", "%s: from=<%s>, status=expired, returned to sender", m.id,
		    m.sender);
		leave(w, &m);
		return;
	case 2: /* deleted */
		wait(w, &m);
		say(w, m.us, "postsuper", "%s: removed", m.id);
		return;
	case 3: /* held, and perhaps released */
		wait(w, &m);
		say(w, m.us, "postsuper", "%s: placed on hold", m.id);
		m.us += 5 * SECOND;
		if (dice(w, 2) == 0)
			return;
		say(w, m.us, "postsuper", "%s: released from hold", m.id);
		break;
	case 4:
		wait(w, &m);
		requeue(w, &m);
		break;
	case 5:
	case 6:
		m.recipients = 1;
		go_through_filter(w, &m, dice(w, 2) == 0);
		return;
	case 7:
		wait(w, &m);
		break;
	default:
		break;
	}
	activate(w, &m);
	for (uint32_t n = 0; n < m.recipients; n++) {
		if (dice(w, 9) == 0)
			attempt(w, &m, n, "bounced",
			    "host mx.example[198.51.100.1] said: 550 5.1.1 No");
		else
			deliver(w, &m, n);
	}
	leave(w, &m);
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->us != y->us)
		return x->us < y->us ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void make_world(struct world *w, uint64_t seed, bool whole_seconds)
{
	*w = (struct world){.seed = seed, .whole_seconds = whole_seconds};
	for (uint32_t i = 0; i < MESSAGES; i++)
		send_mail(w, i);
	qsort(w->lines, w->count, sizeof(*w->lines), by_time);
}

static void free_world(struct world *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->lines[i].text);
	free(w->lines);
}

/* ---- files ---- */

enum form { FORM_CLASSIC, FORM_RFC3339, FORM_RFC5424, FORM_JOURNAL, FORMS };

static void put_line(struct buffer *b, const struct line *l, enum form form)
{
	time_t seconds = (time_t)(l->us / SECOND);
	struct tm tm;
	char day[32], iso[32];

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "%b %e %H:%M:%S", &tm);
	strftime(iso, sizeof(iso), "%Y-%m-%dT%H:%M:%S", &tm);
	if (form == FORM_CLASSIC)
		buffer_printf(b, "%s mx1 postfix/%s[77]: %s\n", day, l->process, l->text);
	else if (form == FORM_RFC3339)
		buffer_printf(b, "%s.%06d+00:00 mx1 postfix/%s[77]: %s\n", iso,
		    (int)(l->us % SECOND), l->process, l->text);
	else if (form == FORM_RFC5424)
		buffer_printf(b, "<22>1 %s.%06dZ mx1 postfix/%s 77 - - %s\n", iso,
		    (int)(l->us % SECOND), l->process, l->text);
	else
		buffer_printf(b,
		    "{\"__REALTIME_TIMESTAMP\":\"%lld\",\"SYSLOG_IDENTIFIER\":\"postfix/%s\","
		    "\"SYSLOG_PID\":\"77\",\"_HOSTNAME\":\"mx1\",\"MESSAGE\":\"%s\"}\n",
		    (long long)l->us, l->process, l->text);
}

static int open_file(unsigned number, const char *ending)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/log.%u%s", folder, number, ending);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void write_plain(unsigned number, const struct buffer *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/log.%u", folder, number);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && fd_write_all(fd, text->data, text->len));
	fd_close(&fd);
}

/* The older files are compressed, in a form for each, by the programs that logrotate uses. A form
 * that this machine or this build does not have stays plain; gzip is always there. */
static const char *const endings[FILES] = {".xz", ".zst", ".gz", "", ""};

static int write_file(unsigned number, const struct buffer *text)
{
	static const char *const packers[FILES] = {"xz -kf0", "zstd -qkf", "gzip -kf", "", ""};
	struct log_stream *stream;
	char command[256];
	int fd;

	write_plain(number, text);
	snprintf(
	    command, sizeof(command), "%s %s/log.%u 2>/dev/null", packers[number], folder, number);
	if (packers[number][0] != '\0' && system(command) == 0) {
		fd = open_file(number, endings[number]);
		stream = log_stream_open(fd, log_stream_format(fd), NULL, 0, NULL);
		if (stream != NULL) {
			log_stream_close(&stream);
			return fd;
		}
		fd_close(&fd);
	}
	return open_file(number, "");
}

static void ignore_line(
    void *context, struct log_source *source, const struct log_line *line, uint64_t offset)
{
	(void)context;
	(void)source;
	(void)line;
	(void)offset;
}

/* Cut into files at places of no meaning, the older ones compressed. */
static void make_index(struct log_index *index, const struct world *w, enum form form)
{
	/* In percent. The first one has more lines of a popular domain than are kept at once. */
	static const size_t parts[FILES + 1] = {0, 60, 80, 90, 95, 100};

	log_index_init(index);
	for (unsigned file = 0; file < FILES; file++) {
		BUFFER_AUTO struct buffer text = {0};
		size_t from = w->count * parts[file] / 100, to = w->count * parts[file + 1] / 100;
		struct log_source *s;

		for (size_t i = from; i < to; i++)
			put_line(&text, &w->lines[i], form);
		s = log_index_add(index, 0, "log");
		log_source_set_file(s, write_file(file, &text), &index->key);
		s->clock.reference_s = START_S + 20 * 86400;
		s->grows = file == FILES - 1;
		while (log_source_step(s, &index->key, ignore_line, NULL))
			;
	}
	assert_true(log_index_complete(index));
}

/* ---- the oracle ---- */

struct oracle_life {
	char id[32], message_id[64], client[64];
	int64_t message_id_us, begun_us;
	bool by_client, removed;
	size_t group; /* as a number of a life */
	size_t first; /* number of its first line */
};

struct oracle {
	const struct world *w;
	struct oracle_life *lives;
	size_t count;
	size_t *life_of; /* of each line */
};

/* What stands behind `name` up to `end`; empty where it does not stand there. */
static const char *value(const char *text, const char *name, char end, char out[300])
{
	const char *at = strstr(text, name), *stop;

	out[0] = '\0';
	if (at == NULL)
		return out;
	at += strlen(name);
	stop = end != '\0' ? strchr(at, end) : NULL;
	snprintf(out, 300, "%.*s", (int)(stop != NULL ? stop - at : (long)strlen(at)), at);
	return out;
}

static size_t latest_life(const struct oracle *o, const char *id)
{
	for (size_t i = o->count; i > 0; i--)
		if (strcmp(o->lives[i - 1].id, id) == 0)
			return i - 1;
	return SIZE_MAX;
}

static void unite(struct oracle *o, size_t a, size_t b)
{
	size_t from = o->lives[a].group, to = o->lives[b].group;

	for (size_t i = 0; i < o->count; i++)
		if (o->lives[i].group == from)
			o->lives[i].group = to;
}

static bool says(const char *text, const char *what)
{
	return strstr(text, what) != NULL;
}

/* Which life a line is of: an ID is another message's once it was removed. */
static void find_lives(struct oracle *o, const struct world *w)
{
	*o = (struct oracle){.w = w};
	o->lives = memory_zero(w->count, sizeof(*o->lives));
	o->life_of = memory_zero(w->count, sizeof(*o->life_of));
	for (size_t i = 0; i < w->count; i++) {
		const struct line *l = &w->lines[i];
		struct oracle_life *life;
		char id[32], text[300];
		size_t at;

		snprintf(id, sizeof(id), "%.*s", (int)strcspn(l->text, ":"), l->text);
		at = latest_life(o, id);
		if (at == SIZE_MAX || o->lives[at].removed || says(l->text, ": client=") ||
		    says(l->text, ": uid=")) {
			at = o->count++;
			o->lives[at] = (struct oracle_life){.group = at, .first = i};
			memcpy(o->lives[at].id, id, sizeof(id));
		}
		o->life_of[i] = at;
		life = &o->lives[at];
		if (says(l->text, ": client=")) {
			life->by_client = true;
			life->begun_us = l->us;
			snprintf(life->client, sizeof(life->client), "%.63s",
			    value(l->text, "[", ']', text));
		}
		if (value(l->text, ": message-id=<", '>', text)[0] != '\0') {
			snprintf(life->message_id, sizeof(life->message_id), "%.63s", text);
			life->message_id_us = l->us;
		}
		life->removed |= says(l->text, ": removed");
		if (value(l->text, " orig_id=", '\0', text)[0] != '\0' ||
		    value(l->text, " orig_queue_id=", ',', text)[0] != '\0') {
			size_t old = latest_life(o, text);

			if (old != SIZE_MAX)
				unite(o, at, old);
		}
	}
}

static void find_groups(struct oracle *o)
{
	for (size_t i = 0; i < o->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(o->lives[i].message_id, o->lives[j].message_id) == 0 &&
			    llabs(o->lives[i].message_id_us - o->lives[j].message_id_us) <=
				60 * SECOND)
				unite(o, i, j);
}

static bool same_address(const char *text, const char *name, const char *asked)
{
	char address[300];
	const char *at;

	if (value(text, name, '>', address)[0] == '\0')
		return false;
	at = strrchr(address, '@');
	return strcasecmp(address, asked) == 0 || (at != NULL && strcasecmp(at + 1, asked) == 0);
}

static bool has(const char *line, const char *asked)
{
	char text[300];
	const char *at;
	size_t id = strcspn(line, ":");

	if (strlen(asked) == id && strncmp(line, asked, id) == 0)
		return true;
	if (same_address(line, ": to=<", asked) || same_address(line, " orig_to=<", asked) ||
	    same_address(line, " from=<", asked))
		return true;
	if (strcmp(value(line, ": message-id=<", '>', text), asked) == 0 ||
	    strcmp(value(line, " orig_id=", '\0', text), asked) == 0 ||
	    strcmp(value(line, " orig_queue_id=", ',', text), asked) == 0 ||
	    strcmp(value(line, "queued as ", ')', text), asked) == 0)
		return true;
	value(line, "sasl_username=", '\0', text);
	at = strrchr(text, '@');
	return strcasecmp(text, asked) == 0 || (at != NULL && strcasecmp(at + 1, asked) == 0);
}

/* One message of an answer, as one text: both sides write it and are compared. */
struct answer {
	int64_t last_us;
	char id[32];
	char *text;
};

struct answers {
	struct answer item[4000];
	size_t count;
};

static void free_answers(struct answers *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->item[i].text);
	a->count = 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;

	if (x->last_us != y->last_us)
		return x->last_us > y->last_us ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* What has become of a life of which no attempt is told; NULL where one is. */
static const char *oracle_untried(const struct oracle *o, size_t life)
{
	const char *result = "queued";

	for (size_t i = 0; i < o->w->count; i++) {
		const struct line *l = &o->w->lines[i];

		if (o->life_of[i] != life)
			continue;
		if (says(l->text, ": to=<"))
			return NULL;
		if (says(l->text, "placed on hold"))
			result = "held";
		if (says(l->text, ": removed"))
			result = strcmp(l->process, "postsuper") == 0 ? "deleted" : "delivered";
	}
	return result;
}

/* The same of a recipient whose mail was taken: a filter may have given it back, known by the ID
 * that it says, or by the address that it was taken at. */
static const char *oracle_taken(const struct oracle *o, size_t group, const char *address)
{
	size_t took = SIZE_MAX;
	char text[300], id[300], relay[300];

	for (size_t i = 0; i < o->w->count; i++)
		if (o->lives[o->life_of[i]].group == group &&
		    strcasecmp(value(o->w->lines[i].text, ": to=<", '>', text), address) == 0 &&
		    (took == SIZE_MAX || o->life_of[i] >= o->life_of[took]))
			took = i;
	value(o->w->lines[took].text, "queued as ", ')', id);
	value(strstr(o->w->lines[took].text, " relay="), "[", ']', relay);
	for (size_t i = 0; i < o->count; i++) {
		const char *untried;

		if (o->lives[i].group != group || i <= o->life_of[took] ||
		    (strcmp(o->lives[i].id, id) != 0 && strcmp(o->lives[i].client, relay) != 0))
			continue;
		untried = oracle_untried(o, i);
		if (untried != NULL)
			return untried;
	}
	return "delivered";
}

/* How a recipient ended: the last that the newest life with it says; then what is said of that life
 * as a whole, later. */
static const char *oracle_result(const struct oracle *o, size_t group, const char *address)
{
	const char *result = "none";
	size_t told = SIZE_MAX, at = 0;

	for (size_t i = 0; i < o->w->count; i++) {
		const char *text = o->w->lines[i].text;
		size_t life = o->life_of[i];
		char to[300], state[300];

		if (o->lives[life].group != group)
			continue;
		value(text, ": to=<", '>', to);
		if (strcasecmp(to, address) == 0 && (told == SIZE_MAX || life >= told)) {
			value(text, " status=", ' ', state);
			result = strcmp(state, "sent") == 0	 ? "delivered"
				 : strcmp(state, "bounced") == 0 ? "bounced"
								 : "deferred";
			told = life;
			at = i;
		}
	}
	if (strcmp(result, "delivered") == 0)
		return oracle_taken(o, group, address);
	if (strcmp(result, "deferred") != 0)
		return result;
	for (size_t i = at; i < o->w->count; i++) {
		const char *text = o->w->lines[i].text;
		char old[300];

		if (strcmp(value(text, " orig_id=", '\0', old), o->lives[told].id) == 0) {
			told = o->life_of[i];
			result = "queued";
		}
		if (o->life_of[i] != told)
			continue;
		if (says(text, ": removed") && strcmp(o->w->lines[i].process, "postsuper") == 0)
			return "deleted";
		if (says(text, "status=expired"))
			return "expired";
		if (says(text, "placed on hold"))
			result = "held";
		if (says(text, "released from hold"))
			result = "deferred";
	}
	return result;
}

static int by_text(const void *a, const void *b)
{
	return strcasecmp(a, b);
}

/* The message of a group, where one of its lines has what is asked. */
static void oracle_message(
    const struct oracle *o, size_t group, const char *asked, struct answers *out)
{
	BUFFER_AUTO struct buffer text = {0};
	struct answer *a = &out->item[out->count];
	char to[64][64];
	size_t count = 0;
	bool any = false;

	*a = (struct answer){.last_us = INT64_MIN};
	for (size_t i = 0; i < o->w->count; i++) {
		const struct line *l = &o->w->lines[i];
		char address[300];
		bool known = false;

		if (o->lives[o->life_of[i]].group != group)
			continue;
		if (has(l->text, asked)) {
			any = true;
			a->last_us = l->us > a->last_us ? l->us : a->last_us;
		}
		if (value(l->text, ": to=<", '>', address)[0] == '\0')
			continue;
		for (size_t j = 0; j < count && !known; j++)
			known = strcasecmp(to[j], address) == 0;
		if (!known && count < 64)
			snprintf(to[count++], 64, "%.63s", address);
	}
	if (!any)
		return;
	for (size_t i = 0; i < o->count; i++)
		if (o->lives[i].group == group) {
			if (a->id[0] == '\0')
				memcpy(a->id, o->lives[i].id, sizeof(a->id));
			buffer_printf(&text, "%s ", o->lives[i].id);
		}
	qsort(to, count, sizeof(to[0]), by_text);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&text, "| %s %s ", to[i], oracle_result(o, group, to[i]));
	a->text = memory_strdup(buffer_string(&text));
	out->count++;
}

static void ask_oracle(const struct oracle *o, const char *asked, struct answers *out)
{
	bool *named = memory_zero(o->count, sizeof(*named));

	out->count = 0;
	for (size_t i = 0; i < o->w->count; i++)
		if (has(o->w->lines[i].text, asked))
			named[o->lives[o->life_of[i]].group] = true;
	for (size_t i = 0; i < o->count; i++)
		if (named[i])
			oracle_message(o, i, asked, out);
	free(named);
	qsort(out->item, out->count, sizeof(out->item[0]), newest_first);
}

/* ---- the trace ---- */

struct listener {
	struct answers *out;
	struct buffer ids;
	char recipients[LOG_TRACE_RECIPIENTS_MAX][128];
	size_t count;
	bool open;
	struct log_trace_end end;
};

static void close_message(struct listener *l)
{
	struct answer *a = &l->out->item[l->out->count];

	if (!l->open)
		return;
	qsort(l->recipients, l->count, sizeof(l->recipients[0]), by_text);
	for (size_t i = 0; i < l->count; i++)
		buffer_printf(&l->ids, "| %s ", l->recipients[i]);
	a->text = memory_strdup(buffer_string(&l->ids));
	l->out->count++;
	l->open = false;
	l->count = 0;
	buffer_clear(&l->ids);
}

static void on_frame(void *context, const struct buffer *bytes)
{
	static const char *const names[] = {
	    "unknown", "queued", "deferred", "held", "delivered", "bounced", "expired", "deleted"};
	struct listener *l = context;
	struct log_traced_message m;
	struct log_traced_recipient r;
	struct frame frame;
	struct cursor c;

	assert_true(frame_parse(bytes->data, bytes->len, &frame));
	assert_int_equal(frame.request, 7);
	c = frame_cursor(&frame);
	if (frame.type == LOG_PROTO_TRACED) {
		struct answer *a;

		close_message(l);
		a = &l->out->item[l->out->count];
		assert_true(log_trace_get_message(&c, &m));
		*a = (struct answer){.last_us = m.last_us};
		snprintf(a->id, sizeof(a->id), "%.*s", SLICE_ARGS(m.ids[0]));
		for (size_t i = 0; i < m.id_count; i++)
			buffer_printf(&l->ids, "%.*s ", SLICE_ARGS(m.ids[i]));
		l->open = true;
	} else if (frame.type == LOG_PROTO_TRACED_RECIPIENTS) {
		while (log_trace_get_recipient(&c, &r))
			snprintf(l->recipients[l->count++], 128, "%.*s %s", SLICE_ARGS(r.address),
			    names[r.result]);
	} else {
		assert_int_equal(frame.type, LOG_PROTO_TRACE_END);
		close_message(l);
		assert_true(log_trace_get_end(&c, &l->end));
	}
}

static struct log_trace_end ask(
    struct log_index *index, const struct log_trace_question *question, struct answers *out)
{
	struct listener l = {.out = out};
	struct log_trace *trace = log_trace_create(question, SLICE("postfix"), index);

	while (!log_trace_step(trace, index))
		;
	log_trace_answer(
	    trace, 7, &(struct log_trace_end){.complete = true, .error = SLICE("")}, on_frame, &l);
	log_trace_destroy(&trace);
	buffer_free(&l.ids);
	return l.end;
}

static void ask_all(struct log_index *index, const char *asked, uint32_t limit, struct answers *out)
{
	struct log_trace_question question = {.text = slice_of(asked),
	    .from_us = INT64_MIN,
	    .to_us = INT64_MAX,
	    .limit = limit,
	    .after = {.id = SLICE("")}};
	struct log_trace_end end = {.more = true};
	char after[32];

	out->count = 0;
	while (end.more) {
		size_t before = out->count;

		end = ask(index, &question, out);
		assert_true(end.complete);
		assert_true(out->count - before <= limit);
		assert_true(out->count > before || !end.more);
		if (out->count == before)
			break;
		memcpy(after, out->item[out->count - 1].id, sizeof(after));
		question.after =
		    (struct log_trace_place){out->item[out->count - 1].last_us, slice_of(after)};
	}
}

static void compare(const char *asked, const struct answers *want, const struct answers *got)
{
	for (size_t i = 0; i < want->count && i < got->count; i++)
		if (want->item[i].last_us != got->item[i].last_us ||
		    strcasecmp(want->item[i].text, got->item[i].text) != 0)
			fail_msg("%s, %zu:\n  want %lld %s\n  got  %lld %s", asked, i,
			    (long long)want->item[i].last_us, want->item[i].text,
			    (long long)got->item[i].last_us, got->item[i].text);
	if (want->count != got->count)
		fail_msg("%s: want %zu messages, got %zu", asked, want->count, got->count);
}

/* What there is to ask for, out of the world's own lines. */
static void pick(struct world *w, char asked[64])
{
	static const char *const names[] = {": to=<", " from=<", ": message-id=<", "queued as "};
	const char *text = w->lines[dice(w, (uint32_t)w->count)].text;
	uint32_t what = dice(w, 6);
	char found[300];
	const char *at;

	snprintf(asked, 64, "%.*s", (int)strcspn(text, ":"), text);
	if (what >= 4 || value(text, names[what], what < 3 ? '>' : ')', found)[0] == '\0')
		return;
	at = strrchr(found, '@');
	/* A domain as often as an address. */
	snprintf(asked, 64, "%.63s", what < 2 && at != NULL && dice(w, 2) == 0 ? at + 1 : found);
	if (what < 2 && dice(w, 3) == 0)
		for (char *c = asked; *c != '\0'; c++)
			*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
}

static struct answers want, got;
/* That the worlds have what is to be tried. */
static size_t compared, of_several_ids, behind_filters;

static void run_world(uint64_t seed, enum form form)
{
	static const uint32_t limits[] = {1, 3, 50, 200};
	struct world w;
	struct oracle o;
	struct log_index index;

	make_world(&w, seed, form == FORM_CLASSIC);
	make_index(&index, &w, form);
	find_lives(&o, &w);
	find_groups(&o);
	for (int i = 0; i < 40; i++) {
		char asked[64];

		pick(&w, asked);
		ask_oracle(&o, asked, &want);
		ask_all(&index, asked,
		    limits[want.count > 60 ? 2 + (unsigned)i % 2 : (unsigned)i % 4], &got);
		compare(asked, &want, &got);
		compared += got.count;
		for (size_t n = 0; n < got.count; n++) {
			bool several =
			    strchr(got.item[n].text, '|') - strchr(got.item[n].text, ' ') > 1;

			of_several_ids += several;
			behind_filters += several && strstr(got.item[n].text, "deleted") != NULL;
		}
		free_answers(&want);
		free_answers(&got);
	}
	ask_all(&index, "nobody@never.example", 50, &got);
	assert_int_equal(got.count, 0);
	log_index_free(&index);
	free(o.lives);
	free(o.life_of);
	free_world(&w);
}

static void test_classic(void **state)
{
	(void)state;
	run_world(1, FORM_CLASSIC);
	run_world(2, FORM_CLASSIC);
}

static void test_rfc3339(void **state)
{
	(void)state;
	run_world(3, FORM_RFC3339);
}

static void test_rfc5424(void **state)
{
	(void)state;
	run_world(4, FORM_RFC5424);
}

static void test_journal(void **state)
{
	(void)state;
	run_world(5, FORM_JOURNAL);
	assert_true(compared > 1000 && of_several_ids > 100 && behind_filters > 10);
}

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	snprintf(folder, sizeof(folder), "/tmp/log_trace_test.XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	char path[128];

	(void)state;
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/log.%u%s", folder, i, endings[i]);
		unlink(path);
		snprintf(path, sizeof(path), "%s/log.%u", folder, i);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classic),
	    cmocka_unit_test(test_rfc3339),
	    cmocka_unit_test(test_rfc5424),
	    cmocka_unit_test(test_journal),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
