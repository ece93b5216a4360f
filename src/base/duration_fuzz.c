/* A time with its unit. Input: u8 which unit is meant where there is none, then the text. What is
 * taken lies within its bound, and written down it reads as the same. */
#include "base/duration.h"
#include "base/must_fuzz.h"

#define MOST (INT64_C(10) * 366 * 86400)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char units[] = {0, 's', 'm', 'h', 'd', 'w'};
	struct slice text, rest;
	char written[DURATION_TEXT_SIZE], unit;
	int64_t seconds = -1, again;

	if (size == 0)
		return 0;
	unit = units[data[0] % sizeof(units)];
	text = rest = slice_make(data + 1, size - 1);
	if (!duration_take(&rest, unit, MOST, &seconds)) {
		must(slice_equal(rest, text) && !duration_parse(text, unit, MOST, &again));
		return 0;
	}
	must(seconds >= 0 && seconds <= MOST && rest.len < text.len);
	must_lie_in(rest, text);
	must(duration_parse(text, unit, MOST, &again) == (rest.len == 0));
	duration_format(seconds, written);
	must(duration_parse(slice_of(written), 0, MOST, &again) && again == seconds);
	return 0;
}
