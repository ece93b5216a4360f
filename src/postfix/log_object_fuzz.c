/* A log line that is a JSON object, beside what jansson makes of it. */
#include <jansson.h>

#include "base/must_fuzz.h"
#include "postfix/log_object.h"

/* As far as it is looked into there. */
#define DEPTH_MAX 8

static unsigned depth_of(const json_t *value)
{
	unsigned deepest = 0;
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_object(value))
		json_object_foreach((json_t *)value, name, member) deepest =
		    depth_of(member) > deepest ? depth_of(member) : deepest;
	if (json_is_array(value))
		json_array_foreach(value, i, member) deepest =
		    depth_of(member) > deepest ? depth_of(member) : deepest;
	return json_is_object(value) || json_is_array(value) ? deepest + 1 : 0;
}

static void same(const json_t *object, const char *name, struct slice value)
{
	const json_t *member = json_object_get(object, name);

	if (json_is_string(member))
		must(slice_equal(
		    value, slice_make(json_string_value(member), json_string_length(member))));
}

/* In the line, or in the scratch buffer. */
static void must_lie_there(struct slice part, struct slice line, const struct buffer *scratch)
{
	uintptr_t at = (uintptr_t)part.data, from = (uintptr_t)line.data;

	must_lie_in(part,
	    at >= from && at - from < line.len ? line : slice_make(scratch->data, scratch->cap));
}

/* An object that jansson reads as well, with journald's own
 * names, says the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_clock clock = {.reference_s = 1795348800};
	BUFFER_AUTO struct buffer scratch = {0};
	struct log_object object = {.pid = 0};
	struct slice line = slice_make(data, size);
	bool read = log_object_parse(line, &clock, &scratch, &object);
	json_t *json =
	    json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

	if (read) {
		must_lie_there(object.host, line, &scratch);
		must_lie_there(object.program, line, &scratch);
		must_lie_there(object.text, line, &scratch);
	}
	if (json_is_string(json_object_get(json, "MESSAGE")) && depth_of(json) <= DEPTH_MAX) {
		must(read);
		same(json, "MESSAGE", object.text);
		same(json, "_HOSTNAME", object.host);
		same(json, "SYSLOG_IDENTIFIER", object.program);
	}
	json_decref(json);
	return 0;
}
