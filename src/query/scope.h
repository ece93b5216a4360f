/* Who asks, as far as that decides what there is for him: a filter that is joined to every
 * question. What it does not match, or what cannot be decided for it, is not there: not in lists,
 * counts and groups, not under its ID, not among the undecided.
 *
 * Three things stay those of the whole queue and say nothing of a message: the generation (that
 * something has changed somewhere), as_of, and whether the queue is completely read. */
#ifndef QUERY_SCOPE_H
#define QUERY_SCOPE_H

#include "filter/filter.h"
#include "index/groups/answer.h"

struct query_scope;

/* Everything: people without a scope, and the service itself. */
const struct query_scope *query_scope_all(void);
/* What `text` matches; the empty text is everything. NULL with `err` where it is no filter. The
 * caller frees it; views and what else was made within it live on. */
struct query_scope *query_scope_create(struct slice text, struct filter_error *err);
/* Accepts NULL. */
void query_scope_free(struct query_scope *scope);
bool query_scope_is_all(const struct query_scope *scope);

/* What a scope has of all messages with one value: every one that may ever come. */
enum query_holds {
	QUERY_HOLDS_UNCERTAIN, /* some, or that depends on what else they have */
	QUERY_HOLDS_NONE,
	QUERY_HOLDS_ALL
};
/* Of the messages whose `key` is `value`, as groups and incidents name it ("customer.example",
 * "name[address]" or one of both, "<>" for the null sender). By a key of recipients it is about
 * those recipients: the messages are seen, maybe with others that are not. For those who have to
 * decide about something that only has a name, such as an incident: anything but QUERY_HOLDS_ALL is
 * outside. A queue says it of messages as long as they are there. */
enum query_holds query_scope_holds(
    const struct query_scope *scope, enum group_key key, struct slice value);

#endif
