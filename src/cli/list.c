/* postroom list */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/ids.h"
#include "cli/message_row.h"
#include "cli/screen.h"
#include "cli/watch.h"

/* Of one request; the service's own limit. */
#define PAGE_MAX 1000
/* What somebody at a terminal gets without --limit. */
#define TERMINAL_ROWS 100

struct listing {
	struct command_run *run;
	char *filter;
	uint64_t limit; /* 0: all */
	uint64_t shown;
	int64_t matched; /* of all filters until now */
	int64_t bytes;	 /* with --count alone */
	struct fields fields;
	struct table *table; /* NULL where they are for programs */
	json_t *ids;	     /* explicit ones; NULL where there is a filter */
	json_t *view;	     /* of a long filter; else NULL */
	uint64_t offset;     /* the next row of the view */
	bool stopped;	     /* Postfix is */
};

/* Rows that the next page may have. */
static uint64_t page_rows(const struct listing *l)
{
	uint64_t left = l->limit == 0 ? PAGE_MAX : l->limit - l->shown;

	return left < PAGE_MAX ? left : PAGE_MAX;
}

/* By the key of the page before and not by a number: messages that leave shift no page. */
static json_t *fetch_page(struct listing *l, const char *after, uint64_t rows)
{
	BUFFER_AUTO struct buffer path = {0};
	char limit[32];

	buffer_append_string(&path, "/messages");
	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)rows);
	client_query(&path, "limit", limit);
	client_query(&path, "sort", l->run->values[OPTION_SORT]);
	if (l->filter[0] != '\0')
		client_query(&path, "filter", l->filter);
	client_query(&path, "after", after);
	return command_call(l->run, "GET", buffer_string(&path), NULL);
}

static void show_message(struct listing *l, const json_t *message)
{
	if (l->shown == 0 && l->table == NULL)
		fields_print_head(l->run, &l->fields);
	if (l->table != NULL)
		message_row_add(l->table, message, clock_now(), l->stopped);
	else
		fields_print(&l->fields, message);
	l->shown++;
}

/* Printed or put into the table as they come; no page is kept. */
static void take_page(struct listing *l, json_t *page)
{
	size_t i;
	json_t *message;

	json_array_foreach(json_object_get(page, "messages"), i, message) show_message(l, message);
}

static bool fetch_all(struct listing *l)
{
	MEMORY_AUTO char *after = NULL;
	int64_t before = l->matched;

	do {
		json_t *page = fetch_page(l, after, page_rows(l));
		const char *next = command_text(page, "next");
		if (page == NULL)
			return false;
		/* The queue moves between pages: the last page's number is the newest. */
		l->matched = before + command_integer(page, "matched");
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
	l->matched += command_integer(l->view, "matched");
	l->offset = 0;
	return l->view != NULL;
}

static bool take_rows(struct listing *l)
{
	BUFFER_AUTO struct buffer path = {0};
	json_t *rows, *row;
	size_t i;

	buffer_printf(&path, "/views/%s/rows?offset=%llu&limit=%llu", command_text(l->view, "id"),
	    (unsigned long long)l->offset, (unsigned long long)page_rows(l));
	rows = command_call(l->run, "GET", buffer_string(&path), NULL);
	if (rows == NULL)
		return false;
	json_array_foreach(json_object_get(rows, "rows"), i, row)
	{
		l->offset++;
		/* A view keeps the place of what has left since; a list shows only what is there.
		 */
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
	bool done = make_view(l), more = true;

	while (done && more && (int64_t)l->offset < command_integer(l->view, "matched") &&
	       (l->limit == 0 || l->shown < l->limit)) {
		uint64_t before = l->offset;

		done = take_rows(l);
		/* A page without rows is the end, whatever was announced: the next would be none
		 * either. */
		more = l->offset > before;
	}
	drop_view(l);
	return done;
}

/* How many match, without the messages. */
static bool count_matches(struct listing *l)
{
	json_t *page;

	if (command_filter_is_long(l->filter)) {
		if (!make_view(l))
			return false;
		l->bytes += command_integer(l->view, "bytes");
		drop_view(l);
		return true;
	}
	page = fetch_page(l, NULL, 1);
	if (page == NULL)
		return false;
	l->matched += command_integer(page, "matched");
	l->bytes += command_integer(page, "matched_bytes");
	json_decref(page);
	return true;
}

static bool fetch(struct listing *l)
{
	/* Of the IDs behind the limit only the number is wanted still. */
	if (command_given(l->run, OPTION_JUST_COUNT) || (l->limit > 0 && l->shown >= l->limit))
		return count_matches(l);
	return command_filter_is_long(l->filter) ? fetch_view(l) : fetch_all(l);
}

/* Explicit IDs are the filters that name so many of them. */
static bool fetch_ids(struct listing *l)
{
	bool done = true;

	/* Several filters give several sorted lists, which together are not sorted. */
	if (json_array_size(l->ids) > IDS_FILTER_MAX && command_given(l->run, OPTION_SORT))
		return command_usage(l->run, "--sort takes at most %d IDs", IDS_FILTER_MAX) ==
		       COMMAND_DONE;
	for (size_t i = 0; done && i < json_array_size(l->ids); i += IDS_FILTER_MAX) {
		free(l->filter);
		l->filter = ids_filter(l->ids, i, IDS_FILTER_MAX);
		done = fetch(l);
	}
	return done;
}

/* The number alone, for scripts; a person knows what he asked for. */
static void print_count(const struct listing *l)
{
	if (command_given(l->run, OPTION_JSON))
		printf("{\"matched\":%lld,\"matched_bytes\":%lld}\n", (long long)l->matched,
		    (long long)l->bytes);
	else
		printf("%lld\n", (long long)l->matched);
}

/* To stderr, so that a pipe gets rows only. */
static void print_end(const struct listing *l)
{
	if (l->shown > 0)
		screen_table(l->table);
	/* A pager is left first: the line belongs below it. */
	screen_close();
	if ((int64_t)l->shown < l->matched)
		fprintf(stderr, "%llu of %lld messages; --limit 0 shows all\n",
		    (unsigned long long)l->shown, (long long)l->matched);
}

/* The status is 1 when nothing matches, as with grep(1): scripts ask "is there any?". */
static int list(struct command_run *run)
{
	struct listing l = {.run = run};
	bool count = command_given(run, OPTION_JUST_COUNT);
	bool watched = command_given(run, OPTION_WATCH);
	bool done;

	if (!fields_take(run, &l.fields) ||
	    !command_number(run, OPTION_LIMIT,
		screen_is_terminal() && !l.fields.wanted ? TERMINAL_ROWS : 0, UINT32_MAX, &l.limit))
		return COMMAND_USAGE;
	if (ids_take(run, &l.ids) == IDS_WRONG)
		return COMMAND_NOT_DONE;
	l.filter = command_filter(run);
	if (!count && !l.fields.wanted)
		l.table = message_row_table();
	/* Programs that read JSON get no warnings between the rows. */
	l.stopped = l.table != NULL && command_warn(run);
	done = l.ids != NULL ? fetch_ids(&l) : fetch(&l);
	if (done && count)
		print_count(&l);
	else if (done && l.table != NULL)
		print_end(&l);
	if (done && !count && l.matched == 0 && !watched)
		command_failed(run, "nothing matched");
	else if (done && !count && l.matched == 0 && l.table != NULL)
		puts("Nothing matches.");
	table_destroy(&l.table);
	json_decref(l.ids);
	free(l.filter);
	/* Whoever watches waits for what is not there yet. */
	return done && (l.matched > 0 || watched) ? COMMAND_DONE : COMMAND_NOT_DONE;
}

int command_list(struct command_run *run)
{
	return watch_run(run, list);
}
