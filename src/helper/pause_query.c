/* Keys go to the standard input of postmap, one a line: there one that begins with '-' is a key,
 * and as an argument it would be an option. Keys passed their grammar, so none has a line end. */
#include "helper/pause_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* ---- what transport_maps says ---- */

struct asking {
	struct helper *helper;
	const struct pause_config *config;
	bool ours;
	struct buffer texts;		       /* the addresses */
	struct slice address[PAUSE_QUERY_MAX]; /* in texts */
	struct buffer whole, domains;	       /* what postmap said of addresses and of domains */
	size_t count;
	pause_query_done *done;
	void *context;
};

static void asking_end(
    struct asking *a, const struct pause_answer *answers, const struct error *err)
{
	a->done(a->context, answers, err);
	buffer_free(&a->texts);
	buffer_free(&a->whole);
	buffer_free(&a->domains);
	free(a);
}

static bool is_ours(struct slice answer)
{
	return slice_is(answer, PAUSE_LINES_TRANSPORT ":") ||
	       slice_starts_with(answer, PAUSE_LINES_THROTTLE);
}

/* A line "key<TAB>value" of postmap; keys come as they were asked. */
bool pause_query_find(struct slice output, struct slice key, struct slice *answer)
{
	struct slice line;

	while (slice_split(&output, '\n', &line)) {
		ptrdiff_t tab = slice_find_char(line, '\t');

		if (tab >= 0 && slice_equal(slice_first(line, (size_t)tab), key)) {
			*answer = slice_trim(slice_from(line, (size_t)tab + 1));
			return true;
		}
	}
	return false;
}

/* The next key behind `key`: of "a@sub.dst.example" sub.dst.example, .dst.example, .example. */
static bool next_key(struct slice *key)
{
	ptrdiff_t at = slice_find_char(*key, '@');

	if (at >= 0) {
		*key = slice_from(*key, (size_t)at + 1);
		return true;
	}
	at = slice_find_char(slice_from(*key, 1), '.');
	if (at < 0)
		return false;
	*key = slice_from(*key, (size_t)at + 1);
	return true;
}

static void find(const struct asking *a, struct slice address, struct pause_answer *answer)
{
	struct slice key = address, star = SLICE("*");

	if (pause_query_find(buffer_slice(&a->whole), key, &answer->answer)) {
		answer->found = key;
	} else {
		while (answer->found.len == 0 && next_key(&key))
			if (pause_query_find(buffer_slice(&a->domains), key, &answer->answer))
				answer->found = key;
		if (answer->found.len == 0 &&
		    pause_query_find(buffer_slice(&a->domains), star, &answer->answer))
			answer->found = star;
	}
	answer->ours = is_ours(answer->answer);
}

bool pause_query_said_well(const struct tool_said *said, const char *what, struct error *err)
{
	char text[100];

	/* Status 1: none of the keys was found. */
	if (said->ok || (said->ended && said->status == 1 && said->err.len == 0))
		return true;
	snprintf(text, sizeof(text), "postmap could not ask the tables of %s", what);
	tool_explain(said, text, err, "postmap_failed");
	return false;
}

static void domains_asked(void *context, const struct tool_said *said)
{
	struct asking *a = context;
	struct pause_answer answers[PAUSE_QUERY_MAX] = {0};
	struct error err;

	if (!pause_query_said_well(said, "transport_maps", &err)) {
		asking_end(a, NULL, &err);
		return;
	}
	buffer_append_slice(&a->domains, said->out);
	for (size_t i = 0; i < a->count; i++)
		find(a, a->address[i], &answers[i]);
	asking_end(a, answers, NULL);
}

/* `postmap -q - TABLE...`; the words are of main.cf. False where there is no table to ask. */
static bool add_tables(const struct asking *a, bool fixed, struct command_words *words)
{
	struct slice rest = a->config->lines.expanded, word;
	size_t tables = 0;

	if (!command_begin(words, &a->helper->config, "postmap", NULL))
		return false;
	command_words_add(words, "-q");
	command_words_add(words, "-");
	while (pause_lines_word(&rest, &word)) {
		MEMORY_AUTO char *text = memory_strndup(word.data, word.len);

		if ((fixed && !pause_lines_is_fixed(word)) ||
		    (!a->ours && pause_lines_is_ours(
				     PAUSE_LINE_TRANSPORT_MAPS, a->config->lines.directory, word)))
			continue;
		command_words_add(words, text);
		tables++;
	}
	return tables > 0;
}

static void ask(struct asking *a, bool fixed, struct slice keys, tool_done *done)
{
	static const struct tool_said nothing = {.ok = true, .ended = true};
	COMMAND_WORDS_AUTO struct command_words words = {0};

	if (add_tables(a, fixed, &words))
		tool_run(a->helper, &words, keys, done, a);
	else
		done(a, &nothing);
}

static void put_key(struct buffer *keys, struct slice key)
{
	buffer_append_slice(keys, key);
	buffer_append_char(keys, '\n');
}

static void addresses_asked(void *context, const struct tool_said *said)
{
	struct asking *a = context;
	BUFFER_AUTO struct buffer keys = {0};
	struct error err;

	if (!pause_query_said_well(said, "transport_maps", &err)) {
		asking_end(a, NULL, &err);
		return;
	}
	buffer_append_slice(&a->whole, said->out);
	for (size_t i = 0; i < a->count; i++) {
		struct slice key = a->address[i];

		while (next_key(&key))
			put_key(&keys, key);
	}
	put_key(&keys, SLICE("*"));
	ask(a, true, buffer_slice(&keys), domains_asked);
}

/* Copies keys into `texts`, which is empty, one a line. */
static void keep_keys(
    struct buffer *texts, struct slice *kept, const struct slice *keys, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		put_key(texts, keys[i]);
	/* Slices only when the buffer does not move any more. */
	for (size_t i = 0; i < count; i++) {
		kept[i] = slice_make(texts->data + at, keys[i].len);
		at += keys[i].len + 1;
	}
}

void pause_query_ask(struct helper *helper, const struct pause_config *config,
    const struct slice *addresses, size_t count, bool ours, pause_query_done *done, void *context)
{
	struct asking *a = memory_zero(1, sizeof(*a));

	*a =
	    (struct asking){helper, config, ours, .count = count, .done = done, .context = context};
	keep_keys(&a->texts, a->address, addresses, count);
	ask(a, false, buffer_slice(&a->texts), addresses_asked);
}

/* ---- whose a domain is ---- */

static const char *const own_lists[] = {
    "mydestination", "virtual_alias_domains", "virtual_mailbox_domains", "relay_domains"};
#define OWN_LISTS (sizeof(own_lists) / sizeof(own_lists[0]))

struct owning {
	struct helper *helper;
	const struct pause_config *config;
	struct buffer texts;
	struct slice keys[PAUSE_QUERY_MAX]; /* in texts */
	size_t count, list;		    /* the list that is being asked */
	struct pause_answer answers[PAUSE_QUERY_MAX];
	pause_query_done *done;
	void *context;
};

/* ".dst.example" asks for that domain and for all below it. */
static struct slice bare(struct slice key)
{
	return slice_starts_with(key, ".") ? slice_from(key, 1) : key;
}

static bool is_below(struct slice domain, struct slice parent)
{
	return domain.len > parent.len + 1 && domain.data[domain.len - parent.len - 1] == '.' &&
	       slice_equal_nocase(slice_from(domain, domain.len - parent.len), parent);
}

/* A word of a list of domains that is no table. */
static bool word_has(struct slice word, struct slice key, bool parents)
{
	struct slice domain = bare(key);

	if (slice_equal_nocase(word, domain) || (domain.len < key.len && is_below(word, domain)))
		return true;
	if (slice_starts_with(word, "."))
		return is_below(domain, slice_from(word, 1));
	return parents && is_below(domain, word);
}

static void note(struct owning *own, size_t key, bool unsure, const char *why)
{
	struct pause_answer *answer = &own->answers[key];

	if (answer->found.len > 0)
		return;
	answer->found = slice_of(own_lists[own->list]);
	answer->unsure = unsure;
	answer->answer = slice_of(why);
}

static void ask_list(struct owning *own);

static void list_asked(void *context, const struct tool_said *said)
{
	struct owning *own = context;
	bool answered = said->ok || (said->ended && said->status == 1 && said->err.len == 0);

	for (size_t i = 0; i < own->count; i++) {
		struct slice key = bare(own->keys[i]), answer;

		if (!answered)
			note(own, i, true, "a table of it could not be asked");
		for (bool more = true; answered && more; more = next_key(&key))
			if (pause_query_find(said->out, key, &answer))
				note(own, i, false, "");
	}
	own->list++;
	ask_list(own);
}

/* The domains, and those above them: as Postfix looks parents up in a table. */
static void put_domains(const struct owning *own, struct buffer *keys)
{
	for (size_t i = 0; i < own->count; i++) {
		struct slice key = bare(own->keys[i]);

		do
			put_key(keys, key);
		while (next_key(&key));
	}
}

static void ask_list(struct owning *own)
{
	COMMAND_WORDS_AUTO struct command_words words = {0};
	BUFFER_AUTO struct buffer keys = {0};
	struct slice rest, word;
	size_t tables = 0;
	bool parents;

	if (own->list == OWN_LISTS) {
		own->done(own->context, own->answers, NULL);
		buffer_free(&own->texts);
		free(own);
		return;
	}
	rest = pause_config_value(own->config, own_lists[own->list]);
	parents = slice_find(pause_config_value(own->config, "parent_domain_matches_subdomains"),
		      slice_of(own_lists[own->list])) >= 0;
	if (command_begin(&words, &own->helper->config, "postmap", NULL)) {
		command_words_add(&words, "-q");
		command_words_add(&words, "-");
	}
	while (pause_lines_word(&rest, &word)) {
		MEMORY_AUTO char *text = memory_strndup(word.data, word.len);
		bool file = slice_starts_with(word, "/");

		if (slice_find_char(word, ':') > 0) {
			command_words_add(&words, text);
			tables++;
			continue;
		}
		for (size_t i = 0; i < own->count; i++)
			if (file)
				note(own, i, true, "it names a file that is not read here");
			else if (word_has(word, own->keys[i], parents))
				note(own, i, false, "");
	}
	put_domains(own, &keys);
	if (tables > 0) {
		tool_run(own->helper, &words, buffer_slice(&keys), list_asked, own);
	} else {
		own->list++;
		ask_list(own);
	}
}

void pause_query_own(struct helper *helper, const struct pause_config *config,
    const struct slice *domains, size_t count, pause_query_done *done, void *context)
{
	struct owning *own = memory_zero(1, sizeof(*own));

	*own = (struct owning){
	    .helper = helper, .config = config, .count = count, .done = done, .context = context};
	keep_keys(&own->texts, own->keys, domains, count);
	ask_list(own);
}

/* ---- requests ---- */

struct task {
	struct helper *helper;
	struct peer_ref peer;
	enum pause_query_kind kind;
	struct buffer texts;
	struct slice keys[PAUSE_QUERY_MAX]; /* in texts */
	size_t count;
	struct pause_config *config;
};

static void answered(void *context, const struct pause_answer *answers, const struct error *err)
{
	struct task *task = context;
	struct peer *peer = peer_of(task->helper, &task->peer);
	BUFFER_AUTO struct buffer frame = {0};

	if (peer != NULL && err != NULL)
		peer_refuse_error(peer, task->peer.request, err);
	if (peer != NULL && err == NULL) {
		frame_begin(&frame, HELPER_PAUSE_ANSWERS, task->peer.request);
		for (size_t i = 0; i < task->count; i++)
			pause_answer_put(&frame, &answers[i]);
		peer_send(peer, &frame, NULL, 0);
	}
	pause_config_destroy(&task->config);
	buffer_free(&task->texts);
	free(task);
}

static void config_read(void *context, struct pause_config *config, const struct error *err)
{
	struct task *task = context;

	task->config = config;
	if (config == NULL)
		answered(task, NULL, err);
	else if (task->kind == PAUSE_QUERY_OWN)
		pause_query_own(task->helper, config, task->keys, task->count, answered, task);
	else
		pause_query_ask(task->helper, config, task->keys, task->count,
		    task->kind == PAUSE_QUERY_TRANSPORT, answered, task);
}

static bool check_keys(const struct pause_query *query, struct error *err)
{
	for (size_t i = 0; i < query->count; i++)
		if (query->kind == PAUSE_QUERY_OWN ? !pause_domain_valid(bare(query->keys[i]))
						   : !pause_address_valid(query->keys[i]))
			return error_set(
			    err, "bad_value", "key %zu is no address or domain", i + 1);
	return true;
}

void pause_query_take(struct peer *peer, uint32_t request, const struct pause_query *query)
{
	struct task *task;
	struct error err;

	if (!check_keys(query, &err)) {
		peer_refuse_error(peer, request, &err);
		return;
	}
	task = memory_zero(1, sizeof(*task));
	*task = (struct task){.helper = peer->helper,
	    .peer = peer_ref(peer, request),
	    .kind = query->kind,
	    .count = query->count};
	/* Of its own: the frame is gone before postconf has answered. */
	keep_keys(&task->texts, task->keys, query->keys, query->count);
	pause_config_read(peer->helper, config_read, task);
}
