/* Patterns, and hours of the day with the days on which they begin. */
#include "watch/alerts/choose.h"

#include <ctype.h>
#include <time.h>

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

bool alerts_key_matches(struct slice pattern, struct slice key)
{
	size_t p = 0, k = 0, star = SIZE_MAX, after_star = 0;

	if (pattern.len == 0)
		return true;
	while (k < key.len) {
		if (p < pattern.len && pattern.data[p] == '*') {
			star = p++;
			after_star = k;
		} else if (p < pattern.len &&
			   (pattern.data[p] == '?' || same_letter(pattern.data[p], key.data[k]))) {
			p++;
			k++;
		} else if (star != SIZE_MAX) {
			/* The last star takes one more; those before it need not be tried again. */
			p = star + 1;
			k = ++after_star;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

static bool has_day(const struct alert_hours *hours, int weekday)
{
	/* tm_wday counts from Sunday, the bits from Monday. */
	return hours->days == 0 || (hours->days & 1u << (weekday + 6) % 7) != 0;
}

static bool within(const struct alert_hours *hours, const struct tm *tm)
{
	unsigned now = (unsigned)(tm->tm_hour * 60 + tm->tm_min);
	bool today = has_day(hours, tm->tm_wday), yesterday = has_day(hours, (tm->tm_wday + 6) % 7);

	if (hours->from < hours->to)
		return today && now >= hours->from && now < hours->to;
	/* Over midnight: the second part belongs to the day before. */
	return (today && now >= hours->from) || (yesterday && now < hours->to);
}

bool alerts_hours_contain(const struct alert_hours *hours, int64_t at)
{
	time_t seconds = (time_t)at;
	struct tm tm = {0};

	if (localtime_r(&seconds, &tm) == NULL)
		return false;
	return within(hours, &tm) != hours->outside;
}

bool alerts_rule_means(const struct alert_rule *rule, const struct incident_row *row)
{
	return (rule->kinds == 0 || (rule->kinds & 1u << row->kind) != 0) &&
	       alerts_key_matches(slice_of(rule->key), slice_of(row->key));
}

bool alerts_rule_takes_severity(const struct alert_rule *rule, int severity)
{
	return (rule->severities & 1u << severity) != 0;
}

const struct alert_silence *alerts_silence_of(
    const struct alert_setup *setup, const struct incident_row *row, int64_t now)
{
	for (size_t i = 0; i < setup->silence_count; i++) {
		const struct alert_silence *s = &setup->silences[i];

		if (s->until > now && (s->kind < 0 || s->kind == row->kind) &&
		    (s->severity < 0 || s->severity == row->severity) &&
		    alerts_key_matches(slice_of(s->key), slice_of(row->key)))
			return s;
	}
	return NULL;
}
