/* The set-up: what main.cf says is read, judged (postfix/pause_lines.h), and written by one
 * `postconf -e`. Nobody sends a value: each is made here of what main.cf says and of our own words.
 * The asker says what he has seen, so that nothing is written over what came since.
 *
 * Order matters. The tables are there before main.cf names them, and main.cf has forgotten them,
 * and Postfix has been reloaded, before anybody may remove them: with a table missing, all mail is
 * refused (docs/POSTFIX.md, "Holding back mail"). */
#include "helper/pause_setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "helper/pause_config.h"
#include "helper/pause_tables.h"
#include "helper/pause_throttle.h"
#include "helper/status.h"
#include "postfix/postconf_output.h"

struct task {
	struct helper *helper;
	struct peer_ref peer;
	struct pause_setup_ask ask;
	struct pause_config *config;
	struct buffer overrides, types;
	struct command_words unset;	 /* of main.cf: what an undo leaves empty */
	struct command_words transports; /* of master.cf: those of throttles, by an undo */
	bool in_turn;			 /* it writes, and nobody else does meanwhile */
	bool acted;			 /* main.cf was written: what is read then is the answer */
	struct buffer trouble;
};

static void end(struct task *task)
{
	struct pause_tables *tables = task->in_turn ? task->helper->pause_tables : NULL;

	pause_config_destroy(&task->config);
	command_words_free(&task->unset);
	command_words_free(&task->transports);
	buffer_free(&task->overrides);
	buffer_free(&task->types);
	buffer_free(&task->trouble);
	free(task);
	if (tables != NULL)
		pause_tables_leave(tables);
}

static void refuse(struct task *task, const struct error *err)
{
	struct peer *peer = peer_of(task->helper, &task->peer);

	if (peer != NULL)
		peer_refuse_error(peer, task->peer.request, err);
	end(task);
}

/* ---- judging ---- */

/* Whether Postfix was built with that type: a line of `postconf -m`. */
static bool has_type(const struct task *task, struct slice type)
{
	struct slice rest = buffer_slice(&task->types), line;

	while (slice_split(&rest, '\n', &line))
		if (slice_equal(slice_trim(line), type))
			return true;
	return false;
}

/* What keeps main.cf from being written, as `postroom check` says it. */
static bool is_writable(const struct helper *helper, struct error *err)
{
	struct helper_status status;
	const char *why = "main.cf cannot be replaced from here";
	bool writable;

	if (strcmp(role_config_get(&helper->config, "settings.write"), "no") == 0)
		return error_set(err, "pause_setup_impossible",
		    "settings.write is no: something else writes main.cf");
	status_look(&helper->config, false, &status);
	for (size_t i = 0; i < status.problems.count; i++)
		if (strncmp(status.problems.items[i].code, "main_cf_", 8) == 0)
			why = status.problems.items[i].text;
	writable = status.settings || error_set(err, "pause_setup_impossible", "%s", why);
	problem_list_free(&status.problems);
	return writable;
}

static bool is_possible(const struct task *task, struct error *err)
{
	struct slice type = task->config->lines.type;

	if (!pause_lines_type_valid(type, NULL) || !has_type(task, type))
		return error_set(err, "pause_setup_impossible",
		    "default_database_type is %.*s, of which no table can be made here (hash, "
		    "btree, "
		    "lmdb and cdb can, where Postfix has them)",
		    type.len < 40 ? (int)type.len : 40, type.data);
	return true;
}

/* master.cf can set these for one service, and then main.cf does not count for it. */
static void add_overrides(const struct task *task, struct buffer *warning)
{
	struct slice rest = buffer_slice(&task->overrides), line;

	while (slice_split(&rest, '\n', &line)) {
		struct postconf_output_override o;

		if (!postconf_output_parse_override(line, &o))
			continue;
		for (unsigned i = 0; i < PAUSE_LINES; i++)
			if (slice_is(o.name, pause_lines_parameter[i]))
				buffer_printf(warning,
				    "%smaster.cf sets %s for %.*s: a pause does not count there.",
				    warning->len > 0 ? " " : "", pause_lines_parameter[i],
				    SLICE_ARGS(o.service));
	}
}

/* smtpd without logins says "restriction `check_sasl_access' ignored: no SASL support", and goes
 * on. Submission services usually have them switched on in master.cf alone. */
static bool knows_no_logins(const struct task *task)
{
	struct slice rest = buffer_slice(&task->overrides), line;
	struct postconf_output_override o;

	if (!slice_is(pause_config_value(task->config, "smtpd_sasl_auth_enable"), "no"))
		return false;
	while (slice_split(&rest, '\n', &line))
		if (postconf_output_parse_override(line, &o) &&
		    slice_is(o.name, "smtpd_sasl_auth_enable") && !slice_is(o.value, "no"))
			return false;
	return true;
}

static void explain_by_hand(const struct pause_setup *setup, const char *directory,
    const struct slice type, struct buffer *out)
{
	buffer_printf(out,
	    "1. mkdir -m 755 %s/" PAUSE_LINES_DIRECTORY "\n"
	    "2. in it, make empty files transport, sender, login and transport.regexp, and run "
	    "`postmap %.*s:FILE` for the first three\n3. let main.cf say:\n",
	    directory, SLICE_ARGS(type));
	for (size_t i = 0; i < setup->count; i++)
		buffer_printf(out, "   %.*s = %.*s\n", SLICE_ARGS(setup->lines[i].name),
		    SLICE_ARGS(setup->lines[i].after));
	buffer_append_string(out, "4. postfix reload");
}

/* Texts of an answer, which its slices point into. */
struct texts {
	struct buffer after[PAUSE_LINES], by_hand, pattern, warning;
};

static void free_texts(struct texts *t)
{
	for (unsigned i = 0; i < PAUSE_LINES; i++)
		buffer_free(&t->after[i]);
	buffer_free(&t->by_hand);
	buffer_free(&t->pattern);
	buffer_free(&t->warning);
}

static void fill_lines(
    const struct pause_lines *lines, bool undo, struct pause_setup *setup, struct texts *t)
{
	for (unsigned i = 0; i < PAUSE_LINES; i++) {
		(undo ? pause_lines_without : pause_lines_with)(
		    lines, (enum pause_line)i, &t->after[i]);
		setup->lines[i] = (struct pause_setup_line){slice_of(pause_lines_parameter[i]),
		    lines->set[i], lines->value[i], buffer_slice(&t->after[i])};
	}
	setup->count = PAUSE_LINES;
}

static void judge(
    const struct task *task, struct pause_setup *setup, struct texts *t, struct error *why)
{
	static const enum pause_setup_state states[] = {[PAUSE_LINES_NONE] = PAUSE_SETUP_NONE,
	    [PAUSE_LINES_WHOLE] = PAUSE_SETUP_DONE,
	    [PAUSE_LINES_PART] = PAUSE_SETUP_CHANGED};
	const struct pause_lines *lines = &task->config->lines;
	struct slice pattern = pause_lines_pattern(lines);

	setup->state = states[pause_lines_find(lines)];
	setup->seen = pause_lines_seen(lines);
	fill_lines(lines, false, setup, t);
	setup->pattern_tables = pattern.len > 0;
	if (pattern.len > 0)
		buffer_printf(&t->pattern,
		    "%.*s in transport_maps may answer for any address, and would win over a "
		    "compiled table. So our table is a regexp: table in front of it, and each "
		    "change "
		    "of a pause needs one reload of Postfix.",
		    SLICE_ARGS(pattern));
	setup->pattern_why = buffer_slice(&t->pattern);
	setup->no_logins = knows_no_logins(task);
	add_overrides(task, &t->warning);
	setup->warning = buffer_slice(&t->warning);
	if (setup->state == PAUSE_SETUP_DONE)
		return;
	if (!is_possible(task, why) || !is_writable(task->helper, why)) {
		explain_by_hand(setup, lines->directory, lines->type, &t->by_hand);
		setup->state = PAUSE_SETUP_IMPOSSIBLE;
		setup->why = slice_of(why->text);
		setup->by_hand = buffer_slice(&t->by_hand);
	}
}

static void answer(struct task *task, const struct pause_setup *setup)
{
	struct peer *peer = peer_of(task->helper, &task->peer);
	BUFFER_AUTO struct buffer frame = {0};
	struct pause_setup told = *setup;

	if (task->trouble.len > 0)
		told.warning = buffer_slice(&task->trouble);
	pause_setup_encode(&frame, task->peer.request, &told);
	if (peer != NULL)
		peer_send(peer, &frame, NULL, 0);
}

/* ---- writing ---- */

static void begin(struct task *task);

static void reloaded(void *context, const struct tool_said *said)
{
	struct task *task = context;
	struct error err;

	if (!said->ok) {
		tool_explain(said, "postfix reload", &err, "postfix_failed");
		buffer_printf(&task->trouble,
		    "main.cf is written, but %s. It counts when Postfix is reloaded or started.",
		    err.text);
	}
	if (said->ok)
		pause_config_set_read(task->helper);
	/* What stands there now is the answer, and not what was meant. */
	task->acted = true;
	pause_config_destroy(&task->config);
	begin(task);
}

static void written(void *context, const struct tool_said *said);

/* The next edit, and a reload once all are through. Transports of throttles go last: until then a
 * table may name them. */
static void go_on(struct task *task)
{
	static const char *const words[] = {"reload", NULL};
	struct command_words *edit = task->unset.count > 0 ? &task->unset : &task->transports;
	struct command_words next = *edit;

	*edit = (struct command_words){0};
	if (next.count > 0)
		tool_run(task->helper, &next, SLICE(""), written, task);
	else
		tool_run_words(task->helper, "postfix", words, SLICE(""), reloaded, task);
	command_words_free(&next);
}

static void written(void *context, const struct tool_said *said)
{
	struct task *task = context;
	struct error err;

	if (said->ok) {
		go_on(task);
		return;
	}
	tool_explain(said, "postconf did not write main.cf", &err, "postfix_failed");
	refuse(task, &err);
}

/* A command of which nothing is wanted. */
static void drop_bare(struct command_words *words, size_t bare)
{
	if (words->count == bare)
		command_words_free(words);
}

/* The lines that have a value are one edit, so that main.cf never has a half of them. What an undo
 * leaves empty is taken out in a second: to Postfix, empty and not there are the same. */
static void write_lines(struct task *task, const struct pause_setup *setup)
{
	COMMAND_WORDS_AUTO struct command_words set = {0};
	size_t bare;

	command_begin(&set, &task->helper->config, "postconf", NULL);
	command_words_add(&set, "-e");
	bare = set.count;
	for (size_t i = 0; i < setup->count; i++) {
		const struct pause_setup_line *line = &setup->lines[i];
		BUFFER_AUTO struct buffer word = {0};

		buffer_append_slice(&word, line->name);
		if (line->after.len > 0)
			buffer_printf(&word, "=%.*s", SLICE_ARGS(line->after));
		if (line->after.len > 0 || line->set)
			command_words_add(
			    line->after.len > 0 ? &set : &task->unset, buffer_string(&word));
	}
	drop_bare(&task->unset, bare);
	drop_bare(&task->transports, bare);
	if (set.count > bare)
		tool_run(task->helper, &set, SLICE(""), written, task);
	else
		go_on(task);
}

static void tables_made(void *context, const struct error *err)
{
	struct task *task = context;
	struct pause_setup setup = {0};
	struct texts texts = {0};

	if (err != NULL) {
		refuse(task, err);
		return;
	}
	fill_lines(&task->config->lines, false, &setup, &texts);
	write_lines(task, &setup);
	free_texts(&texts);
}

static void services_read(void *context, const struct tool_said *said)
{
	struct task *task = context;
	struct pause_setup setup = {0};
	struct texts texts = {0};

	pause_throttle_names(said->out, &task->transports, &task->unset);
	fill_lines(&task->config->lines, true, &setup, &texts);
	write_lines(task, &setup);
	free_texts(&texts);
}

static void undo(struct task *task)
{
	static const char *const words[] = {"-M", NULL};

	command_begin(&task->unset, &task->helper->config, "postconf", NULL);
	command_words_add(&task->unset, "-X");
	command_begin(&task->transports, &task->helper->config, "postconf", NULL);
	command_words_add(&task->transports, "-MX");
	tool_run_words(task->helper, "postconf", words, SLICE(""), services_read, task);
}

static void act(struct task *task, const struct pause_setup *setup)
{
	struct error err;

	if (task->ask.seen != setup->seen) {
		error_set(&err, "pause_setup_changed",
		    "main.cf is not what it was when it was looked at: somebody else has edited "
		    "it. "
		    "Nothing was written; look again.");
		refuse(task, &err);
	} else if (setup->state == PAUSE_SETUP_IMPOSSIBLE) {
		error_set(&err, "pause_setup_impossible", "%.*s", SLICE_ARGS(setup->why));
		refuse(task, &err);
	} else if (!is_writable(task->helper, &err)) {
		refuse(task, &err);
	} else if (task->ask.action == PAUSE_SETUP_UNDO) {
		undo(task);
	} else {
		pause_tables_make(task->helper, task->config, tables_made, task);
	}
}

/* ---- reading ---- */

static void read_types(void *context, const struct tool_said *said)
{
	struct task *task = context;
	struct pause_setup setup = {0};
	struct texts texts = {0};
	struct error why;

	buffer_clear(&task->types);
	buffer_append_slice(&task->types, said->out);
	judge(task, &setup, &texts, &why);
	if (task->ask.action == PAUSE_SETUP_LOOK || task->acted) {
		answer(task, &setup);
		end(task);
	} else {
		act(task, &setup);
	}
	free_texts(&texts);
}

static void read_overrides(void *context, const struct tool_said *said)
{
	static const char *const words[] = {"-m", NULL};
	struct task *task = context;

	buffer_clear(&task->overrides);
	buffer_append_slice(&task->overrides, said->out);
	tool_run_words(task->helper, "postconf", words, SLICE(""), read_types, task);
}

static void config_read(void *context, struct pause_config *config, const struct error *err)
{
	static const char *const words[] = {"-P", NULL};
	struct task *task = context;

	task->config = config;
	if (config == NULL)
		refuse(task, err);
	else
		tool_run_words(task->helper, "postconf", words, SLICE(""), read_overrides, task);
}

static void begin(struct task *task)
{
	pause_config_read(task->helper, config_read, task);
}

static void begin_in_turn(void *context)
{
	struct task *task = context;

	task->in_turn = true;
	begin(task);
}

void pause_setup_take(struct peer *peer, uint32_t request, const struct pause_setup_ask *ask)
{
	struct task *task = memory_zero(1, sizeof(*task));
	struct error err;

	*task = (struct task){.helper = peer->helper, .peer = peer_ref(peer, request), .ask = *ask};
	if (pause_config_possible(peer->helper, &err)) {
		/* Who writes reads in his turn: else a table that is written meanwhile, or another
		 * set-up, could make untrue what he has read. */
		if (ask->action == PAUSE_SETUP_LOOK)
			begin(task);
		else
			pause_tables_wait(peer->helper->pause_tables, begin_in_turn, task);
	} else {
		/* Nothing is read where nothing can be done; the way by hand is the same
		 * everywhere. */
		struct pause_setup setup = {
		    .state = PAUSE_SETUP_IMPOSSIBLE, .seen = 1, .why = slice_of(err.text)};

		if (ask->action == PAUSE_SETUP_LOOK)
			answer(task, &setup);
		else
			peer_refuse_error(peer, request, &err);
		end(task);
	}
}
