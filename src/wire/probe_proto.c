/* Encoders and decoders of a probe: the question, its steps, its end. Each get reads the fields in
 * the order in which its put has written them. */
#include "wire/probe_proto.h"

const char *probe_kind_name(enum probe_kind kind)
{
	return kind == PROBE_OWN_ADDRESS ? "own_address" : "destination";
}

const char *probe_tls_name(enum probe_tls tls)
{
	static const char *const names[PROBE_TLS_LEVELS] = {
	    "none", "may", "encrypt", "fingerprint", "dane", "dane-only", "verify", "secure"};

	return names[tls];
}

bool probe_tls_parse(struct slice name, enum probe_tls *tls)
{
	for (int i = 0; i < PROBE_TLS_LEVELS; i++)
		if (slice_equal_nocase(name, slice_of(probe_tls_name((enum probe_tls)i)))) {
			*tls = (enum probe_tls)i;
			return true;
		}
	return false;
}

const char *probe_outcome_name(enum probe_outcome outcome)
{
	static const char *const names[PROBE_OUTCOMES] = {"ok", "warning", "bad", "skipped"};

	return names[outcome];
}

const char *probe_step_name(enum probe_step_name name)
{
	static const char *const names[PROBE_STEP_NAMES] = {[PROBE_STEP_ROUTE] = "route",
	    [PROBE_STEP_MX] = "mx",
	    [PROBE_STEP_ADDRESS] = "address",
	    [PROBE_STEP_TLSA] = "tlsa",
	    [PROBE_STEP_CONNECT] = "connect",
	    [PROBE_STEP_GREETING] = "greeting",
	    [PROBE_STEP_EHLO] = "ehlo",
	    [PROBE_STEP_STARTTLS] = "starttls",
	    [PROBE_STEP_CERTIFICATE] = "certificate",
	    [PROBE_STEP_EHLO_TLS] = "ehlo_tls",
	    [PROBE_STEP_QUIT] = "quit",
	    [PROBE_STEP_OWN_ADDRESS] = "own_address",
	    [PROBE_STEP_PTR] = "ptr",
	    [PROBE_STEP_FORWARD] = "forward",
	    [PROBE_STEP_HELO] = "helo",
	    [PROBE_STEP_BLOCKLIST] = "blocklist"};

	return names[name];
}

/* A number becomes an enum only after it was checked. */
static uint8_t get_below(struct cursor *c, uint8_t end)
{
	uint8_t value = cursor_u8(c);

	if (value < end)
		return value;
	c->failed = true;
	return 0;
}

void probe_put_question(struct buffer *b, const struct probe_question *q)
{
	buffer_put_u8(b, (uint8_t)q->kind);
	buffer_put_string(b, q->next_hop);
	buffer_put_string(b, q->helo);
	buffer_put_string(b, q->address);
	buffer_put_string(b, q->blocklists);
	buffer_put_u8(b, (uint8_t)q->tls);
	buffer_put_string(b, q->ca_file);
	buffer_put_string(b, q->bind4);
	buffer_put_string(b, q->bind6);
	buffer_put_string(b, q->resolver);
	buffer_put_u8(b, q->mx);
	buffer_put_u8(b, q->hosts);
	buffer_put_u8(b, q->ipv4);
	buffer_put_u8(b, q->ipv6);
	buffer_put_u8(b, q->allow_local);
	buffer_put_string(b, q->match);
	buffer_put_string(b, q->ca_path);
}

bool probe_get_question(struct cursor *c, struct probe_question *q)
{
	uint8_t kind = get_below(c, PROBE_OWN_ADDRESS + 1);

	q->kind = (enum probe_kind)kind;
	q->next_hop = cursor_string(c, PROBE_NEXT_HOP_MAX);
	q->helo = cursor_string(c, PROBE_NEXT_HOP_MAX);
	q->address = cursor_string(c, PROBE_ADDRESS_MAX);
	q->blocklists = cursor_string(c, PROBE_ZONES_BYTES);
	q->tls = (enum probe_tls)get_below(c, PROBE_TLS_LEVELS);
	q->ca_file = cursor_string(c, PROBE_PATH_MAX);
	q->bind4 = cursor_string(c, PROBE_ADDRESS_MAX);
	q->bind6 = cursor_string(c, PROBE_ADDRESS_MAX);
	q->resolver = cursor_string(c, PROBE_ADDRESS_MAX);
	q->mx = cursor_flag(c);
	q->hosts = cursor_flag(c);
	q->ipv4 = cursor_flag(c);
	q->ipv6 = cursor_flag(c);
	q->allow_local = cursor_flag(c);
	q->match = cursor_string(c, PROBE_MATCH_MAX);
	q->ca_path = cursor_string(c, PROBE_PATH_MAX);
	return cursor_finished(c) && kind != 0 &&
	       (q->kind == PROBE_OWN_ADDRESS || q->next_hop.len > 0);
}

void probe_put_step(struct buffer *b, const struct probe_step *step)
{
	buffer_put_u8(b, (uint8_t)step->name);
	buffer_put_u8(b, (uint8_t)step->outcome);
	buffer_put_string(b, slice_first(step->host, PROBE_HOST_MAX));
	buffer_put_u32(b, step->took_ms);
	buffer_put_string(b, slice_first(step->text, PROBE_TEXT_MAX));
	buffer_put_string(b, slice_first(step->answer, PROBE_ANSWER_MAX));
}

bool probe_get_step(struct cursor *c, struct probe_step *step)
{
	step->name = (enum probe_step_name)get_below(c, PROBE_STEP_NAMES);
	step->outcome = (enum probe_outcome)get_below(c, PROBE_OUTCOMES);
	step->host = cursor_string(c, PROBE_HOST_MAX);
	step->took_ms = cursor_u32(c);
	step->text = cursor_string(c, PROBE_TEXT_MAX);
	step->answer = cursor_string(c, PROBE_ANSWER_MAX);
	/* Where mail goes is Postfix's word, and what it says is not from outside. */
	return cursor_finished(c) && step->name != PROBE_STEP_ROUTE;
}

void probe_put_end(struct buffer *b, const struct probe_end *end)
{
	buffer_put_u8(b, end->complete);
	buffer_put_u8(b, (uint8_t)end->outcome);
	buffer_put_string(b, slice_first(end->text, PROBE_TEXT_MAX));
}

bool probe_get_end(struct cursor *c, struct probe_end *end)
{
	end->complete = cursor_flag(c);
	end->outcome = (enum probe_outcome)get_below(c, PROBE_OUTCOMES);
	end->text = cursor_string(c, PROBE_TEXT_MAX);
	return cursor_finished(c);
}
