/* postroom flush */
#include <stdio.h>

#include "cli/command.h"
#include "cli/screen.h"

int command_flush(struct command_run *run)
{
	json_t *reply;

	if (run->operand_count > 0)
		return command_usage(
		    run, "flush takes the whole queue; for some of it there is retry");
	/* It makes Postfix try everything at once and cannot be taken back (docs/POSTFIX.md, "Retry
	 * and flush"). */
	if (!command_given(run, OPTION_YES)) {
		if (!command_terminal())
			return command_usage(run, "without a terminal to ask at, give --yes");
		if (!command_confirm("Try the whole deferred queue now, all at once?"))
			return command_failed(run, "nothing was done");
	}
	reply = command_call(run, "POST", "/flush", NULL);
	if (reply == NULL)
		return COMMAND_NOT_DONE;
	if (command_given(run, OPTION_JSON)) {
		command_print_json(reply);
	} else {
		screen_text(0, "Postfix was asked to try the whole queue. What becomes of it, the "
			       "queue shows.");
		command_print_warnings(reply, 0);
	}
	json_decref(reply);
	return COMMAND_DONE;
}
