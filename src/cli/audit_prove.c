/* Proving the audit, and its key. Both work on the files, not through the service: one that was
 * taken over would say what it likes. Root becomes the service's user first. */
#include "cli/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "audit/audit.h"
#include "audit/verify.h"
#include "base/fd.h"
#include "cli/safe_text.h"
#include "store/audit_rows.h"
#include "store/db.h"

#define KEYS_MAX 64

/* Becomes the service's user, whose files these are. Another service than the configured one may be
 * meant, as a demo is: proving other files than the meant ones would be worse than a refusal. */
static bool prepare(const struct command_run *run, struct error *err)
{
	struct error why;

	if (command_names_other_socket(run))
		return error_set(err, "other_service",
		    "this works on files and not through a service, and those of the configuration "
		    "(%s) are not of the service whose socket you have named: name its "
		    "configuration (--config FILE; a demo prints it when it starts)",
		    run->config->store_path);
	if (db_prepare(run->config->store_path, run->config->run_user, &why))
		return true;
	if (strcmp(why.code, "no_such_user") != 0)
		return error_set(err, why.code, "%s", why.text);
	return error_set(err, why.code,
	    "%s: Postroom is not installed on this host. For the files of another service, such as "
	    "a demo, name its configuration (--config FILE; a demo prints it when it starts)",
	    why.text);
}

static void directory_of(const struct command_run *run, char out[1100])
{
	snprintf(out, 1100, "%.1000s" AUDIT_DIRECTORY_SUFFIX, run->config->store_path);
}

/* ---- Keys that somebody has kept ---- */

static bool read_keys(const char *path, struct audit_key *keys, size_t *count, struct error *err)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, line;

	*count = 0;
	if (path == NULL)
		return true;
	if (!fd_read_file(path, 65536, &text, err))
		return false;
	rest = buffer_slice(&text);
	while (slice_split(&rest, '\n', &line)) {
		if (slice_trim(line).len == 0)
			continue;
		if (*count == KEYS_MAX || !audit_key_parse(line, &keys[(*count)++]))
			return error_set(err, "bad_key",
			    "%s: each line is \"postroom-audit-key-1\", a lineage and a key", path);
	}
	if (*count == 0)
		return error_set(err, "bad_key", "%s has no key", path);
	return true;
}

/* ---- What is told of it ---- */

static void print_proved(const struct audit_report *r, size_t keys)
{
	if (r->seals == 0)
		puts("It has no seal yet: the chain proves that no record was changed, removed, "
		     "moved or put in "
		     "by anybody who did not make all that follow it anew.");
	else if (keys == 0)
		printf("%" PRIu64 " seals, the last as record %" PRIu64
		       " of %s, which were not checked: give the first key that was kept elsewhere "
		       "(postroom audit verify FILE). Without it the chain alone is proved, which "
		       "whoever "
		       "can write the files can make anew.\n",
		    r->seals, r->sealed, r->sealed_at);
	else if (r->proved > 0)
		printf("%" PRIu64 " of %" PRIu64 " seals fit the key. Up to record %" PRIu64
		       " of %s nothing was changed by anybody who came in after that; the %" PRIu64
		       " records behind it are proved by the chain alone.\n",
		    r->seals_fit, r->seals, r->proved, r->proved_at, r->last - r->proved);
	else
		printf("None of the %" PRIu64
		       " seals fits the key that was given (the last is of lineage "
		       "%s).\n",
		    r->seals, r->lineage);
}

static void print_report(const struct audit_report *r, size_t keys)
{
	char chain[AUDIT_HEX_SIZE];

	if (r->records == 0) {
		puts("There is no record yet.");
		return;
	}
	audit_hex(r->chain, chain);
	printf("%" PRIu64 " records, from %" PRIu64 " of %s to %" PRIu64 " of %s.\n", r->records,
	    r->first, r->first_at, r->last, r->last_at);
	if (r->cut_at[0] != '\0')
		printf("What is older was removed last on %s, after %" PRId64
		       " days, as a record says.\n",
		    r->cut_at, r->cut_keep / 86400);
	print_proved(r, keys);
	printf("Record %" PRIu64 " has the chain value %s.\n", r->last, chain);
	for (size_t i = 0; i < r->problems && i < AUDIT_VERIFY_PROBLEMS; i++) {
		fputs("WRONG: ", stdout);
		safe_text_print(stdout, r->problem[i]);
		putchar('\n');
	}
	if (r->problems > AUDIT_VERIFY_PROBLEMS)
		printf("and %zu more\n", r->problems - AUDIT_VERIFY_PROBLEMS);
	puts(r->problems == 0 ? "It is whole." : "It is not whole.");
}

static void print_json(const struct audit_report *r)
{
	json_t *problems = json_array(), *object;
	char chain[AUDIT_HEX_SIZE];

	audit_hex(r->chain, chain);
	for (size_t i = 0; i < r->problems && i < AUDIT_VERIFY_PROBLEMS; i++)
		json_array_append_new(problems, json_string(r->problem[i]));
	object = json_pack("{sb, so, sI, sI, sI, ss, sI, sI, sI, ss, ss}", "whole",
	    r->problems == 0, "problems", problems, "records", (json_int_t)r->records, "first",
	    (json_int_t)r->first, "last", (json_int_t)r->last, "chain", chain, "seals",
	    (json_int_t)r->seals, "seals_fit", (json_int_t)r->seals_fit, "proved",
	    (json_int_t)r->proved, "proved_at", r->proved_at, "cut_at", r->cut_at);
	command_print_json(object);
	json_decref(object);
}

/* What the database has noted of the end. Nothing where it cannot be opened: the files speak for
 * themselves. */
static void read_note(const struct command_run *run, struct audit_known *known)
{
	struct audit_rows_note note;
	struct db_health health;
	struct db *db;

	*known = (struct audit_known){.who_knows = "the database"};
	if (access(run->config->store_path, R_OK | W_OK) != 0 ||
	    (db = db_open(run->config->store_path, &health, NULL)) == NULL)
		return;
	if (audit_rows_noted(db, &note, NULL) == DB_OK) {
		known->n = (uint64_t)note.n;
		memcpy(known->chain, note.chain, sizeof(known->chain));
	}
	db_close(&db);
}

int audit_prove(struct command_run *run, const char *key_file, const char *directory)
{
	struct audit_key keys[KEYS_MAX];
	struct audit_report report;
	struct audit_known known = {0};
	struct error err;
	char own[1100];
	size_t count;

	/* Before root is given up: the key lies where the service's user cannot read. */
	if (!read_keys(key_file, keys, &count, &err))
		return command_refused(run, &err);
	directory_of(run, own);
	if (directory == NULL) {
		directory = own;
		if (!prepare(run, &err))
			return command_refused(run, &err);
		read_note(run, &known);
	}
	if (!audit_verify(directory, keys, count, &known, &report, &err))
		return command_refused(run, &err);
	sodium_memzero(keys, sizeof(keys));
	if (command_given(run, OPTION_JSON))
		print_json(&report);
	else
		print_report(&report, count);
	return report.problems == 0 ? COMMAND_DONE : COMMAND_NOT_DONE;
}

/* ---- The key ---- */

/* It is printed before it is forgotten: who sees nothing can ask again. */
static bool print_key(const struct audit_key *key, struct error *err)
{
	char text[AUDIT_KEY_TEXT_SIZE];
	bool good;

	audit_key_text(key, text);
	good = printf("%s\n", text) > 0 && fflush(stdout) == 0;
	sodium_memzero(text, sizeof(text));
	return good || error_set(err, "io_error", "the key could not be printed, and is kept");
}

static bool show(const char *directory, bool fresh, struct error *err)
{
	struct audit_key key;
	FD_AUTO int lock = audit_key_lock(directory, err);
	bool good = lock >= 0;

	if (good && fresh)
		audit_key_create(&key);
	else if (good)
		good = audit_key_read(directory, &key, err);
	if (good && !key.has_first)
		good = error_set(err, "shown_before",
		    "the first key of lineage %s was shown before, and is not here any more. If "
		    "nobody "
		    "has it, begin a new lineage: postroom audit key new",
		    key.lineage);
	if (good && print_key(&key, err)) {
		key.has_first = false;
		sodium_memzero(key.first, sizeof(key.first));
		good = audit_key_write(directory, &key, err);
	} else
		good = false;
	sodium_memzero(&key, sizeof(key));
	return good;
}

int audit_show_key(struct command_run *run, bool fresh)
{
	struct error err;
	char directory[1100];

	directory_of(run, directory);
	if (!prepare(run, &err) || !show(directory, fresh, &err))
		return command_refused(run, &err);
	return COMMAND_DONE;
}
