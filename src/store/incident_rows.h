/* Incidents as they are kept: what each was when it was last seen, its notes and its timeline; and
 * what the module that notices them must remember over a restart. The numbers of kinds, severities,
 * states and subjects are those of watch/incidents/incidents.h. */
#ifndef STORE_INCIDENT_ROWS_H
#define STORE_INCIDENT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/db.h"

#define INCIDENT_ROWS_KEPT_DAYS 90
#define INCIDENT_ROWS_EVIDENCE_MAX 8
#define INCIDENT_ROWS_POINTS 24
/* Of one incident: more than people write. */
#define INCIDENT_ROWS_NOTES_MAX 200
#define INCIDENT_ROWS_NOTE_MAX 1000
/* Of one incident, the newest; one that comes and goes has many. */
#define INCIDENT_ROWS_MOMENTS_MAX 500
#define INCIDENT_ROWS_WHO_MAX 64

struct incident_row_evidence {
	char *text, *quote; /* quote NULL: none */
};

struct incident_row {
	int64_t id;
	int kind, severity, state, subject;
	char *key, *cause, *title, *text;
	char *baseline, *filter; /* NULL: none */
	char *words;		 /* of its texts, as struct incident has them; NULL: none */
	int64_t since, noticed;	 /* Unix seconds */
	int64_t until;		 /* 0: it has not ended */
	int64_t messages;	 /* -1: not known */
	int64_t growth;
	unsigned actions;
	int64_t caused_by; /* 0: none */
	struct incident_row_evidence evidence[INCIDENT_ROWS_EVIDENCE_MAX];
	size_t evidence_count;
	int32_t points[INCIDENT_ROWS_POINTS]; /* -1: not known */
	int64_t snoozed_until;		      /* 0: it is not put aside */
	char snoozed_by[INCIDENT_ROWS_WHO_MAX + 1];
};
/* Frees the texts; the structure is empty then. */
void incident_row_clear(struct incident_row *row);
/* Texts are copied. `to` is overwritten, not cleared. */
void incident_row_copy(struct incident_row *to, const struct incident_row *from);

struct incident_note {
	int64_t id, at;
	char who[INCIDENT_ROWS_WHO_MAX + 1];
	char *text;
};

/* The numbers are stored: append only. */
enum incident_moment_kind {
	INCIDENT_MOMENT_OPENED = 1,
	INCIDENT_MOMENT_QUIET,
	INCIDENT_MOMENT_REOPENED,
	INCIDENT_MOMENT_ENDED,
	INCIDENT_MOMENT_SEVERITY,
	INCIDENT_MOMENT_NOTE,
	INCIDENT_MOMENT_SNOOZED,
	INCIDENT_MOMENT_JOB,
	INCIDENT_MOMENT_SETTINGS,
	INCIDENT_MOMENT_PAUSE,
	INCIDENT_MOMENTS
};
/* "opened", "quiet", ...; "" for other numbers. */
const char *incident_moment_name(enum incident_moment_kind kind);

struct incident_moment {
	int64_t at;
	enum incident_moment_kind kind;
	char *text, *link; /* link NULL: none */
	char *words;	   /* of the text (base/said.h); NULL or empty: none */
};

/* One incident with all that belongs to it. Zero-initialised is empty. */
struct incident_record {
	struct incident_row row;
	struct incident_note *notes; /* oldest first */
	size_t note_count;
	struct incident_moment *moments; /* oldest first */
	size_t moment_count;
};
/* The words of its title alone; empty: none. */
struct slice incident_row_title_words(const struct incident_row *row);
void incident_record_clear(struct incident_record *record);
/* Appends; texts are copied. The oldest moment makes room; a note that has none is refused. */
void incident_record_add_moment(struct incident_record *record, const struct incident_moment *m);
bool incident_record_add_note(struct incident_record *record, const struct incident_note *note);

struct incident_records {
	struct incident_record *items;
	size_t count;
};
void incident_records_free(struct incident_records *records);

/* Writes all of `row`, in the place of what was there. */
enum db_result incident_rows_put(struct db *db, const struct incident_row *row, struct error *err);
/* Fills in note->id. */
enum db_result incident_rows_add_note(
    struct db *db, int64_t incident, struct incident_note *note, struct error *err);
/* Beyond INCIDENT_ROWS_MOMENTS_MAX the oldest goes: somebody may put one aside all day long. */
enum db_result incident_rows_add_moment(
    struct db *db, int64_t incident, const struct incident_moment *moment, struct error *err);
/* Ends what is kept for longer than INCIDENT_ROWS_KEPT_DAYS, with notes and moments. */
enum db_result incident_rows_expire(struct db *db, int64_t now, struct error *err);

/* With notes and moments. DB_NOT_FOUND where there is no such incident. */
enum db_result incident_rows_get(
    struct db *db, int64_t id, struct incident_record *out, struct error *err);
/* Those that have not ended (`ended_since` < 0), with notes and moments; or those that ended at or
 * after that time, with their notes alone: the newest first, at most `max`. */
enum db_result incident_rows_list(struct db *db, int64_t ended_since, size_t max,
    struct incident_records *out, struct error *err);
/* The highest number that an incident ever had here; 0: none. */
enum db_result incident_rows_last_id(struct db *db, int64_t *id, struct error *err);

/* What the module remembers; one for all. Empty where nothing was kept. */
struct buffer;
enum db_result incident_rows_keep_memory(
    struct db *db, struct slice bytes, int64_t now, struct error *err);
enum db_result incident_rows_memory(struct db *db, struct buffer *out, struct error *err);

#endif
