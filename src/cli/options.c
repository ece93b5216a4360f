/* The table of options, which commands share. */
#include "cli/command.h"

static const struct command_option_entry options[OPTION_COUNT] = {
    [OPTION_CONFIG] = {"config", "FILE", "the configuration, instead of " CONFIG_DEFAULT_PATH,
	NULL},
    [OPTION_SET] = {"set", "KEY=VALUE", "one key of the configuration", NULL},
    [OPTION_SOCKET] = {"socket", "PATH", "the service's Unix socket, instead of http.socket", NULL},
    [OPTION_URL] = {"url", "URL",
	"the service's address, with a token from --token-file or POSTROOM_TOKEN", NULL},
    [OPTION_TOKEN_FILE] = {"token-file", "FILE", "a file that holds the token for --url", NULL},
    [OPTION_JSON] = {"json", NULL, "one JSON object a line", NULL},
    [OPTION_CSV] = {"csv", NULL, "comma-separated values, with a line of names", NULL},
    [OPTION_FIELDS] = {"fields", "NAME[,NAME]", "only these, in this order", NULL},
    [OPTION_WATCH] = {"watch", NULL, "again every 5 s, until it is interrupted", NULL},
    [OPTION_HELP] = {"help", NULL, "this text", NULL},
    [OPTION_YES] = {"yes", NULL, "do not ask", NULL},
    [OPTION_DRY_RUN] = {"dry-run", NULL, "show what it would touch, change nothing", NULL},
    [OPTION_ALL] = {"all", NULL,
	"the whole queue, where neither a filter nor IDs are given; incidents that have ended, too",
	NULL},
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
    [OPTION_BY] = {"by", "FIELD[,FIELD]", "what to group or count by; two give a table of groups",
	"queue domain recipient_domain from sender sender_domain reason cause diagnosis "
	"remote_host "
	"remote_domain age client login total domain,age sender_domain,age",
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
    [OPTION_WHAT] = {"what", "RESULT", "depth of the queue, or what the mail log was counted by",
	"depth received delivered deferred bounced expired"},
    [OPTION_ROLE] = {"role", "ROLE", "viewer, operator or admin", "viewer operator admin"},
    [OPTION_NAME] = {"name", "TEXT", "what the token is for", NULL},
    [OPTION_VALID] = {"valid", "TIME", "how long the token is good, for example 30d (for ever)",
	NULL},
    [OPTION_PASSWORD_STDIN] = {"password-stdin", NULL, "read the password from standard input",
	NULL},
};

const struct command_option_entry *command_options(void)
{
	return options;
}
