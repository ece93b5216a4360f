/* Goes through the tables that main.cf names: those that are lists of keys are printed by `postmap
 * -s`, pattern tables are read as the text that they are. What is in a database of others is not
 * asked. */
#include "helper/pause_foreign.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "helper/pause_config.h"
#include "postfix/postconf_output.h"
#include "wire/pause_proto.h"

/* More tables than any main.cf has; more of a table than anybody writes by hand. */
#define TABLES_MAX 60
#define TEXT_MAX ((size_t)1 << 20)

enum what { WHAT_DEFERRED, WHAT_TRANSPORT, WHAT_HOLD };
static const char *const what_names[] = {"defer_transports", "transport", "hold"};

/* Whose tables may have what. */
static const struct {
	const char *parameter;
	enum what what;
} places[] = {{"transport_maps", WHAT_TRANSPORT}, {"header_checks", WHAT_HOLD},
    {"mime_header_checks", WHAT_HOLD}, {"nested_header_checks", WHAT_HOLD},
    {"body_checks", WHAT_HOLD}, {"smtpd_client_restrictions", WHAT_HOLD},
    {"smtpd_helo_restrictions", WHAT_HOLD}, {"smtpd_sender_restrictions", WHAT_HOLD},
    {"smtpd_relay_restrictions", WHAT_HOLD}, {"smtpd_recipient_restrictions", WHAT_HOLD},
    {"smtpd_data_restrictions", WHAT_HOLD}, {"smtpd_end_of_data_restrictions", WHAT_HOLD}};
#define PLACES (sizeof(places) / sizeof(places[0]))

struct table {
	enum what what;
	struct slice word; /* in `values` */
};

struct task {
	struct helper *helper;
	struct peer_ref peer;
	struct buffer values; /* what postconf printed */
	struct slice deferred;
	struct table tables[TABLES_MAX];
	size_t count, at;
	struct buffer frame;
	size_t found;
};

static void finish(struct task *task, const struct error *err)
{
	struct peer *peer = peer_of(task->helper, &task->peer);

	if (peer != NULL && err != NULL)
		peer_refuse_error(peer, task->peer.request, err);
	else if (peer != NULL)
		peer_send(peer, &task->frame, NULL, 0);
	buffer_free(&task->values);
	buffer_free(&task->frame);
	free(task);
}

static void tell(struct task *task, enum what what, struct slice where, struct slice line)
{
	BUFFER_AUTO struct buffer text = {0};

	if (task->found++ >= PAUSE_FOUND_MAX || task->frame.len > WIRE_FRAME_MAX - 2048)
		return;
	if (where.len > 0)
		buffer_printf(&text, "%.*s: ", SLICE_ARGS(where));
	for (size_t i = 0; i < line.len; i++)
		buffer_append_char(&text, line.data[i] == '\t' ? ' ' : line.data[i]);
	pause_found_put(
	    &task->frame, &(struct pause_found){slice_of(what_names[what]), buffer_slice(&text)});
}

/* ---- one line of a table ---- */

static bool next_token(struct slice *rest, struct slice *token)
{
	*rest = slice_trim(*rest);
	token->data = rest->data;
	for (token->len = 0; token->len < rest->len && (unsigned char)rest->data[token->len] > ' ';
	     token->len++)
		;
	*rest = slice_from(*rest, token->len);
	return token->len > 0;
}

/* retry: and defer: put mail off, error: refuses it; so does whatever stands in defer_transports.
 */
static bool is_put_off(const struct task *task, struct slice value)
{
	struct slice rest = task->deferred, word;
	ptrdiff_t colon = slice_find_char(value, ':');
	struct slice transport = colon < 0 ? value : slice_first(value, (size_t)colon);

	if (colon < 0)
		return false;
	while (pause_lines_word(&rest, &word))
		if (slice_equal(word, transport))
			return true;
	return slice_is(transport, "retry") || slice_is(transport, "defer") ||
	       slice_is(transport, "error");
}

/* The key is the first token, or begins with one: an expression may have blanks in it. */
static bool is_meant(const struct task *task, enum what what, struct slice line)
{
	struct slice token;

	if (line.len == 0 || line.data[0] == '#' || !next_token(&line, &token))
		return false;
	while (next_token(&line, &token))
		if (what == WHAT_TRANSPORT ? is_put_off(task, token)
					   : slice_equal_nocase(token, SLICE("HOLD")))
			return true;
	return false;
}

static void take_lines(struct task *task, const struct table *table, struct slice text)
{
	struct slice line;

	while (slice_split(&text, '\n', &line))
		if (is_meant(task, table->what, line))
			tell(task, table->what, table->word, line);
}

/* ---- the tables ---- */

static void next_table(struct task *task);

static void printed(void *context, const struct tool_said *said)
{
	struct task *task = context;

	/* One that cannot be printed is passed over: it is shown what is found, not that it is all.
	 */
	take_lines(task, &task->tables[task->at], said->out);
	task->at++;
	next_table(task);
}

/* The file of a pattern table: regexp:/etc/postfix/x. */
static void read_text(struct task *task, const struct table *table)
{
	static const char *const types[] = {"regexp:", "pcre:", "cidr:"};
	MEMORY_AUTO char *path = NULL;
	BUFFER_AUTO struct buffer text = {0};
	struct stat st;
	FD_AUTO int fd = -1;
	ssize_t n;

	for (size_t i = 0; i < 3; i++)
		if (slice_starts_with(table->word, types[i]) && path == NULL) {
			struct slice name = slice_from(table->word, strlen(types[i]));

			path = memory_strndup(name.data, name.len);
		}
	if (path == NULL || path[0] != '/')
		return;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	while (text.len < TEXT_MAX && (n = read(fd, buffer_reserve(&text, 65536), 65536)) > 0)
		text.len += (size_t)n;
	take_lines(task, table, buffer_slice(&text));
}

static void next_table(struct task *task)
{
	for (; task->at < task->count; task->at++) {
		const struct table *table = &task->tables[task->at];
		MEMORY_AUTO char *word = memory_strndup(table->word.data, table->word.len);
		const char *words[] = {"-s", word, NULL};

		if (pause_lines_is_fixed(table->word)) {
			tool_run_words(task->helper, "postmap", words, SLICE(""), printed, task);
			return;
		}
		read_text(task, table);
	}
	finish(task, NULL);
}

/* Tables are the words with a type; ours are none of others. */
static void gather(struct task *task, enum what what, struct slice value)
{
	const char *directory = pause_config_directory(task->helper);
	struct slice word;

	while (pause_lines_word(&value, &word))
		if (slice_find_char(word, ':') > 0 && task->count < TABLES_MAX &&
		    !pause_lines_is_ours(PAUSE_LINE_TRANSPORT_MAPS, directory, word))
			task->tables[task->count++] = (struct table){what, word};
}

static void values_read(void *context, const struct tool_said *said)
{
	struct task *task = context;
	struct slice output, value, rest, word;
	struct error err;

	if (!said->ok) {
		tool_explain(said, "postconf", &err, "postfix_failed");
		finish(task, &err);
		return;
	}
	buffer_append_slice(&task->values, said->out);
	output = buffer_slice(&task->values);
	if (postconf_output_find(output, "defer_transports", &task->deferred)) {
		rest = task->deferred;
		while (pause_lines_word(&rest, &word))
			if (!slice_is(word, PAUSE_LINES_TRANSPORT))
				tell(task, WHAT_DEFERRED, SLICE(""), word);
	}
	for (size_t i = 0; i < PLACES; i++)
		if (postconf_output_find(output, places[i].parameter, &value))
			gather(task, places[i].what, value);
	next_table(task);
}

void pause_foreign_take(struct peer *peer, uint32_t request)
{
	struct task *task = memory_zero(1, sizeof(*task));
	const char *words[PLACES + 3] = {"-x", "defer_transports"};

	*task = (struct task){.helper = peer->helper, .peer = peer_ref(peer, request)};
	frame_begin(&task->frame, HELPER_PAUSE_FOUND, request);
	for (size_t i = 0; i < PLACES; i++)
		words[i + 2] = places[i].parameter;
	tool_run_words(peer->helper, "postconf", words, SLICE(""), values_read, task);
}
