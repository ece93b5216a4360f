/* How incidents are worded, and the filters of what they are about. Keys and quotes come from
 * logins, addresses and replies, so nothing of them is believed. */
#include "watch/incidents/words.h"

#include <ctype.h>
#include <inttypes.h>

#include "base/utf8.h"
#include "filter/filter.h"
#include "postfix/diagnosis.h"

void incident_words_put(struct buffer *out, struct slice text, size_t max)
{
	BUFFER_AUTO struct buffer valid = {0};
	struct slice shown;

	/* More than what is shown, so that a cut is seen; never the whole of a huge key. */
	utf8_append_valid(&valid, slice_first(text, max + 8));
	shown = utf8_first(buffer_slice(&valid), max);
	for (size_t i = 0; i < shown.len; i++) {
		unsigned char c = (unsigned char)shown.data[i];
		buffer_append_char(out, c < 0x20 || c == 0x7f ? '?' : (char)c);
	}
	if (shown.len < valid.len || text.len > max + 8)
		buffer_append_string(out, "...");
}

void incident_words_rate(struct buffer *out, uint64_t in_ten_minutes)
{
	if (in_ten_minutes >= 20)
		buffer_printf(out, "%" PRIu64 " a minute", (in_ten_minutes + 5) / 10);
	else
		buffer_printf(out, "%" PRIu64 " in 10 minutes", in_ten_minutes);
}

void incident_words_span(struct buffer *out, int64_t seconds)
{
	if (seconds < 2 * 3600)
		buffer_printf(out, "%" PRId64 " min", seconds / 60);
	else if (seconds < 2 * 86400)
		buffer_printf(out, "%" PRId64 " h", seconds / 3600);
	else
		buffer_printf(out, "%" PRId64 " days", seconds / 86400);
}

void incident_words_title(struct buffer *out, const char *title)
{
	/* The words that titles of diagnoses begin with and that are no names. */
	static const char *const small[] = {
	    "The ", "Our ", "A ", "An ", "No ", "Too ", "This ", "Something "};
	bool lower = false;

	if (title[0] == '\0')
		return;
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		lower = lower || slice_starts_with(slice_of(title), small[i]);
	buffer_append_char(out, lower ? (char)tolower((unsigned char)title[0]) : title[0]);
	buffer_append_string(out, title + 1);
}

void incident_words_diagnosis(
    struct said *said, const struct diagnosis *diagnosis, const char *part)
{
	BUFFER_AUTO struct buffer words = {0};

	buffer_printf(&words, "{\"code\":\"diagnosis.%s.%s\",\"params\":{}}", diagnosis->key, part);
	said_then_said(said, slice_of(part[0] == 't' ? diagnosis->title : diagnosis->advice),
	    buffer_slice(&words));
}

bool incident_is_host_of(struct slice host, struct slice provider)
{
	if (host.len < provider.len || provider.len == 0 ||
	    !slice_equal_nocase(slice_from(host, host.len - provider.len), provider))
		return false;
	return host.len == provider.len || host.data[host.len - provider.len - 1] == '.';
}

/* A provider stands for all its hosts: whatever they number or name before it. */
static bool put_provider(struct buffer *out, struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!isalnum((unsigned char)value.data[i]) && value.data[i] != '.' &&
		    value.data[i] != '-')
			return false;
	buffer_printf(
	    out, "(remote_host:=%.*s or remote_host:*.%.*s)", SLICE_ARGS(value), SLICE_ARGS(value));
	return true;
}

/* A filter takes a domain in all its forms, and a form leaves out what has no width: a stranger's
 * address would stand for the one that it imitates. In quotes it is only itself. */
static void put_exactly(struct buffer *out, struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.data[i] >= 0x80) {
			filter_quote_whole(out, value);
			return;
		}
	filter_quote(out, value);
}

static bool put_term(struct buffer *out, const struct incident_term *term)
{
	static const char *const fields[INCIDENT_SUBJECTS] = {
	    NULL, "login", "client", "from", "domain", "remote_host", NULL, NULL, "cause"};

	/* What was cut by who counted is not the whole value; a NUL would end it. */
	if (term->value.len == 0 || term->value.len >= RATES_KEY_MAX ||
	    slice_find_char(term->value, '\0') >= 0)
		return false;
	if (term->field == INCIDENT_OF_PROVIDER)
		return put_provider(out, term->value);
	if ((unsigned)term->field >= INCIDENT_SUBJECTS || fields[term->field] == NULL)
		return false;
	if (term->field == INCIDENT_OF_SENDER && slice_is(term->value, "<>")) {
		buffer_append_string(out, "from:<>");
		return true;
	}
	buffer_printf(out, "%s:=", fields[term->field]);
	put_exactly(out, term->value);
	return true;
}

bool incident_terms_filter(struct buffer *out, const struct incident_term *terms, size_t count)
{
	size_t begin = out->len;

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buffer_append_char(out, ' ');
		if (!put_term(out, &terms[i])) {
			out->len = begin;
			return false;
		}
	}
	return count > 0;
}
