/* postroom version: of this command, and of the service that it would speak to. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/fields.h"
#include "cli/safe_text.h"

/* Two versions understand each other as far as the older one goes. */
static void compare(struct command_run *run, const char *service)
{
	if (service == NULL || strcmp(service, POSTROOM_VERSION) == 0)
		return;
	fprintf(stderr, "postroom %s: the service is ", run->command->name);
	safe_text_print(stderr, service);
	fputs(", this command is " POSTROOM_VERSION
	      ": what is new in one of them, the other does not know\n",
	    stderr);
}

static void print_versions(const struct command_run *run, const struct fields *fields,
    const char *service, const char *where)
{
	json_t *both;

	if (fields->wanted) {
		both = json_pack("{s:s, s:s?, s:s?}", "client", POSTROOM_VERSION, "service",
		    service, "where", where);
		fields_print_head(run, fields);
		fields_print(fields, both);
		json_decref(both);
		return;
	}
	puts("postroom " POSTROOM_VERSION);
	if (service == NULL)
		return;
	fputs("service  ", stdout);
	safe_text_print(stdout, service);
	fputs(", ", stdout);
	safe_text_print(stdout, where);
	putchar('\n');
}

int command_version(struct command_run *run)
{
	struct fields fields;
	struct error err;
	struct client *client;
	json_t *me;
	const char *where = NULL;
	int status = COMMAND_DONE;

	if (run->operand_count > 0)
		return command_usage(run, "it takes no operands");
	if (!fields_take(run, &fields))
		return COMMAND_USAGE;
	client = command_client(run, &err);
	me = client != NULL ? client_call(client, "GET", "/me", NULL, &err) : NULL;
	if (client != NULL)
		where = run->context->target.url != NULL ? run->context->target.url
							 : run->context->target.socket;
	/* What is known of this one is said in any case. */
	print_versions(run, &fields, command_text(me, "version"), where);
	if (me == NULL)
		status = command_refused(run, &err);
	compare(run, command_text(me, "version"));
	json_decref(me);
	return status;
}
