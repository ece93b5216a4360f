/* The table of what may be run, and the building of one command from it: the operation, the
 * program, its arguments, where the IDs go, how long it may take and how much it may say. */
#ifndef HELPER_COMMAND_H
#define HELPER_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "wire/control_proto.h"
#include "wire/helper_proto.h"

/* An argument vector that owns its words. */
struct command_words {
	char **items; /* NULL-terminated once it has a word */
	size_t count;
};
void command_words_add(struct command_words *words, const char *word);
/* The blank-separated words of a configuration value. */
void command_words_split(struct command_words *words, const char *text);
void command_words_free(struct command_words *words);
#define COMMAND_WORDS_AUTO __attribute__((cleanup(command_words_free)))

enum command_input {
	COMMAND_NOTHING,
	COMMAND_IDS_STDIN,
	COMMAND_IDS_ARGV,
	COMMAND_NAMES_ARGV,    /* readable names */
	COMMAND_SETTINGS_ARGV, /* name=value of the writable settings */
	COMMAND_UNSET_ARGV,    /* names of the writable settings */
	COMMAND_IDS_FLUSH,     /* flush(8); with a prefix one process for each ID */
};

struct command {
	const char *program;	/* in command_directory */
	const char *options[4]; /* by `form`; one option each, NULL for none */
	uint8_t forms;		/* how many forms there are */
	const char *last;	/* the argument after the option: "-" or NULL */
	enum command_input input;
	uint16_t ids_max;
	bool hold_only;	      /* may be restricted to the hold queue */
	const char *queue;    /* always restricted to that one, NULL not */
	bool writes_settings; /* refused with settings.write = no */
	int64_t deadline_ms;
	size_t output_max;
};

/* The row of a verb; NULL when there is none. */
const struct command *command_find(unsigned verb);

/* The prefix, the program and the -c of the instance: what every Postfix command begins with. False
 * with postfix_missing. */
bool command_begin(struct command_words *words, const struct role_config *config,
    const char *program, struct error *err);

/* Checks a request against its row and builds the words and the standard input. False with
 * bad_request, bad_id, bad_value, not_allowed or postfix_missing. COMMAND_IDS_FLUSH builds nothing.
 */
bool command_build(const struct helper_run *run, const struct role_config *config,
    struct command_words *words, struct buffer *input, struct error *err);

/* Whether a setting may be written with that value (see helper_proto.h). */
bool command_setting_writable(struct slice name);
bool command_setting_value_valid(struct slice value);

#endif
