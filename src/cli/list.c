/* postroom list */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/message_row.h"

/* Of one request; the service's own limit. */
#define PAGE_MAX 1000
/* What somebody at a terminal gets without --limit. */
#define TERMINAL_ROWS 100

struct listing {
	struct command_run *run;
	char *filter;
	uint64_t limit; /* 0: all */
	uint64_t shown;
	int64_t matched;
	struct table *table; /* NULL for JSON */
	json_t *view;	     /* of a long filter; else NULL */
	uint64_t offset;     /* the next row of the view */
};

static json_t *fetch_page(struct listing *l, const char *after)
{
	BUFFER_AUTO struct buffer path = {0};
	uint64_t left = l->limit == 0 ? PAGE_MAX : l->limit - l->shown;
	char limit[32];

	buffer_append_string(&path, "/messages");
	snprintf(
	    limit, sizeof(limit), "%llu", (unsigned long long)(left < PAGE_MAX ? left : PAGE_MAX));
	client_query(&path, "limit", limit);
	client_query(&path, "sort", l->run->values[OPTION_SORT]);
	if (l->filter[0] != '\0')
		client_query(&path, "filter", l->filter);
	client_query(&path, "after", after);
	return command_call(l->run, "GET", buffer_string(&path), NULL);
}

static void show_message(struct listing *l, const json_t *message)
{
	if (l->table != NULL)
		message_row_add(l->table, message, clock_now());
	else
		command_print_json(message);
	l->shown++;
}

static void take_page(struct listing *l, json_t *page)
{
	size_t i;
	json_t *message;

	l->matched = command_integer(page, "matched");
	json_array_foreach(json_object_get(page, "messages"), i, message) show_message(l, message);
}

static bool fetch_all(struct listing *l)
{
	MEMORY_AUTO char *after = NULL;

	do {
		json_t *page = fetch_page(l, after);
		const char *next = command_text(page, "next");
		if (page == NULL)
			return false;
		take_page(l, page);
		free(after);
		after = next != NULL ? memory_strdup(next) : NULL;
		json_decref(page);
	} while (after != NULL && (l->limit == 0 || l->shown < l->limit));
	return true;
}

/* ---- A filter that is too long for an address, by way of a view ---- */

static bool make_view(struct listing *l)
{
	json_t *body = json_pack("{s:s?}", "filter", l->filter);

	if (body == NULL)
		return command_usage(l->run, "the filter is not UTF-8") == COMMAND_DONE;
	if (command_given(l->run, OPTION_SORT))
		json_object_set_new(body, "sort", json_string(l->run->values[OPTION_SORT]));
	l->view = command_call(l->run, "POST", "/views", body);
	l->matched = command_integer(l->view, "matched");
	return l->view != NULL;
}

static bool take_rows(struct listing *l)
{
	BUFFER_AUTO struct buffer path = {0};
	uint64_t left = l->limit == 0 ? PAGE_MAX : l->limit - l->shown;
	json_t *rows, *row;
	size_t i;

	buffer_printf(&path, "/views/%s/rows?offset=%llu&limit=%llu", command_text(l->view, "id"),
	    (unsigned long long)l->offset, (unsigned long long)(left < PAGE_MAX ? left : PAGE_MAX));
	rows = command_call(l->run, "GET", buffer_string(&path), NULL);
	if (rows == NULL)
		return false;
	json_array_foreach(json_object_get(rows, "rows"), i, row)
	{
		l->offset++;
		if (json_is_false(json_object_get(row, "gone")))
			show_message(l, json_object_get(row, "message"));
		else
			l->matched--;
	}
	json_decref(rows);
	return true;
}

/* Its memory is given back at once. */
static void drop_view(struct listing *l)
{
	BUFFER_AUTO struct buffer path = {0};

	if (l->view == NULL)
		return;
	buffer_printf(&path, "/views/%s", command_text(l->view, "id"));
	json_decref(command_call(l->run, "DELETE", buffer_string(&path), NULL));
	json_decref(l->view);
	l->view = NULL;
}

static bool fetch_view(struct listing *l)
{
	bool done = make_view(l);

	while (done && (int64_t)l->offset < command_integer(l->view, "matched") &&
	       (l->limit == 0 || l->shown < l->limit))
		done = take_rows(l);
	drop_view(l);
	return done;
}

/* Explicit IDs are the filter that names each of them. */
static char *filter_of_ids(const struct command_run *run)
{
	struct buffer text = {0};

	for (size_t i = 0; i < run->operand_count; i++)
		buffer_printf(&text, "%sid:=%s", i > 0 ? " or " : "", run->operands[i]);
	buffer_string(&text);
	return text.data;
}

/* Only the numbers. */
static bool print_count(struct listing *l)
{
	long long bytes;
	json_t *page;

	if (command_filter_is_long(l->filter)) {
		if (!make_view(l))
			return false;
		bytes = command_integer(l->view, "bytes");
		drop_view(l);
	} else {
		l->limit = 1;
		page = fetch_page(l, NULL);
		if (page == NULL)
			return false;
		l->matched = command_integer(page, "matched");
		bytes = command_integer(page, "matched_bytes");
		json_decref(page);
	}
	if (command_given(l->run, OPTION_JSON))
		printf("{\"matched\":%lld,\"matched_bytes\":%lld}\n", (long long)l->matched, bytes);
	else
		printf("%lld\n", (long long)l->matched);
	return true;
}

static void print_end(const struct listing *l)
{
	size_t width = table_terminal_width(stdout);

	if (l->shown > 0)
		table_print(l->table, stdout, width);
	fflush(stdout);
	if ((int64_t)l->shown < l->matched)
		fprintf(stderr, "%llu of %lld messages; --limit 0 shows all\n",
		    (unsigned long long)l->shown, (long long)l->matched);
}

int command_list(struct command_run *run)
{
	struct listing l = {.run = run};
	bool json = command_given(run, OPTION_JSON);
	bool terminal = table_terminal_width(stdout) > 0;
	bool done;

	if (!command_number(
		run, OPTION_LIMIT, terminal && !json ? TERMINAL_ROWS : 0, UINT32_MAX, &l.limit))
		return COMMAND_USAGE;
	l.filter = command_operands_are_ids(run) ? filter_of_ids(run) : command_filter(run);
	if (command_given(run, OPTION_JUST_COUNT)) {
		done = print_count(&l);
	} else {
		l.table = json ? NULL : message_row_table();
		done = command_filter_is_long(l.filter) ? fetch_view(&l) : fetch_all(&l);
		if (done && !json)
			print_end(&l);
		if (done && l.matched == 0)
			command_failed(run, "nothing matched");
		table_destroy(&l.table);
	}
	free(l.filter);
	return done && l.matched > 0 ? COMMAND_DONE : COMMAND_NOT_DONE;
}
