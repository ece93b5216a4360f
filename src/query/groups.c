/* Groups within a scope. */
#include "query/groups.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/memory.h"
#include "index/groups/groups.h"
#include "query/internal.h"

bool query_groups(struct query *q, const struct query_scope *scope, const struct filter *filter,
    enum group_key key, size_t limit, int64_t now, struct groups *out, struct error *err)
{
	FILTER_AUTO struct filter *within = query_within(scope, filter);

	groups_count(q->index, within, &key, 1, limit, now, out);
	/* After the count, which itself notices that it would cost too much and stops. */
	if (query_decided(&out->match, err))
		return true;
	groups_free(out);
	return false;
}

bool query_groups_table(struct query *q, const struct query_scope *scope,
    const struct filter *filter, const enum group_key keys[2], const size_t limits[2], int64_t now,
    struct groups_table *out, struct error *err)
{
	FILTER_AUTO struct filter *within = query_within(scope, filter);

	groups_table_count(q->index, within, keys, limits, now, out);
	if (query_decided(&out->match, err))
		return true;
	groups_table_free(out);
	return false;
}

void query_groups_chosen(const struct query_chosen *chosen, const struct query_scope *scope,
    enum group_key key, size_t limit, int64_t now, struct groups *out)
{
	size_t count;
	MEMORY_AUTO uint32_t *rows = query_chosen_within(chosen, scope, now, &count);

	groups_count_rows(query_chosen_query(chosen)->index, rows, count, &key, 1, limit, now,
	    scope->filter, out);
}

/* "remote_host:=a.example or remote_host:*.a.example"; a name in which a star could be hidden
 * stands for itself alone. */
static struct filter *filter_of_host(struct slice host)
{
	BUFFER_AUTO struct buffer text = {0};
	bool name = host.len > 0;

	for (size_t i = 0; i < host.len; i++)
		name &= isalnum((unsigned char)host.data[i]) || host.data[i] == '.' ||
			host.data[i] == '-';
	buffer_append_string(&text, "remote_host:=");
	filter_quote(&text, host);
	if (name)
		buffer_printf(&text, " or remote_host:*.%.*s", SLICE_ARGS(host));
	return filter_parse(buffer_slice(&text), NULL);
}

static bool is_host_of(struct slice host, struct slice provider)
{
	size_t longer = host.len > provider.len ? host.len - provider.len : 0;

	return slice_equal_nocase(slice_from(host, longer), provider) &&
	       (longer == 0 ? host.len == provider.len : host.data[longer - 1] == '.');
}

/* Recipient by recipient: another recipient of the same message goes to another host. */
void query_domains_of_host(
    struct query *q, struct slice host, int64_t now, query_domain *each, void *context)
{
	const enum group_key keys[2] = {GROUP_RECIPIENT_DOMAIN, GROUP_REMOTE_HOST};
	FILTER_AUTO struct filter *filter = filter_of_host(host);
	struct groups found;

	if (filter == NULL || host.len == 0)
		return;
	groups_count(q->index, filter, keys, 2, GROUPS_LIMIT_MAX, now, &found);
	for (size_t i = 0; i < found.count; i++)
		if (found.items[i].key.len > 0 && is_host_of(found.items[i].key2, host))
			each(context, found.items[i].key);
	groups_free(&found);
}
