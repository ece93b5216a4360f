/* Each verb is answered by what world.c says of that server at that stage. */
#include "demo/smtp_session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* Servers are alike for the same recipient each time, so the choice hangs on its bytes alone
 * (FNV-1a). */
static uint64_t mix(struct slice text)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.data[i]) * 1099511628211u;
	return hash_u64(h);
}

/* Servers repeat the recipient and make up an ID; both make each reply another text, as in real
 * queues. */
static void reply(struct smtp_session *s, const char *text, struct slice recipient)
{
	struct slice rest = slice_of(text);

	while (rest.len > 0) {
		if (slice_starts_with(rest, "{rcpt}")) {
			buffer_append_slice(&s->replies, recipient);
			rest = slice_from(rest, strlen("{rcpt}"));
		} else if (slice_starts_with(rest, "{id}")) {
			uint64_t id = hash_u64(++s->seen->serial);
			buffer_printf(&s->replies, "%" PRIx64 "-%" PRIx64, id >> 24, id & 0xffffff);
			rest = slice_from(rest, strlen("{id}"));
		} else {
			buffer_append_char(&s->replies, rest.data[0]);
			rest = slice_from(rest, 1);
		}
	}
	buffer_append_string(&s->replies, "\r\n");
	/* 421 says that the server hangs up. */
	if (strncmp(text, "421", 3) == 0)
		s->closing = true;
}

/* Whether a rule with a time limit still applies: remembers when the recipient was first seen. */
static bool within(struct smtp_session_seen *seen, uint64_t key, unsigned seconds, int64_t now)
{
	for (size_t i = 0; i < SMTP_SESSION_SEEN_MAX; i++)
		if (seen->recipients[i].key == key)
			return now - seen->recipients[i].first < (int64_t)seconds * 1000;
	seen->recipients[seen->next].key = key;
	seen->recipients[seen->next].first = now;
	/* The oldest is forgotten: a demo that runs for days must not grow. */
	seen->next = (seen->next + 1) % SMTP_SESSION_SEEN_MAX;
	return true;
}

/* Answers by the first rule for this host and stage that applies, else with `accept`. */
static void answer(struct smtp_session *s, enum world_stage stage, struct slice recipient,
    const char *accept, int64_t now)
{
	size_t count;
	const struct world_rule *rules = world_rules(&count);
	/* Where no recipient decides, each session falls anew. */
	uint64_t key = stage == WORLD_RCPT ? mix(recipient) : hash_u64(++s->seen->serial);

	for (size_t i = 0; i < count; i++) {
		const struct world_rule *rule = &rules[i];
		if (strcmp(rule->domain, s->host->domain) != 0 || rule->stage != stage ||
		    /* By the recipient's own number: the same one is always refused, as by a real
		     * server. */
		    key % 100 >= rule->share)
			continue;
		/* A destination that comes back while one watches. */
		if (rule->until > 0 && now - s->seen->began >= (int64_t)rule->until * 1000)
			continue;
		/* Greylisting: after so many seconds the same recipient is accepted. */
		if (rule->seconds > 0 && !within(s->seen, key, rule->seconds, now))
			continue;
		if (rule->wait > 0)
			s->hold_until = now + (int64_t)rule->wait * 1000;
		reply(s, rule->reply, recipient);
		return;
	}
	reply(s, accept, recipient);
}

void smtp_session_start(struct smtp_session *s, const struct world_host *host,
    struct smtp_session_seen *seen, int64_t now)
{
	*s = (struct smtp_session){.host = host, .seen = seen};
	if (seen->began == 0)
		seen->began = now;
	if (host->kind == WORLD_SILENT)
		return;
	buffer_printf(&s->replies, "220 %s ESMTP\r\n", host->name);
}

void smtp_session_free(struct smtp_session *s)
{
	buffer_free(&s->replies);
}

/* STARTTLS only where it then fails, so that the demo needs no certificates. */
static void hello(struct smtp_session *s)
{
	buffer_printf(&s->replies, "250-%s\r\n", s->host->name);
	if (s->host->kind == WORLD_BAD_TLS)
		buffer_append_string(&s->replies, "250-STARTTLS\r\n");
	buffer_append_string(&s->replies,
	    "250-SIZE 52428800\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n");
}

static struct slice address_in(struct slice line)
{
	ptrdiff_t from = slice_find_char(line, '<');
	struct slice address = from < 0 ? SLICE("") : slice_from(line, (size_t)from + 1);
	ptrdiff_t to = slice_find_char(address, '>');

	return to < 0 ? SLICE("") : slice_first(address, (size_t)to);
}

static bool verb_is(struct slice line, const char *verb)
{
	return slice_equal_nocase(slice_first(line, strlen(verb)), slice_of(verb));
}

void smtp_session_line(struct smtp_session *s, struct slice line, int64_t now)
{
	/* It takes the connection and never says a word: Postfix waits for its greeting until the
	 * timeout. */
	if (s->host->kind == WORLD_SILENT)
		return;
	if (s->in_data) {
		if (!slice_is(line, "."))
			return;
		s->in_data = false;
		answer(s, WORLD_END, SLICE(""), "250 2.0.0 Ok: queued as {id}", now);
	} else if (verb_is(line, "EHLO") || verb_is(line, "HELO")) {
		hello(s);
	} else if (verb_is(line, "MAIL")) {
		answer(s, WORLD_MAIL, SLICE(""), "250 2.1.0 Ok", now);
	} else if (verb_is(line, "RCPT")) {
		answer(s, WORLD_RCPT, address_in(line), "250 2.1.5 Ok", now);
	} else if (verb_is(line, "DATA")) {
		s->in_data = true;
		reply(s, "354 End data with <CR><LF>.<CR><LF>", SLICE(""));
	} else if (verb_is(line, "STARTTLS")) {
		reply(s, "454 4.7.0 TLS not available due to local problem", SLICE(""));
	} else if (verb_is(line, "QUIT")) {
		reply(s, "221 2.0.0 Bye", SLICE(""));
		s->closing = true;
	} else if (verb_is(line, "RSET") || verb_is(line, "NOOP")) {
		reply(s, "250 2.0.0 Ok", SLICE(""));
	} else {
		reply(s, "502 5.5.2 Error: command not recognized", SLICE(""));
	}
}
