/* The names of remote hosts and their providers, found in the reasons when somebody asks by host.
 * The name is not a column: it would cost four bytes a reason for a request that is seldom made.
 */
#include "index/columns/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "index/columns/columns.h"
#include "index/columns/intern.h"

/* Longer than any name of a host (RFC 1035: 255). */
#define HOST_MAX 256

struct slice hosts_of_reason(const struct index *ix, uint32_t reason)
{
	struct slice rest = dict_text(&ix->reasons, reason), host;

	intern_part(&rest);
	host = intern_part(&rest);
	if (host.len == 1 && host.data[0] == HOST_IN_REASON) {
		host = slice_from(rest, strlen("host "));
		host.len = (size_t)slice_find_char(host, '[');
	}
	return host;
}

static bool is_address(struct slice host)
{
	for (size_t i = 0; i < host.len; i++)
		if ((host.data[i] < '0' || host.data[i] > '9') && host.data[i] != '.' &&
		    host.data[i] != ':')
			return slice_find_char(host, ':') >= 0;
	return true;
}

/* What countries put names under, instead of under themselves. */
static bool is_rubric(struct slice label)
{
	static const char *const rubrics[] = {"ac", "asn", "co", "com", "ed", "edu", "gc", "go",
	    "gob", "gouv", "gov", "govt", "gv", "id", "ltd", "me", "mil", "ne", "net", "nom", "or",
	    "org", "plc", "sch", "web"};

	for (size_t i = 0; i < sizeof(rubrics) / sizeof(rubrics[0]); i++)
		if (slice_equal_nocase(label, slice_of(rubrics[i])))
			return true;
	return false;
}

/* The offset of the last dot before `end`; -1 for none. */
static ptrdiff_t dot_before(struct slice host, ptrdiff_t end)
{
	const char *dot = end > 0 ? memrchr(host.data, '.', (size_t)end) : NULL;

	return dot != NULL ? dot - host.data : -1;
}

struct slice hosts_domain(struct slice host)
{
	ptrdiff_t last = dot_before(host, (ptrdiff_t)host.len), second = dot_before(host, last);
	struct slice label;

	if (second < 0 || is_address(host))
		return host;
	/* "mail.shop.co.uk": nobody is called "co.uk". */
	label = slice_make(host.data + second + 1, (size_t)(last - second - 1));
	if ((ptrdiff_t)host.len - last == 3 && is_rubric(label))
		second = dot_before(host, second);
	return slice_from(host, (size_t)(second + 1));
}

static uint32_t intern(struct dict *names, struct slice host, enum hosts_kind kind)
{
	char text[HOST_MAX];

	if (kind == HOSTS_DOMAIN)
		host = hosts_domain(host);
	host = slice_first(host, sizeof(text));
	for (size_t i = 0; i < host.len; i++)
		text[i] = host.data[i] >= 'A' && host.data[i] <= 'Z' ? (char)(host.data[i] | 0x20)
								     : host.data[i];
	return dict_intern(names, slice_make(text, host.len));
}

void hosts_make(struct index *ix, enum hosts_kind kind)
{
	struct hosts *hosts;

	if (ix->hosts[kind] != NULL)
		return;
	hosts = memory_zero(1, sizeof(*hosts));
	dict_init(&hosts->names, false);
	hosts->of_reason = memory_zero(ix->reasons.count, sizeof(*hosts->of_reason));
	for (uint32_t n = 1; n < ix->reasons.count; n++)
		if (dict_used(&ix->reasons, n))
			hosts->of_reason[n] = intern(&hosts->names, hosts_of_reason(ix, n), kind);
	ix->hosts[kind] = hosts;
}

void hosts_forget(struct index *ix)
{
	for (int kind = 0; kind < HOSTS_KINDS; kind++) {
		if (ix->hosts[kind] == NULL)
			continue;
		dict_free(&ix->hosts[kind]->names);
		free(ix->hosts[kind]->of_reason);
		free(ix->hosts[kind]);
		ix->hosts[kind] = NULL;
	}
}
