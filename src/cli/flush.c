/* postroom flush */
#include <stdio.h>

#include "cli/command.h"
#include "cli/safe_text.h"

int command_flush(struct command_run *run)
{
	size_t i;
	json_t *reply;
	json_t *warning;

	if (run->operand_count > 0)
		return command_usage(
		    run, "flush takes the whole queue; for some of it there is retry");
	/* It makes Postfix try everything at once and cannot be taken back (docs/POSTFIX.md, "Retry
	 * and flush"). */
	if (!command_given(run, OPTION_YES)) {
		if (!command_terminal())
			return command_usage(run, "there is no terminal to ask at; give --yes");
		if (!command_confirm("Try the whole deferred queue now, all at once?"))
			return command_failed(run, "nothing was done");
	}
	reply = command_call(run, "POST", "/flush", NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON)) {
		command_print_json(reply);
	} else {
		printf("Postfix was asked to try the whole queue. What becomes of it, the queue "
		       "shows.\n");
		json_array_foreach(json_object_get(reply, "warnings"), i, warning)
		{
			printf("! ");
			safe_text_print(stdout, command_text(warning, "text") != NULL
						    ? command_text(warning, "text")
						    : "");
			putchar('\n');
		}
	}
	json_decref(reply);
	return COMMAND_DONE;
}
