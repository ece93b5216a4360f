/* The table of commands. That of options is in options.c. */
#include "cli/command.h"

#include <string.h>

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
    {"serve", "", COMMAND_NO_FILTER, 0, "the service, on this machine's Postfix", "",
	"--config --set --check-config --page-dir --help", NULL},
    {"check", "", COMMAND_NO_FILTER, 0, "what is missing on this machine, and the exact fix", "",
	"--config --set --help", NULL},
    {"leave", "", COMMAND_NO_FILTER, 0, "ends what is under way, before Postroom is removed", "",
	"--bring-back --finish --config --set --help", NULL},
    {"demo", "", COMMAND_NO_FILTER, 0,
	"a private Postfix with a lifelike queue, and the page on it", "", "--listen --set --help",
	NULL},
    {"list", QUERY, COMMAND_FILTER_LOOKS,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_LIMIT) |
	    OPTION_BIT(OPTION_SORT) | OPTION_BIT(OPTION_JUST_COUNT),
	"the messages in the queue",
	"On a terminal the first 100; all of them otherwise, and with --limit 0. Exit status 1 "
	"when nothing matches.\n" FILTER_DETAIL,
	NULL, command_list},
    {"show", "ID...", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_HEADERS) | OPTION_BIT(OPTION_BODY) |
	    OPTION_BIT(OPTION_RAW) | OPTION_BIT(OPTION_PART),
	"everything that is known of messages",
	"What is in one needs the right to read content, and is written down: --headers, --body, "
	"--raw or --part.\n",
	NULL, command_show},
    {"groups", "--by FIELD[,FIELD] [FILTER... | ID...]", COMMAND_FILTER_LOOKS,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_BY) |
	    OPTION_BIT(OPTION_LIMIT),
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
	"return to the sender as undeliverable (postsuper -e)", ACT_DETAIL, NULL, command_act},
    {"flush", "", COMMAND_NO_FILTER, OPTIONS_COMMON | OPTION_BIT(OPTION_YES),
	"ask Postfix to try the whole queue now (postqueue -f)", "", NULL, command_flush},
    {"jobs", "[ID | cancel ID | undo ID]", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_STATE) |
	    OPTION_BIT(OPTION_OUTCOME) | OPTION_BIT(OPTION_RESULT) | OPTION_BIT(OPTION_LIMIT) |
	    OPTION_BIT(OPTION_NO_WAIT) | OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_DRY_RUN),
	"actions and what became of each message",
	"`undo` of a delete releases what it holds for its grace time; `undo` of a hold releases "
	"what that put on hold, and of a release puts it on hold again: these two are shown and "
	"asked about first.\n",
	"cancel undo", command_jobs},
    {"settings", "[NAME=VALUE... | changes | restore ID]", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_DRY_RUN) |
	    OPTION_BIT(OPTION_NOTE) | OPTION_BIT(OPTION_LIMIT),
	"Postfix's queue lifetimes and backoff times",
	"A VALUE is a time with its unit (5d, 300s); an empty one goes back to Postfix's "
	"default.\n",
	"changes restore maximal_queue_lifetime= bounce_queue_lifetime= minimal_backoff_time= "
	"maximal_backoff_time= "
	"queue_run_delay= delay_warning_time=",
	command_settings},
    {"history", "", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_FROM) | OPTION_BIT(OPTION_TO) |
	    OPTION_BIT(OPTION_POINTS) | OPTION_BIT(OPTION_BY) | OPTION_BIT(OPTION_WHAT) |
	    OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_WATCH),
	"how long the queue was, and what came and went",
	"With --by or --what the largest keys over the time: --by login --what received tells who "
	"sent how much. KEY is queue, total, cause, domain, host, login, client or sender.\n",
	NULL, command_history},
    {"trace", "TEXT", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_FROM) | OPTION_BIT(OPTION_TO) |
	    OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_WATCH),
	"what the mail log knows of an address, a domain or an ID",
	"TEXT is a whole address or domain, a queue ID, a Message-ID, or the ID that a remote "
	"server gave.\nA line for each recipient, the newest message first; of mail that has left, "
	"too. At most 50 messages, without --limit. Exit status 1 when the log has none.\n",
	NULL, command_trace},
    {"incidents", "[ID | note ID TEXT | snooze ID TIME]", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_ALL),
	"what is wrong, since when, who causes it",
	"`snooze` puts one aside for a time (2h), until a time (RFC 3339), or takes it up again "
	"(off).\n",
	"note snooze", command_incidents},
    {"probe", "DOMAIN | --own [ADDRESS]", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_OWN), "test a destination, or our own address, now",
	"Looks the mail servers up, connects to each and asks what it offers; no mail is sent. "
	"Only domains that mail in the queue waits for. --own: the reverse name of our address, "
	"the name of our EHLO, and the blocklists that replies have named. Exit status 1 when a "
	"step is bad.\n",
	NULL, command_probe},
    {"pause", "domain KEY | provider KEY | sender KEY | login KEY | change PAUSE | setup",
	COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_DRY_RUN) |
	    OPTION_BIT(OPTION_NO_WAIT) | OPTION_BIT(OPTION_UNTIL) | OPTION_BIT(OPTION_LONG) |
	    OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_SUBDOMAINS) |
	    OPTION_BIT(OPTION_THROTTLE) | OPTION_BIT(OPTION_RELEASE) | OPTION_BIT(OPTION_CONFIRM) |
	    OPTION_BIT(OPTION_UNDO_SETUP),
	"hold back mail for a time",
	"Mail for a domain, or for all that go to a provider's hosts, is accepted and waits. New "
	"mail of a sender or login goes on hold. A pause needs --until and --reason. Shows "
	"what that would mean and asks. `change` gives a pause another end, by --until. `setup` "
	"writes what Postfix needs for pauses, once; with "
	"--undo it takes that out.\n",
	"domain provider sender login change setup", command_pause},
    {"resume", "PAUSE", COMMAND_NO_FILTER,
	OPTIONS_COMMON | OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_DRY_RUN) |
	    OPTION_BIT(OPTION_NO_WAIT) | OPTION_BIT(OPTION_RELEASE),
	"end a pause: what waited is tried at a pace", "PAUSE is its number, or what it is of.\n",
	NULL, command_resume},
    {"pauses", "", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_ALL),
	"what is held back, by whom and until when", "", NULL, command_pauses},
    {"alerts", "[channels | test CHANNEL | silence | silences | unsilence ID]", COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_LIMIT) |
	    OPTION_BIT(OPTION_STATE) | OPTION_BIT(OPTION_KIND) | OPTION_BIT(OPTION_KEY) |
	    OPTION_BIT(OPTION_SEVERITY) | OPTION_BIT(OPTION_UNTIL) | OPTION_BIT(OPTION_REASON),
	"what was sent of incidents, and how it went",
	"`test` sends a test and shows what is answered. `silence` needs --until and --reason; "
	"--kind, --key and --severity say of what nobody is told until then. How channels and "
	"rules are set is told in postroom-alerts(7).\n",
	"channels test silence silences unsilence", command_alerts},
    {"audit", "[list | export] [NAME=VALUE...] | verify [KEYFILE [DIRECTORY]] | key [new]",
	COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_FROM) | OPTION_BIT(OPTION_TO) |
	    OPTION_BIT(OPTION_LIMIT),
	"who did and read what, and whether that is whole",
	"NAME is who, action, message or job. `export` gives all that match, the oldest first, as "
	"lines of JSON or with --csv. `verify` and `key` work on the files of this host, as root "
	"and "
	"without the service: `key` shows, once, the first key of the seals, to be kept elsewhere; "
	"`verify` proves the chain, and the seals with a file that has such keys.\n",
	"list export verify key", command_audit},
    {"status", "", COMMAND_NO_FILTER, OPTIONS_LOOKING | OPTION_BIT(OPTION_WATCH),
	"the first lines of the page: how much, and what is wrong", "", NULL, command_status},
    {"usage", "", COMMAND_NO_FILTER, OPTIONS_LOOKING | OPTION_BIT(OPTION_WATCH),
	"who uses how much of the service",
	"A person is an account with all its sessions and tokens. NOW, STREAMS, VIEWS and JOBS are "
	"what is under way, WORK is for how long the service was busy with him and kept others "
	"waiting.\n",
	NULL, command_usage_of_people},
    {"user",
	"list | add NAME --role ROLE | set NAME | role NAME ROLE | lock NAME | unlock NAME | "
	"password NAME | otp NAME --reset | delete NAME",
	COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_ROLE) | OPTION_BIT(OPTION_SCOPE) |
	    OPTION_BIT(OPTION_GIVE) | OPTION_BIT(OPTION_TAKE) | OPTION_BIT(OPTION_PASSWORD_STDIN) |
	    OPTION_BIT(OPTION_RESET) | OPTION_BIT(OPTION_YES),
	"accounts for the page",
	"`set` changes what is given with --role, --scope, --give and --take, of which `add` takes "
	"all. "
	"`add` and `password` ask for the password: 12 bytes at least, without the name, and none "
	"of "
	"the commonest. Each change of an account ends its sessions and tokens at once. The last "
	"account that may sign in as admin stays one. `otp` takes a one-time password off, for who "
	"has lost phone and recovery codes. As root it works without the service, too.\n",
	"list add set role lock unlock password otp delete", command_user},
    {"token", "create --role ROLE [--name TEXT] [--valid TIME] [--scope FILTER] | list | revoke ID",
	COMMAND_NO_FILTER,
	OPTIONS_LOOKING | OPTION_BIT(OPTION_ROLE) | OPTION_BIT(OPTION_NAME) |
	    OPTION_BIT(OPTION_VALID) | OPTION_BIT(OPTION_SCOPE) | OPTION_BIT(OPTION_GIVE) |
	    OPTION_BIT(OPTION_TAKE),
	"tokens for scripts (Authorization: Bearer)",
	"`create` prints the token alone, once. It ends with the account that made it and never "
	"opens more. `list` has everybody's with the right to accounts, as root has it. As root it "
	"works before the first start of the "
	"service, too.\n",
	"create list revoke", command_token},
    {"sessions", "[end ID | end-all NAME]", COMMAND_NO_FILTER, OPTIONS_LOOKING,
	"who is signed in, from where and since when; ends that",
	"Everybody's with the right to accounts, as root has it; else one's own. What is under way "
	"for a session that ends is over within a second.\n",
	"end end-all", command_sessions},
    {"hosts", "[test [NAME...]]", COMMAND_NO_FILTER, OPTIONS_LOOKING,
	"the services that --host knows, and whether each answers",
	"They stand in ~/.config/postroom/hosts.ini: [NAME] with url, token_file and ca_file, or "
	"with "
	"socket.\n",
	"test", command_hosts},
    {"version", "", COMMAND_NO_FILTER, OPTIONS_LOOKING,
	"of this command and of the service; warns when they differ", "", NULL, command_version},
    {"help", "[COMMAND]", COMMAND_NO_FILTER, 0, "this list, or what a command takes", "", NULL,
	NULL},
    {"completion", "bash | zsh | fish", COMMAND_NO_FILTER, OPTION_BIT(OPTION_HELP),
	"print what a shell needs to complete these commands", "", "bash zsh fish",
	command_completion},
};

const struct command *command_table(size_t *count)
{
	*count = sizeof(commands) / sizeof(commands[0]);
	return commands;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}
