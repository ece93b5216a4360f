/* postroom hosts: the services of the list of hosts, and whether each answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/safe_text.h"
#include "cli/screen.h"

/* One that is away must not keep the others waiting. */
#define TEST_MS 10000

/* What is shown of one; `tested` adds what it answered. */
static json_t *describe(const struct host *host)
{
	const char *token = host->token_file != NULL ? host->token_file
			    : host->token != NULL    ? "hosts.ini"
						     : NULL;

	return json_pack("{s:s?, s:s?, s:s?, s:n, s:n, s:n}", "name", host->name, "where",
	    host->url != NULL ? host->url : host->socket, "token", token, "role", "version",
	    "problem");
}

static json_t *ask(const struct host *host, const char *token_file, struct error *err)
{
	struct context context = {0};
	struct client *client = NULL;
	json_t *me = NULL;

	if (context_of_host(host, token_file, &context, err))
		client = client_create(&context.target, err);
	if (client != NULL) {
		client_limit(client, TEST_MS);
		me = client_call(client, "GET", "/me", NULL, err);
	}
	client_destroy(&client);
	context_free(&context);
	return me;
}

/* Its exit status. */
static int test(const struct command_run *run, const struct host *host, json_t *row)
{
	struct error err;
	json_t *me = ask(host, run->values[OPTION_TOKEN_FILE], &err);

	if (me == NULL) {
		json_object_set_new(row, "problem", json_string(err.text));
		return exit_status_of(err.code);
	}
	json_object_set(row, "role", json_object_get(me, "role"));
	json_object_set(row, "version", json_object_get(me, "version"));
	json_decref(me);
	return COMMAND_DONE;
}

static void add_row(struct table *table, const json_t *row, bool tested)
{
	BUFFER_AUTO struct buffer answer = {0};
	const char *role = command_text(row, "role"), *problem = command_text(row, "problem");

	table_cell(table, command_text(row, "name"));
	table_cell(table, command_text(row, "where"));
	table_cell(table, command_text(row, "token"));
	if (!tested)
		return;
	if (role != NULL)
		buffer_printf(&answer, "%s, %s", role,
		    command_text(row, "version") != NULL ? command_text(row, "version") : "?");
	table_cell(table, role != NULL ? "ok" : "bad");
	table_cell(table, role != NULL ? buffer_string(&answer) : problem);
}

static void print_rows(
    const struct command_run *run, const struct fields *fields, const json_t *rows, bool tested)
{
	static const struct table_column columns[] = {{"NAME", false, 0, 0},
	    {"WHERE", false, 16, 0}, {"TOKEN", false, 8, 1}, {"", false, 0, 0, .words = true},
	    {"ANSWER", false, 16, 0}};
	struct table *table;
	size_t i;
	json_t *row;

	if (fields->wanted) {
		fields_print_list(run, fields, rows);
		return;
	}
	table = table_create(columns, tested ? 5 : 3);
	json_array_foreach(rows, i, row) add_row(table, row, tested);
	screen_table(table);
	table_destroy(&table);
}

static bool is_chosen(const struct command_run *run, const struct host *host)
{
	for (size_t i = 1; i < run->operand_count; i++)
		if (strcmp(run->operands[i], host->name) == 0)
			return true;
	return run->operand_count <= 1;
}

/* Some that answer and some that do not is "not all of it was done". */
static int joined(int one, int other, size_t before)
{
	return before == 0 || one == other ? other
	       : one == COMMAND_DONE || other == COMMAND_DONE || one == COMMAND_NOT_DONE
		   ? COMMAND_NOT_DONE
	       : one > other ? one
			     : other;
}

static int print_hosts(
    struct command_run *run, const struct fields *fields, const struct hosts *hosts, bool tested)
{
	json_t *rows = json_array();
	int status = COMMAND_DONE;
	size_t count = 0;

	for (size_t i = 0; i < hosts->count; i++) {
		json_t *row;

		if (!is_chosen(run, &hosts->list[i]))
			continue;
		row = describe(&hosts->list[i]);
		if (tested)
			status = joined(status, test(run, &hosts->list[i], row), count);
		json_array_append_new(rows, row);
		count++;
	}
	print_rows(run, fields, rows, tested);
	json_decref(rows);
	if (status > COMMAND_NOT_DONE)
		command_failed(run, "none of them answers as it should");
	return status;
}

int command_hosts(struct command_run *run)
{
	bool tested = run->operand_count > 0;
	BUFFER_AUTO struct buffer path = {0};
	struct hosts hosts;
	struct fields fields;
	struct error err;
	int status;

	if (tested && strcmp(run->operands[0], "test") != 0)
		return command_usage(run, "expected nothing, or test NAME...");
	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	if (!context_load_hosts(&hosts, &err))
		return command_refused(run, &err);
	for (size_t i = 1; i < run->operand_count; i++)
		if (hosts_find(&hosts, run->operands[i]) == NULL) {
			hosts_free(&hosts);
			return command_usage(run, "there is no host %s", run->operands[i]);
		}
	context_hosts_path(&path);
	if (hosts.count == 0)
		status = command_failed(run, "%s has no hosts", buffer_string(&path));
	else
		status = print_hosts(run, &fields, &hosts, tested);
	hosts_free(&hosts);
	return status;
}
