/* The index's memory: struct index and its columns, which the files of columns/ write and those of
 * the other folders read (row_values.h). Private to index/. */
#ifndef INDEX_COLUMNS_H
#define INDEX_COLUMNS_H

#include "base/buffer.h"
#include "index/columns/delete_marks.h"
#include "index/columns/dict.h"
#include "index/columns/hosts.h"
#include "index/columns/id_key.h"
#include "index/columns/leaving.h"
#include "index/columns/paused.h"
#include "index/columns/recipients.h"
#include "index/columns/sparse.h"
#include "index/index.h"

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

struct view_list;
struct match_cache;
struct inside_list;

/* So many changes are remembered: minutes of a busy queue, so that whoever comes back within them
 * has only these rows decided again. 512 KB. */
#define GENERATION_ROWS 131072

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

	struct leaving leaving;
	struct view_list *views;
	struct match_cache *match_cache; /* what filters found */
	struct inside_list *insides;	 /* what scopes leave of it */
	struct delete_marks delete_marks;
	struct paused paused;
	int64_t lifetime, bounce_lifetime; /* of mail in the queue; -1: not known */
	struct hosts *hosts[HOSTS_KINDS];  /* NULL but while something is counted by them */
	uint32_t *changed_rows; /* the row that made each of the last GENERATION_ROWS generations */
	uint64_t all_changed;	/* the last generation at which any row may have changed */
	struct buffer text;	/* scratch of index_upsert */
};

/* Something is different now: in a row, or (INDEX_ROW_NONE) beside them. There is no other way to a
 * new generation, so that nothing that was found before can be taken for what is. */
static inline void generation_next(struct index *ix, uint32_t row)
{
	ix->generation++;
	ix->changed_rows[ix->generation % GENERATION_ROWS] = row;
}

/* Any row may be different now. */
static inline void generation_next_all(struct index *ix)
{
	generation_next(ix, INDEX_ROW_NONE);
	ix->all_changed = ix->generation;
}

/* An index, all zero, becomes an empty one; and gives back what is in columns/. */
void columns_init(struct index *ix);
void columns_free(struct index *ix);

#endif
