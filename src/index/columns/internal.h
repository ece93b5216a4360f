/* What the files of index/ share: the columns. Private to index/. */
#ifndef INDEX_INTERNAL_H
#define INDEX_INTERNAL_H

#include <string.h>

#include "base/buffer.h"
#include "index/columns/dict.h"
#include "index/columns/hosts.h"
#include "index/columns/recipients.h"
#include "index/columns/sparse.h"
#include "index/index.h"

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

/* The first twenty characters, as a row keeps them: all of an ID whose inode is below 2^51. */
struct id_short {
	uint64_t word[2];
};
#define ID_LONGER (UINT64_C(1) << 63) /* in word[1]: the rest is beside */

/* State of a row, in `flags`. A free row has neither LIVE nor LEFT. */
#define ROW_LIVE 0x01	 /* in the queue */
#define ROW_LEFT 0x02	 /* has left; kept for views */
#define ROW_SEEN 0x04	 /* told of since the scan under way began */
#define ROW_FORCED 0x08	 /* forced to expire */
#define ROW_CUT 0x10	 /* has more recipients than are kept */
#define ROW_ONE 0x20	 /* has one recipient, still to be delivered to: in the column itself */
#define ROW_DAMAGED 0x40 /* its file could not be read to the end */
#define ROW_LISTED 0x80	 /* not missing from the listing that is compared (listing_comparison.h) */

/* One element for each row; rows.c has the list of them. 62 bytes a row in all. Read through the
 * functions below: arrival, next_retry, sender, subject, signature, log_stamp, known, flags and
 * queue as they are. */
struct columns {
	struct id_short *id;
	uint32_t *size;			/* SIZE_IN_SPARSE: beside */
	uint32_t *arrival, *next_retry; /* Unix seconds; of a free row, the next free one + 1 */
	uint32_t *sender, *subject, *origin; /* numbers in dictionaries */
	uint32_t *signature;		     /* of the queue file; 0: none */
	uint32_t *log_stamp;		     /* of the defer log; 0: not known */
	struct recipient *recipient;	     /* ROW_ONE: it; else `address` is a block or 0 */
	uint8_t *created; /* seconds behind the arrival; CREATED_IN_SPARSE: beside */
	uint8_t *known;	  /* enum message_known */
	uint8_t *flags, *queue;
};
#define SIZE_IN_SPARSE UINT32_MAX
#define CREATED_IN_SPARSE UINT8_MAX

/* What is beside the columns where it is not the usual: the characters of an ID behind the
 * twentieth (as a word of a key), a size of 4 GiB, an inode that is not the one in the ID, a create
 * time that is not soon after the arrival; and the fate of what left, a number in a dictionary. */
enum sparse_column {
	SPARSE_ID,
	SPARSE_SIZE,
	SPARSE_INODE,
	SPARSE_CREATED,
	SPARSE_FATE,
	SPARSE_COLUMNS
};

/* Where a message came from, as the text of ix->origins: numbers in their dictionaries. */
struct origin {
	uint32_t client, login, helo;
};

/* A message that a delete has on hold until it removes it (delete_marks.h). */
struct delete_mark {
	struct id_key id; /* all zero: an empty slot */
	uint64_t inode;	  /* 0: not known */
	uint32_t arrival;
	uint32_t job;
	uint32_t removed; /* 1: it has been removed, and is to leave the queue */
	uint32_t unused;
};
/* At most half full, open addressing. */
struct delete_marks {
	struct delete_mark *mark;
	uint32_t slots, used; /* slots: 0 or a power of two */
	uint64_t rows;	      /* live rows on hold that have a mark */
	bool known;	      /* all that there was before this process is told */
};

/* A row that has left, in the order of leaving. */
struct left_row {
	uint32_t row;
	uint64_t sequence;
};

struct view_list;
struct match_cache;

/* So many changes are remembered: some seconds of a busy queue. */
#define INTERNAL_CHANGED 16384

struct index {
	struct columns c;
	uint32_t rows, cap; /* one past the highest row; allocated */
	uint32_t free_head; /* row + 1, through c.next_retry; 0: none */
	uint64_t *live;	    /* a bit for each row with ROW_LIVE */
	struct slots slots; /* row + 1 by ID, rows that left too */
	struct sparse sparse[SPARSE_COLUMNS];
	struct recipients recipients;
	/* Notes: of an address its domain's number; of a domain none; of a reason its class, in
	 * classes; of a class its diagnosis (diagnosis_index + 1). A client is its name, 0x1f, its
	 * address; a reason is dsn, 0x1f, remote, 0x1f, text; an origin a struct origin. */
	struct dict senders, addresses, domains, reasons, classes, clients, logins, helos, origins,
	    subjects, fates;
	uint16_t *diagnoses; /* by reason: 0 not looked for yet, 1 none, else diagnosis_at(n - 2) */
	uint32_t diagnoses_cap;
	uint32_t settle_from; /* the lowest reason that may be without class and diagnosis */

	enum index_state state;
	bool resetting, scanning, corrupt_known;
	uint64_t generation;
	int64_t as_of;
	uint64_t counts[QUEUE_COUNT], corrupt, messages, bytes;
	uint64_t damaged; /* of the messages */
	uint32_t oldest;  /* arrival */
	bool oldest_known;
	uint64_t loaded, expected, upserted, removed;

	/* Rows that left, oldest first: a ring of left_cap. Freed when no view was made before they
	 * left. */
	struct left_row *left;
	size_t left_head, left_count, left_cap;
	uint64_t sequence; /* counts rows that left */
	struct view_list *views;
	struct match_cache *match_cache; /* what filters found */
	struct delete_marks delete_marks;
	int64_t lifetime, bounce_lifetime; /* of mail in the queue; -1: not known */
	struct hosts *hosts[HOSTS_KINDS];  /* NULL but while something is counted by them */
	uint32_t *changed;  /* the row that made each of the last INTERNAL_CHANGED generations */
	struct buffer text; /* scratch of index_upsert */
};

#define SEPARATOR '\x1f' /* in no text of a message: all are printable */

/* In a reason, in place of its host: the one that the text begins with, "host NAME[". */
#define HOST_IN_REASON '\x1e'

/* The parts of a text with separators: the first, and what is behind it. */
struct slice internal_part(struct slice *rest);
/* The words of a reason, without its code and host. */
struct slice internal_reason_text(const struct index *ix, uint32_t number);
/* Something is different now: in a row, or (INDEX_ROW_NONE) beside them. There is no other way to a
 * new generation, so that nothing that was found before can be taken for what is. */
static inline void internal_changed(struct index *ix, uint32_t row)
{
	ix->generation++;
	ix->changed[ix->generation % INTERNAL_CHANGED] = row;
}
/* match_cache.c: forgets what filters found. */
void match_cache_free(struct index *ix);
static inline bool internal_live(const struct index *ix, uint32_t row)
{
	return row < ix->rows && (ix->c.flags[row] & ROW_LIVE);
}

static inline uint64_t internal_beside(
    const struct index *ix, enum sparse_column kind, uint32_t row)
{
	uint64_t value;

	return sparse_find(&ix->sparse[kind], row, &value) ? value : 0;
}

static inline struct id_key internal_id(const struct index *ix, uint32_t row)
{
	const struct id_short *id = &ix->c.id[row];
	struct id_key key = {{id->word[0], id->word[1] & ~ID_LONGER}};

	if (id->word[1] & ID_LONGER)
		key.word[2] = internal_beside(ix, SPARSE_ID, row);
	return key;
}
/* The first ten characters. */
static inline uint64_t internal_id_word(const struct index *ix, uint32_t row)
{
	return ix->c.id[row].word[0];
}
static inline uint64_t internal_size(const struct index *ix, uint32_t row)
{
	uint32_t size = ix->c.size[row];

	return size != SIZE_IN_SPARSE ? size : internal_beside(ix, SPARSE_SIZE, row);
}
/* 0 when not known. */
uint64_t internal_inode(const struct index *ix, uint32_t row);
uint32_t internal_create_time(const struct index *ix, uint32_t row);

/* Numbers in ix->clients, ix->logins, ix->helos, ix->fates. */
static inline struct origin internal_origin(const struct index *ix, uint32_t number)
{
	struct origin origin = {0, 0, 0};

	if (number != 0)
		memcpy(&origin, dict_text(&ix->origins, number).data, sizeof(origin));
	return origin;
}
static inline uint32_t internal_client(const struct index *ix, uint32_t row)
{
	return internal_origin(ix, ix->c.origin[row]).client;
}
static inline uint32_t internal_login(const struct index *ix, uint32_t row)
{
	return internal_origin(ix, ix->c.origin[row]).login;
}
static inline uint32_t internal_helo(const struct index *ix, uint32_t row)
{
	return internal_origin(ix, ix->c.origin[row]).helo;
}
static inline uint32_t internal_fate(const struct index *ix, uint32_t row)
{
	return (uint32_t)internal_beside(ix, SPARSE_FATE, row);
}

/* NULL: it has one recipient, in its column, or none at all. */
static inline struct recipient_block *internal_block(const struct index *ix, uint32_t row)
{
	uint32_t at = ix->c.flags[row] & ROW_ONE ? 0 : ix->c.recipient[row].address;

	return at != 0 ? ix->recipients.block[at] : NULL;
}
/* Recipients still to be delivered to; those that are kept; and these (not NULL; until the next
 * change). */
static inline uint32_t internal_todo(const struct index *ix, uint32_t row)
{
	const struct recipient_block *block = internal_block(ix, row);

	return block ? block->todo : (ix->c.flags[row] & ROW_ONE) != 0;
}
static inline uint32_t internal_kept(const struct index *ix, uint32_t row)
{
	const struct recipient_block *block = internal_block(ix, row);

	return block ? block->kept : (ix->c.flags[row] & ROW_ONE) != 0;
}
static inline struct recipient *internal_recipients(const struct index *ix, uint32_t row)
{
	struct recipient_block *block = internal_block(ix, row);

	return block ? block->list : &ix->c.recipient[row];
}
/* Recipients of rows from `first` on whose bits are set will be asked for soon. */
static inline void internal_expect_recipients(const struct index *ix, uint64_t bits, uint32_t first)
{
	for (; bits != 0; bits &= bits - 1) {
		uint32_t row = first + (uint32_t)__builtin_ctzll(bits);
		if (!(ix->c.flags[row] & ROW_ONE) && ix->c.recipient[row].address != 0)
			__builtin_prefetch(ix->recipients.block[ix->c.recipient[row].address]);
	}
}
/* Of one recipient: numbers in ix->addresses (original 0: none) and ix->reasons. */
static inline uint32_t internal_address(const struct index *ix, const struct recipient *r)
{
	return r->reason & RECIPIENT_ORIGINAL ? ix->recipients.pair[r->address].address
					      : r->address;
}
static inline uint32_t internal_original(const struct index *ix, const struct recipient *r)
{
	return r->reason & RECIPIENT_ORIGINAL ? ix->recipients.pair[r->address].original : 0;
}
static inline uint32_t internal_reason(const struct recipient *r)
{
	return r->reason & ~RECIPIENT_FLAGS;
}
/* Nothing is to be delivered to this one any more: filters, groups and completions pass it over, or
 * an action on those who wait for `to:` somebody would hit messages that he has got already. */
static inline bool internal_done(const struct recipient *r)
{
	return (r->reason & RECIPIENT_DONE) != 0;
}
/* The domain of an address or sender, in ix->domains; 0: none. */
static inline uint32_t internal_domain(const struct dict *d, uint32_t number)
{
	return number ? d->note[number] : 0;
}
/* Whether class and diagnosis of a reason are known already. */
static inline bool internal_settled(const struct index *ix, uint32_t reason)
{
	return reason == 0 || (reason < ix->diagnoses_cap && ix->diagnoses[reason] != 0);
}
/* Of a settled reason: its class, a number in ix->classes; its diagnosis, diagnosis_index + 1, 0:
 * none. */
static inline uint32_t internal_settled_class(const struct index *ix, uint32_t reason)
{
	return reason ? ix->reasons.note[reason] : 0;
}
static inline uint32_t internal_settled_diagnosis(const struct index *ix, uint32_t reason)
{
	return reason ? ix->diagnoses[reason] - 1u : 0;
}
/* The diagnosis of a reason in the dictionary, remembered. */
const struct diagnosis *internal_diagnosis(struct index *ix, uint32_t reason);
/* The class of a reason, as a number in ix->classes, remembered. */
uint32_t internal_class(struct index *ix, uint32_t reason);
/* Finds class and diagnosis of at most `budget` reasons that are without; false when none is left.
 */
bool internal_settle(struct index *ix, unsigned budget);
/* What a request that needs classes or diagnoses may settle itself: some ten milliseconds. Of a
 * queue with more reasons the rest is not known until index_settle has come to it. */
#define INTERNAL_SETTLE_REQUEST 2000
/* Frees the rows that left before every view was made. `oldest_view` is the sequence at which the
 * oldest view was made, UINT64_MAX without views. */
void internal_release_left(struct index *ix, uint64_t oldest_view);
/* A live row goes into the counts, or out of them, before its queue, size or arrival changes. */
void internal_count_in(struct index *ix, uint32_t row);
void internal_count_out(struct index *ix, uint32_t row);
/* Unix seconds as the columns keep them: from 1970 to 2106. */
uint32_t internal_clamp_time(int64_t seconds);
/* Every message predicates. */
void internal_leave_all(struct index *ix);
/* view.c: the sequence of the oldest view, and the end of all of them. */
uint64_t internal_oldest_view(const struct index *ix);
void internal_free_views(struct index *ix);

/* sightings.c: IDs and queues of the rows that `wanted` says yes to, as index_unseen gives them. */
struct index_unseen;
typedef bool internal_row_test(const struct index *ix, uint32_t row);
size_t internal_places(const struct index *ix, internal_row_test *wanted, uint32_t *from,
    struct index_unseen *out, size_t max);

#endif
