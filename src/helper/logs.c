/* Finds the mail log and hands it to the logreader: a list of files, one of them as a descriptor,
 * or the output of a command. Nothing of a log is read or parsed here. The logreader names a file
 * by its base name alone, and may have only the log and what was rotated from it. */
#include "helper/logs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"
#include "helper/child.h"
#include "helper/command.h"

/* What a log command says on its standard error before nobody reads on. */
#define LOG_ERRORS_MAX 65536
/* A log file that was not written to for so long is looked behind: is there mail in the journal
 * that is newer than it, by more than a daemon takes to write? */
#define STALE_S 600
#define STALE_SLACK_S 5
#define JOURNAL_EVERY_MS 300000
#define JOURNAL_DEADLINE_MS 20000

struct log_tail {
	struct helper *helper;
	struct peer_ref peer;
	struct child *child;
};

/* Where syslog daemons write; false when there is no such file. */
static bool usual_log(const char **path, int64_t *mtime)
{
	static const char *const usual[] = {"/var/log/mail.log", "/var/log/maillog"};
	struct stat st;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (stat(usual[i], &st) == 0 && S_ISREG(st.st_mode)) {
			*path = usual[i];
			*mtime = st.st_mtim.tv_sec;
			return true;
		}
	return false;
}

/* /run/log/journal is the journal in memory, for hosts that keep none on disk. */
static bool has_journal(void)
{
	return access("/usr/bin/journalctl", X_OK) == 0 &&
	       (access("/var/log/journal", F_OK) == 0 || access("/run/log/journal", F_OK) == 0);
}

static enum helper_log_kind found(struct buffer *text, enum helper_log_kind kind, const char *what)
{
	buffer_clear(text);
	buffer_append_string(text, what);
	return kind;
}

/* `postfix.log = auto`: what Postfix says itself, then where syslog daemons write, then the
 * journal; which comes first where it has mail that is newer than such a file: the file is left
 * over. */
static enum helper_log_kind find_auto(
    const struct role_config *config, const struct journal_look *journal, struct buffer *text)
{
	const char *usual = NULL;
	int64_t mtime;
	const char *maillog_file = role_config_fact(config, "maillog_file");

	if (config->prefix != NULL && config->prefix[0] != '\0')
		return found(text, HELPER_LOG_NONE,
		    "postfix.command_prefix is set: set postfix.log_command to a command that "
		    "prints the mail log");
	/* In a container it is mostly /dev/stdout, which nobody can read back. */
	if (maillog_file[0] == '/' && strncmp(maillog_file, "/dev/", 5) != 0)
		return found(text, HELPER_LOG_PLAIN, maillog_file);
	if (usual_log(&usual, &mtime) &&
	    (journal == NULL || !journal->newer || journal->file_mtime != mtime))
		return found(text, HELPER_LOG_PLAIN, usual);
	if (has_journal())
		return found(text, HELPER_LOG_JOURNAL, "the journal");
	return found(text, HELPER_LOG_NONE,
	    "no mail log was found: maillog_file is not set in main.cf, there is no "
	    "/var/log/mail.log, no "
	    "/var/log/maillog and no journal");
}

enum helper_log_kind logs_find(
    const struct role_config *config, const struct journal_look *journal, struct buffer *text)
{
	const char *command = role_config_get(config, "postfix.log_command");
	const char *log = role_config_get(config, "postfix.log");

	if (command[0] != '\0')
		return found(text, HELPER_LOG_COMMANDS, command);
	if (strcmp(log, "journal") == 0)
		return found(text, HELPER_LOG_JOURNAL, "the journal");
	if (log[0] == '/')
		return found(text, HELPER_LOG_PLAIN, log);
	return find_auto(config, journal, text);
}

/* ---- a file that nobody writes to ---- */

static void on_journal_output(void *context, uint8_t stream, struct slice bytes)
{
	struct helper *helper = context;

	helper->journal.seen = helper->journal.seen || (stream == 1 && bytes.len > 0);
}

static void on_journal_done(void *context, const struct helper_exit *end)
{
	struct helper *helper = context;

	(void)end;
	helper->journal.child = NULL;
	helper->journal.newer = helper->journal.seen;
}

/* Asks for one line of mail that is newer than the file. The answer counts from the next question
 * on, as long as the file stays as it is. */
static void look_into_journal(struct helper *helper)
{
	static const struct child_events events = {on_journal_output, on_journal_done};
	COMMAND_WORDS_AUTO struct command_words words = {0};
	BUFFER_AUTO struct buffer text = {0};
	struct journal_look *journal = &helper->journal;
	char since[40];
	const char *path;
	int64_t mtime;
	struct error err;

	if (journal->child != NULL || !usual_log(&path, &mtime) || !has_journal() ||
	    logs_find(&helper->config, NULL, &text) != HELPER_LOG_PLAIN ||
	    strcmp(buffer_string(&text), path) != 0 || clock_now() < mtime + STALE_S ||
	    (mtime == journal->file_mtime && clock_monotonic_ms() < journal->again_ms))
		return;
	/* A file that was written to since then is in use again, whatever the journal had. */
	journal->newer = journal->newer && mtime == journal->file_mtime;
	journal->file_mtime = mtime;
	journal->again_ms = clock_monotonic_ms() + JOURNAL_EVERY_MS;
	journal->seen = false;
	command_words_split(&words,
	    "/usr/bin/journalctl --quiet --no-pager --output=cat --lines=1 SYSLOG_FACILITY=2");
	snprintf(since, sizeof(since), "--since=@%lld", (long long)mtime + STALE_SLACK_S);
	command_words_add(&words, since);
	journal->child = child_start(helper->loop,
	    &(struct child_plan){.argv = words.items,
		.output_fd = -1,
		.extra_fd = -1,
		.deadline_ms = JOURNAL_DEADLINE_MS,
		.output_max = LOG_ERRORS_MAX,
		.disposable = true},
	    &events, helper, &err);
}

/* ---- files ---- */

/* The directory and the base name of the log; false when there are no files. */
static bool split_log(const struct role_config *config, const struct journal_look *journal,
    char **directory, char **base, struct buffer *text)
{
	const char *path, *slash;

	if (logs_find(config, journal, text) != HELPER_LOG_PLAIN)
		return false;
	path = buffer_string(text);
	slash = strrchr(path, '/');
	*directory =
	    slash == path ? memory_strdup("/") : memory_strndup(path, (size_t)(slash - path));
	*base = memory_strdup(slash + 1);
	return true;
}

/* The log itself, or a rotated one: "mail.log" + [.-] + letters, digits, dots, dashes. There is no
 * slash among them, so the name stays in the directory of the log. */
static bool belongs(struct slice name, const char *base)
{
	struct slice rest;

	if (!slice_starts_with(name, base) || name.len > 200)
		return false;
	rest = slice_from(name, strlen(base));
	if (rest.len > 0 && rest.data[0] != '.' && rest.data[0] != '-')
		return false;
	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			strchr(".-_", c) != NULL) ||
		    c == '\0')
			return false;
	}
	return true;
}

struct found_file {
	char name[201];
	struct helper_log_file file;
	bool current;
};

/* The current file is first whatever its time: a rotated one can be written to a little later (the
 * tail of a daemon). */
static int newest_first(const void *a, const void *b)
{
	const struct found_file *x = a, *y = b;

	if (x->current != y->current)
		return x->current ? -1 : 1;
	if (x->file.mtime_ns != y->file.mtime_ns)
		return x->file.mtime_ns > y->file.mtime_ns ? -1 : 1;
	return strcmp(x->name, y->name);
}

static struct found_file *list_files(DIR *dir, const char *base, size_t *count)
{
	struct found_file *files = NULL;
	const struct dirent *entry;

	*count = 0;
	while ((entry = readdir(dir)) != NULL) {
		struct found_file *f;
		struct stat st;

		/* Links are passed over. Whoever may write to the directory could point one at a
		 * file that only root reads. */
		if (!belongs(slice_of(entry->d_name), base) ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		files = memory_resize(files, *count + 1, sizeof(*files));
		f = &files[(*count)++];
		snprintf(f->name, sizeof(f->name), "%.200s", entry->d_name);
		f->current = strcmp(f->name, base) == 0;
		f->file = (struct helper_log_file){.inode = st.st_ino,
		    .size = (uint64_t)st.st_size,
		    .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec};
	}
	if (*count > 0)
		qsort(files, *count, sizeof(*files), newest_first);
	return files;
}

static void answer_files(struct peer *peer, uint32_t request, enum helper_log_kind kind,
    const char *text, const struct found_file *found_files, size_t count)
{
	struct helper_log_file files[HELPER_LOG_FILES_MAX];
	struct helper_log_files answer = {kind, slice_of(text), files, 0};
	BUFFER_AUTO struct buffer frame = {0};

	for (; answer.count < count && answer.count < HELPER_LOG_FILES_MAX; answer.count++) {
		files[answer.count] = found_files[answer.count].file;
		files[answer.count].name = slice_of(found_files[answer.count].name);
	}
	helper_log_files_encode(&frame, request, &answer);
	peer_send(peer, &frame, NULL, 0);
}

void logs_list(struct peer *peer, uint32_t request)
{
	const struct role_config *config = &peer->helper->config;
	BUFFER_AUTO struct buffer text = {0};
	MEMORY_AUTO char *directory = NULL;
	MEMORY_AUTO char *base = NULL;
	MEMORY_AUTO struct found_file *files = NULL;
	size_t count = 0;
	DIR *dir;

	look_into_journal(peer->helper);
	if (!split_log(config, &peer->helper->journal, &directory, &base, &text)) {
		enum helper_log_kind kind = logs_find(config, &peer->helper->journal, &text);

		answer_files(peer, request, kind, buffer_string(&text), NULL, 0);
		return;
	}
	dir = opendir(directory);
	if (dir == NULL) {
		struct error err;

		error_set_errno(&err, "no_log", errno, "%s", directory);
		peer_refuse_error(peer, request, &err);
		return;
	}
	files = list_files(dir, base, &count);
	closedir(dir);
	answer_files(peer, request, HELPER_LOG_PLAIN, buffer_string(&text), files, count);
}

void logs_open(struct peer *peer, uint32_t request, const struct helper_log_open *wanted)
{
	BUFFER_AUTO struct buffer text = {0};
	MEMORY_AUTO char *directory = NULL;
	MEMORY_AUTO char *base = NULL;
	MEMORY_AUTO char *name = NULL;
	FD_AUTO int dir = -1, fd = -1;
	struct stat st;
	struct error err;

	if (!split_log(&peer->helper->config, &peer->helper->journal, &directory, &base, &text)) {
		peer_refuse(peer, request, "no_log", "the mail log is not in files");
		return;
	}
	if (!belongs(wanted->name, base)) {
		peer_refuse(peer, request, "not_allowed", "that is no file of the mail log");
		return;
	}
	name = memory_strndup(wanted->name.data, wanted->name.len);
	dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		/* O_NONBLOCK, as opening a FIFO would make the helper wait for a writer. */
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		error_set_errno(&err, errno == ENOENT ? "not_found" : "no_log", errno, "%s/%s",
		    directory, name);
		peer_refuse_error(peer, request, &err);
		return;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		peer_refuse(peer, request, "no_log", "that is no regular file");
		return;
	}
	peer_stream(peer, request, fd);
}

/* ---- commands ---- */

static void on_output(void *context, uint8_t stream, struct slice bytes)
{
	struct log_tail *tail = context;
	struct peer *peer = peer_of(tail->helper, &tail->peer);
	struct helper_output output = {stream, bytes};
	BUFFER_AUTO struct buffer frame = {0};

	helper_output_encode(&frame, tail->peer.request, &output);
	if (peer != NULL)
		peer_send(peer, &frame, NULL, 0);
}

static void on_done(void *context, const struct helper_exit *end)
{
	struct log_tail *tail = context;
	struct peer *peer = peer_of(tail->helper, &tail->peer);
	BUFFER_AUTO struct buffer frame = {0};

	helper_exit_encode(&frame, tail->peer.request, end);
	if (peer != NULL)
		peer_send(peer, &frame, NULL, 0);
	if (tail->helper->log_tail == tail)
		tail->helper->log_tail = NULL;
	free(tail);
}

/* Mail is syslog facility 2. Only the fields that are read: a fifth of the bytes. */
static void journal_words(struct command_words *words, const struct helper_log_command *command)
{
	char since[32];

	command_words_split(words, "/usr/bin/journalctl --output=json --no-pager --quiet --all "
				   "--output-fields=MESSAGE,SYSLOG_IDENTIFIER,SYSLOG_PID,PRIORITY");
	command_words_add(words, command->follow ? "--follow" : "--no-tail");
	command_words_add(words, "--lines=all");
	if (command->since > 0) {
		snprintf(since, sizeof(since), "--since=@%lld", (long long)command->since);
		command_words_add(words, since);
	}
	command_words_add(words, "SYSLOG_FACILITY=2");
}

static void start_tail(struct peer *peer, uint32_t request, const struct command_words *words)
{
	static const struct child_events events = {on_output, on_done};
	struct child_plan plan = {
	    .argv = words->items, .extra_fd = -1, .output_max = LOG_ERRORS_MAX, .disposable = true};
	struct log_tail *tail;
	struct error err;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0) {
		peer_refuse(peer, request, "spawn_failed", "no pipe");
		return;
	}
	/* The output goes straight to the logreader. The helper sees only what the command says on
	 * its standard error. */
	plan.output_fd = fds[1];
	tail = memory_zero(1, sizeof(*tail));
	*tail = (struct log_tail){peer->helper, peer_ref(peer, request), NULL};
	tail->child = child_start(peer->helper->loop, &plan, &events, tail, &err);
	if (tail->child != NULL) {
		peer->helper->log_tail = tail;
		peer_stream(peer, request, fds[0]);
	} else {
		free(tail);
		peer_refuse_error(peer, request, &err);
	}
	fd_close(&fds[0]);
	fd_close(&fds[1]);
}

static void end_tail(struct helper *helper)
{
	if (helper->log_tail != NULL)
		child_kill(helper->log_tail->child); /* freed in on_done */
	helper->log_tail = NULL;
}

void logs_command(struct peer *peer, uint32_t request, const struct helper_log_command *wanted)
{
	const struct role_config *config = &peer->helper->config;
	COMMAND_WORDS_AUTO struct command_words words = {0};
	BUFFER_AUTO struct buffer text = {0};
	enum helper_log_kind kind = logs_find(config, &peer->helper->journal, &text);

	if (kind == HELPER_LOG_JOURNAL)
		journal_words(&words, wanted);
	else if (kind == HELPER_LOG_COMMANDS)
		command_words_split(&words, role_config_get(config, "postfix.log_command"));
	if (words.count == 0) {
		peer_refuse(peer, request, "no_log", "the mail log does not come from a command");
		return;
	}
	/* One command at a time: a new question replaces the one before it. */
	end_tail(peer->helper);
	start_tail(peer, request, &words);
}

void logs_peer_gone(struct peer *peer)
{
	struct log_tail *tail = peer->helper->log_tail;

	if (tail != NULL && tail->peer.role == peer->role && tail->peer.serial == peer->serial)
		end_tail(peer->helper);
}
