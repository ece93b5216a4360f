/* Counts by key over what a filter matches, or over what was chosen, within a scope. */
#ifndef QUERY_GROUPS_H
#define QUERY_GROUPS_H

#include "index/groups/answer.h"
#include "query/chosen.h"

/* Counts the messages that `filter` matches (NULL: all) by `key`. False with `err`
 * (filter_too_costly), with nothing to free; else the caller frees. */
bool query_groups(struct query *q, const struct query_scope *scope, const struct filter *filter,
    enum group_key key, size_t limit, int64_t now, struct groups *out, struct error *err);
/* By two keys, which differ, as a table (groups_table_count in index/groups/groups.h). */
bool query_groups_table(struct query *q, const struct query_scope *scope,
    const struct filter *filter, const enum group_key keys[2], const size_t limits[2], int64_t now,
    struct groups_table *out, struct error *err);
/* Of what was chosen, as it is now: what has left the queue, or the scope, is not counted. The
 * caller frees. */
void query_groups_chosen(const struct query_chosen *chosen, const struct query_scope *scope,
    enum group_key key, size_t limit, int64_t now, struct groups *out);

/* The domains whose mail goes to a remote host, or to a provider by its name ("outlook.com"), as
 * replies in the queue say: calls for each, at most GROUPS_LIMIT_MAX. */
typedef void query_domain(void *context, struct slice domain);
void query_domains_of_host(
    struct query *q, struct slice host, int64_t now, query_domain *each, void *context);

#endif
