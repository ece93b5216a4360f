/* Channels, rules and silences: what is set about alerts. All of it is read at once at the start,
 * and replaced as a whole: there are some dozens at most. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/memory.h"
#include "store/alert_rows.h"

/* ---- In memory ---- */

static void free_texts(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void alert_channel_clear(struct alert_channel *c)
{
	char *const texts[] = {c->name, c->url, c->hmac, c->template, c->command, c->relay, c->from,
	    c->user, c->password};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	for (size_t i = 0; i < c->header_count; i++) {
		free(c->headers[i].name);
		free(c->headers[i].value);
	}
	free(c->headers);
	free_texts(c->arguments, c->argument_count);
	free_texts(c->to, c->to_count);
	*c = (struct alert_channel){0};
}

void alert_rule_clear(struct alert_rule *rule)
{
	free(rule->name);
	free(rule->key);
	*rule = (struct alert_rule){0};
}

void alert_silence_clear(struct alert_silence *silence)
{
	free(silence->key);
	free(silence->reason);
	*silence = (struct alert_silence){0};
}

void alert_setup_clear(struct alert_setup *setup)
{
	for (size_t i = 0; i < setup->channel_count; i++)
		alert_channel_clear(&setup->channels[i]);
	for (size_t i = 0; i < setup->rule_count; i++)
		alert_rule_clear(&setup->rules[i]);
	for (size_t i = 0; i < setup->silence_count; i++)
		alert_silence_clear(&setup->silences[i]);
	free(setup->channels);
	free(setup->rules);
	free(setup->silences);
	free(setup->heartbeat.url);
	*setup = (struct alert_setup){0};
}

const struct alert_channel *alert_setup_channel(const struct alert_setup *setup, const char *id)
{
	for (size_t i = 0; i < setup->channel_count; i++)
		if (strcmp(setup->channels[i].id, id) == 0)
			return &setup->channels[i];
	return NULL;
}

const struct alert_rule *alert_setup_rule(const struct alert_setup *setup, const char *id)
{
	for (size_t i = 0; i < setup->rule_count; i++)
		if (strcmp(setup->rules[i].id, id) == 0)
			return &setup->rules[i];
	return NULL;
}

/* ---- Lists in one value ---- */

static void put_texts(struct buffer *out, char *const *list, size_t count)
{
	buffer_put_u16(out, (uint16_t)count);
	for (size_t i = 0; i < count; i++)
		buffer_put_string(out, slice_of(list[i]));
}

static char *take_text(struct cursor *c)
{
	struct slice text = cursor_string(c, ALERT_URL_MAX);

	return memory_strndup(text.len > 0 ? text.data : "", text.len);
}

/* What was written is ours: of a value that is damaged all else is left out. */
static char **take_texts(struct slice bytes, size_t max, size_t *count)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);
	size_t n = cursor_u16(&c);
	char **list = memory_zero(max + 1, sizeof(*list));

	*count = 0;
	while (*count < n && *count < max && !c.failed)
		list[(*count)++] = take_text(&c);
	return list;
}

static void put_headers(struct buffer *out, const struct alert_channel *channel)
{
	buffer_put_u16(out, (uint16_t)channel->header_count);
	for (size_t i = 0; i < channel->header_count; i++) {
		buffer_put_string(out, slice_of(channel->headers[i].name));
		buffer_put_string(out, slice_of(channel->headers[i].value));
	}
}

static void take_headers(struct slice bytes, struct alert_channel *channel)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);
	size_t n = cursor_u16(&c);

	channel->headers = memory_zero(ALERT_HEADERS_MAX, sizeof(*channel->headers));
	while (
	    channel->header_count < n && channel->header_count < ALERT_HEADERS_MAX && !c.failed) {
		struct alert_header *header = &channel->headers[channel->header_count++];

		header->name = take_text(&c);
		header->value = take_text(&c);
	}
}

static void put_hours(struct buffer *out, const struct alert_hours *hours)
{
	buffer_put_u8(out, hours->set);
	buffer_put_u8(out, hours->outside);
	buffer_put_u16(out, hours->from);
	buffer_put_u16(out, hours->to);
	buffer_put_u8(out, hours->days);
}

static struct alert_hours take_hours(struct slice bytes)
{
	struct cursor c = cursor_init(bytes.data, bytes.len);
	struct alert_hours hours = {.set = cursor_flag(&c)};

	hours.outside = cursor_flag(&c);
	hours.from = cursor_u16(&c);
	hours.to = cursor_u16(&c);
	hours.days = cursor_u8(&c);
	return cursor_finished(&c) ? hours : (struct alert_hours){0};
}

/* ---- Reading ---- */

static char *text_at(struct db_statement *s, int column)
{
	struct slice text = db_text(s, column);

	return memory_strndup(text.data, text.len);
}

static void id_at(struct db_statement *s, int column, char id[ALERT_ID_MAX + 1])
{
	snprintf(id, ALERT_ID_MAX + 1, "%.*s", SLICE_ARGS(db_text(s, column)));
}

static enum db_result read_head(struct db *db, struct alert_setup *out, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT channels_revision, rules_revision, beat_url, beat_every, beat_enabled,"
	    " beat_local FROM alert_setup WHERE id = 1",
	    err);
	enum db_result result = s == NULL ? DB_REFUSED : db_step(s, err);

	if (result == DB_OK) {
		out->channels_revision = (uint64_t)db_int(s, 0);
		out->rules_revision = (uint64_t)db_int(s, 1);
		out->heartbeat = (struct alert_heartbeat){.url = text_at(s, 2),
		    .every = db_int(s, 3),
		    .enabled = db_int(s, 4) != 0,
		    .allow_local = db_int(s, 5) != 0};
	}
	if (s != NULL)
		db_reset(s);
	return result;
}

static void read_channel(struct db_statement *s, struct alert_channel *c)
{
	*c = (struct alert_channel){.name = text_at(s, 1),
	    .kind = (enum alert_channel_kind)db_int(s, 2),
	    .enabled = db_int(s, 3) != 0,
	    .url = text_at(s, 4),
	    .hmac = text_at(s, 5),
	    .template = text_at(s, 6),
	    .command = text_at(s, 7),
	    .relay = text_at(s, 8),
	    .from = text_at(s, 9),
	    .user = text_at(s, 10),
	    .password = text_at(s, 11),
	    .allow_local = db_int(s, 15) != 0,
	    .resolved = db_int(s, 16) != 0,
	    .limit_per_hour = (uint32_t)db_int(s, 17)};
	id_at(s, 0, c->id);
	take_headers(db_text(s, 12), c);
	c->arguments = take_texts(db_text(s, 13), ALERT_ARGUMENTS_MAX, &c->argument_count);
	c->to = take_texts(db_text(s, 14), ALERT_RECIPIENTS_MAX, &c->to_count);
}

static enum db_result read_channels(struct db *db, struct alert_setup *out, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, name, kind, enabled, url, hmac, template, command, relay, sender, user,"
	    " password, headers, arguments, recipients, allow_local, resolved, limit_per_hour"
	    " FROM alert_channels ORDER BY place LIMIT ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, ALERT_CHANNELS_MAX);
	out->channels = memory_zero(ALERT_CHANNELS_MAX, sizeof(*out->channels));
	while ((result = db_step(s, err)) == DB_OK)
		read_channel(s, &out->channels[out->channel_count++]);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static void read_rule(struct db_statement *s, struct alert_rule *r)
{
	size_t count;
	char **channels = take_texts(db_text(s, 6), ALERT_RULE_CHANNELS_MAX, &count);

	*r = (struct alert_rule){.name = text_at(s, 1),
	    .enabled = db_int(s, 2) != 0,
	    .kinds = (uint32_t)db_int(s, 3),
	    .severities = (uint32_t)db_int(s, 4),
	    .key = text_at(s, 5),
	    .channel_count = count,
	    .hours = take_hours(db_text(s, 7)),
	    .quiet = take_hours(db_text(s, 8)),
	    .group = (enum alert_group)db_int(s, 9),
	    .group_wait = db_int(s, 10),
	    .repeat = db_int(s, 11),
	    .resolved = db_int(s, 12) != 0};
	id_at(s, 0, r->id);
	for (size_t i = 0; i < count; i++)
		snprintf(r->channels[i], sizeof(r->channels[i]), "%s", channels[i]);
	free_texts(channels, count);
}

static enum db_result read_rules(struct db *db, struct alert_setup *out, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, name, enabled, kinds, severities, key, channels, hours, quiet, grouping,"
	    " group_wait, repeat, resolved FROM alert_rules ORDER BY place LIMIT ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, ALERT_RULES_MAX);
	out->rules = memory_zero(ALERT_RULES_MAX, sizeof(*out->rules));
	while ((result = db_step(s, err)) == DB_OK)
		read_rule(s, &out->rules[out->rule_count++]);
	return result == DB_NOT_FOUND ? DB_OK : result;
}

static enum db_result read_silences(
    struct db *db, int64_t now, struct alert_setup *out, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "SELECT id, kind, severity, key, until, reason, by, at FROM alert_silences"
	    " WHERE until > ? ORDER BY until, id LIMIT ?",
	    err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, now);
	db_bind_int(s, ALERT_SILENCES_MAX);
	out->silences = memory_zero(ALERT_SILENCES_MAX, sizeof(*out->silences));
	while ((result = db_step(s, err)) == DB_OK) {
		struct alert_silence *silence = &out->silences[out->silence_count++];

		*silence = (struct alert_silence){.id = db_int(s, 0),
		    .kind = (int)db_int(s, 1),
		    .severity = (int)db_int(s, 2),
		    .key = text_at(s, 3),
		    .until = db_int(s, 4),
		    .reason = text_at(s, 5),
		    .at = db_int(s, 7)};
		snprintf(silence->by, sizeof(silence->by), "%.*s", SLICE_ARGS(db_text(s, 6)));
	}
	return result == DB_NOT_FOUND ? DB_OK : result;
}

enum db_result alert_rows_setup(
    struct db *db, int64_t now, struct alert_setup *out, struct error *err)
{
	enum db_result result;

	*out = (struct alert_setup){0};
	result = read_head(db, out, err);
	if (result == DB_OK)
		result = read_channels(db, out, err);
	if (result == DB_OK)
		result = read_rules(db, out, err);
	if (result == DB_OK)
		result = read_silences(db, now, out, err);
	if (result != DB_OK)
		alert_setup_clear(out);
	return result;
}

/* ---- Writing ---- */

static enum db_result take_revision(
    struct db *db, const char *sql, uint64_t *revision, struct error *err)
{
	struct db_statement *s = db_statement(db, sql, err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, (int64_t)*revision);
	result = db_run(s, err);
	if (result != DB_OK)
		return result;
	if (db_changed(db) == 0) {
		error_say(err, "alerts_changed", SAID_PROBLEM_ALERTS_CHANGED, 0);
		return DB_CONFLICT;
	}
	(*revision)++;
	return DB_OK;
}

static enum db_result run(struct db *db, const char *sql, struct error *err)
{
	struct db_statement *s = db_statement(db, sql, err);

	return s == NULL ? DB_REFUSED : db_run(s, err);
}

static enum db_result put_channel(
    struct db *db, const struct alert_channel *c, size_t place, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO alert_channels (place, id, name, kind, enabled, url, hmac, template, "
	    "command,"
	    " relay, sender, user, password, headers, arguments, recipients, allow_local, resolved,"
	    " limit_per_hour) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	BUFFER_AUTO struct buffer headers = {0}, arguments = {0}, to = {0};
	const char *const texts[] = {
	    c->url, c->hmac, c->template, c->command, c->relay, c->from, c->user, c->password};

	if (s == NULL)
		return DB_REFUSED;
	put_headers(&headers, c);
	put_texts(&arguments, c->arguments, c->argument_count);
	put_texts(&to, c->to, c->to_count);
	db_bind_int(s, (int64_t)place);
	db_bind_text(s, c->id);
	db_bind_text(s, c->name);
	db_bind_int(s, c->kind);
	db_bind_int(s, c->enabled);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		db_bind_text(s, texts[i]);
	db_bind_blob(s, buffer_slice(&headers));
	db_bind_blob(s, buffer_slice(&arguments));
	db_bind_blob(s, buffer_slice(&to));
	db_bind_int(s, c->allow_local);
	db_bind_int(s, c->resolved);
	db_bind_int(s, c->limit_per_hour);
	return db_run(s, err);
}

static enum db_result put_heartbeat(
    struct db *db, const struct alert_heartbeat *beat, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "UPDATE alert_setup SET beat_url = ?, beat_every = ?, beat_enabled = ?, beat_local = ?",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_text(s, beat->url);
	db_bind_int(s, beat->every);
	db_bind_int(s, beat->enabled);
	db_bind_int(s, beat->allow_local);
	return db_run(s, err);
}

enum db_result alert_rows_put_channels(
    struct db *db, const struct alert_setup *setup, uint64_t *revision, struct error *err)
{
	enum db_result result = take_revision(db,
	    "UPDATE alert_setup SET channels_revision = channels_revision + 1"
	    " WHERE channels_revision = ?",
	    revision, err);

	if (result == DB_OK)
		result = run(db, "DELETE FROM alert_channels", err);
	for (size_t i = 0; i < setup->channel_count && result == DB_OK; i++)
		result = put_channel(db, &setup->channels[i], i, err);
	return result == DB_OK ? put_heartbeat(db, &setup->heartbeat, err) : result;
}

static enum db_result put_rule(
    struct db *db, const struct alert_rule *r, size_t place, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO alert_rules (place, id, name, enabled, kinds, severities, key, channels,"
	    " hours, quiet, grouping, group_wait, repeat, resolved)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    err);
	BUFFER_AUTO struct buffer channels = {0}, hours = {0}, quiet = {0};

	if (s == NULL)
		return DB_REFUSED;
	buffer_put_u16(&channels, (uint16_t)r->channel_count);
	for (size_t i = 0; i < r->channel_count; i++)
		buffer_put_string(&channels, slice_of(r->channels[i]));
	put_hours(&hours, &r->hours);
	put_hours(&quiet, &r->quiet);
	db_bind_int(s, (int64_t)place);
	db_bind_text(s, r->id);
	db_bind_text(s, r->name);
	db_bind_int(s, r->enabled);
	db_bind_int(s, r->kinds);
	db_bind_int(s, r->severities);
	db_bind_text(s, r->key);
	db_bind_blob(s, buffer_slice(&channels));
	db_bind_blob(s, buffer_slice(&hours));
	db_bind_blob(s, buffer_slice(&quiet));
	db_bind_int(s, r->group);
	db_bind_int(s, r->group_wait);
	db_bind_int(s, r->repeat);
	db_bind_int(s, r->resolved);
	return db_run(s, err);
}

enum db_result alert_rows_put_rules(
    struct db *db, const struct alert_setup *setup, uint64_t *revision, struct error *err)
{
	enum db_result result = take_revision(db,
	    "UPDATE alert_setup SET rules_revision = rules_revision + 1 WHERE rules_revision = ?",
	    revision, err);

	if (result == DB_OK)
		result = run(db, "DELETE FROM alert_rules", err);
	for (size_t i = 0; i < setup->rule_count && result == DB_OK; i++)
		result = put_rule(db, &setup->rules[i], i, err);
	return result;
}

/* ---- Silences ---- */

static enum db_result drop_ended(struct db *db, int64_t now, struct error *err)
{
	struct db_statement *s =
	    db_statement(db, "DELETE FROM alert_silences WHERE until <= ?", err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, now);
	return db_run(s, err);
}

static enum db_result has_room(struct db *db, struct error *err)
{
	struct db_statement *s = db_statement(db, "SELECT count(*) FROM alert_silences", err);
	enum db_result result = s == NULL ? DB_REFUSED : db_step(s, err);
	int64_t count = result == DB_OK ? db_int(s, 0) : 0;

	if (s != NULL)
		db_reset(s);
	if (result != DB_OK || count < ALERT_SILENCES_MAX)
		return result;
	error_say(err, "silences_full", SAID_PROBLEM_SILENCES_FULL, 1,
	    said_number("count", ALERT_SILENCES_MAX));
	return DB_CONFLICT;
}

enum db_result alert_rows_add_silence(
    struct db *db, struct alert_silence *silence, struct error *err)
{
	struct db_statement *s;
	enum db_result result = drop_ended(db, silence->at, err);

	if (result == DB_OK)
		result = has_room(db, err);
	if (result != DB_OK)
		return result;
	s = db_statement(db,
	    "INSERT INTO alert_silences (kind, severity, key, until, reason, by, at)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?)",
	    err);
	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, silence->kind);
	db_bind_int(s, silence->severity);
	db_bind_text(s, silence->key);
	db_bind_int(s, silence->until);
	db_bind_text(s, silence->reason);
	db_bind_text(s, silence->by);
	db_bind_int(s, silence->at);
	result = db_run(s, err);
	if (result == DB_OK)
		silence->id = db_last_id(db);
	return result;
}

enum db_result alert_rows_delete_silence(struct db *db, int64_t id, struct error *err)
{
	struct db_statement *s = db_statement(db, "DELETE FROM alert_silences WHERE id = ?", err);
	enum db_result result;

	if (s == NULL)
		return DB_REFUSED;
	db_bind_int(s, id);
	result = db_run(s, err);
	if (result == DB_OK && db_changed(db) == 0) {
		error_say(err, "silence_not_found", SAID_PROBLEM_SILENCE_ENDED, 0);
		return DB_NOT_FOUND;
	}
	return result;
}
