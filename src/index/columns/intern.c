/* Texts of a message become numbers in the dictionaries here, and are given back. Several texts
 * that belong together (a client's name and address, the parts of a reason) are one string with
 * separators between them, so that a dictionary has each combination once. */
#include "index/columns/intern.h"

#include <string.h>

#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "postfix/reason.h"

/* Texts come without control characters (postfix/message.h), but a separator in one must never
 * shift the others: it is left out. */
static void append_part(struct buffer *out, struct slice text)
{
	struct slice part;

	while (slice_split(&text, SEPARATOR, &part))
		buffer_append_slice(out, part);
}

struct slice intern_part(struct slice *rest)
{
	struct slice part = {"", 0};

	if (!slice_split(rest, SEPARATOR, &part))
		return (struct slice){"", 0};
	return part;
}

static uint32_t intern_client(struct index *ix, const struct message *m)
{
	BUFFER_AUTO struct buffer text = {0};

	if (m->client_name.len == 0 && m->client_address.len == 0)
		return 0;
	append_part(&text, m->client_name);
	buffer_append_char(&text, SEPARATOR);
	append_part(&text, m->client_address);
	return dict_intern(&ix->clients, buffer_slice(&text));
}

/* Most replies begin with the host that gave them, "host mx.example.com[192.0.2.1] said: ...",
 * which is then not kept twice. */
static bool says_host(struct slice reason, struct slice host)
{
	struct slice behind = slice_from(reason, strlen("host "));

	return host.len > 0 && slice_starts_with(reason, "host ") && behind.len > host.len &&
	       slice_equal(slice_first(behind, host.len), host) && behind.data[host.len] == '[';
}

/* The host that answered; where none did, as the text names it ("connect to mx.example[...]"). */
static struct slice host_of(const struct message_recipient *r)
{
	struct reason reason;

	if (r->remote.len > 0)
		return r->remote;
	reason_parse(r->reason, &reason);
	return reason.host;
}

/* A reason as the dictionary has it; empty for none. */
void intern_put_reason(struct buffer *text, const struct message_recipient *r)
{
	struct slice host = host_of(r);

	buffer_clear(text);
	if (r->reason.len == 0 && r->dsn.len == 0)
		return;
	append_part(text, r->dsn);
	buffer_append_char(text, SEPARATOR);
	if (says_host(r->reason, host))
		buffer_append_char(text, HOST_IN_REASON);
	else
		append_part(text, host);
	buffer_append_char(text, SEPARATOR);
	append_part(text, r->reason);
}

uint32_t intern_reason(struct index *ix, struct slice text, uint32_t hash)
{
	uint32_t number = dict_intern_hashed(&ix->reasons, text, hash);

	if (number < ix->settle_from && !reasons_settled(ix, number))
		ix->settle_from = number;
	return number;
}

/* An address, with its domain in lower case as its note. */
uint32_t intern_address(struct index *ix, struct dict *d, struct slice address)
{
	uint32_t number = dict_intern(d, address);
	const char *at = address.len ? memrchr(address.data, '@', address.len) : NULL;
	char domain[256];
	size_t len;

	if (number == 0 || d->entries[number].uses > 1 || !at)
		return number;
	len = address.len - (size_t)(at + 1 - address.data);
	/* A longer name is no domain (RFC 1035: 255). */
	if (len > sizeof(domain))
		len = sizeof(domain);
	for (size_t i = 0; i < len; i++)
		domain[i] =
		    at[1 + i] >= 'A' && at[1 + i] <= 'Z' ? (char)(at[1 + i] + 32) : at[1 + i];
	d->note[number] = dict_intern(&ix->domains, (struct slice){domain, len});
	return number;
}

void intern_release_address(struct index *ix, struct dict *d, uint32_t number)
{
	uint32_t domain = 0;

	if (dict_release(d, number, &domain))
		dict_release(&ix->domains, domain, NULL);
}

static void release_reason(struct index *ix, uint32_t number)
{
	uint32_t class = 0;

	if (!dict_release(&ix->reasons, number, &class))
		return;
	dict_release(&ix->classes, class, NULL);
	if (number < ix->diagnoses_cap)
		ix->diagnoses[number] = 0;
}

/* An origin holds its parts once, whoever has that origin. */
static void release_parts(struct index *ix, const struct origin *origin)
{
	dict_release(&ix->clients, origin->client, NULL);
	dict_release(&ix->logins, origin->login, NULL);
	dict_release(&ix->helos, origin->helo, NULL);
}

/* The client, login and helo of a message as one number. */
uint32_t intern_origin(struct index *ix, const struct message *m)
{
	struct origin origin = {intern_client(ix, m), dict_intern(&ix->logins, m->login),
	    dict_intern(&ix->helos, m->helo)};
	uint32_t number;

	if (origin.client == 0 && origin.login == 0 && origin.helo == 0)
		return 0;
	number = dict_intern(&ix->origins, (struct slice){(const char *)&origin, sizeof(origin)});
	if (ix->origins.entries[number].uses > 1)
		release_parts(ix, &origin);
	return number;
}

void intern_release_origin(struct index *ix, uint32_t number)
{
	struct origin origin = origin_parts(ix, number);

	if (dict_release(&ix->origins, number, NULL))
		release_parts(ix, &origin);
}

static void release_recipient(struct index *ix, const struct recipient *r)
{
	intern_release_address(ix, &ix->addresses, recipient_address(ix, r));
	intern_release_address(ix, &ix->addresses, recipient_original(ix, r));
	release_reason(ix, recipient_reason(r));
	if (r->reason & RECIPIENT_ORIGINAL)
		recipients_unpair(&ix->recipients, r->address);
}

/* Leaves the row without recipients. */
void intern_release_recipients(struct index *ix, uint32_t row)
{
	const struct recipient *list = row_recipients(ix, row);

	for (uint32_t i = 0; i < row_kept(ix, row); i++)
		release_recipient(ix, &list[i]);
	if (row_block(ix, row))
		recipients_give(&ix->recipients, ix->c.recipient[row].address);
	ix->c.recipient[row] = (struct recipient){0, 0};
	ix->c.flags[row] &= (uint8_t)~ROW_ONE;
}

/* Everything that the row holds in dictionaries, but its fate. */
void intern_release_row(struct index *ix, uint32_t row)
{
	intern_release_address(ix, &ix->senders, ix->c.sender[row]);
	dict_release(&ix->subjects, ix->c.subject[row], NULL);
	intern_release_origin(ix, ix->c.origin[row]);
	intern_release_recipients(ix, row);
}
