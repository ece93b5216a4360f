/* The statements about pauses: a row for each, and a row for each domain that it holds back, in the
 * order in which they were taken in. */
#include "store/pause_rows.h"

#include <stdlib.h>

#include "base/memory.h"

#define DAY INT64_C(86400)

static const char *const kind_names[PAUSE_KINDS] = {[PAUSE_DOMAIN] = "domain",
    [PAUSE_PROVIDER] = "provider",
    [PAUSE_SENDER] = "sender",
    [PAUSE_LOGIN] = "login"};
static const char *const state_names[PAUSE_STATES] = {[PAUSE_SETTING] = "setting",
    [PAUSE_IN_FORCE] = "in_force",
    [PAUSE_LIFTING] = "lifting",
    [PAUSE_ENDED] = "ended",
    [PAUSE_FAILED] = "failed"};

const char *pause_kind_name(enum pause_kind kind)
{
	return kind_names[kind];
}

const char *pause_state_name(enum pause_state state)
{
	return state_names[state];
}

bool pause_kind_parse(struct slice text, enum pause_kind *kind)
{
	for (unsigned i = PAUSE_DOMAIN; i < PAUSE_KINDS; i++)
		if (slice_is(text, kind_names[i])) {
			*kind = (enum pause_kind)i;
			return true;
		}
	return false;
}

/* ---- In memory ---- */

static char *copy(const char *text)
{
	return text != NULL ? memory_strdup(text) : NULL;
}

void pause_clear(struct pause *pause)
{
	free(pause->key);
	free(pause->reason);
	free(pause->who);
	free(pause->ended_by);
	free(pause->trouble);
	for (size_t i = 0; i < pause->domain_count; i++)
		free(pause->domains[i]);
	free(pause->domains);
	*pause = (struct pause){0};
}

void pause_copy(struct pause *to, const struct pause *from)
{
	*to = *from;
	to->key = copy(from->key);
	to->reason = copy(from->reason);
	to->who = copy(from->who);
	to->ended_by = copy(from->ended_by);
	to->trouble = copy(from->trouble);
	to->domains = NULL;
	to->domain_count = 0;
	for (size_t i = 0; i < from->domain_count; i++)
		pause_add_domain(to, slice_of(from->domains[i]));
}

void pause_add_domain(struct pause *pause, struct slice domain)
{
	/* Doubled at each power of two: a provider can have thousands. */
	if ((pause->domain_count & (pause->domain_count - 1)) == 0)
		pause->domains = memory_resize(pause->domains,
		    pause->domain_count == 0 ? 1 : pause->domain_count * 2,
		    sizeof(*pause->domains));
	pause->domains[pause->domain_count++] = memory_strndup(domain.data, domain.len);
}

/* ---- Writing ---- */

static enum db_result add_domains(
    struct db *db, const struct pause *pause, size_t from, struct error *err)
{
	for (size_t i = from; i < pause->domain_count; i++) {
		struct db_statement *s = db_statement(db,
		    "INSERT OR IGNORE INTO pause_domains (pause, seq, domain) VALUES (?, ?, ?)",
		    err);
		enum db_result result;

		if (s == NULL)
			return DB_REFUSED;
		db_bind_int(s, pause->id);
		db_bind_int(s, (int64_t)i);
		db_bind_text(s, pause->domains[i]);
		result = db_run(s, err);
		if (result != DB_OK)
			return result;
	}
	return DB_OK;
}

enum db_result pause_rows_add(struct db *db, struct pause *pause, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO pauses (kind, key, subdomains, throttle, release, reason, who, since, "
	    "until,"
	    " state, ended, ended_by, trouble) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, pause->kind);
	db_bind_text(s, pause->key);
	db_bind_int(s, pause->subdomains);
	db_bind_int(s, pause->throttle_s);
	db_bind_int(s, pause->release);
	db_bind_text(s, pause->reason);
	db_bind_text(s, pause->who);
	db_bind_int(s, pause->since);
	db_bind_int(s, pause->until);
	db_bind_int(s, pause->state);
	db_bind_int(s, pause->ended);
	db_bind_text(s, pause->ended_by);
	db_bind_text(s, pause->trouble);
	result = db_run(s, err);
	if (result != DB_OK)
		return result;
	pause->id = db_last_id(db);
	return add_domains(db, pause, 0, err);
}

enum db_result pause_rows_update(
    struct db *db, const struct pause *pause, size_t from, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE pauses SET state = ?, until = ?, release = ?, ended = ?, ended_by = ?, trouble "
	    "= ?"
	    " WHERE id = ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, pause->state);
	db_bind_int(s, pause->until);
	db_bind_int(s, pause->release);
	db_bind_int(s, pause->ended);
	db_bind_text(s, pause->ended_by);
	db_bind_text(s, pause->trouble);
	db_bind_int(s, pause->id);
	result = db_run(s, err);
	return result != DB_OK ? result : add_domains(db, pause, from, err);
}

enum db_result pause_rows_prune(struct db *db, int64_t now, struct error *err)
{
	static const char *const statements[] = {
	    "DELETE FROM pause_domains WHERE pause IN"
	    " (SELECT id FROM pauses WHERE state >= 4 AND ended < ?)",
	    "DELETE FROM pauses WHERE state >= 4 AND ended < ?"};
	enum db_result result = DB_OK;

	for (size_t i = 0; i < 2 && result == DB_OK; i++) {
		struct db_statement *s = db_statement(db, statements[i], err);

		if (s == NULL)
			return DB_REFUSED;
		db_bind_int(s, now - PAUSE_ROWS_KEPT_DAYS * DAY);
		result = db_run(s, err);
	}
	return result;
}

/* ---- Reading ---- */

static char *text_of(struct db_statement *s, int column)
{
	struct slice text = db_text(s, column);

	return db_is_null(s, column) ? NULL : memory_strndup(text.data, text.len);
}

static void read_pause(struct db_statement *s, struct pause *pause)
{
	*pause = (struct pause){.id = db_int(s, 0),
	    .kind = (enum pause_kind)db_int(s, 1),
	    .key = text_of(s, 2),
	    .subdomains = db_int(s, 3) != 0,
	    .throttle_s = (uint32_t)db_int(s, 4),
	    .release = db_int(s, 5) != 0,
	    .reason = text_of(s, 6),
	    .who = text_of(s, 7),
	    .since = db_int(s, 8),
	    .until = db_int(s, 9),
	    .state = (enum pause_state)db_int(s, 10),
	    .ended = db_int(s, 11),
	    .ended_by = text_of(s, 12),
	    .trouble = text_of(s, 13)};
}

static enum db_result read_domains(struct db *db, struct pause *pause, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "SELECT domain FROM pause_domains WHERE pause = ? ORDER BY seq", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, pause->id);
	while ((result = db_step(s, err)) == DB_OK)
		pause_add_domain(pause, db_text(s, 0));
	return result == DB_NOT_FOUND ? DB_OK : result;
}

#define COLUMNS                                                                                    \
	"SELECT id, kind, key, subdomains, throttle, release, reason, who, since, until, state,"   \
	" ended, ended_by, trouble FROM pauses"

enum db_result pause_rows_list(
    struct db *db, bool open, size_t max, struct pause **pauses, size_t *count, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    open ? COLUMNS " WHERE state < 4 ORDER BY id DESC LIMIT ?"
		 : COLUMNS " WHERE state >= 4 ORDER BY id DESC LIMIT ?",
	    err);
	enum db_result result;

	*pauses = NULL;
	*count = 0;
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, (int64_t)max);
	while ((result = db_step(s, err)) == DB_OK) {
		*pauses = memory_resize(*pauses, *count + 1, sizeof(**pauses));
		read_pause(s, &(*pauses)[(*count)++]);
	}
	for (size_t i = 0; i < *count && result == DB_NOT_FOUND; i++)
		if (read_domains(db, &(*pauses)[i], err) != DB_OK)
			return DB_REFUSED;
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result pause_rows_get(struct db *db, int64_t id, struct pause *pause, struct error *err)
{
	struct db_statement *s = db_statement(db, COLUMNS " WHERE id = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, id);
	result = db_step(s, err);
	if (result == DB_NOT_FOUND)
		error_set(err, "not_found", "there is no pause %lld", (long long)id);
	if (result != DB_OK)
		return result;
	read_pause(s, pause);
	db_reset(s);
	return read_domains(db, pause, err);
}
