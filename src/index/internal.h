/* What the files of index/ share: the columns. Private to index/. */
#ifndef INDEX_INTERNAL_H
#define INDEX_INTERNAL_H

#include "index/dict.h"
#include "index/index.h"
#include "index/recipients.h"

/* A queue ID, six bits a character (0: end, then 0-9 A-Z a-z), ten characters a word from the top,
 * so that comparing words compares IDs as strcmp does. */
#define ID_WORDS 3
struct id_key {
	uint64_t word[ID_WORDS];
};
/* False when `id` is longer than QUEUE_ID_MAX or has other characters. */
bool id_key_pack(struct slice id, struct id_key *key);
void id_key_unpack(const struct id_key *key, char id[QUEUE_ID_SIZE]);
int id_key_compare(const struct id_key *a, const struct id_key *b);

/* State of a row, in `flags`. A free row has neither LIVE nor LEFT. */
#define ROW_LIVE 0x01	/* in the queue */
#define ROW_LEFT 0x02	/* has left; kept for views */
#define ROW_SEEN 0x04	/* told of since the scan under way began */
#define ROW_FORCED 0x08 /* forced to expire */
#define ROW_CUT 0x10	/* has more recipients than are kept */

/* One element for each row. About 110 bytes a row in all, recipients apart. */
struct columns {
	struct id_key *id;
	uint64_t *size, *inode;
	uint32_t *arrival, *next_retry, *create_time;	    /* Unix seconds */
	uint32_t *sender, *subject, *client, *login, *helo; /* numbers in dictionaries */
	uint32_t *fate;
	uint32_t *signature;	     /* of the queue file; 0: none */
	uint32_t *todo;		     /* recipients still to be delivered to */
	uint32_t *kept, *recipients; /* how many are kept, and where */
	uint8_t *known;		     /* enum message_known */
	uint8_t *flags, *queue;
};

/* A row that has left, in the order of leaving. */
struct left_row {
	uint32_t row;
	uint64_t sequence;
};

struct view_list;

struct index {
	struct columns c;
	uint32_t rows, cap; /* one past the highest row; allocated */
	uint32_t free_head; /* row + 1, through c.recipients; 0: none */
	uint64_t *live;	    /* a bit for each row with ROW_LIVE */
	uint32_t *table;    /* row + 1 by ID, rows that left too; 0: empty slot */
	uint32_t table_mask, table_used;
	struct recipients recipients;
	/* Notes: of an address its domain's number; of a domain none; of a reason its class, in
	 * classes; of a class none. A client is its name, 0x1f, its address; a reason is dsn, 0x1f,
	 * remote, 0x1f, text. */
	struct dict senders, addresses, domains, reasons, classes, clients, logins, helos, subjects,
	    fates;
	uint16_t *diagnoses; /* by reason: 0 not looked for yet, 1 none, else diagnosis_at(n - 2) */
	uint32_t diagnoses_cap;
	uint32_t settle_from; /* the lowest reason that may be without class and diagnosis */
	uint32_t *carry;      /* working memory, by address: see upsert */
	uint32_t carry_cap;

	enum index_state state;
	bool resetting, scanning, corrupt_known;
	uint64_t generation;
	int64_t as_of;
	uint64_t counts[QUEUE_COUNT], corrupt, messages, bytes;
	uint32_t oldest; /* arrival */
	bool oldest_known;
	uint64_t loaded, expected, upserted, removed;

	/* Rows that left, oldest first: a ring of left_cap. Freed when no view was made before they
	 * left. */
	struct left_row *left;
	size_t left_head, left_count, left_cap;
	uint64_t sequence; /* counts rows that left */
	struct view_list *views;
};

#define SEPARATOR '\x1f' /* in no text of a message: all are printable */

/* In a reason, in place of its host: the one that the text begins with, "host NAME[". */
#define HOST_IN_REASON '\x1e'

/* The parts of a text with separators: the first, and what is behind it. */
struct slice internal_part(struct slice *rest);
/* The words of a reason, without its code and host. */
struct slice internal_reason_text(const struct index *ix, uint32_t number);
static inline bool internal_live(const struct index *ix, uint32_t row)
{
	return row < ix->rows && (ix->c.flags[row] & ROW_LIVE);
}

/* What a row has that is not kept in a column of its own width. The columns that may be read as
 * they are: arrival, next_retry, sender, subject, known, flags, queue. */
static inline struct id_key internal_id(const struct index *ix, uint32_t row)
{
	return ix->c.id[row];
}
static inline uint64_t internal_id_word(const struct index *ix, uint32_t row)
{
	return ix->c.id[row].word[0];
}
static inline uint64_t internal_size(const struct index *ix, uint32_t row)
{
	return ix->c.size[row];
}
static inline uint64_t internal_inode(const struct index *ix, uint32_t row)
{
	return ix->c.inode[row];
}
static inline uint32_t internal_create_time(const struct index *ix, uint32_t row)
{
	return ix->c.create_time[row];
}
/* Numbers in ix->clients, ix->logins, ix->helos, ix->fates. */
static inline uint32_t internal_client(const struct index *ix, uint32_t row)
{
	return ix->c.client[row];
}
static inline uint32_t internal_login(const struct index *ix, uint32_t row)
{
	return ix->c.login[row];
}
static inline uint32_t internal_helo(const struct index *ix, uint32_t row)
{
	return ix->c.helo[row];
}
static inline uint32_t internal_fate(const struct index *ix, uint32_t row)
{
	return ix->c.fate[row];
}
/* Recipients still to be delivered to; those that are kept; and these. */
static inline uint32_t internal_todo(const struct index *ix, uint32_t row)
{
	return ix->c.todo[row];
}
static inline uint32_t internal_kept(const struct index *ix, uint32_t row)
{
	return ix->c.kept[row];
}
static inline struct recipient *internal_recipients(const struct index *ix, uint32_t row)
{
	return recipients_at(&ix->recipients, ix->c.recipients[row], ix->c.kept[row]);
}
/* Of one recipient: numbers in ix->addresses (original 0: none) and ix->reasons. */
static inline uint32_t internal_address(const struct index *ix, const struct recipient *r)
{
	(void)ix;
	return r->address;
}
static inline uint32_t internal_original(const struct index *ix, const struct recipient *r)
{
	(void)ix;
	return r->original;
}
static inline uint32_t internal_reason(const struct recipient *r)
{
	return r->reason & ~RECIPIENT_FLAGS;
}
/* The diagnosis of a reason in the dictionary, remembered. */
const struct diagnosis *internal_diagnosis(struct index *ix, uint32_t reason);
/* The class of a reason, as a number in ix->classes, remembered. */
uint32_t internal_class(struct index *ix, uint32_t reason);
/* Frees the rows that left before every view was made. `oldest_view` is the sequence at which the
 * oldest view was made, UINT64_MAX without views. */
void internal_release_left(struct index *ix, uint64_t oldest_view);
/* A live row goes into the counts, or out of them, before its queue, size or arrival changes. */
void internal_count_in(struct index *ix, uint32_t row);
void internal_count_out(struct index *ix, uint32_t row);
/* Unix seconds as the columns keep them: from 1970 to 2106. */
uint32_t internal_clamp_time(int64_t seconds);
/* Every message leaves. */
void internal_leave_all(struct index *ix);
/* view.c: the sequence of the oldest view, and the end of all of them. */
uint64_t internal_oldest_view(const struct index *ix);
void internal_free_views(struct index *ix);

#endif
