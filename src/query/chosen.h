/* Exactly the messages that somebody has chosen, to be read bit by bit while the queue moves on:
 * four bytes a message with him, a bit here. The index keeps what was said of them until this is
 * freed, whatever becomes of them. They were in the scope when they were chosen, and, for an
 * action, all their recipients were. */
#ifndef QUERY_CHOSEN_H
#define QUERY_CHOSEN_H

#include "query/views.h"

struct query_chosen;

struct query_chosen *query_chosen_create(struct query *q);
/* Before the query. Accepts a pointer to NULL. */
void query_chosen_free(struct query_chosen **chosen);
struct query *query_chosen_query(const struct query_chosen *chosen);

/* Chooses one that was just found (for an action: only a whole one); its number is the key for
 * query_chosen_get. False when it was chosen before. */
bool query_choose(struct query_chosen *chosen, const struct query_message *message);

/* Who chooses from a view is told what, in the view's order. */
struct query_chooser {
	void (*chosen)(void *context, uint32_t number);
	/* This one has left the queue, or the scope. False: no more of these. */
	bool (*left)(void *context, struct slice id);
	/* This one is there, but also goes to recipients outside of the scope. */
	void (*not_whole)(void *context, struct slice id);
	void *context;
};
/* Chooses what is still there of a view and whole, less what is in `except`. */
void query_choose_view(struct query_chosen *chosen, const struct query_scope *scope,
    const struct query_view *view, const struct query_chosen *except, int64_t now,
    const struct query_chooser *chooser);

/* A chosen message, as it is or was last. False for a number that was not chosen. */
bool query_chosen_get(
    const struct query_chosen *chosen, uint32_t number, struct query_message *out);
/* Calls for each, in no particular order, with its numbers alone: a million take milliseconds. */
typedef void query_chosen_each_fn(void *context, const struct index_brief *message);
void query_chosen_each(
    const struct query_chosen *chosen, query_chosen_each_fn *each, void *context);
/* The same message as it may be shown within a scope: query_chosen_get, hidden where it has left
 * it. */
bool query_chosen_show(const struct query_chosen *chosen, const struct query_scope *scope,
    uint32_t number, int64_t now, struct query_message *out);

#endif
