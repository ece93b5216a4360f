/* Writes and reads the lines. A line is made by hand and not by a library, so that its bytes are
 * always the same: the chain is made of them. */
#include "audit/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/json_scan.h"
#include "base/json_string.h"
#include "base/utf8.h"

/* `,"chain":"`, the value, `"}` */
#define CHAIN_HEAD ",\"chain\":\""
#define CHAIN_TAIL "\"}"
#define CHAIN_LEN (sizeof(CHAIN_HEAD) - 1 + 2 * AUDIT_CHAIN_SIZE + sizeof(CHAIN_TAIL) - 1)

void audit_hex(const unsigned char bytes[AUDIT_CHAIN_SIZE], char out[AUDIT_HEX_SIZE])
{
	sodium_bin2hex(out, AUDIT_HEX_SIZE, bytes, AUDIT_CHAIN_SIZE);
}

bool audit_unhex(struct slice text, unsigned char bytes[AUDIT_CHAIN_SIZE])
{
	size_t len;
	const char *end;

	return text.len == (size_t)2 * AUDIT_CHAIN_SIZE &&
	       sodium_hex2bin(bytes, AUDIT_CHAIN_SIZE, text.data, text.len, NULL, &len, &end) ==
		   0 &&
	       len == AUDIT_CHAIN_SIZE && end == text.data + text.len;
}

void audit_time(int64_t at_us, char out[AUDIT_TIME_SIZE])
{
	char seconds[CLOCK_RFC3339_SIZE];

	clock_rfc3339(at_us / 1000000, seconds);
	/* Without its Z. */
	snprintf(
	    out, AUDIT_TIME_SIZE, "%.19s.%03uZ", seconds, (unsigned)(at_us / 1000 % 1000) % 1000u);
}

/* ---- Writing ---- */

static void put_text(struct buffer *out, const char *name, struct slice text, size_t max)
{
	if (text.len == 0)
		return;
	buffer_printf(out, ",\"%s\":", name);
	json_string_put(out, utf8_first(text, max));
}

static void put_number(struct buffer *out, const char *name, int64_t number)
{
	if (number != 0)
		buffer_printf(out, ",\"%s\":%" PRId64, name, number);
}

/* One filter, or two of which both must match, with a byte between that no filter has. */
static void put_scope(struct buffer *out, struct slice scope)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice part;

	while (scope.len > 0 && slice_split(&scope, '\x1e', &part))
		buffer_printf(&text, "%s%.*s", text.len > 0 ? " and " : "", SLICE_ARGS(part));
	put_text(out, "scope", buffer_slice(&text), AUDIT_TEXT_MAX);
}

void audit_record_members(struct buffer *out, const struct audit_entry *e)
{
	char at[AUDIT_TIME_SIZE];

	audit_time(e->at_us != 0 ? e->at_us : clock_now_us(), at);
	buffer_printf(out, "\"at\":\"%s\",\"action\":\"%s\"", at, audit_action_name(e->action));
	put_text(out, "who", e->who, AUDIT_NAME_MAX);
	put_text(out, "role", e->role, AUDIT_NAME_MAX);
	put_scope(out, e->scope);
	put_text(out, "via", e->via, AUDIT_NAME_MAX);
	put_number(out, "token", e->token);
	put_text(out, "owner", e->owner, AUDIT_NAME_MAX);
	if (e->uid > 0)
		buffer_printf(out, ",\"uid\":%" PRId64, e->uid - 1);
	put_text(out, "from", e->from, AUDIT_NAME_MAX);
	put_text(out, "object", e->object, AUDIT_TEXT_MAX);
	put_text(out, "message", e->message, AUDIT_NAME_MAX);
	put_number(out, "job", e->job);
	put_text(out, "filter", e->filter, AUDIT_FILTER_MAX);
	put_number(out, "count", e->count);
	put_text(out, "outcome", e->outcome, AUDIT_NAME_MAX);
	put_number(out, "status", e->status);
	put_text(out, "reference", e->reference, AUDIT_NAME_MAX);
	put_text(out, "text", e->text, AUDIT_TEXT_MAX);
	put_number(out, "times", (int64_t)e->times);
	if (e->own.len > 0)
		buffer_printf(out, ",%.*s", SLICE_ARGS(e->own));
}

/* BLAKE2b-256 of a chain value and what follows it; `out` may be `before`. */
static void chain(const unsigned char before[AUDIT_CHAIN_SIZE], struct slice bare,
    unsigned char out[AUDIT_CHAIN_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, AUDIT_CHAIN_SIZE);
	crypto_generichash_update(&state, before, AUDIT_CHAIN_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)bare.data, bare.len);
	crypto_generichash_final(&state, out, AUDIT_CHAIN_SIZE);
}

void audit_record_line(
    struct buffer *out, uint64_t n, struct slice members, unsigned char value[AUDIT_CHAIN_SIZE])
{
	size_t begin = out->len;
	char hex[AUDIT_HEX_SIZE];

	buffer_printf(out, "{\"n\":%" PRIu64 ",", n);
	buffer_append_slice(out, members);
	chain(value, slice_make(out->data + begin, out->len - begin), value);
	audit_hex(value, hex);
	buffer_printf(out, CHAIN_HEAD "%s" CHAIN_TAIL "\n", hex);
}

/* ---- Reading ---- */

bool audit_line_read(struct slice line, struct audit_line *out)
{
	struct slice rest, number, tail;

	if (line.len <= CHAIN_LEN || !slice_starts_with(line, "{\"n\":"))
		return false;
	out->bare = slice_first(line, line.len - CHAIN_LEN);
	tail = slice_from(line, out->bare.len);
	rest = slice_from(out->bare, strlen("{\"n\":"));
	return slice_split(&rest, ',', &number) && slice_to_u64(number, &out->n) &&
	       slice_starts_with(tail, CHAIN_HEAD) && slice_ends_with(tail, CHAIN_TAIL) &&
	       audit_unhex(slice_first(slice_from(tail, strlen(CHAIN_HEAD)), 2 * AUDIT_CHAIN_SIZE),
		   out->chain);
}

bool audit_line_follows(const struct audit_line *line, const unsigned char before[AUDIT_CHAIN_SIZE])
{
	unsigned char value[AUDIT_CHAIN_SIZE];

	chain(before, line->bare, value);
	return memcmp(value, line->chain, sizeof(value)) == 0;
}

/* The members, by name; each is a text or a number. */
struct member {
	const char *name;
	struct slice *text;
	uint64_t *number;
};

static void read_member(
    struct json_scan *scan, struct slice name, const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(name, members[i].name)) {
			if (members[i].text != NULL)
				*members[i].text = json_scan_string(scan);
			else
				*members[i].number = json_scan_u64(scan);
			return;
		}
	json_scan_skip(scan);
}

bool audit_record_read(struct slice line, struct buffer *text, struct audit_parsed *r)
{
	struct json_scan scan = json_scan_begin(line, text);
	uint64_t uid = UINT64_MAX, token = 0, job = 0, count = 0, status = 0, keep = 0;
	const struct member members[] = {{"n", NULL, &r->n}, {"at", &r->at, NULL},
	    {"action", &r->action, NULL}, {"who", &r->who, NULL}, {"role", &r->role, NULL},
	    {"scope", &r->scope, NULL}, {"via", &r->via, NULL}, {"token", NULL, &token},
	    {"owner", &r->owner, NULL}, {"uid", NULL, &uid}, {"from", &r->from, NULL},
	    {"object", &r->object, NULL}, {"message", &r->message, NULL}, {"job", NULL, &job},
	    {"filter", &r->filter, NULL}, {"count", NULL, &count}, {"outcome", &r->outcome, NULL},
	    {"status", NULL, &status}, {"reference", &r->reference, NULL}, {"text", &r->text, NULL},
	    {"times", NULL, &r->times}, {"file", NULL, &r->file}, {"seal", NULL, &r->seal},
	    {"first", NULL, &r->first}, {"keep", NULL, &keep}, {"before", &r->before, NULL},
	    {"after", &r->after, NULL}, {"lineage", &r->lineage, NULL}, {"mac", &r->mac, NULL}};

	memset(r, 0, sizeof(*r));
	json_scan_expect(&scan, '{');
	do {
		struct slice name = json_scan_string(&scan);

		json_scan_expect(&scan, ':');
		read_member(&scan, name, members, sizeof(members) / sizeof(members[0]));
	} while (!scan.failed && json_scan_take(&scan, ','));
	json_scan_expect(&scan, '}');
	r->uid = uid > UINT32_MAX ? -1 : (int64_t)uid;
	r->token = (int64_t)token;
	r->job = (int64_t)job;
	r->count = (int64_t)count;
	r->status = (int64_t)status;
	r->keep = (int64_t)keep;
	return !scan.failed && scan.in.len == 0 && r->n > 0 && r->at.len > 0;
}
