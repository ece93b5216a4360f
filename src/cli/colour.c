/* The decision, and two tables: what a mark looks like, and which word has which. Only the sixteen
 * colours that every terminal has: its owner has chosen them to be read on his background. */
#include "cli/colour.h"

#include <stddef.h>
#include <string.h>

static bool is_set(const char *value)
{
	return value != NULL && value[0] != '\0';
}

bool colour_wanted(const struct colour_environment *environment, bool terminal)
{
	const struct colour_environment *e = environment;

	if (is_set(e->no_color))
		return false;
	if (is_set(e->clicolor_force) && strcmp(e->clicolor_force, "0") != 0)
		return true;
	return terminal && is_set(e->term) && strcmp(e->term, "dumb") != 0 &&
	       !(e->clicolor != NULL && strcmp(e->clicolor, "0") == 0);
}

static const char *const begins[MARK_COUNT] = {
    [MARK_NONE] = "",
    [MARK_TITLE] = "\033[1m",
    [MARK_BAD] = "\033[31m",
    [MARK_WATCH] = "\033[33m",
    [MARK_GOOD] = "\033[32m",
    [MARK_FAINT] = "\033[2m",
};

const char *colour_begin(enum mark mark)
{
	return begins[mark];
}

const char *colour_end(enum mark mark)
{
	return mark == MARK_NONE ? "" : "\033[0m";
}

static const struct {
	const char *word;
	enum mark mark;
} words[] = {
    /* Severities of incidents and diagnoses. */
    {"act", MARK_BAD},
    {"watch", MARK_WATCH},
    {"note", MARK_FAINT},
    {"aside", MARK_FAINT},
    /* Queues: what nobody works on by itself. */
    {"hold", MARK_WATCH},
    {"corrupt", MARK_BAD},
    {"deleting", MARK_BAD},
    {"active", MARK_GOOD},
    /* Outcomes of jobs, results of deliveries, states of jobs, pauses, alerts and probes. */
    {"done", MARK_GOOD},
    {"held", MARK_GOOD},
    {"undone", MARK_GOOD},
    {"gone", MARK_FAINT},
    {"changed", MARK_WATCH},
    {"refused", MARK_BAD},
    {"unknown", MARK_WATCH},
    {"stopped", MARK_WATCH},
    {"cancelled", MARK_FAINT},
    {"delivered", MARK_GOOD},
    {"sent", MARK_GOOD},
    {"bounced", MARK_BAD},
    {"expired", MARK_BAD},
    {"failed", MARK_BAD},
    {"failing", MARK_BAD},
    {"given_up", MARK_BAD},
    {"ok", MARK_GOOD},
    {"warning", MARK_WATCH},
    {"bad", MARK_BAD},
    {"skipped", MARK_FAINT},
    {"locked", MARK_WATCH},
};

enum mark colour_of_word(const char *word)
{
	for (size_t i = 0; word != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].mark;
	return MARK_NONE;
}
