/* The tables. */
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

static const struct command_option_entry options[OPTION_COUNT] = {
    [OPTION_CONFIG] = {"config", "FILE", "the configuration, instead of " CONFIG_DEFAULT_PATH,
	NULL},
    [OPTION_SET] = {"set", "KEY=VALUE", "one key of the configuration", NULL},
    [OPTION_SOCKET] = {"socket", "PATH", "the service's Unix socket, instead of http.socket", NULL},
    [OPTION_URL] = {"url", "URL",
	"the service's address, with a token from --token-file or POSTROOM_TOKEN", NULL},
    [OPTION_TOKEN_FILE] = {"token-file", "FILE", "a file that holds the token for --url", NULL},
    [OPTION_JSON] = {"json", NULL, "one JSON object a line", NULL},
    [OPTION_HELP] = {"help", NULL, "this text", NULL},
    [OPTION_YES] = {"yes", NULL, "do not ask", NULL},
    [OPTION_DRY_RUN] = {"dry-run", NULL, "show what it would touch, change nothing", NULL},
    [OPTION_ALL] = {"all", NULL, "the whole queue, where neither a filter nor IDs are given", NULL},
    [OPTION_NOTE] = {"note", "TEXT", "why, for the history", NULL},
    [OPTION_NO_WAIT] = {"no-wait", NULL, "do not wait for the outcome", NULL},
    [OPTION_UNDO] = {"undo", "TIME", "grace time in which `jobs undo` brings all back (0: none)",
	NULL},
    [OPTION_RATE] = {"rate", "NUMBER", "messages a minute to each destination", NULL},
    [OPTION_NO_RELOAD] = {"no-reload", NULL,
	"never reload Postfix: what was being delivered when it was held stays on hold for now",
	NULL},
    [OPTION_LIMIT] = {"limit", "NUMBER", "rows at most; 0 for all", NULL},
    [OPTION_SORT] = {"sort", "FIELD", "the order; - before it is descending",
	"arrival -arrival size -size sender -sender next_retry -next_retry recipients -recipients "
	"id -id"},
    [OPTION_BY] = {"by", "FIELD[,FIELD]", "what to group by; two give a table",
	"queue domain recipient_domain from sender sender_domain reason cause diagnosis "
	"remote_host "
	"remote_domain age client login domain,age sender_domain,age",
	true},
    [OPTION_JUST_COUNT] = {"count", NULL, "only how many match", NULL},
    [OPTION_OUTCOME] = {"outcome", "OUTCOME", "only messages that ended so",
	"planned sent held done gone changed refused unknown cancelled undone stopped"},
    [OPTION_RESULT] = {"result", "RESULT", "only messages of which the mail log told this",
	"delivered deferred bounced unknown"},
    [OPTION_STATE] = {"state", "STATE", "only jobs in this state",
	"open planned running grace done cancelled undone"},
    [OPTION_FROM] = {"from", "TIME", "the beginning: RFC 3339, or how long ago (24h)", NULL},
    [OPTION_TO] = {"to", "TIME", "the end: RFC 3339, or how long ago", NULL},
    [OPTION_POINTS] = {"points", "NUMBER", "samples at most", NULL},
    [OPTION_ROLE] = {"role", "ROLE", "viewer, operator or admin", "viewer operator admin"},
    [OPTION_NAME] = {"name", "TEXT", "what the token is for", NULL},
    [OPTION_VALID] = {"valid", "TIME", "how long the token is good, for example 30d (for ever)",
	NULL},
    [OPTION_PASSWORD_STDIN] = {"password-stdin", NULL, "read the password from standard input",
	NULL},
};

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
	    OPTION_BIT(OPTION_POINTS),
	"how long the queue was", "", NULL, command_history},
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

const struct command_option_entry *command_options(void)
{
	return options;
}
