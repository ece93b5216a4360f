/* postroom completion: what bash, zsh and fish need. Each script only asks `postroom complete` what
 * may stand at the cursor, so the table of commands, the service and the three shells cannot
 * disagree. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

/* A candidate that is whole has its blank already, hence nospace. In a script of bash the break
 * characters decide from where on the word is replaced (":" in from:shop.example). */
static const char bash[] =
    "_postroom()\n"
    "{\n"
    "\tlocal line=${COMP_LINE:0:COMP_POINT}\n"
    "\tmapfile -t COMPREPLY < <(postroom complete bash \"$line\" \"$COMP_WORDBREAKS\" "
    "2>/dev/null)\n"
    "\tif [ \"${COMPREPLY[0]}\" = ':files' ]; then\n"
    "\t\tCOMPREPLY=()\n"
    "\t\tcompopt +o nospace -o default 2>/dev/null\n"
    "\tfi\n"
    "}\n"
    "complete -o nospace -F _postroom postroom\n";

static const char zsh[] =
    "#compdef postroom\n"
    "_postroom()\n"
    "{\n"
    "\tlocal -a lines whole whole_shown part part_shown\n"
    "\tlocal line value shown\n"
    "\tlines=(\"${(@f)$(postroom complete zsh \"${(@Q)words[1,CURRENT-1]}\" \"${(Q)PREFIX}\" "
    "2>/dev/null)}\")\n"
    "\tif [[ $lines[1] == :files ]]; then\n"
    "\t\t_files\n"
    "\t\treturn\n"
    "\tfi\n"
    "\tfor line in $lines; do\n"
    "\t\tvalue=${line%%$'\\t'*}\n"
    "\t\tshown=${value% }\n"
    "\t\t[[ $line == *$'\\t'* ]] && shown=\"$shown  -- ${line#*$'\\t'}\"\n"
    "\t\tif [[ $value == *' ' ]]; then\n"
    "\t\t\twhole+=(\"${value% }\") whole_shown+=(\"$shown\")\n"
    "\t\telse\n"
    "\t\t\tpart+=(\"$value\") part_shown+=(\"$shown\")\n"
    "\t\tfi\n"
    "\tdone\n"
    "\t(( $#whole )) && compadd -U -l -d whole_shown -a whole\n"
    "\t(( $#part )) && compadd -U -l -S '' -d part_shown -a part\n"
    "}\n"
    "if [[ $funcstack[1] == _postroom ]]; then\n"
    "\t_postroom \"$@\"\n"
    "else\n"
    "\tcompdef _postroom postroom\n"
    "fi\n";

static const char fish[] =
    "function __postroom_complete\n"
    "\tset -l word (commandline -ct)\n"
    "\tset -l lines (postroom complete fish (commandline -opc) \"$word\" 2>/dev/null)\n"
    "\tif test \"$lines[1]\" = ':files'\n"
    "\t\t__fish_complete_path $word\n"
    "\telse if set -q lines[1]\n"
    "\t\tprintf '%s\\n' $lines\n"
    "\tend\n"
    "end\n"
    "complete -c postroom -f -a '(__postroom_complete)'\n";

int command_completion(struct command_run *run)
{
	static const struct {
		const char *shell, *script;
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	for (size_t i = 0; run->operand_count == 1 && i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(shells[i].shell, run->operands[0]) == 0) {
			fputs(shells[i].script, stdout);
			return COMMAND_DONE;
		}
	return command_usage(run, "for which shell? bash, zsh or fish");
}
