/* What stands in main.cf for pauses, and how it gets there and out again. Pure: values as postconf
 * prints them in, values as they should be out. Nothing that anybody asks for goes in: only what
 * main.cf says already and Postroom's own words.
 *
 * The helper writes what this says, the offline `postroom pause setup --undo` takes it out by it.
 */
#ifndef POSTFIX_PAUSE_LINES_H
#define POSTFIX_PAUSE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* A transport that is in no master.cf: what is routed to it waits, by defer_transports. */
#define PAUSE_LINES_TRANSPORT "postroom-pause"
/* Transports of throttles begin so; then the seconds, '-', and the transport that each is a copy
 * of. */
#define PAUSE_LINES_THROTTLE "postroom-slow-"
/* The directory of the tables, below the one of main.cf. */
#define PAUSE_LINES_DIRECTORY "postroom-pauses"

enum pause_line { PAUSE_LINE_TRANSPORT_MAPS, PAUSE_LINE_DEFER_TRANSPORTS, PAUSE_LINE_END_OF_DATA };
#define PAUSE_LINES 3
/* The parameter of each: "transport_maps", ... */
extern const char *const pause_lines_parameter[PAUSE_LINES];

/* What decides about the lines. */
struct pause_lines {
	const char *directory;		 /* absolute, of main.cf; pause_lines_directory_valid */
	struct slice type;		 /* of compiled tables: "hash"; pause_lines_type_valid */
	struct slice value[PAUSE_LINES]; /* as main.cf has them, not expanded */
	bool set[PAUSE_LINES];
	struct slice expanded; /* transport_maps with every $name expanded */
};

/* A path that can stand in a list of main.cf as it is. */
bool pause_lines_directory_valid(const char *directory);
/* Types whose compiled table is one file, which can be made under another name and renamed: hash,
 * btree, lmdb, cdb. `suffix` is of that file's name. */
bool pause_lines_type_valid(struct slice type, const char **suffix);

/* The next element of a list: words apart by blanks and commas; "{...}" belongs together. False at
 * the end. */
bool pause_lines_word(struct slice *rest, struct slice *word);
/* "type:name" whose lookups are of whole keys in a fixed list. A pattern, a database or a program
 * may answer for any address, and does so before our table is asked for its domain. */
bool pause_lines_is_fixed(struct slice word);
/* One of our own words; with a table, in that directory. */
bool pause_lines_is_ours(enum pause_line line, const char *directory, struct slice word);

/* The first word of transport_maps, ours left out, that is not fixed; "" where all are. */
struct slice pause_lines_pattern(const struct pause_lines *lines);

/* The value as it should be: ours in front, then what is there of others. */
void pause_lines_with(const struct pause_lines *lines, enum pause_line line, struct buffer *value);
/* The value without ours. Others' words and what is between them stay as they are. */
void pause_lines_without(
    const struct pause_lines *lines, enum pause_line line, struct buffer *value);

enum pause_lines_found {
	PAUSE_LINES_NONE,  /* no word of ours */
	PAUSE_LINES_WHOLE, /* as pause_lines_with gives it */
	PAUSE_LINES_PART,  /* some words, or not in front, or another kind of table */
};
enum pause_lines_found pause_lines_find(const struct pause_lines *lines);

/* The same number for the same values: whoever has seen one can say so. Never 0. */
uint64_t pause_lines_seen(const struct pause_lines *lines);

/* Where a table of ours lies: "DIRECTORY/postroom-pauses/transport" and so on. */
void pause_lines_path(struct buffer *path, const char *directory, const char *name);

#endif
