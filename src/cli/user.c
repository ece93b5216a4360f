/* postroom user: accounts, through the service where it runs, else (as root) in its database. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/fields.h"
#include "cli/format.h"
#include "cli/grant_options.h"
#include "cli/offline.h"
#include "cli/screen.h"
#include "cli/table.h"

/* With its line end and NUL. */
#define PASSWORD_SIZE (ACCOUNTS_PASSWORD_MAX + 2)

static bool read_line(FILE *in, char password[PASSWORD_SIZE])
{
	size_t len;

	if (fgets(password, PASSWORD_SIZE, in) == NULL)
		return false;
	len = strcspn(password, "\n");
	/* A line that did not fit would be cut: better none at all. */
	if (password[len] != '\n' && !feof(in))
		return false;
	password[len] = '\0';
	return true;
}

static bool ask_hidden(const char *prompt, char password[PASSWORD_SIZE])
{
	struct termios shown;
	struct termios hidden;
	bool done;

	fprintf(stderr, "%s: ", prompt);
	if (tcgetattr(STDIN_FILENO, &shown) < 0)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	/* What was typed before the prompt is thrown away: it was not meant as a password. */
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) < 0)
		return false;
	done = read_line(stdin, password);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return done;
}

/* Twice, as nobody sees what is typed; a password on the command line could be read by everyone. */
static bool get_password(struct command_run *run, char password[PASSWORD_SIZE])
{
	char again[PASSWORD_SIZE];
	bool same;

	if (command_given(run, OPTION_PASSWORD_STDIN))
		return read_line(stdin, password) ||
		       command_usage(run, "no password on standard input") == COMMAND_DONE;
	if (!command_terminal())
		return command_usage(run, "without a terminal to ask at, give --password-stdin") ==
		       COMMAND_DONE;
	if (!ask_hidden("Password", password) || !ask_hidden("The same again", again))
		return command_failed(run, "no password was given") == COMMAND_DONE;
	same = strcmp(password, again) == 0;
	sodium_memzero(again, sizeof(again));
	return same || command_failed(run, "the two are not the same") == COMMAND_DONE;
}

/* What one run is about. */
struct account {
	const char *name, *role;
	struct command_run *run;	     /* with the options that say more */
	char lost[ACCESS_RIGHTS_WORDS_SIZE]; /* filled in: what its scope takes away */
	char password[PASSWORD_SIZE];
};

/* One way to change accounts: by the API, and without the service. */
struct verb {
	const char *name;
	size_t operands; /* with the verb itself */
	bool needs_password, asks;
	const char *method, *path; /* behind /users; "%s" is the name */
	json_t *(*body)(const struct account *account);
	bool (*offline)(
	    const struct config *config, const struct account *account, struct error *err);
	const char *done; /* what is said behind the name */
};

static json_t *body_add(const struct account *a)
{
	return json_pack(
	    "{s:s, s:s, s:s}", "name", a->name, "role", a->role, "password", a->password);
}

/* With the role where it is given. */
static json_t *body_set(const struct account *a)
{
	return a->role != NULL ? json_pack("{s:s}", "role", a->role) : json_object();
}

static json_t *body_role(const struct account *a)
{
	return json_pack("{s:s}", "role", a->role);
}

static json_t *body_lock(const struct account *a)
{
	(void)a;
	return json_pack("{s:b}", "locked", 1);
}

static json_t *body_unlock(const struct account *a)
{
	(void)a;
	return json_pack("{s:b}", "locked", 0);
}

static json_t *body_password(const struct account *a)
{
	return json_pack("{s:s}", "password", a->password);
}

static bool offline_add(const struct config *config, const struct account *a, struct error *err)
{
	struct accounts_change change = {0};

	return grant_options_change(a->run, &change, err) &&
	       offline_add_user(config, a->name, a->role, &change.grant, a->password, err);
}

static bool offline_role(const struct config *config, const struct account *a, struct error *err)
{
	struct accounts_change change = {.set_role = true};

	return offline_parse_role(a->role, &change.grant.role, err) &&
	       offline_change_user(config, a->name, &change, err);
}

static bool offline_set(const struct config *config, const struct account *a, struct error *err)
{
	struct accounts_change change = {.set_role = a->role != NULL};

	return (a->role == NULL || offline_parse_role(a->role, &change.grant.role, err)) &&
	       grant_options_change(a->run, &change, err) &&
	       offline_change_user(config, a->name, &change, err);
}

static bool offline_lock(const struct config *config, const struct account *a, struct error *err)
{
	return offline_change_user(
	    config, a->name, &(struct accounts_change){.set_locked = true, .locked = true}, err);
}

static bool offline_unlock(const struct config *config, const struct account *a, struct error *err)
{
	return offline_change_user(
	    config, a->name, &(struct accounts_change){.set_locked = true}, err);
}

static bool offline_password(
    const struct config *config, const struct account *a, struct error *err)
{
	return offline_set_password(config, a->name, a->password, err);
}

static bool offline_delete(const struct config *config, const struct account *a, struct error *err)
{
	return offline_delete_user(config, a->name, err);
}

static bool offline_otp(const struct config *config, const struct account *a, struct error *err)
{
	return offline_end_otp(config, a->name, err);
}

#define ENDED "Its sessions and tokens have ended."

static const struct verb verbs[] = {
    {"add", 2, true, false, "POST", "", body_add, offline_add, NULL},
    {"set", 2, false, false, "PUT", "/%s", body_set, offline_set,
	"may do and see something else now. " ENDED},
    {"role", 3, false, false, "PUT", "/%s", body_role, offline_role,
	"has another role now. " ENDED},
    {"lock", 2, false, false, "PUT", "/%s", body_lock, offline_lock,
	"may not sign in any more. " ENDED},
    {"unlock", 2, false, false, "PUT", "/%s", body_unlock, offline_unlock, "may sign in again."},
    {"password", 2, true, false, "POST", "/%s/password", body_password, offline_password,
	"has a new password. " ENDED},
    {"otp", 2, false, false, "DELETE", "/%s/otp", NULL, offline_otp,
	"signs in with the password alone now. Its sessions have ended."},
    {"delete", 2, false, true, "DELETE", "/%s", NULL, offline_delete, "is deleted. " ENDED},
};

/* "settings, audit". */
static void append_words(struct buffer *out, const json_t *words)
{
	const json_t *word;
	size_t i;

	json_array_foreach(words, i, word) buffer_printf(out, "%s%s", i > 0 ? ", " : "",
	    json_string_value(word) != NULL ? json_string_value(word) : "?");
}

/* Only when nobody answers: a service that refuses must not be gone round. */
static bool may_go_offline(const struct command_run *run, const struct error *err)
{
	return strcmp(err->code, "unreachable") == 0 &&
	       offline_possible(command_names_service(run));
}

/* "settings, audit" of the answer, which may be none at all. */
static void take_lost(struct account *account, const json_t *reply)
{
	BUFFER_AUTO struct buffer text = {0};

	append_words(&text, json_object_get(reply, "lost"));
	snprintf(account->lost, sizeof(account->lost), "%s", buffer_string(&text));
}

/* The API first, so that sessions end in memory too and not only in the database. */
static bool carry_out(
    struct command_run *run, const struct verb *verb, struct account *account, struct error *err)
{
	struct client *client = command_client(run, err);
	json_t *body = verb->body != NULL ? verb->body(account) : NULL, *reply;
	char path[ACCOUNTS_NAME_MAX + 32];
	const char *rest = strstr(verb->path, "%s");

	if (client == NULL) {
		json_decref(body);
		return false;
	}
	if (verb->body != NULL && body == NULL)
		return error_set(err, "invalid_value", "name or password is not UTF-8");
	if (grant_options_given(run) && !grant_options_body(run, body)) {
		json_decref(body);
		return error_set(err, "invalid_value", "the scope is not UTF-8");
	}
	snprintf(path, sizeof(path), "/users%s%s%s", rest != NULL ? "/" : "",
	    rest != NULL ? account->name : "", rest != NULL ? rest + 2 : "");
	reply = client_call(client, verb->method, path, body, err);
	take_lost(account, reply);
	json_decref(reply);
	if (reply != NULL)
		return true;
	return may_go_offline(run, err) && verb->offline(run->config, account, err);
}

static bool confirmed(struct command_run *run, const char *name)
{
	char prompt[ACCOUNTS_NAME_MAX + 80];

	if (command_given(run, OPTION_YES))
		return true;
	if (!command_terminal())
		return command_usage(run, "without a terminal to ask at, give --yes") ==
		       COMMAND_DONE;
	snprintf(
	    prompt, sizeof(prompt), "Delete the account %s, with its sessions and tokens?", name);
	return command_confirm(prompt);
}

static int change_account(struct command_run *run, const struct verb *verb)
{
	struct account account = {.run = run,
	    .name = run->operands[1],
	    .role = verb->operands == 3 ? run->operands[2] : run->values[OPTION_ROLE]};
	struct error err;
	bool done;

	/* The name becomes part of a path below, so it must have no slash. */
	if (!accounts_check_name(slice_of(account.name), &err))
		return command_usage(run, "%s", err.text);
	if (verb->needs_password && !get_password(run, account.password))
		return COMMAND_USAGE;
	if (verb->asks && !confirmed(run, account.name))
		return COMMAND_NOT_DONE;
	done = carry_out(run, verb, &account, &err);
	sodium_memzero(account.password, sizeof(account.password));
	if (!done)
		return command_refused(run, &err);
	if (command_given(run, OPTION_JSON))
		return COMMAND_DONE;
	if (strcmp(verb->name, "add") == 0)
		printf("%s may sign in now, as %s.\n", account.name, account.role);
	else
		printf("%s %s\n", account.name, verb->done);
	if (account.lost[0] != '\0')
		printf("%s sees a part of the queue, and so does not have: %s.\n", account.name,
		    account.lost);
	return COMMAND_DONE;
}

/* ---- list ---- */

/* "+content -pauses": what differs from the role, also by its scope. */
static void append_rights(struct buffer *out, char sign, const json_t *rights)
{
	size_t i;
	json_t *right;

	json_array_foreach(rights, i, right) buffer_printf(out, "%s%c%s", out->len > 0 ? " " : "",
	    sign, json_string_value(right) != NULL ? json_string_value(right) : "?");
}

static const char *state_of(const json_t *user)
{
	if (json_is_true(json_object_get(user, "locked")))
		return "locked";
	if (json_is_string(json_object_get(user, "scope_problem")))
		return "sees nothing";
	return json_is_true(json_object_get(user, "otp")) ? "one-time password" : "";
}

static void print_users(const json_t *users)
{
	static const struct table_column columns[] = {{"NAME", false, 8}, {"ROLE", false, 0},
	    {"RIGHTS", false, 0}, {"STATE", false, 0, .words = true}, {"CREATED", false, 0},
	    {"SCOPE", false, 0}};
	struct table *table = table_create(columns, sizeof(columns) / sizeof(columns[0]));
	char text[FORMAT_SIZE];
	size_t i;
	json_t *user;

	json_array_foreach(users, i, user)
	{
		table_cell(table, command_text(user, "name"));
		BUFFER_AUTO struct buffer rights = {0};

		table_cell(table, command_text(user, "role"));
		append_rights(&rights, '+', json_object_get(user, "given"));
		append_rights(&rights, '-', json_object_get(user, "taken"));
		append_rights(&rights, '-', json_object_get(user, "lost"));
		table_cell(table, buffer_string(&rights));
		table_cell(table, state_of(user));
		format_time(command_text(user, "created"), text);
		table_cell(table, text);
		table_cell(table, command_text(user, "scope"));
	}
	screen_table(table);
	table_destroy(&table);
}

static json_t *rights_words(uint32_t rights)
{
	json_t *list = json_array();

	for (enum access_right right = RIGHT_VIEWER; right < RIGHTS; right++)
		if (rights & ACCESS_RIGHT_BIT(right))
			json_array_append_new(list, json_string(access_right_name(right)));
	return list;
}

/* Whether its scope is a filter is not known here. */
static json_t *user_offline(const struct accounts_user *user, const char *created)
{
	uint32_t given, taken;

	access_grant_effective(&user->grant, &given, &taken);
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:n, s:b, s:b, s:s}", "name",
	    user->name, "role", access_role_name(user->grant.role), "given", rights_words(given),
	    "taken", rights_words(taken), "rights", rights_words(access_rights(&user->grant)),
	    "lost", rights_words(access_grant_lost(&user->grant)), "scope",
	    user->grant.scoped ? json_string(user->grant.scope) : json_null(), "scope_problem",
	    "locked", (int)user->locked, "otp", (int)user->otp, "created", created);
}

/* As the API gives them, so that one function prints both. */
static json_t *users_offline(const struct command_run *run, struct error *err)
{
	struct accounts_all all;
	json_t *users;
	char created[CLOCK_RFC3339_SIZE];

	if (!offline_load(run->config, &all, err))
		return NULL;
	users = json_array();
	for (size_t i = 0; i < all.user_count; i++) {
		clock_rfc3339(all.users[i].created, created);
		json_array_append_new(users, user_offline(&all.users[i], created));
	}
	accounts_all_free(&all);
	return json_pack("{s:o}", "users", users);
}

static int list_users(struct command_run *run)
{
	struct fields fields;
	struct error err;
	struct client *client;
	json_t *reply;

	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	client = command_client(run, &err);
	reply = client != NULL ? client_call(client, "GET", "/users", NULL, &err) : NULL;
	if (reply == NULL && may_go_offline(run, &err))
		reply = users_offline(run, &err);
	if (reply == NULL)
		return command_refused(run, &err);
	if (fields.wanted)
		fields_print_list(run, &fields, json_object_get(reply, "users"));
	else
		print_users(json_object_get(reply, "users"));
	json_decref(reply);
	return COMMAND_DONE;
}

/* Options say what an account may do for `add`, which needs a role, and for `set`, which needs any
 * of them; `role` takes it as a word. */
static bool options_fit(const struct command_run *run, const char *verb)
{
	bool role = run->values[OPTION_ROLE] != NULL;

	/* Spelled out, as it makes an account weaker. */
	if (command_given(run, OPTION_RESET) != (strcmp(verb, "otp") == 0))
		return false;
	if (strcmp(verb, "add") == 0)
		return role;
	if (strcmp(verb, "set") == 0)
		return role || grant_options_given(run);
	return !role && !grant_options_given(run);
}

int command_user(struct command_run *run)
{
	const char *word = run->operand_count > 0 ? run->operands[0] : "";

	if (strcmp(word, "list") == 0 && run->operand_count == 1)
		return list_users(run);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(word, verbs[i].name) == 0 && run->operand_count == verbs[i].operands &&
		    options_fit(run, word))
			return change_account(run, &verbs[i]);
	return command_usage(run,
	    "expected: postroom user list, add NAME --role ROLE, set NAME with --role, --scope, "
	    "--give or --take, role NAME ROLE, lock NAME, unlock NAME, password NAME, otp NAME "
	    "--reset or delete NAME; a ROLE is viewer, operator or admin");
}
