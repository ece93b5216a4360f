/* The table of commands. That of options is in options.c. */
#include "cli/command.h"

#define ACT_OPTIONS                                                                                \
	(OPTIONS_COMMON | OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_DRY_RUN) |                    \
	    OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_NOTE) | OPTION_BIT(OPTION_NO_WAIT))
#define QUERY "[FILTER... | ID...]"
#define FILTER_DETAIL "A FILTER such as `from:shop.example age>2h` is told in postroom-filter(7).\n"
#define ACT_DETAIL                                                                                 \
	"Shows what it would touch and asks. Without a terminal it refuses, unless --yes is "      \
	"given.\n"                                                                                 \
	"An ID of - reads IDs from standard input, one a line.\n" FILTER_DETAIL

static const struct command commands[] = {
    {"list", QUERY, COMMAND_FILTER_LOOKS,
	OPTIONS_COMMON | OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_SORT) |
	    OPTION_BIT(OPTION_JUST_COUNT),
	"the messages in the queue",
	"On a terminal the first 100; all of them otherwise, and with --limit 0. Exit status 1 "
	"when nothing matches.\n" FILTER_DETAIL,
	NULL, command_list},
    {"show", "ID...", COMMAND_NO_FILTER, OPTIONS_COMMON, "everything that is known of messages", "",
	NULL, command_show},
    {"groups", "--by FIELD[,FIELD] [FILTER... | ID...]", COMMAND_FILTER_LOOKS,
	OPTIONS_COMMON | OPTION_BIT(OPTION_BY) | OPTION_BIT(OPTION_LIMIT),
	"what the queue consists of",
	"With two fields a table: --by domain,age counts recipients as qshape(1) "
	"does.\n" FILTER_DETAIL,
	NULL, command_groups},
    {"retry", QUERY, COMMAND_FILTER_ACTS, ACT_OPTIONS | OPTION_BIT(OPTION_RATE),
	"try to deliver now (postqueue -i)", ACT_DETAIL, NULL, command_act},
    {"hold", QUERY, COMMAND_FILTER_ACTS, ACT_OPTIONS, "put on hold (postsuper -h)", ACT_DETAIL,
	NULL, command_act},
    {"release", QUERY, COMMAND_FILTER_ACTS, ACT_OPTIONS | OPTION_BIT(OPTION_NO_RELOAD),
	"release from hold (postsuper -H)", ACT_DETAIL, NULL, command_act},
    {"requeue", QUERY, COMMAND_FILTER_ACTS, ACT_OPTIONS,
	"put in again as a new message (postsuper -r)", ACT_DETAIL, NULL, command_act},
    {"delete", QUERY, COMMAND_FILTER_ACTS, ACT_OPTIONS | OPTION_BIT(OPTION_UNDO),
	"remove without telling the sender (held at once, removed after the grace time)",
	ACT_DETAIL, NULL, command_act},
    {"bounce", QUERY, COMMAND_FILTER_ACTS, ACT_OPTIONS,
	"return to the sender as undeliverable (postsuper -e or -f)", ACT_DETAIL, NULL,
	command_act},
    {"flush", "", COMMAND_NO_FILTER, OPTIONS_COMMON | OPTION_BIT(OPTION_YES),
	"ask Postfix to try the whole queue now (postqueue -f)", "", NULL, command_flush},
    {"jobs", "[ID | cancel ID | undo ID]", COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_STATE) | OPTION_BIT(OPTION_OUTCOME) |
	    OPTION_BIT(OPTION_RESULT) | OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_NO_WAIT) |
	    OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_DRY_RUN),
	"actions and what became of each message",
	"`undo` of a delete releases what it holds for its grace time; `undo` of a hold releases "
	"what that\nput on hold, and of a release puts it on hold again: these two are shown and "
	"asked about first.\n",
	"cancel undo", command_jobs},
    {"settings", "[NAME=VALUE... | changes | restore ID]", COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_DRY_RUN) |
	    OPTION_BIT(OPTION_NOTE) | OPTION_BIT(OPTION_LIMIT),
	"Postfix's queue lifetimes and backoff times",
	"A VALUE is a time with its unit (5d, 300s); an empty one goes back to Postfix's "
	"default.\n",
	"changes restore maximal_queue_lifetime= bounce_queue_lifetime= minimal_backoff_time= "
	"maximal_backoff_time= "
	"queue_run_delay= delay_warning_time=",
	command_settings},
    {"history", "", COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_FROM) | OPTION_BIT(OPTION_TO) |
	    OPTION_BIT(OPTION_POINTS) | OPTION_BIT(OPTION_BY) | OPTION_BIT(OPTION_WHAT) |
	    OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_WATCH),
	"how long the queue was, and what came and went",
	"With --by or --what the largest keys over the time: --by login --what received tells who "
	"sent\nhow much. KEY is queue, total, cause, domain, host, login, client or sender.\n",
	NULL, command_history},
    {"trace", "TEXT", COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_FROM) | OPTION_BIT(OPTION_TO) |
	    OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_CSV) | OPTION_BIT(OPTION_FIELDS) |
	    OPTION_BIT(OPTION_WATCH),
	"what the mail log knows of an address, a domain or an ID",
	"TEXT is a whole address or domain, a queue ID, a Message-ID, or the ID that a remote "
	"server gave.\nA line for each recipient, the newest message first; of mail that has left, "
	"too. At most 50\nmessages, without --limit. Exit status 1 when the log has none.\n",
	NULL, command_trace},
    {"incidents", "[ID | note ID TEXT | snooze ID TIME]", COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_CSV) | OPTION_BIT(OPTION_FIELDS) |
	    OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_ALL),
	"what is wrong, since when, who causes it",
	"`snooze` puts one aside for a time (2h), until a time (RFC 3339), or takes it up again "
	"(off).\n",
	"note snooze", command_incidents},
    {"status", "", COMMAND_NO_FILTER, OPTIONS_COMMON | OPTION_BIT(OPTION_WATCH),
	"the first lines of the page: how much, and what is wrong", "", NULL, command_status},
    {"user",
	"list | add NAME --role ROLE | role NAME ROLE | lock NAME | unlock NAME | password NAME | "
	"delete NAME",
	COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_ROLE) | OPTION_BIT(OPTION_PASSWORD_STDIN) |
	    OPTION_BIT(OPTION_YES),
	"accounts for the page",
	"`add` and `password` ask for the password: 12 bytes at least, without the name, and none "
	"of "
	"the\ncommonest. Each change of an account ends its sessions and tokens at once. The last "
	"account\nthat may sign in as admin stays one. As root it works without the service, "
	"too.\n",
	"list add role lock unlock password delete", command_user},
    {"token", "create --role ROLE [--name TEXT] [--valid TIME] | list | revoke ID",
	COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_ROLE) | OPTION_BIT(OPTION_NAME) |
	    OPTION_BIT(OPTION_VALID),
	"tokens for scripts (Authorization: Bearer)",
	"`create` prints the token alone, once. As root it works before the first start of the "
	"service, too.\n",
	"create list revoke", command_token},
    {"completion", "bash | zsh | fish", COMMAND_NO_FILTER, OPTION_BIT(OPTION_HELP),
	"print what a shell needs to complete these commands", "", "bash zsh fish",
	command_completion},
};

const struct command *command_table(size_t *count)
{
	*count = sizeof(commands) / sizeof(commands[0]);
	return commands;
}
