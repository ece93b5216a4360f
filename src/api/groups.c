/* Counts by one key as a list, or by two as a table, each with the filter that adds the group to
 * the one that was given. */
#include "api/groups.h"

#include <stdio.h>

#include "api/json_text.h"
#include "api/message_json.h"
#include "base/clock.h"
#include "filter/idn.h"

/* Rows, and columns, where nothing else is asked for. */
#define GROUPS_DEFAULT 20
/* Bytes of two keys and more: what is longer is none. */
#define GROUPS_BY_MAX 80

/* The field of the filter language that tells one group of a kind from the others by its whole
 * value; NULL where none does. */
static const char *const filter_fields[GROUP_KEY_COUNT] = {
    [GROUP_QUEUE] = "queue",
    [GROUP_RECIPIENT_DOMAIN] = "domain",
    [GROUP_SENDER] = "from",
    [GROUP_REASON] = "reason",
    [GROUP_CAUSE] = "cause",
    [GROUP_REMOTE_HOST] = "remote_host",
    [GROUP_LOGIN] = "login",
};

/* Exactly this value, quoted: `field:=` without quotes would end at the first blank. */
static void append_exact(struct buffer *out, const char *field, struct slice value)
{
	buffer_printf(out, "%s:=\"", field);
	for (size_t i = 0; i < value.len; i++) {
		/* A value is a stranger's: unquoted it could become a term of its own. */
		if (value.data[i] == '"' || value.data[i] == '\\')
			buffer_append_char(out, '\\');
		buffer_append_char(out, value.data[i]);
	}
	buffer_append_char(out, '"');
}

/* A domain that may stand behind a star without quotes. */
static bool plain_domain(struct slice domain)
{
	for (size_t i = 0; i < domain.len; i++) {
		unsigned char c = (unsigned char)domain.data[i];
		if (c <= ' ' || c == '"' || c == '(' || c == ')' || c == '*' || c == '?')
			return false;
	}
	return domain.len > 0;
}

/* One term, so that a minus in front of it takes all of it. */
static void append_age(struct buffer *out, struct slice key)
{
	int from, to;

	group_age_bounds(key, &from, &to);
	if (from == 0)
		buffer_printf(out, "age<%dm", to);
	else if (to == 0)
		buffer_printf(out, "age>=%dm", from);
	else
		buffer_printf(out, "(age>=%dm age<%dm)", from, to);
}

/* A term that selects a group; nothing where none does. */
static void append_filter(struct buffer *out, enum group_key key, struct slice value)
{
	/* The null sender has a sign of its own in filters. */
	if (key == GROUP_SENDER && value.len == 0) {
		buffer_append_string(out, "from:<>");
	} else if (key == GROUP_SENDER_DOMAIN && value.len == 0) {
		/* The null sender, and senders without a domain. */
		buffer_append_string(out, "-from:*@?*");
	} else if (key == GROUP_SENDER_DOMAIN && plain_domain(value)) {
		buffer_printf(out, "from:*@%.*s", SLICE_ARGS(value));
	} else if (key == GROUP_REMOTE_DOMAIN && plain_domain(value)) {
		buffer_printf(out, "(remote_host:=%.*s or remote_host:*.%.*s)", SLICE_ARGS(value),
		    SLICE_ARGS(value));
	} else if (key == GROUP_AGE) {
		append_age(out, value);
	} else if (key == GROUP_CLIENT && value.len > 0) {
		/* "name[address]": the address is what the connection came from. */
		ptrdiff_t open = slice_find_char(value, '[');
		struct slice address = slice_from(value, (size_t)(open + 1));
		if (open >= 0 && address.len > 1)
			append_exact(out, "client", slice_first(address, address.len - 1));
	} else if (key == GROUP_QUEUE && slice_is(value, "deleting")) {
		buffer_append_string(out, "deleting:yes");
	} else if (key == GROUP_QUEUE && slice_is(value, "hold")) {
		/* One term, so that a minus in front of it takes all of it. */
		buffer_append_string(out, "(queue:hold deleting:no)");
	} else if (filter_fields[key] && value.len > 0) {
		append_exact(out, filter_fields[key], value);
	}
}

static void append_stats(struct buffer *out, const struct group *g)
{
	json_text_number(out, "messages", g->messages);
	json_text_number(out, "recipients", g->recipients);
	json_text_number(out, "bytes", g->bytes);
	json_text_time(out, "oldest_arrival", g->messages > 0, g->oldest_arrival);
}

/* A name with an internationalised domain, for people; null for any other. */
static void append_readable(struct buffer *out, enum group_key key, struct slice name)
{
	BUFFER_AUTO struct buffer readable = {0};

	/* Only the keys that have a domain in them. */
	if (key == GROUP_RECIPIENT_DOMAIN || key == GROUP_SENDER || key == GROUP_SENDER_DOMAIN ||
	    key == GROUP_REMOTE_HOST || key == GROUP_REMOTE_DOMAIN)
		idn_readable(&readable, name);
	json_text_string_or_null(out, "readable", buffer_slice(&readable));
}

/* The members of `GroupBase`. */
static void append_group(struct buffer *out, enum group_key key, const struct group *g)
{
	BUFFER_AUTO struct buffer filter = {0};

	append_filter(&filter, key, g->key);
	/* The null sender is known; any other empty key is what is not known, or not there. */
	if (key == GROUP_SENDER)
		json_text_string(out, "key", g->key);
	else
		json_text_string_or_null(out, "key", g->key);
	append_readable(out, key, g->key);
	append_stats(out, g);
	json_text_string_or_null(out, "filter", buffer_slice(&filter));
	json_text_name(out, "diagnosis");
	message_json_append_diagnosis(out, g->diagnosis);
}

void api_groups_append(struct buffer *out, const char *name, enum group_key key,
    const struct group *list, size_t count)
{
	json_text_name(out, name);
	json_text_open(out, '[');
	for (size_t i = 0; i < count; i++) {
		json_text_next(out);
		json_text_open(out, '{');
		append_group(out, key, &list[i]);
		json_text_close(out, '}');
	}
	json_text_close(out, ']');
}

static void reply_groups(struct http_request *rq, enum group_key key, const struct groups *groups)
{
	BUFFER_AUTO struct buffer body = {0};

	json_text_open(&body, '{');
	json_text_number(&body, "generation", groups->match.generation);
	json_text_string(&body, "by", slice_of(group_key_name(key)));
	api_groups_append(&body, "groups", key, groups->items, groups->count);
	/* What is beyond the limit is told as one sum, so that the numbers add up to the whole. */
	if (groups->other_groups > 0) {
		json_text_name(&body, "other");
		json_text_open(&body, '{');
		append_stats(&body, &groups->other);
		json_text_close(&body, '}');
	} else {
		json_text_null(&body, "other");
	}
	json_text_close(&body, '}');
	http_reply_bytes(rq, 200, "application/json", body.data, body.len);
}

/* ---- Two keys ---- */

static void append_cell(struct buffer *out, const struct groups_cell *cell)
{
	json_text_open(out, '{');
	json_text_number(out, "messages", cell->messages);
	json_text_number(out, "recipients", cell->recipients);
	json_text_number(out, "bytes", cell->bytes);
	json_text_close(out, '}');
}

/* Of one row, the last of all being what is beyond the rows. */
static void append_cells(struct buffer *out, const struct groups_table *t, size_t row)
{
	const struct groups_cell *cells = &t->cells[row * (t->column_count + 1)];

	json_text_name(out, "cells");
	json_text_open(out, '[');
	for (size_t c = 0; c < t->column_count; c++) {
		json_text_next(out);
		append_cell(out, &cells[c]);
	}
	json_text_close(out, ']');
	json_text_name(out, "other_columns");
	/* Absent where there is nothing beyond, so that no empty column is shown. */
	if (t->other_column.messages > 0)
		append_cell(out, &cells[t->column_count]);
	else
		buffer_append_string(out, "null");
}

static void append_rows(struct buffer *out, enum group_key key, const struct groups_table *t)
{
	json_text_name(out, "groups");
	json_text_open(out, '[');
	for (size_t r = 0; r < t->row_count; r++) {
		json_text_next(out);
		json_text_open(out, '{');
		append_group(out, key, &t->rows[r]);
		append_cells(out, t, r);
		json_text_close(out, '}');
	}
	json_text_close(out, ']');
}

static void reply_table(
    struct http_request *rq, const enum group_key keys[2], const struct groups_table *t)
{
	BUFFER_AUTO struct buffer body = {0};
	char by[80];

	snprintf(by, sizeof(by), "%s,%s", group_key_name(keys[0]), group_key_name(keys[1]));
	json_text_open(&body, '{');
	json_text_number(&body, "generation", t->match.generation);
	json_text_string(&body, "by", slice_of(by));
	api_groups_append(&body, "columns", keys[1], t->columns, t->column_count);
	append_rows(&body, keys[0], t);
	if (t->other_row.messages > 0) {
		json_text_name(&body, "other");
		json_text_open(&body, '{');
		append_stats(&body, &t->other_row);
		append_cells(&body, t, t->row_count);
		json_text_close(&body, '}');
	} else {
		json_text_null(&body, "other");
	}
	json_text_name(&body, "total");
	json_text_open(&body, '{');
	append_stats(&body, &t->total);
	json_text_close(&body, '}');
	json_text_close(&body, '}');
	http_reply_bytes(rq, 200, "application/json", body.data, body.len);
}

/* ---- The request ---- */

/* One key, or two that differ, with a comma between them. How many; 0: answered. */
static size_t read_keys(struct http_request *rq, struct slice rest, enum group_key keys[2])
{
	struct slice part;
	size_t count = 0;

	while (slice_split(&rest, ',', &part)) {
		if (count == 2 || !group_key_parse(part, &keys[count]) ||
		    (count == 1 && keys[0] == keys[1])) {
			count = 0;
			break;
		}
		count++;
	}
	if (count == 0)
		http_reply_said(rq, "invalid_value", json_pack("{ss}", "member", "by"),
		    SAID_PROBLEM_GROUPS_BY, 0);
	return count;
}

/* One pass over the rows for each question; the answer is written from what it counted, and then
 * freed. */
static void count_and_reply(struct http_request *rq, struct api *api, const struct filter *filter,
    const enum group_key *keys, size_t key_count, const size_t limits[2])
{
	const struct query_scope *scope = api_scope(api, rq);
	struct groups_table table;
	struct groups groups;
	struct error err;

	if (key_count == 1 ? !query_groups(api->query, scope, filter, keys[0], limits[0],
				 clock_now(), &groups, &err)
			   : !query_groups_table(api->query, scope, filter, keys, limits,
				 clock_now(), &table, &err)) {
		http_reply_error(rq, &err);
	} else if (key_count == 1) {
		groups.match.generation = api_generation(api, rq, groups.match.generation);
		reply_groups(rq, keys[0], &groups);
		groups_free(&groups);
	} else {
		table.match.generation = api_generation(api, rq, table.match.generation);
		reply_table(rq, keys, &table);
		groups_table_free(&table);
	}
}

static void get_groups(struct http_request *rq, void *context)
{
	struct slice by = {"", 0}, text = {"", 0};
	enum group_key keys[2];
	struct filter *filter;
	uint64_t limit, columns;
	size_t key_count;

	http_query(rq, "by", &by);
	http_query(rq, "filter", &text);
	key_count = read_keys(rq, by, keys);
	if (key_count == 0 ||
	    !http_query_u64(rq, "limit", 1, GROUPS_LIMIT_MAX, GROUPS_DEFAULT, &limit) ||
	    !http_query_u64(rq, "columns", 1, GROUPS_COLUMNS_MAX, GROUPS_DEFAULT, &columns) ||
	    !message_json_filter(rq, text, &filter))
		return;
	count_and_reply(rq, context, filter, keys, key_count, (const size_t[]){limit, columns});
	filter_free(filter);
}

static void post_groups(struct http_request *rq, void *context)
{
	const json_t *body = http_json(rq, "by filter limit columns");
	int64_t limit = GROUPS_DEFAULT, columns = GROUPS_DEFAULT;
	struct slice by = {"", 0}, text = {"", 0};
	enum group_key keys[2];
	struct filter *filter;
	size_t key_count;

	if (!body || !http_json_string(rq, body, "by", HTTP_REQUIRED, GROUPS_BY_MAX, &by) ||
	    !http_json_string(rq, body, "filter", HTTP_OPTIONAL, FILTER_TEXT_MAX, &text) ||
	    !http_json_integer(rq, body, "limit", HTTP_OPTIONAL, 1, GROUPS_LIMIT_MAX, &limit) ||
	    !http_json_integer(
		rq, body, "columns", HTTP_OPTIONAL, 1, GROUPS_COLUMNS_MAX, &columns) ||
	    (key_count = read_keys(rq, by, keys)) == 0 ||
	    !message_json_body_filter(rq, text, &filter))
		return;
	count_and_reply(
	    rq, context, filter, keys, key_count, (const size_t[]){(size_t)limit, (size_t)columns});
	filter_free(filter);
}

const struct http_route api_groups_routes[] = {
    {HTTP_GET, "/api/v1/groups", RIGHT_VIEWER, 0, "by filter limit columns", get_groups,
	.within = SCOPE_QUERY},
    {HTTP_POST, "/api/v1/groups", RIGHT_VIEWER, MESSAGE_JSON_FILTER_BODY, NULL, post_groups, true,
	.within = SCOPE_QUERY},
    {.path = NULL},
};
