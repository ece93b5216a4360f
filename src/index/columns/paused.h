/* What is held back now: which domains, senders and logins, by the pauses that are in force. A
 * small set that is replaced as a whole; what a row waits for is looked up when somebody asks, so
 * that a pause costs nothing for a message. Private to index/; what others call is in index.h. */
#ifndef INDEX_PAUSED_H
#define INDEX_PAUSED_H

#include "base/table.h"
#include "index/answer.h"

struct index;
struct recipient;

/* What the names of pauses are, each in a table of its own. */
enum paused_names {
	PAUSED_NAMES_DOMAIN,
	PAUSED_NAMES_SENDER,
	PAUSED_NAMES_LOGIN,
	PAUSED_NAMES_KINDS
};

/* A name that a pause holds back. Several pauses may hold back one name. */
struct paused_name {
	struct slice text; /* lower case */
	uint32_t pause;	   /* its place in `pause` */
	uint32_t next;	   /* another of the same text; TABLE_NONE: none */
};

struct paused {
	struct index_pause *pause;
	size_t count;
	struct paused_name *name;
	uint32_t names, names_cap;
	struct table by_text[PAUSED_NAMES_KINDS]; /* the first of each text */
	bool subdomains;			  /* of any */
	bool known;				  /* the set was told */
	/* Diagnoses, diagnosis_index + 1: of what waits for a pause; and what Postfix says of it,
	 * which does not tell a pause from an operator's own setting. */
	uint32_t diagnosis, deferred, unavailable;
	char *texts; /* that all slices point to */
};
void paused_free(struct paused *p);

/* Calls for each pause of a domain in ix->domains, by its place; stops where that is false. */
typedef bool paused_each_fn(void *context, uint32_t pause);
void paused_each_of_domain(
    const struct index *ix, uint32_t domain, paused_each_fn *each, void *context);
/* The same of a row on hold: those of its sender and its login that it has come after. */
void paused_each_of_held(const struct index *ix, uint32_t row, paused_each_fn *each, void *context);

/* The place of one of them, + 1; 0: none. One under which nothing passes goes before one that only
 * slows down. */
uint32_t paused_of_domain(const struct index *ix, uint32_t domain);
uint32_t paused_of_held(const struct index *ix, uint32_t row);
/* Of a recipient of a row that is still to be delivered to. */
uint32_t paused_of_recipient(
    const struct index *ix, uint32_t row, const struct recipient *recipient);

/* Whether recipients wait in this queue because of their domain. On hold nobody is tried, and what
 * is in maildrop waits for pickup. */
static inline bool paused_in_queue(uint32_t queue)
{
	return queue != QUEUE_HOLD && queue != QUEUE_MAILDROP;
}

/* What a settled reason means for this recipient, diagnosis_index + 1: reasons_settled_diagnosis,
 * but where Postfix only says that something defers the domain, and a pause of ours does. */
uint32_t paused_diagnosis(const struct index *ix, const struct recipient *recipient);

#endif
