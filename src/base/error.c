/* Filling in a struct error, also with the words for errno, and putting something in front of
 * its text. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void error_fill(
    struct error *err, const char *code, const char *format, va_list args)
{
	snprintf(err->code, sizeof(err->code), "%s", code);
	vsnprintf(err->text, sizeof(err->text), format, args);
	err->words[0] = '\0';
}

bool error_set(struct error *err, const char *code, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return false;
	va_start(args, format);
	error_fill(err, code, format, args);
	va_end(args);
	return false;
}

bool error_say(struct error *err, const char *code, enum said_code says, size_t count, ...)
{
	SAID_AUTO struct said said = {0};
	struct said_value values[SAID_VALUES_MAX];
	va_list args;

	if (err == NULL)
		return false;
	va_start(args, count);
	count = said_take_values(values, count, args);
	va_end(args);
	said_put_values(&said, says, values, count);
	snprintf(err->code, sizeof(err->code), "%s", code);
	said_copy(&said, err->text, sizeof(err->text), err->words, sizeof(err->words));
	return false;
}

bool error_set_errno(struct error *err, const char *code, int number, const char *format, ...)
{
	va_list args;
	size_t used;

	if (err == NULL)
		return false;
	va_start(args, format);
	error_fill(err, code, format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(number));
	return false;
}

bool error_prefix(struct error *err, const char *format, ...)
{
	char before[ERROR_TEXT_MAX], after[ERROR_TEXT_MAX];
	va_list args;

	if (err == NULL)
		return false;
	va_start(args, format);
	vsnprintf(before, sizeof(before), format, args);
	va_end(args);
	/* A copy: snprintf may not read what it writes. */
	memcpy(after, err->text, sizeof(after));
	if ((size_t)snprintf(err->text, sizeof(err->text), "%s: %s", before, after) >=
	    sizeof(err->text))
		err->text[sizeof(err->text) - 1] = '\0';
	err->words[0] = '\0';
	return false;
}
