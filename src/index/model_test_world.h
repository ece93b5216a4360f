/* A plain, slow model of the index for tests: an array of structs, filters decided message by
 * message and text by text, groups found by looking through a list. It shares no code with the
 * index: no bitmaps, no dictionaries, no order of terms. */
#ifndef INDEX_MODEL_TEST_WORLD_H
#define INDEX_MODEL_TEST_WORLD_H

#include "filter/filter.h"
#include "index/groups/groups.h"

#define MODEL_NOW INT64_C(1800000000)
#define MODEL_RECIPIENTS 6
#define MODEL_TEXT 64

struct model_recipient {
	char address[MODEL_TEXT], original[MODEL_TEXT], reason[120], dsn[8], remote[24];
	bool done;
};

struct model_message {
	char id[QUEUE_ID_SIZE];
	enum queue queue;
	uint32_t known; /* enum message_known */
	bool cut;	/* has more recipients than these */
	int64_t arrival, next_retry;
	uint64_t size;
	char sender[MODEL_TEXT], client_name[MODEL_TEXT], client_address[24], login[24], helo[24],
	    subject[MODEL_TEXT];
	uint32_t todo;
	size_t count;
	struct model_recipient recipient[MODEL_RECIPIENTS];
};

struct model {
	struct model_message *m;
	size_t count, cap;
	uint64_t texts; /* makes texts that no other message has */
};

unsigned model_below(unsigned n);

/* Makes one change, a new message, another state of one, or the end of one, and tells the index of
 * it. `most` is how many messages there should be in the end. */
void model_change(struct model *model, struct index *ix, size_t most);
/* Tells another index of a message as it is. */
void model_tell(struct index *ix, const struct model_message *m);
void model_free(struct model *model);

/* A filter as somebody may write it, of terms that match some of these messages. */
void model_random_filter(struct buffer *out);

enum model_answer { MODEL_NO, MODEL_YES, MODEL_UNKNOWN };
enum model_answer model_decide(const struct model_message *m, const struct filter *filter);

/* The message as if it had this recipient alone, who waits; NULL with `cut`: one of whom nothing is
 * known; else nobody. */
bool model_matches_alone(const struct model_message *m, const struct model_recipient *recipient,
    bool cut, const struct filter *scope);
/* What a scope has of a message: itself with the recipients inside, all of them where it is
 * `whole`. False: nothing. */
bool model_cut(const struct model_message *m, const struct filter *scope, struct model_message *out,
    bool *whole);

struct model_group {
	char key[2][256];
	uint64_t messages, recipients, bytes;
	int64_t oldest;
};
struct model_groups {
	struct model_group *items;
	size_t count, cap;
};
/* Adds the message to its groups. */
void model_count(struct model_groups *groups, const struct model_message *m,
    const enum group_key *keys, size_t key_count);

/* Below 0, 0 or above 0 as the messages come in the order of a page. */
int model_compare(
    const struct model_message *a, const struct model_message *b, struct index_sort sort);

#endif
