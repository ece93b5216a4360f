/* postroom complete: what may stand under the cursor, asked for by the scripts of `postroom
 * completion`; for no person to type, and so in no list of commands.
 *
 *	postroom complete bash LINE BREAKS
 *	postroom complete zsh|fish WORD...     the last is the one under the cursor
 *
 * One candidate a line; for zsh and fish with a tab and what it is behind it; one that is whole
 *ends with a blank in bash and zsh. ":files" stands for names of files. It ends within a second,
 *with status 0, and prints nothing but candidates, whatever goes wrong: it runs at every press of a
 *key. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

int complete_main(int argc, char **argv);

#endif
