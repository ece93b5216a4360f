/* What is read of requests about pauses, and what is written of pauses and their set-up. */
#include "api/pause_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "filter/filter.h"
#include "filter/idn.h"

/* ---- JSON ---- */

void api_pause_term(struct buffer *out, struct slice key)
{
	buffer_append_string(out, "paused:=");
	/* In quotes it is the key as it is kept, and no other form of a domain. */
	filter_quote(out, key);
}

static json_t *domains_json(const struct pause *pause)
{
	json_t *list = json_array();

	for (size_t i = 0; i < pause->domain_count; i++)
		json_array_append_new(list, api_string(slice_of(pause->domains[i])));
	return list;
}

static json_t *text_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? api_string(slice_of(text)) : json_null();
}

json_t *api_pause_json(const struct pause *p, int64_t waiting)
{
	BUFFER_AUTO struct buffer filter = {0};

	api_pause_term(&filter, slice_of(p->key));
	return json_pack("{sI, ss, so, sb, si, sb, so, so, so, so, ss, so, so, so, so, so, so}",
	    "id", (json_int_t)p->id, "kind", pause_kind_name(p->kind), "key",
	    api_string(slice_of(p->key)), "subdomains", p->subdomains, "throttle",
	    (int)p->throttle_s, "release", p->release, "reason", api_string(slice_of(p->reason)),
	    "by", api_string(slice_of(p->who)), "since", api_time(p->since), "until",
	    api_time(p->until), "state", pause_state_name(p->state), "ended",
	    api_time_or_null(p->ended), "ended_by", text_or_null(p->ended_by), "trouble",
	    text_or_null(p->trouble), "domains", domains_json(p), "waiting",
	    waiting >= 0 ? json_integer(waiting) : json_null(), "filter",
	    api_string(buffer_slice(&filter)));
}

json_t *api_pause_setup_state_json(enum pause_setup_state state)
{
	static const char *const names[] = {[PAUSE_SETUP_NONE] = "none",
	    [PAUSE_SETUP_DONE] = "done",
	    [PAUSE_SETUP_CHANGED] = "changed",
	    [PAUSE_SETUP_IMPOSSIBLE] = "impossible"};

	return json_string(names[state]);
}

static json_t *line_json(const struct pause_setup_line *line)
{
	return json_pack("{so, so, so}", "name", api_string(line->name), "before",
	    line->set ? api_string(line->before) : json_null(), "after",
	    api_string_or_null(line->after));
}

json_t *api_pause_setup_json(const struct pause_setup *s)
{
	json_t *lines = json_array();
	char seen[24];

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(lines, line_json(&s->lines[i]));
	snprintf(seen, sizeof(seen), "%" PRIx64, s->seen);
	return json_pack("{so, so, so, sb, so, so, so, s[s, s], ss}", "state",
	    api_pause_setup_state_json(s->state), "why", api_string_or_null(s->why), "by_hand",
	    api_string_or_null(s->by_hand), "pattern_tables", s->pattern_tables, "pattern_why",
	    api_string_or_null(s->pattern_why), "warning", api_string_or_null(s->warning), "lines",
	    lines, "commands", "postconf -e", "postfix reload", "seen", seen);
}

/* ---- Requests ---- */

static bool refuse_member(struct http_request *rq, const char *member, enum said_code says)
{
	http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", member), says, 0);
	return false;
}

bool api_pause_read_end(
    struct http_request *rq, const json_t *body, int64_t *until, bool *long_confirmed)
{
	struct slice text;

	if (!http_json_string(rq, body, "until", HTTP_REQUIRED, 64, &text) ||
	    !http_json_bool(rq, body, "long", HTTP_OPTIONAL, long_confirmed))
		return false;
	return clock_parse_rfc3339(text, until) ||
	       refuse_member(rq, "until", SAID_PROBLEM_PAUSE_UNTIL);
}

/* People write domains as they read them; Postfix looks them up in their ASCII form. */
static void use_ascii(struct api_pause_ask *out, struct slice key)
{
	if (out->ask.kind != PAUSE_LOGIN && idn_ascii(&out->written, key))
		return;
	buffer_append_slice(&out->written, key);
}

bool api_pause_read(
    struct http_request *rq, const json_t *body, int64_t now, struct api_pause_ask *out)
{
	struct slice kind, key;
	int64_t throttle = 0;
	struct error err;

	*out = (struct api_pause_ask){.ask = {.reason = SLICE(""), .who = SLICE("")}};
	if (!http_json_string(rq, body, "kind", HTTP_REQUIRED, 16, &kind) ||
	    !http_json_string(rq, body, "key", HTTP_REQUIRED, PAUSE_KEY_MAX, &key) ||
	    !http_json_bool(rq, body, "subdomains", HTTP_OPTIONAL, &out->ask.subdomains) ||
	    !http_json_bool(rq, body, "release", HTTP_OPTIONAL, &out->ask.release) ||
	    !http_json_integer(rq, body, "throttle", HTTP_OPTIONAL, 0, 3600, &throttle) ||
	    !api_pause_read_end(rq, body, &out->ask.until, &out->ask.long_confirmed))
		return false;
	if (!pause_kind_parse(kind, &out->ask.kind))
		return refuse_member(rq, "kind", SAID_PROBLEM_PAUSE_KIND);
	use_ascii(out, slice_trim(key));
	out->ask.key = buffer_slice(&out->written);
	out->ask.throttle_s = (uint32_t)throttle;
	if (!pauses_check(&out->ask, now, &out->key, &err)) {
		http_reply_error(rq, &err);
		return false;
	}
	out->ask.key = buffer_slice(&out->key);
	return true;
}

void api_pause_free(struct api_pause_ask *ask)
{
	buffer_free(&ask->written);
	buffer_free(&ask->key);
}
