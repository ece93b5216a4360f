/* The header and the question first; then the records of the answer, once for each alias in the
 * chain. Names may point backwards into the packet (compression); each pointer must lead to an
 * earlier byte than the one before it, so that following them ends. */
#include "notifier/dns_reply.h"

#include <string.h>

#define CLASS_IN 1
#define LABEL_MAX 63
/* Records of an answer that are looked at; a packet has room for a few thousand empty ones. */
#define LOOKED_AT_MAX 200

struct packet {
	const uint8_t *data;
	size_t len;
	size_t at;
	bool failed;
};

/* Network order, which base/cursor does not read. Once it failed it stays so. */
static unsigned number(struct packet *p, size_t bytes)
{
	unsigned value = 0;

	if (p->failed || bytes > p->len - p->at) {
		p->failed = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | p->data[p->at++];
	return value;
}

static void skip(struct packet *p, size_t bytes)
{
	if (p->failed || bytes > p->len - p->at)
		p->failed = true;
	else
		p->at += bytes;
}

/* Letters without case, as they are compared; bytes that no host name has become '?', which makes
 * the name unusable and cannot be mistaken for a dot or an end. */
static char name_char(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ? (char)c
											: '?';
}

/* Reads a name where the packet stands, and leaves it behind the name. The root is "". */
static void read_name(struct packet *p, char out[DNS_NAME_SIZE])
{
	size_t len = 0, end = 0, earliest = p->at;

	out[0] = '\0';
	for (unsigned size = number(p, 1); size != 0 && !p->failed; size = number(p, 1)) {
		if (size >= 0xc0) {
			size_t target = (size & 0x3f) << 8 | number(p, 1);

			if (end == 0)
				end = p->at;
			/* Only backwards: a circle would need one that leads forward. */
			if (target >= earliest)
				p->failed = true;
			earliest = target;
			p->at = p->failed ? p->at : target;
			continue;
		}
		if (size > LABEL_MAX || size > p->len - p->at || len + size + 2 > DNS_NAME_SIZE) {
			p->failed = true;
			break;
		}
		if (len > 0)
			out[len++] = '.';
		while (size-- > 0)
			out[len++] = name_char(p->data[p->at++]);
		out[len] = '\0';
	}
	if (end != 0 && !p->failed)
		p->at = end;
}

static bool same_name(const char *a, struct slice b)
{
	if (b.len > 0 && b.data[b.len - 1] == '.')
		b.len--;
	return slice_equal_nocase(slice_of(a), b);
}

bool dns_name_valid(struct slice name)
{
	struct slice label;

	if (name.len == 0 || name.len > 253)
		return false;
	while (slice_split(&name, '.', &label)) {
		if (label.len == 0 || label.len > LABEL_MAX)
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (name_char((uint8_t)label.data[i]) == '?')
				return false;
	}
	return true;
}

/* ---- One record ---- */

struct header {
	char owner[DNS_NAME_SIZE];
	unsigned type, class;
	size_t length, data; /* of its data, and where that begins */
};

static bool read_header(struct packet *p, struct header *h)
{
	read_name(p, h->owner);
	h->type = number(p, 2);
	h->class = number(p, 2);
	skip(p, 4); /* how long it may be kept: nothing is */
	h->length = number(p, 2);
	h->data = p->at;
	skip(p, h->length);
	return !p->failed;
}

/* Of MX and PTR; behind `skipped` bytes. False where it is no host's name. The root is one for MX
 * alone. */
static bool read_host(
    const struct packet *p, const struct header *h, size_t skipped, char out[DNS_NAME_SIZE])
{
	struct packet part = {p->data, h->data + h->length, h->data + skipped, skipped > h->length};

	read_name(&part, out);
	if (part.failed || part.at != part.len)
		return false;
	return (out[0] == '\0' && skipped > 0) || dns_name_valid(slice_of(out));
}

/* Strings of at most 255 bytes, which belong together. */
static void read_text(const struct packet *p, const struct header *h, struct dns_record *record)
{
	struct packet part = {p->data, h->data + h->length, h->data, false};

	while (part.at < part.len) {
		size_t size = number(&part, 1), room = DNS_DATA_MAX - record->length;

		if (size > part.len - part.at)
			size = part.len - part.at;
		if (room > size)
			room = size;
		memcpy(record->data + record->length, part.data + part.at, room);
		record->length += room;
		part.at += size;
	}
}

/* False where it is malformed. */
static bool read_data(
    const struct packet *p, const struct header *h, enum dns_type type, struct dns_record *record)
{
	const uint8_t *data = p->data + h->data;

	switch (type) {
	case DNS_MX:
		if (h->length < 3)
			return false;
		record->preference = (uint16_t)(data[0] << 8 | data[1]);
		return read_host(p, h, 2, record->name);
	case DNS_PTR:
		return read_host(p, h, 0, record->name);
	case DNS_TXT:
		read_text(p, h, record);
		return true;
	case DNS_A:
	case DNS_AAAA:
	case DNS_TLSA:
		if ((type == DNS_A && h->length != 4) || (type == DNS_AAAA && h->length != 16) ||
		    (type == DNS_TLSA && h->length < 4) || h->length > DNS_DATA_MAX)
			return false;
		memcpy(record->data, data, h->length);
		record->length = h->length;
		return true;
	case DNS_CNAME:
		break;
	}
	return false;
}

static void add_record(
    const struct packet *p, const struct header *h, enum dns_type type, struct dns_answer *answer)
{
	struct dns_record *record = &answer->records[answer->count];

	if (answer->count == DNS_RECORDS_MAX) {
		answer->cut = true;
		return;
	}
	memset(record, 0, sizeof(*record));
	if (read_data(p, h, type, record))
		answer->count++;
	else
		answer->unusable++;
}

/* ---- All of them ---- */

/* The next name in the chain of aliases. */
static bool find_alias(
    struct packet p, unsigned records, struct slice name, char next[DNS_NAME_SIZE])
{
	struct header h;

	while (records-- > 0 && read_header(&p, &h)) {
		struct packet part = {p.data, h.data + h.length, h.data, false};

		if (h.type != DNS_CNAME || h.class != CLASS_IN || !same_name(h.owner, name))
			continue;
		read_name(&part, next);
		return !part.failed && dns_name_valid(slice_of(next));
	}
	return false;
}

static void add_records(struct packet p, unsigned records, struct slice name, enum dns_type type,
    struct dns_answer *answer)
{
	struct header h;

	while (records-- > 0 && read_header(&p, &h)) {
		if (h.class != CLASS_IN || h.type != (unsigned)type)
			continue;
		if (same_name(h.owner, name))
			add_record(&p, &h, type, answer);
		else
			answer->foreign = true;
	}
	if (p.failed)
		answer->cut = true;
}

static enum dns_status status_of(unsigned code)
{
	switch (code) {
	case 0:
		return DNS_NO_DATA;
	case 3:
		return DNS_NO_NAME;
	case 5:
		return DNS_REFUSED;
	default:
		return DNS_FAILED;
	}
}

/* Whether it is an answer to that question, which servers repeat. */
static bool read_question(
    struct packet *p, unsigned questions, struct slice name, enum dns_type type)
{
	char asked[DNS_NAME_SIZE];

	if (questions != 1)
		return false;
	read_name(p, asked);
	return number(p, 2) == (unsigned)type && number(p, 2) == CLASS_IN && !p->failed &&
	       same_name(asked, name);
}

void dns_reply_read(
    struct slice reply, struct slice name, enum dns_type type, struct dns_answer *answer)
{
	struct packet p = {(const uint8_t *)reply.data, reply.len, 0, false};
	unsigned flags, questions, records;

	memset(answer, 0, sizeof(*answer));
	answer->status = DNS_MADE_UP;
	skip(&p, 2); /* the number, which whoever asked has compared */
	flags = number(&p, 2);
	questions = number(&p, 2);
	records = number(&p, 2);
	skip(&p, 4);
	if (p.failed || (flags & 0x8000) == 0 || !read_question(&p, questions, name, type))
		return;
	answer->authentic = (flags & 0x0020) != 0;
	answer->status = status_of(flags & 0x000f);
	if (answer->status != DNS_NO_DATA)
		return;
	if (records > LOOKED_AT_MAX)
		records = LOOKED_AT_MAX;
	for (int i = 0; i < DNS_ALIASES_MAX; i++) {
		char next[DNS_NAME_SIZE];

		if (!find_alias(p, records,
			answer->alias_of[0] != '\0' ? slice_of(answer->alias_of) : name, next))
			break;
		memcpy(answer->alias_of, next, sizeof(next));
	}
	add_records(p, records, answer->alias_of[0] != '\0' ? slice_of(answer->alias_of) : name,
	    type, answer);
	if (answer->count > 0)
		answer->status = DNS_FOUND;
}

const char *dns_type_name(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_CNAME:
		return "CNAME";
	case DNS_PTR:
		return "PTR";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_AAAA:
		return "AAAA";
	case DNS_TLSA:
		return "TLSA";
	}
	return "";
}
