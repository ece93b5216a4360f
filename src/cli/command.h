/* The command table, and what every command gets. One table is the source for dispatch, --help,
 * shell completion and the check against postroom(1). */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "cli/client.h"
#include "cli/context.h"
#include "cli/exit_status.h"
#include "config/config.h"

enum command_option {
	OPTION_CONFIG,
	OPTION_SET,
	OPTION_SOCKET,
	OPTION_URL,
	OPTION_TOKEN_FILE,
	OPTION_JSON,
	OPTION_CSV,
	OPTION_FIELDS,
	OPTION_WATCH,
	OPTION_HELP,
	OPTION_YES,
	OPTION_DRY_RUN,
	OPTION_ALL,
	OPTION_NOTE,
	OPTION_NO_WAIT,
	OPTION_UNDO,
	OPTION_RATE,
	OPTION_NO_RELOAD,
	OPTION_LIMIT,
	OPTION_SORT,
	OPTION_BY,
	OPTION_JUST_COUNT,
	OPTION_OUTCOME,
	OPTION_RESULT,
	OPTION_STATE,
	OPTION_FROM,
	OPTION_TO,
	OPTION_POINTS,
	OPTION_WHAT,
	OPTION_ROLE,
	OPTION_NAME,
	OPTION_VALID,
	OPTION_SCOPE,
	OPTION_GIVE,
	OPTION_TAKE,
	OPTION_PASSWORD_STDIN,
	OPTION_RESET,
	OPTION_OWN,
	OPTION_UNTIL,
	OPTION_LONG,
	OPTION_REASON,
	OPTION_SUBDOMAINS,
	OPTION_THROTTLE,
	OPTION_RELEASE,
	OPTION_CONFIRM,
	OPTION_UNDO_SETUP,
	OPTION_KIND,
	OPTION_KEY,
	OPTION_SEVERITY,
	OPTION_NO_HEADER,
	OPTION_WIDE,
	OPTION_NO_PAGER,
	OPTION_HOST,
	OPTION_HEADERS,
	OPTION_BODY,
	OPTION_RAW,
	OPTION_PART,
	OPTION_COUNT
};

#define OPTION_BIT(option) ((uint64_t)1 << (option))
/* Those of every command. */
#define OPTIONS_COMMON                                                                             \
	(OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_SET) | OPTION_BIT(OPTION_SOCKET) |          \
	    OPTION_BIT(OPTION_URL) | OPTION_BIT(OPTION_TOKEN_FILE) | OPTION_BIT(OPTION_JSON) |     \
	    OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_HOST))
/* Those of every command that looks. */
#define OPTIONS_LOOKING                                                                            \
	(OPTIONS_COMMON | OPTION_BIT(OPTION_CSV) | OPTION_BIT(OPTION_FIELDS) |                     \
	    OPTION_BIT(OPTION_NO_HEADER) | OPTION_BIT(OPTION_WIDE) | OPTION_BIT(OPTION_NO_PAGER))

struct command_option_entry {
	const char *name;     /* without its dashes */
	const char *argument; /* NULL: takes none */
	const char *purpose;
	const char *values; /* separated by blanks; NULL where anything goes */
	bool open;	    /* `values` are for completion alone: the command looks itself */
};

/* What a command's operands are. */
enum command_filter {
	COMMAND_NO_FILTER,    /* names, numbers, IDs: a dash begins only options */
	COMMAND_FILTER_LOOKS, /* a filter or IDs; a dash in front is "not" */
	COMMAND_FILTER_ACTS   /* a filter or IDs to act on */
};

struct command;

/* What one run of a command works with. */
struct command_run {
	const struct command *command;
	const char *values[OPTION_COUNT]; /* the argument; "" for a given option without one; NULL:
					     not given */
	char **operands;
	size_t operand_count;
	struct config *config;
	struct client *client;	 /* opened by command_client */
	struct context *context; /* where it leads to; NULL before */
	char *where;		 /* see command_where; NULL for nothing */
	int worst;		 /* of what was complained of: where a command ends as not done, its
				    exit status */
};

struct command {
	const char *name;
	const char *operands; /* as --help shows them */
	enum command_filter filter;
	uint64_t options;
	const char *purpose; /* one line */
	const char *detail;  /* more of --help; may be "" */
	const char *words;   /* first operands to complete, NULL for none: what is not live */
	int (*run)(struct command_run *run); /* NULL: src/main.c has it */
};

const struct command *command_table(size_t *count);
/* The command of that name; NULL: there is none. */
const struct command *command_find(const char *name);
const struct command_option_entry *command_options(void);

/* The API of the service that this run is about (cli/context.h). NULL with the reason in `err`. */
struct client *command_client(struct command_run *run, struct error *err);
/* Forgets it again. */
void command_disconnect(struct command_run *run);

/* Whether somebody named a service, so that nothing else may stand in for it. */
bool command_names_service(const struct command_run *run);
/* Whether somebody named the socket of another service than the configuration is of. */
bool command_names_other_socket(const struct command_run *run);

/* One request; says on standard error why it failed (then NULL): of a wrong filter also where. */
json_t *command_call(struct command_run *run, const char *method, const char *path, json_t *body);

/* A list, by GET: everybody's where the caller may have that, else his own. */
json_t *command_call_all(struct command_run *run, const char *path);

/* Says on standard error what is wrong with the mail system (a stopped Postfix, a full disk) and
 * the fix. True where Postfix is stopped. Where the service does not answer, the command itself
 * says so. */
bool command_warn(struct command_run *run);

bool command_given(const struct command_run *run, enum command_option option);

/* The options that named another service than the usual, each with a blank before it and quoted for
 * a shell (" --socket /x"), for the commands that hints tell to type; "" where there are none. */
const char *command_where(const struct command_run *run);

/* Whether --NAME VALUE is one of `values`, which are separated by blanks; false after saying which
 * there are, and which may be meant. */
bool command_one_of(
    struct command_run *run, const char *name, const char *value, const char *values);
/* A number of at most `most` that an option has, or `fallback`; false after saying what is wrong.
 */
bool command_number(struct command_run *run, enum command_option option, uint64_t fallback,
    uint64_t most, uint64_t *value);

/* "postroom NAME: text" on standard error; returns COMMAND_USAGE or COMMAND_NOT_DONE, or for what
 * client_call and command_client say the status of its code. */
int command_usage(struct command_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int command_failed(struct command_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int command_refused(struct command_run *run, const struct error *err);

/* The operands as one filter (joined with blanks; "" for none); freed by the caller. */
char *command_filter(const struct command_run *run);
/* Whether it is too long for an address (Filter in api/openapi.yaml): then it goes into a body. */
bool command_filter_is_long(const char *filter);

/* Members of a JSON object; NULL or 0 where it is not there or of another type. */
const char *command_text(const json_t *object, const char *member);
int64_t command_integer(const json_t *object, const char *member);

/* A text of a JSON object on standard output, safe for a terminal; "?" where there is none. */
void command_print_text(const json_t *object, const char *member);
/* The texts of its `warnings`, each behind `indent` blanks and a mark. */
void command_print_warnings(const json_t *reply, size_t indent);
/* One JSON value as one line: ASCII only, no control characters. */
void command_print_json(const json_t *value);

/* Asks "prompt [y/N]" on the terminal; true only for y or yes. False without a terminal. */
bool command_confirm(const char *prompt);
/* Whether there is somebody to ask. */
bool command_terminal(void);

/* The commands, one file each (or a family). */
int command_list(struct command_run *run);
int command_show(struct command_run *run);
int command_groups(struct command_run *run);
int command_act(struct command_run *run);
/* The rest of it, for other commands: shows what `action` would touch of `selection` (a JSON object
 * as of Selection in api/openapi.yaml; released here), asks, and does it. */
int command_act_on(struct command_run *run, const char *action, json_t *selection);
/* False after saying that there is nobody to ask, and no --yes or --dry-run. */
bool command_may_act(struct command_run *run);
int command_flush(struct command_run *run);
int command_jobs(struct command_run *run);
int command_settings(struct command_run *run);
int command_history(struct command_run *run);
int command_trace(struct command_run *run);
int command_incidents(struct command_run *run);
int command_alerts(struct command_run *run);
int command_audit(struct command_run *run);
int command_probe(struct command_run *run);
int command_pause(struct command_run *run);
int command_resume(struct command_run *run);
int command_pauses(struct command_run *run);
int command_status(struct command_run *run);
int command_usage_of_people(struct command_run *run);
int command_user(struct command_run *run);
int command_token(struct command_run *run);
int command_sessions(struct command_run *run);
int command_completion(struct command_run *run);
int command_version(struct command_run *run);
int command_hosts(struct command_run *run);

#endif
