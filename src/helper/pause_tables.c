/* Gathers the pieces of a table, writes it as text, has it compiled, and puts it into its place.
 *
 * What stands in a line is made here: the key passed its grammar, the rest are Postroom's own
 * words. So whoever asks can hold mail back, and cannot send it anywhere. */
#include "helper/pause_tables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "helper/pause_throttle.h"

#define PATTERN_NAME "transport.regexp"
static const char *const table_names[PAUSE_TABLES] = {
    [PAUSE_TABLE_TRANSPORT] = "transport",
    [PAUSE_TABLE_SENDER] = "sender",
    [PAUSE_TABLE_LOGIN] = "login",
};

struct pause_tables {
	struct helper *helper;
	/* The pieces so far, of one table at a time. */
	enum pause_table table;
	struct buffer pieces;
	uint32_t count;
	uint64_t serial; /* of the peer that sends them */
	bool writing;	 /* one at a time: a table that was sent, or a set-up with all of them */
	struct turn *waiting;
};

/* A set-up that waits until a table is written. */
struct turn {
	pause_tables_mine *mine;
	void *context;
	struct turn *next;
};

struct pause_tables *pause_tables_create(struct helper *helper)
{
	struct pause_tables *t = memory_zero(1, sizeof(*t));

	t->helper = helper;
	return t;
}

void pause_tables_destroy(struct pause_tables **tables)
{
	if (*tables != NULL) {
		buffer_free(&(*tables)->pieces);
		for (struct turn *turn; (turn = (*tables)->waiting) != NULL; free(turn))
			(*tables)->waiting = turn->next;
	}
	free(*tables);
	*tables = NULL;
}

void pause_tables_wait(struct pause_tables *t, pause_tables_mine *mine, void *context)
{
	struct turn *turn, **last = &t->waiting;

	if (!t->writing) {
		t->writing = true;
		mine(context);
		return;
	}
	turn = memory_zero(1, sizeof(*turn));
	*turn = (struct turn){mine, context, NULL};
	while (*last != NULL)
		last = &(*last)->next;
	*last = turn;
}

void pause_tables_leave(struct pause_tables *t)
{
	struct turn turn, *first = t->waiting;

	t->writing = first != NULL;
	if (first == NULL)
		return;
	turn = *first;
	t->waiting = turn.next;
	free(first);
	turn.mine(turn.context);
}

/* ---- the text ---- */

bool pause_tables_check(
    enum pause_table table, struct slice entries, uint32_t *count, struct error *err)
{
	static bool (*const valid[PAUSE_TABLES])(struct slice) = {
	    pause_domain_valid, pause_address_valid, pause_login_valid};
	struct cursor c = cursor_init(entries.data, entries.len);
	struct pause_entry entry;

	while (pause_entry_get(&c, &entry)) {
		bool transport = table == PAUSE_TABLE_TRANSPORT;

		(*count)++;
		if (!valid[table](entry.key) ||
		    (!transport && (entry.subdomains || entry.throttle_s != 0)) ||
		    (entry.throttle_s != 0 && !pause_throttle_valid(entry.throttle_s)))
			return error_set(err, "bad_value",
			    "entry %u cannot stand in the table of pauses", *count);
	}
	if (!cursor_finished(&c))
		return error_set(err, "bad_value", "the entries are malformed");
	return true;
}

/* A domain has letters, digits, '-', '_' and '.': only the dot means more in a regular expression.
 */
static void put_escaped(struct buffer *text, struct slice key)
{
	for (size_t i = 0; i < key.len; i++) {
		if (key.data[i] == '.')
			buffer_append_char(text, '\\');
		buffer_append_char(text, key.data[i]);
	}
}

static void put_domain(
    struct buffer *text, bool pattern, const struct pause_entry *entry, struct slice to)
{
	if (pattern) {
		buffer_append_string(text, entry->subdomains ? "/[@.]" : "/@");
		put_escaped(text, entry->key);
		buffer_printf(text, "$/ %.*s\n", SLICE_ARGS(to));
		return;
	}
	buffer_printf(text, "%.*s\t%.*s\n", SLICE_ARGS(entry->key), SLICE_ARGS(to));
	if (entry->subdomains)
		buffer_printf(text, ".%.*s\t%.*s\n", SLICE_ARGS(entry->key), SLICE_ARGS(to));
}

void pause_tables_text(enum pause_table table, bool pattern, struct slice entries,
    pause_tables_hop *next_hop, void *context, struct buffer *text)
{
	struct cursor c = cursor_init(entries.data, entries.len);
	struct pause_entry entry;

	buffer_append_string(text,
	    "# Made by Postroom out of its pauses; each change writes it anew.\n"
	    "# While main.cf names it, it must not be missing: `postroom pause setup --undo` "
	    "first.\n");
	while (pause_entry_get(&c, &entry)) {
		if (table != PAUSE_TABLE_TRANSPORT)
			buffer_printf(text, "%.*s\tHOLD Postroom pause %llu\n",
			    SLICE_ARGS(entry.key), (unsigned long long)entry.pause);
		else
			put_domain(text, pattern, &entry,
			    entry.throttle_s == 0 ? SLICE(PAUSE_LINES_TRANSPORT ":")
						  : next_hop(context, &entry));
	}
}

/* ---- one table, from its text to its place ---- */

/* Where a table is: "TYPE:PATH", by its own word in main.cf. */
struct place {
	struct slice type; /* "hash", or "regexp" */
	bool pattern;
	char name[24];	 /* "transport", "transport.regexp" */
	char result[32]; /* what Postfix opens: "transport.db"; the same as `name` for a pattern */
};

static void set_place(struct place *place, enum pause_table table, bool pattern, struct slice type)
{
	const char *suffix = "";

	place->pattern = pattern;
	place->type = pattern ? SLICE("regexp") : type;
	snprintf(
	    place->name, sizeof(place->name), "%s", pattern ? PATTERN_NAME : table_names[table]);
	if (!pattern)
		(void)pause_lines_type_valid(type, &suffix);
	snprintf(place->result, sizeof(place->result), "%s%s", place->name, suffix);
}

/* `written`: the table is another than before. */
typedef void put_done(void *context, bool written, const struct error *err);

struct put {
	struct helper *helper;
	struct place place;
	char type[16]; /* what place.type points to */
	int directory, workshop;
	bool written;
	put_done *done;
	void *context;
};

static void put_end(struct put *put, const struct error *err)
{
	/* What is left of a failed try goes: on a full disk it would be in the way of the next. */
	if (put->workshop >= 0) {
		unlinkat(put->workshop, put->place.name, 0);
		unlinkat(put->workshop, put->place.result, 0);
	}
	fd_close(&put->workshop);
	fd_close(&put->directory);
	put->done(put->context, put->written, err);
	free(put);
}

static void put_failed(struct put *put, const char *what, int number)
{
	struct error err;

	error_set_errno(&err, "io_error", number, "the table of pauses was not written (%s)", what);
	put_end(put, &err);
}

/* Opens, or makes, a directory of root's that nobody else can write to. */
static int open_own(int at, const char *path, mode_t mode)
{
	struct stat st;
	int fd;

	if (mkdirat(at, path, mode) != 0 && errno != EEXIST)
		return -1;
	fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_uid != geteuid() || (st.st_mode & 022) != 0)) {
		fd_close(&fd);
		errno = EPERM;
	}
	return fd;
}

static bool put_open(struct put *put)
{
	BUFFER_AUTO struct buffer path = {0};

	buffer_printf(&path, "%s/" PAUSE_LINES_DIRECTORY, pause_config_directory(put->helper));
	put->directory = open_own(AT_FDCWD, buffer_string(&path), 0755);
	if (put->directory >= 0)
		put->workshop = open_own(put->directory, PAUSE_CONFIG_WORKSHOP, 0700);
	return put->workshop >= 0;
}

static int write_text(int at, const char *name, struct slice text)
{
	FD_AUTO int fd = -1;

	if (unlinkat(at, name, 0) != 0 && errno != ENOENT)
		return errno;
	fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	while (text.len > 0) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno != EINTR)
			return errno;
		text = slice_from(text, n > 0 ? (size_t)n : 0);
	}
	/* The umask may be anything, and Postfix's programs that read it need not be root. */
	return fchmod(fd, 0644) != 0 || fsync(fd) != 0 ? errno : 0;
}

static int sync_file(int at, const char *name)
{
	FD_AUTO int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 || fsync(fd) != 0 ? errno : 0;
}

/* The text beside a table says what is in it, and only that: in between there is none. */
static int rename_all(struct put *put)
{
	const struct place *p = &put->place;

	if (!p->pattern && unlinkat(put->directory, p->name, 0) != 0 && errno != ENOENT)
		return errno;
	if (p->pattern && !pause_config_set_unread(put->helper))
		return errno;
	if (renameat(put->workshop, p->result, put->directory, p->result) != 0)
		return errno;
	if (!p->pattern && renameat(put->workshop, p->name, put->directory, p->name) != 0)
		return errno;
	return fsync(put->directory) != 0 ? errno : 0;
}

static void put_compiled(void *context, const struct tool_said *said)
{
	struct put *put = context;
	struct error err;
	int error;

	/* A pattern table is only tried: its answer is "nothing found", status 1, and a fault in it
	 * is a warning. */
	if (put->place.pattern ? said->status != 1 || said->err.len > 0 : !said->ok) {
		tool_explain(
		    said, "postmap did not make the table of pauses", &err, "postmap_failed");
		put_end(put, &err);
		return;
	}
	error = sync_file(put->workshop, put->place.result);
	if (error == 0)
		error = rename_all(put);
	if (error != 0)
		put_failed(put, put->place.result, error);
	else
		put_end(put, NULL);
}

static void put_compile(struct put *put)
{
	COMMAND_WORDS_AUTO struct command_words words = {0};
	BUFFER_AUTO struct buffer table = {0};

	buffer_printf(&table, "%s:", put->type);
	pause_lines_path(&table, pause_config_directory(put->helper), PAUSE_CONFIG_WORKSHOP "/");
	buffer_append_string(&table, put->place.name);
	if (command_begin(&words, &put->helper->config, "postmap", NULL)) {
		if (put->place.pattern) {
			command_words_add(&words, "-q");
			command_words_add(&words, "postroom-probe@pause.invalid");
		}
		command_words_add(&words, buffer_string(&table));
	}
	tool_run(put->helper, &words, SLICE(""), put_compiled, put);
}

/* Whether the table has that text already. */
static bool is_same(const struct put *put, struct slice text)
{
	FD_AUTO int fd = openat(put->directory, put->place.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	char block[4096];
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st) != 0 || (uint64_t)st.st_size != text.len ||
	    faccessat(put->directory, put->place.result, R_OK, 0) != 0)
		return false;
	while (text.len > 0 && (n = read(fd, block, sizeof(block))) > 0 && (size_t)n <= text.len &&
	       memcmp(block, text.data, (size_t)n) == 0)
		text = slice_from(text, (size_t)n);
	return text.len == 0;
}

/* `done` may be called before it returns. */
static void put_table(struct helper *helper, const struct place *place, struct slice text,
    put_done *done, void *context)
{
	struct put *put = memory_zero(1, sizeof(*put));
	int error;

	*put = (struct put){helper, .place = *place, .directory = -1, .workshop = -1, .done = done,
	    .context = context};
	snprintf(put->type, sizeof(put->type), "%.*s", SLICE_ARGS(place->type));
	if (!put_open(put)) {
		put_failed(put, PAUSE_LINES_DIRECTORY, errno);
		return;
	}
	if (is_same(put, text)) {
		put_end(put, NULL);
		return;
	}
	put->written = true;
	unlinkat(put->workshop, place->result, 0);
	error = write_text(put->workshop, place->name, text);
	if (error != 0)
		put_failed(put, place->name, error);
	else
		put_compile(put);
}

/* ---- making those that are missing ---- */

struct making {
	struct helper *helper;
	const struct pause_config *config;
	bool anew; /* main.cf names none of them: what is in them is of another time */
	unsigned at;
	pause_tables_made *done;
	void *context;
};

static void make_next(void *context, bool written, const struct error *err);

static bool is_there(const struct helper *helper, const char *name)
{
	BUFFER_AUTO struct buffer path = {0};

	pause_lines_path(&path, pause_config_directory(helper), name);
	return access(buffer_string(&path), R_OK) == 0;
}

static void make_next(void *context, bool written, const struct error *err)
{
	struct making *m = context;

	/* The pattern table too: the day may come that main.cf needs it. */
	for (; err == NULL && m->at <= PAUSE_TABLES; m->at++) {
		bool pattern = m->at == PAUSE_TABLES;
		enum pause_table table = pattern ? PAUSE_TABLE_TRANSPORT : (enum pause_table)m->at;
		BUFFER_AUTO struct buffer text = {0};
		struct place place;

		set_place(&place, table, pattern, m->config->lines.type);
		if (!m->anew && is_there(m->helper, place.result))
			continue;
		pause_tables_text(table, pattern, SLICE(""), NULL, NULL, &text);
		m->at++;
		put_table(m->helper, &place, buffer_slice(&text), make_next, m);
		return;
	}
	m->done(m->context, err);
	free(m);
}

void pause_tables_make(struct helper *helper, const struct pause_config *config,
    pause_tables_made *done, void *context)
{
	struct making *m = memory_zero(1, sizeof(*m));

	*m = (struct making){
	    helper, config, pause_lines_find(&config->lines) == PAUSE_LINES_NONE, 0, done, context};
	make_next(m, false, NULL);
}

/* ---- writing what was sent ---- */

struct task {
	struct helper *helper;
	struct peer_ref peer;
	enum pause_table table;
	struct buffer entries;
	uint32_t count;
	struct place place;
	struct pause_config *config;
	struct pause_throttles *throttles;
	bool reloaded, in_use;
};

static void task_end(struct task *task)
{
	struct pause_tables *tables = task->helper->pause_tables;

	pause_throttle_destroy(&task->throttles);
	pause_config_destroy(&task->config);
	buffer_free(&task->entries);
	free(task);
	pause_tables_leave(tables);
}

static void refuse(struct task *task, const struct error *err)
{
	struct peer *peer = peer_of(task->helper, &task->peer);

	if (peer != NULL)
		peer_refuse_error(peer, task->peer.request, err);
	task_end(task);
}

static void answer(struct task *task, struct slice trouble)
{
	struct peer *peer = peer_of(task->helper, &task->peer);
	struct pause_written written = {task->count, task->reloaded, task->in_use, trouble};
	BUFFER_AUTO struct buffer frame = {0};

	pause_written_encode(&frame, task->peer.request, &written);
	if (peer != NULL)
		peer_send(peer, &frame, NULL, 0);
	task_end(task);
}

static void reloaded(void *context, const struct tool_said *said)
{
	struct task *task = context;
	struct error err = {0};

	task->reloaded = said->ok;
	if (said->ok)
		pause_config_set_read(task->helper);
	else
		tool_explain(said, "postfix reload", &err, "postfix_failed");
	answer(task, slice_of(err.text));
}

static void is_put(void *context, bool written, const struct error *err)
{
	static const char *const words[] = {"reload", NULL};
	struct task *task = context;

	(void)written;
	if (err != NULL)
		refuse(task, err);
	else if (task->place.pattern && task->in_use && pause_config_is_unread(task->helper))
		/* Postfix reads a pattern table only when it starts anew. */
		tool_run_words(task->helper, "postfix", words, SLICE(""), reloaded, task);
	else
		answer(task, SLICE(""));
}

/* Our own word of that table in main.cf: it says which type Postfix opens. */
static bool find_place(struct task *task)
{
	enum pause_line line = task->table == PAUSE_TABLE_TRANSPORT ? PAUSE_LINE_TRANSPORT_MAPS
								    : PAUSE_LINE_END_OF_DATA;
	const struct pause_lines *lines = &task->config->lines;
	struct slice rest = lines->value[line], word;

	while (pause_lines_word(&rest, &word)) {
		struct slice type = slice_first(word, (size_t)(slice_find_char(word, ':') + 1));
		const char *suffix;

		if (!pause_lines_is_ours(line, lines->directory, word))
			continue;
		type.len--;
		if (task->table == PAUSE_TABLE_TRANSPORT && slice_is(type, "regexp"))
			set_place(&task->place, task->table, true, type);
		else if (pause_lines_type_valid(type, &suffix))
			set_place(&task->place, task->table, false, type);
		else
			continue;
		if (task->table == PAUSE_TABLE_TRANSPORT || slice_ends_with(word, task->place.name))
			return true;
	}
	return false;
}

static void prepared(void *context, struct pause_throttles *throttles, const struct error *err)
{
	struct task *task = context;
	BUFFER_AUTO struct buffer text = {0};

	task->throttles = throttles;
	if (throttles == NULL) {
		refuse(task, err);
		return;
	}
	pause_tables_text(task->table, task->place.pattern, buffer_slice(&task->entries),
	    pause_throttle_hop, throttles, &text);
	put_table(task->helper, &task->place, buffer_slice(&text), is_put, task);
}

static void config_read(void *context, struct pause_config *config, const struct error *why)
{
	struct task *task = context;
	struct error err;

	task->config = config;
	if (config == NULL) {
		refuse(task, why);
	} else if (!find_place(task)) {
		error_set(&err, "pause_setup_missing",
		    "main.cf does not name the table of pauses: it has to be set up first");
		refuse(task, &err);
	} else {
		task->in_use = pause_lines_find(&config->lines) == PAUSE_LINES_WHOLE;
		pause_throttle_prepare(
		    task->helper, config, buffer_slice(&task->entries), prepared, task);
	}
}

static void write_table(struct pause_tables *t, struct peer *peer, uint32_t request)
{
	struct task *task = memory_zero(1, sizeof(*task));

	*task = (struct task){.helper = t->helper,
	    .peer = peer_ref(peer, request),
	    .table = t->table,
	    .entries = t->pieces,
	    .count = t->count};
	t->pieces = (struct buffer){0};
	t->writing = true;
	pause_config_read(t->helper, config_read, task);
}

static void refuse_unset(struct peer *peer, uint32_t request)
{
	peer_refuse(peer, request, "pause_setup_missing",
	    "main.cf does not name the table of pauses: it has to be set up first");
}

void pause_tables_take(
    struct peer *peer, uint32_t request, const struct pause_piece *piece, struct slice entries)
{
	struct pause_tables *t = peer->helper->pause_tables;
	struct error err;

	if (!pause_config_possible(peer->helper, &err)) {
		peer_refuse_error(peer, request, &err);
		return;
	}
	/* Where nobody ever set pauses up, no command is run for it. */
	if (!is_there(peer->helper, "")) {
		refuse_unset(peer, request);
		return;
	}
	if (piece->at == 0) {
		buffer_clear(&t->pieces);
		t->count = 0;
		t->table = piece->table;
		t->serial = peer->serial;
	}
	/* Another table in between, another peer, or a piece that was lost: the whole is sent
	 * again. */
	if (t->count != piece->at || t->table != piece->table || t->serial != peer->serial) {
		peer_refuse(peer, request, "busy", "a piece of the table is missing");
	} else if (!pause_tables_check(piece->table, entries, &t->count, &err)) {
		peer_refuse_error(peer, request, &err);
		t->count = PAUSE_ENTRIES_MAX + 1; /* what follows does not fit to it */
	} else if (t->count > PAUSE_ENTRIES_MAX) {
		peer_refuse(peer, request, "bad_request", "too many entries");
	} else {
		buffer_append_slice(&t->pieces, entries);
		if (piece->last && t->writing)
			peer_refuse(peer, request, "busy", "a table of pauses is being written");
		else if (piece->last)
			write_table(t, peer, request);
	}
}
