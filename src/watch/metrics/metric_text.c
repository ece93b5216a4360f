/* The values as text, in Prometheus's text form 0.0.4 and in OpenMetrics 1.0. They differ in few
 * things: OpenMetrics names a family without _total and _info, says its unit, and ends with # EOF.
 *
 * _created, which OpenMetrics only recommends, is left out: it would double the series of all
 * counters to say what process_start_time_seconds says once. */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "watch/metrics/internal.h"

/* ---- What is asked for ---- */

#define TEXT_TYPE "text/plain"
#define OPENMETRICS_TYPE "application/openmetrics-text"

/* A weight of RFC 9110, in thousandths. Anything that is none counts as 1. */
static unsigned weight_of(struct slice parameters)
{
	struct slice parameter;
	unsigned weight = 1000;

	while (slice_split(&parameters, ';', &parameter)) {
		unsigned scale = 100;

		parameter = slice_trim(parameter);
		if (!slice_equal_nocase(slice_first(parameter, 2), SLICE("q=")) ||
		    parameter.len < 3)
			continue;
		weight = parameter.data[2] == '0' ? 0 : 1000;
		for (size_t i = 4; i < parameter.len && i < 7 && weight < 1000; i++, scale /= 10)
			if (parameter.data[i] >= '0' && parameter.data[i] <= '9')
				weight += (unsigned)(parameter.data[i] - '0') * scale;
	}
	return weight;
}

/* A version of OpenMetrics that is not this one is not understood. */
static bool other_version(struct slice parameters)
{
	struct slice parameter;

	while (slice_split(&parameters, ';', &parameter)) {
		parameter = slice_trim(parameter);
		if (slice_starts_with(parameter, "version="))
			return !slice_is(parameter, "version=1.0.0");
	}
	return false;
}

enum metrics_format metrics_format_of(struct slice accept)
{
	struct slice offer, type;
	unsigned text = 0, open = 0;

	while (slice_split(&accept, ',', &offer)) {
		unsigned weight;

		slice_split(&offer, ';', &type);
		type = slice_trim(type);
		weight = weight_of(offer);
		if (slice_equal_nocase(type, SLICE(OPENMETRICS_TYPE)) && !other_version(offer))
			open = weight > open ? weight : open;
		else if (slice_equal_nocase(type, SLICE(TEXT_TYPE)) || slice_is(type, "text/*") ||
			 slice_is(type, "*/*"))
			text = weight > text ? weight : text;
	}
	return open > 0 && open >= text ? METRICS_OPENMETRICS : METRICS_TEXT;
}

const char *metrics_content_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS ? OPENMETRICS_TYPE "; version=1.0.0; charset=utf-8"
					     : TEXT_TYPE "; version=0.0.4; charset=utf-8";
}

/* ---- Lines ---- */

/* Both forms escape these three, in values of labels and (but for the quote) in help. */
static void write_escaped(struct buffer *out, struct slice text, bool quotes)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '\\' || (c == '"' && quotes) || c == '\n')
			buffer_append_char(out, '\\');
		buffer_append_char(out, (char)(c == '\n' ? 'n' : c));
	}
}

/* Whole numbers without an exponent, others to the microsecond or nine digits. */
static void write_number(struct buffer *out, double value)
{
	if (value == floor(value) && fabs(value) < 1e15)
		buffer_printf(out, "%.0f", value);
	else
		buffer_printf(out, "%.9g", value);
}

/* A bound's text is the name of a series: the same in both forms, as OpenMetrics has it. */
static void write_bound(struct buffer *out, double bound)
{
	buffer_append_string(out, "le=\"");
	write_number(out, bound);
	buffer_append_string(out, bound == floor(bound) ? ".0\"" : "\"");
}

/* {a="x",b="y"}, with a bound behind them (NULL: none; INFINITY: all). */
static void write_labels(struct buffer *out, const struct metric_row *row,
    const struct metric_series *s, const double *bound)
{
	struct slice names = slice_of(row->labels), name;
	size_t count = 0;

	if (row->labels[0] == '\0' && bound == NULL)
		return;
	buffer_append_char(out, '{');
	while (names.len > 0 && slice_split(&names, ' ', &name)) {
		buffer_printf(out, "%s%.*s=\"", count > 0 ? "," : "", SLICE_ARGS(name));
		write_escaped(out, slice_of(s->labels[count++]), true);
		buffer_append_char(out, '"');
	}
	if (bound != NULL && count > 0)
		buffer_append_char(out, ',');
	if (bound != NULL && isinf(*bound))
		buffer_append_string(out, "le=\"+Inf\"");
	else if (bound != NULL)
		write_bound(out, *bound);
	buffer_append_char(out, '}');
}

static void write_line(struct buffer *out, const struct metric_row *row, const char *suffix,
    const struct metric_series *s, const double *bound, double value)
{
	buffer_append_string(out, row->name);
	buffer_append_string(out, suffix);
	write_labels(out, row, s, bound);
	buffer_append_char(out, ' ');
	write_number(out, value);
	buffer_append_char(out, '\n');
}

static void write_histogram(struct buffer *out, enum metric metric, const struct metric_series *s)
{
	const struct metric_row *row = metric_row(metric);
	const double *bounds, all = INFINITY;
	size_t count = metric_bounds(metric, &bounds);
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		sum += s->buckets[i];
		write_line(out, row, "_bucket", s, &bounds[i], (double)sum);
	}
	sum += s->buckets[count];
	write_line(out, row, "_bucket", s, &all, (double)sum);
	write_line(out, row, "_sum", s, NULL, s->value);
	write_line(out, row, "_count", s, NULL, (double)sum);
}

/* What stands behind the family's name in its samples. */
static const char *suffix_of(enum metric_type type)
{
	return type == METRIC_COUNTER ? "_total" : type == METRIC_INFORMATION ? "_info" : "";
}

static void write_head(struct buffer *out, const struct metric_row *row, enum metrics_format format)
{
	static const char *const types[] = {"gauge", "counter", "histogram", "info"};
	bool open = format == METRICS_OPENMETRICS;
	const char *suffix = open ? "" : suffix_of(row->type);

	buffer_printf(out, "# HELP %s%s ", row->name, suffix);
	write_escaped(out, slice_of(row->help), open);
	/* Prometheus's own form knows no information. */
	buffer_printf(out, ".\n# TYPE %s%s %s\n", row->name, suffix,
	    types[!open && row->type == METRIC_INFORMATION ? METRIC_GAUGE : row->type]);
	if (open && row->unit[0] != '\0')
		buffer_printf(out, "# UNIT %s %s\n", row->name, row->unit);
}

void metrics_write(const struct metrics *m, enum metrics_format format, struct buffer *out)
{
	for (int i = 0; i < METRICS; i++) {
		const struct metric_row *row = metric_row((enum metric)i);
		const struct metric_values *v = &m->values[i];

		if (v->count == 0 || v->hidden)
			continue;
		write_head(out, row, format);
		for (size_t s = 0; s < v->count; s++)
			if (row->type == METRIC_HISTOGRAM)
				write_histogram(out, (enum metric)i, &v->series[s]);
			else
				write_line(out, row, suffix_of(row->type), &v->series[s], NULL,
				    v->series[s].value);
	}
	if (format == METRICS_OPENMETRICS)
		buffer_append_string(out, "# EOF\n");
}
