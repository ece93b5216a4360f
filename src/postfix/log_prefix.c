/* The prefix is read word by word until the word that is the program. Nearly all lines have one of
 * two forms (a time, a host, the program; or the program at once), which are tried first.
 *
 * Other programs put what strangers sent into the same logs, and it may look like a line of
 * Postfix's. So the search ends at the first word that is another program's name, at a quote or a
 * bracket of prose, and after a few words: what follows is a text, not a prefix. */
#include "postfix/log_prefix.h"

#include <string.h>

#include "postfix/log_object.h"
#include "postfix/log_time.h"
#include "postfix/queue_id.h"

/* A program's name is short; without this bound a long line would be searched for its bracket. */
#define PROGRAM_MAX 256
/* Words before the time (a container's name, "stdout F"), and between time and program (the host, a
 * severity). */
#define WORDS_BEFORE_TIME 6
#define WORDS_BEHIND_TIME 3

static const struct slice nothing = {"", 0};

/* What logs under a name of its own in Postfix 3.4 to 3.12. Where a line has not one of the two
 * usual forms, only these are believed to be Postfix's. */
static const char *const programs[] = {"anvil", "bounce", "cleanup", "discard", "dnsblog", "error",
    "flush", "lmtp", "local", "master", "nqmgr", "oqmgr", "pickup", "pipe", "postalias", "postcat",
    "postconf", "postdrop", "postfix", "postfix-script", "postkick", "postlock", "postlog",
    "postlogd", "postmap", "postmulti", "postqueue", "postscreen", "postsuper", "proxymap", "qmgr",
    "qmqpd", "scache", "sendmail", "showq", "smtp", "smtpd", "spawn", "tlsmgr", "tlsproxy",
    "trivial-rewrite", "verify", "virtual"};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct slice *text)
{
	while (text->len > 0 && is_blank(text->data[0]))
		*text = slice_from(*text, 1);
}

/* Takes the characters before the next blank, and the blanks behind them. */
static struct slice take_word(struct slice *rest)
{
	size_t at = 0;
	struct slice word;

	while (at < rest->len && !is_blank(rest->data[at]))
		at++;
	word = slice_first(*rest, at);
	*rest = slice_from(*rest, at);
	skip_blanks(rest);
	return word;
}

static bool is_number(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
	return s.len > 0;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void set_pid(struct slice digits, struct log_prefix *out)
{
	uint64_t pid;

	out->pid = slice_to_u64(digits, &pid) && pid <= UINT32_MAX ? (uint32_t)pid : 0;
}

/* Blanks, quotes, brackets and what separates fields stand in no name. */
static bool is_name_char(char c)
{
	switch (c) {
	case '\0':
	case ' ':
	case '\t':
	case '"':
	case '\'':
	case '(':
	case ')':
	case '<':
	case '>':
	case '[':
	case ']':
	case '{':
	case '}':
	case '=':
	case '|':
	case ',':
	case ';':
	case ':':
		return false;
	default:
		return true;
	}
}

/* "postfix/smtp" or "postfix/submission/smtpd", split at its first and its last slash. */
static bool split_program(struct slice name, struct log_prefix *out)
{
	const char *last = name.len > 0 ? memrchr(name.data, '/', name.len) : NULL;
	ptrdiff_t first = slice_find_char(name, '/');

	if (last == NULL || first <= 0 || last + 1 == name.data + name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_char(name.data[i]))
			return false;
	out->instance = slice_first(name, (size_t)first);
	out->process = slice_from(name, (size_t)(last + 1 - name.data));
	return true;
}

/* Some daemons keep of "postfix/smtp" only what stands before the slash. */
static bool is_bare_instance(struct slice name)
{
	return slice_starts_with(name, "postfix") &&
	       (name.len == 7 || name.data[7] == '-' || name.data[7] == '_');
}

static bool is_known(struct slice process)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (slice_is(process, programs[i]))
			return true;
	return false;
}

/* "NAME[PID]" or "NAME"; what is not digits between the brackets is no process number. */
static struct slice cut_pid(struct slice name, struct log_prefix *out)
{
	ptrdiff_t bracket = slice_find_char(name, '[');

	if (bracket <= 0 || name.data[name.len - 1] != ']')
		return name;
	set_pid(slice_make(name.data + bracket + 1, name.len - (size_t)bracket - 2), out);
	return slice_first(name, (size_t)bracket);
}

/* "postfix/smtp[123]: text". */
static bool take_program(struct slice line, struct log_prefix *out)
{
	struct slice head = slice_first(line, PROGRAM_MAX);
	ptrdiff_t colon = slice_find(head, SLICE(": "));

	if (colon <= 0 || !split_program(cut_pid(slice_first(head, (size_t)colon), out), out))
		return false;
	out->text = slice_from(line, (size_t)colon + 2);
	return true;
}

/* Behind "<PRI>1 TIME ": "host app procid msgid sd text" (RFC 5424), from the app on. */
static bool take_rfc5424(struct slice line, struct log_prefix *out)
{
	struct slice app = take_word(&line), procid = take_word(&line);
	ptrdiff_t end;

	if (!split_program(app, out)) {
		if (!is_bare_instance(app))
			return false;
		out->instance = app;
		out->process = nothing;
	}
	if (!is_number(procid) && !slice_is(procid, "-"))
		return false;
	take_word(&line);
	set_pid(procid, out);
	if (line.len > 0 && line.data[0] == '[') {
		end = slice_find(line, SLICE("] "));
		if (end < 0)
			return false;
		line = slice_from(line, (size_t)end + 2);
	} else if (!slice_is(take_word(&line), "-")) {
		return false;
	}
	skip_blanks(&line);
	/* RFC 5424 lets a text in UTF-8 begin with a byte order mark. */
	if (slice_starts_with(line, "\xef\xbb\xbf"))
		line = slice_from(line, 3);
	out->text = line;
	return true;
}

/* "<22>" of a raw syslog line. */
static bool take_priority(struct slice *line)
{
	size_t at = 1;

	if (line->len < 3 || line->data[0] != '<')
		return false;
	while (at < line->len && at < 4 && line->data[at] >= '0' && line->data[at] <= '9')
		at++;
	if (at == 1 || at == line->len || line->data[at] != '>')
		return false;
	*line = slice_from(*line, at + 1);
	return true;
}

/* "[postfix/smtp]" of metalog, "[1:mx1:postfix/lmtp]" of a container's log daemon. */
static bool split_bracketed(struct slice word, struct log_prefix *out)
{
	struct slice inner = slice_from(word, 1), name;
	const char *colon;

	if (inner.len < 2 || inner.data[inner.len - 1] != ']')
		return false;
	inner.len--;
	colon = memrchr(inner.data, ':', inner.len);
	name = colon != NULL ? slice_from(inner, (size_t)(colon + 1 - inner.data)) : inner;
	/* A word in brackets occurs in any prose, so only a known program is believed. */
	if (!split_program(cut_pid(name, out), out) || !is_known(out->process))
		return false;
	inner = colon != NULL ? slice_first(inner, (size_t)(colon - inner.data)) : nothing;
	while (inner.len > 0 && slice_split(&inner, ':', &name))
		if (name.len > 0 && !is_number(name))
			out->host = name;
	return true;
}

/* The word is Postfix's program; `rest` is what follows it. */
static bool is_program(struct slice word, struct slice rest, struct log_prefix *out)
{
	bool colon = word.data[word.len - 1] == ':';
	struct slice name;

	if (word.data[0] == '[')
		return split_bracketed(word, out);
	if (colon)
		word.len--;
	name = cut_pid(word, out);
	if (split_program(name, out))
		return is_known(out->process);
	if (!is_bare_instance(name))
		return false;
	out->instance = name;
	out->process = nothing;
	/* "postfix[7]:", as the postfix command itself logs. Without that form the line must prove
	 * itself, by the queue ID in front. */
	if (colon && name.len < word.len)
		return true;
	word = take_word(&rest);
	return word.len > 1 && word.data[word.len - 1] == ':' &&
	       queue_id_valid(slice_first(word, word.len - 1));
}

/* "info", "[mail.info]", "<notice>:" or "mail.warn", which some daemons put before or behind the
 * program. */
static bool is_severity(struct slice word)
{
	static const char *const words[] = {"emerg", "alert", "crit", "critical", "err", "error",
	    "warn", "warning", "notice", "info", "debug"};
	const char *point;

	while (word.len > 0 && !is_word_char(word.data[0]))
		word = slice_from(word, 1);
	while (word.len > 0 && !is_word_char(word.data[word.len - 1]))
		word.len--;
	point = word.len > 0 ? memrchr(word.data, '.', word.len) : NULL;
	if (point != NULL)
		word = slice_from(word, (size_t)(point + 1 - word.data));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (slice_equal_nocase(word, slice_of(words[i])))
			return true;
	return false;
}

/* The word ends every prefix: it is another program's name, a field's, or prose. */
static bool is_foreign(struct slice word, bool timed)
{
	if (slice_is(word, "-") || memchr(word.data, '"', word.len) != NULL ||
	    memchr(word.data, '=', word.len) != NULL || memchr(word.data, '(', word.len) != NULL)
		return true;
	if (is_severity(word))
		return false;
	return word.data[word.len - 1] == ':' || (timed && word.data[0] == '[');
}

/* "mail.log:Nov 22 08:00:00", as grep puts a file's name in front. */
static bool take_time_behind_colon(
    struct slice *line, struct log_clock *clock, struct log_time *time)
{
	struct slice rest = slice_first(*line, PROGRAM_MAX);

	for (size_t i = 0; i < rest.len && !is_blank(rest.data[i]); i++) {
		struct slice behind = slice_from(*line, i + 1);

		if (rest.data[i] == ':' && log_time_take(&behind, clock, time)) {
			*line = behind;
			return true;
		}
	}
	return false;
}

/* The time of whoever logged is the best one: the outermost that has a zone. */
static bool take_time(
    struct slice *line, struct log_clock *clock, bool first, struct log_time *best)
{
	struct log_time time;

	if (!log_time_take(line, clock, &time) &&
	    !(first && take_time_behind_colon(line, clock, &time)))
		return false;
	if (best->us == LOG_TIME_UNKNOWN || (time.zoned && !best->zoned))
		*best = time;
	return true;
}

static bool begins_with_time(struct slice text, struct log_clock *clock)
{
	struct log_time time;

	return log_time_take(&text, clock, &time);
}

/* What a prefix of any form has before its program. */
static bool find_program(
    struct slice line, struct log_clock *clock, struct log_time *time, struct log_prefix *out)
{
	struct slice head = slice_first(line, PROGRAM_MAX);
	int words = WORDS_BEFORE_TIME;
	bool timed = false;

	/* Most lines of other programs have none of what a name of ours has. */
	if (slice_find_char(head, '/') < 0 && slice_find(head, SLICE("postfix")) < 0)
		return false;
	for (bool first = true; words >= 0 && line.len > 0; first = false) {
		struct slice word, before;

		take_priority(&line);
		before = line;
		if (take_time(&line, clock, first, time)) {
			words = WORDS_BEHIND_TIME;
			timed = true;
			/* What was taken for a host stood in front of another time: it named
			 * whoever passed the line on. */
			out->host = nothing;
			continue;
		}
		word = take_word(&line);
		if (word.len == 0 || word.len > PROGRAM_MAX)
			return false;
		if (take_rfc5424(before, out))
			return true;
		if (is_program(word, line, out)) {
			out->text = line;
			return true;
		}
		/* A name in front of a time is whoever passes the line on. */
		if (is_foreign(word, timed) &&
		    !(first && word.data[word.len - 1] == ':' && begins_with_time(line, clock)))
			return false;
		if (timed && out->host.len == 0 && is_word_char(word.data[0]) && !is_severity(word))
			out->host = word;
		words--;
	}
	return false;
}

/* Solaris puts "[ID 197553 mail.info] " in front of the text, others the severity. */
static void drop_severity(struct slice *text)
{
	struct slice rest, word;
	ptrdiff_t end;

	skip_blanks(text);
	if (text->len == 0 || (text->data[0] != '[' && text->data[0] != '<'))
		return;
	if (slice_starts_with(*text, "[ID ")) {
		end = slice_find(slice_first(*text, PROGRAM_MAX), SLICE("] "));
		if (end > 0)
			*text = slice_from(*text, (size_t)end + 2);
		return;
	}
	rest = *text;
	word = take_word(&rest);
	if (is_severity(word))
		*text = rest;
}

/* A time, a host and the program, or the program at once: nearly every line. */
static bool take_usual(
    struct slice line, struct log_clock *clock, struct log_time *time, struct log_prefix *out)
{
	take_time(&line, clock, false, time);
	if (take_program(line, out))
		return true;
	out->host = take_word(&line);
	return take_program(line, out);
}

static void clear(struct log_prefix *out)
{
	*out = (struct log_prefix){.time_us = LOG_TIME_UNKNOWN,
	    .host = nothing,
	    .text = nothing,
	    .instance = nothing,
	    .process = nothing};
}

static bool parse_text(
    struct slice line, struct log_clock *clock, struct log_time *time, struct log_prefix *out)
{
	if (take_priority(&line) && slice_starts_with(line, "1 ")) {
		line = slice_from(line, 2);
		if (!take_time(&line, clock, false, time))
			return false;
		out->host = take_word(&line);
		return take_rfc5424(line, out);
	}
	if (take_usual(line, clock, time, out))
		return true;
	clear(out);
	*time = (struct log_time){LOG_TIME_UNKNOWN, false};
	return find_program(line, clock, time, out);
}

/* An object names its program, or its text is a whole line. Where it names one that is not
 * Postfix's (a container), only a line that begins with its time or its program is believed. */
static bool parse_object(struct slice line, struct log_clock *clock, struct buffer *scratch,
    struct log_time *time, struct log_prefix *out)
{
	struct log_object object;
	struct slice program;
	bool found;

	if (!log_object_parse(line, clock, scratch, &object))
		return false;
	object.text = slice_trim(object.text);
	*time = object.time;
	program = object.program;
	if (program.len > 0 && program.data[program.len - 1] == ':')
		program.len--;
	found = program.len > 0 && split_program(cut_pid(program, out), out);
	if (!found && is_bare_instance(cut_pid(program, out))) {
		out->instance = cut_pid(program, out);
		found = slice_find_char(slice_first(object.text, QUEUE_ID_MAX + 1), ':') > 0;
	}
	if (found) {
		out->host = object.host;
		out->text = object.text;
		if (object.pid > 0)
			out->pid = object.pid;
		return true;
	}
	clear(out);
	if (program.len == 0)
		found = parse_text(object.text, clock, time, out);
	else
		found = (begins_with_time(object.text, clock)
				? take_usual(object.text, clock, time, out)
				: take_program(object.text, out)) &&
			is_known(out->process);
	if (found && out->host.len == 0)
		out->host = object.host;
	return found;
}

/* A container's runtime may put its time and stream in front of an object. */
static bool parse_behind(struct slice line, struct log_clock *clock, struct buffer *scratch,
    struct log_time *time, struct log_prefix *out)
{
	struct log_time outer = {LOG_TIME_UNKNOWN, false};
	struct slice before = slice_first(line, PROGRAM_MAX);
	ptrdiff_t brace = slice_find_char(before, '{');

	if (brace <= 0 || !is_blank(line.data[brace - 1]))
		return false;
	before = slice_first(before, (size_t)brace);
	if (slice_find(before, SLICE(": ")) >= 0 || slice_find_char(before, '"') >= 0)
		return false;
	take_time(&before, clock, true, &outer);
	if (!parse_object(slice_from(line, (size_t)brace), clock, scratch, time, out))
		return false;
	/* The runtime's time has a zone; the object's own may have none. */
	if (outer.zoned || time->us == LOG_TIME_UNKNOWN)
		*time = outer;
	return true;
}

bool log_prefix_parse(
    struct slice line, struct log_clock *clock, struct buffer *scratch, struct log_prefix *out)
{
	struct log_time time = {LOG_TIME_UNKNOWN, false};
	bool found;

	clear(out);
	if (line.len > 0 && line.data[0] == '{')
		found = parse_object(line, clock, scratch, &time, out);
	else
		found = parse_text(line, clock, &time, out);
	if (!found) {
		clear(out);
		time = (struct log_time){LOG_TIME_UNKNOWN, false};
		found = parse_behind(line, clock, scratch, &time, out);
	}
	if (!found) {
		clear(out);
		return false;
	}
	out->time_us = time.us;
	drop_severity(&out->text);
	return true;
}
