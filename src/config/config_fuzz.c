/* A configuration file. What is accepted, written down key by key, is accepted again and means the
 * same. */
#include "base/buffer.h"
#include "base/memory.h"
#include "base/must_fuzz.h"
#include "config/config.h"

/* Each key under a heading of its own, as a file may have it. */
static void write_down(const struct config *config, struct buffer *out)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++) {
		MEMORY_AUTO char *value = config_value(config, &keys[i]);
		ptrdiff_t dot = slice_find_char(slice_of(keys[i].name), '.');

		struct slice rest = slice_of(value), line;

		buffer_printf(out, "[%.*s]\n", (int)dot, keys[i].name);
		/* One line, but for a key that may be given many times: each of its lines, and no
		 * empty one behind them. */
		while (slice_split(&rest, '\n', &line))
			if (line.len > 0 || !keys[i].many)
				buffer_printf(
				    out, "%s = %.*s\n", keys[i].name + dot + 1, SLICE_ARGS(line));
	}
}

static void check_words(const char *value)
{
	char **words = config_words(value);

	for (size_t i = 0; words[i] != NULL; i++)
		must(*words[i] != '\0' && strpbrk(words[i], " \t") == NULL);
	free(words);
}

static void check_accepted(struct config *config)
{
	struct config *again = config_create();
	BUFFER_AUTO struct buffer text = {0}, same = {0};
	struct error err;
	char host[64];
	uint16_t port;

	write_down(config, &text);
	must(config_parse(again, buffer_string(&text), text.len, "again", &err));
	write_down(again, &same);
	must(slice_equal(buffer_slice(&text), buffer_slice(&same)));
	must(config_check(config, &err) == config_check(again, &err));
	check_words(config->postfix_command_prefix);
	check_words(config->postfix_log_command);
	must(config->http_listen[0] == '\0' ||
	     config_split_address(config->http_listen, host, sizeof(host), &port));
	must(strlen(config->postfix_log_command) <= CONFIG_VALUE_MAX);
	must(config->store_path[0] == '/' && config->postfix_config_directory[0] == '/');
	config_destroy(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = config_create();
	struct error err = {"", ""};

	if (config_parse(config, (const char *)data, size, "file", &err))
		check_accepted(config);
	else
		must(strcmp(err.code, "bad_config") == 0 && strncmp(err.text, "file:", 5) == 0);
	config_destroy(&config);
	return 0;
}
