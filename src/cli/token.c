/* postroom token */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/grant_options.h"
#include "cli/offline.h"
#include "cli/safe_text.h"
#include "cli/screen.h"
#include "cli/table.h"

#define DEFAULT_NAME "command-line"
#define VALID_DEFAULT (90 * 86400)

/* Alone on its line, so that a script can take it as it is. */
static void print_secret(const struct command_run *run, const char *secret)
{
	json_t *object;

	if (!command_given(run, OPTION_JSON)) {
		safe_text_print(stdout, secret);
		putchar('\n');
		return;
	}
	object = json_pack("{s:s}", "token", secret);
	command_print_json(object);
	json_decref(object);
}

/* Without the service, root writes it into the database. */
static int create_offline(
    struct command_run *run, const char *name, const char *role, int64_t valid)
{
	char secret[ACCOUNTS_SECRET_SIZE];
	struct accounts_change more = {0};
	struct error err;

	if (!grant_options_change(run, &more, &err) ||
	    !offline_create_token(run->config, name, role, &more.grant,
		valid > 0 ? clock_now() + valid : 0, secret, &err))
		return command_refused(run, &err);
	print_secret(run, secret);
	return COMMAND_DONE;
}

/* How long it is good in seconds; 0: for ever. False after saying what is wrong. */
static bool read_valid(struct command_run *run, int64_t *seconds)
{
	const char *text = run->values[OPTION_VALID];

	*seconds = VALID_DEFAULT;
	if (text == NULL)
		return true;
	if (strcmp(text, "never") == 0) {
		*seconds = 0;
		return true;
	}
	return (format_parse_duration(text, seconds) && *seconds > 0) ||
	       command_usage(run, "--valid %s: expected a time such as 30d, or never", text) ==
		   COMMAND_DONE;
}

/* Of somebody without an account: the token ends with his staying away. */
static void tell_end(const json_t *reply)
{
	const json_t *person = json_object_get(json_object_get(reply, "info"), "person");
	char until[FORMAT_SIZE];

	if (!json_is_object(person))
		return;
	format_time(command_text(person, "until"), until);
	fputs("It ends at ", stderr);
	safe_text_print(stderr, until);
	fputs(" at the latest unless ", stderr);
	safe_text_print(stderr, command_text(person, "name"));
	fputs(" has signed in again before (access.token_away).\n", stderr);
}

/* The service is asked first; it knows the new token at once. */
static int create_token(struct command_run *run)
{
	const char *name =
	    command_given(run, OPTION_NAME) ? run->values[OPTION_NAME] : DEFAULT_NAME;
	const char *role = run->values[OPTION_ROLE];
	int64_t valid = 0;
	struct error err;
	struct client *client;
	json_t *body;
	json_t *reply;

	/* No default: a token that may do more than was thought is worse than a question. */
	if (role == NULL)
		return command_usage(run, "what may it do? Give --role viewer, operator or admin");
	if (!read_valid(run, &valid))
		return COMMAND_USAGE;
	body = json_pack("{s:s, s:s, s:o}", "name", name, "role", role, "valid_seconds",
	    valid > 0 ? json_integer(valid) : json_null());
	if (body == NULL || !grant_options_body(run, body)) {
		json_decref(body);
		return command_usage(run, "the name or scope is not UTF-8");
	}
	client = command_client(run, &err);
	reply = client != NULL ? client_call(client, "POST", "/tokens", body, &err) : NULL;
	if (client == NULL)
		json_decref(body);
	/* Only when nobody answers: a service that refuses must not be gone round. */
	if (reply == NULL && strcmp(err.code, "unreachable") == 0 &&
	    offline_possible(command_names_service(run)))
		return create_offline(run, name, role, valid);
	if (reply == NULL)
		return command_refused(run, &err);
	print_secret(run, command_text(reply, "token") != NULL ? command_text(reply, "token") : "");
	tell_end(reply);
	json_decref(reply);
	return COMMAND_DONE;
}

static void add_row(struct table *table, const json_t *token)
{
	const char *owner, *expires, *until;
	const json_t *person;
	char text[FORMAT_SIZE];

	table_cell_number(table, command_integer(token, "id"));
	table_cell(table, command_text(token, "name"));
	table_cell(table, command_text(token, "role"));
	person = json_object_get(token, "person");
	owner = command_text(
	    json_is_object(person) ? person : token, json_is_object(person) ? "name" : "owner");
	expires = command_text(token, "expires");
	until = command_text(person, "until");
	table_cell(table, owner);
	format_time(command_text(token, "created"), text);
	table_cell(table, text);
	/* The same form, so that texts compare as times do. */
	format_time(
	    until != NULL && (expires == NULL || strcmp(until, expires) < 0) ? until : expires,
	    text);
	table_cell(table, text);
	format_time(command_text(token, "used"), text);
	table_cell(table, text);
	table_cell(table, command_text(token, "scope"));
}

static int list_tokens(struct command_run *run)
{
	static const struct table_column columns[] = {{"TOKEN", true, 0}, {"NAME", false, 8},
	    {"ROLE", false, 0}, {"OWNER", false, 0}, {"CREATED", false, 0, 1},
	    {"EXPIRES", false, 0}, {"USED", false, 0}, {"SCOPE", false, 0}};
	struct fields fields;
	struct table *table;
	json_t *reply, *token;
	size_t i;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	reply = command_call_all(run, "/tokens");
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (fields.wanted) {
		fields_print_list(run, &fields, json_object_get(reply, "tokens"));
	} else {
		table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
		json_array_foreach(json_object_get(reply, "tokens"), i, token)
		    add_row(table, token);
		screen_table(table);
		table_destroy(&table);
	}
	json_decref(reply);
	return COMMAND_DONE;
}

/* By number: the token itself is known to nobody but its holder. */
static int revoke_token(struct command_run *run, const char *number)
{
	char path[64];
	uint64_t id;
	json_t *reply;

	if (!slice_to_u64(slice_of(number), &id) || id == 0)
		return command_usage(run, "%s is not the number of a token", number);
	snprintf(path, sizeof(path), "/tokens/%llu", (unsigned long long)id);
	reply = command_call(run, "DELETE", path, NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	json_decref(reply);
	return COMMAND_DONE;
}

int command_token(struct command_run *run)
{
	const char *verb = run->operand_count > 0 ? run->operands[0] : "";

	if (strcmp(verb, "create") == 0 && run->operand_count == 1)
		return create_token(run);
	if (strcmp(verb, "list") == 0 && run->operand_count == 1)
		return list_tokens(run);
	if (strcmp(verb, "revoke") == 0 && run->operand_count == 2)
		return revoke_token(run, run->operands[1]);
	return command_usage(run, "expected create, list, or revoke NUMBER");
}
