/* Values, in a list for each metric that is as long as the table lets it be. The lists are short,
 * so they are searched from the front. */
#include "watch/metrics/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "watch/metrics/internal.h"

/* ---- Series ---- */

static struct slice label(const struct metric_series *s, int i)
{
	return slice_of(s->labels[i] != NULL ? s->labels[i] : "");
}

static struct metric_series *find(
    const struct metric_values *v, struct slice first, struct slice second)
{
	for (size_t i = 0; i < v->count; i++)
		if (slice_equal(label(&v->series[i], 0), first) &&
		    slice_equal(label(&v->series[i], 1), second))
			return &v->series[i];
	return NULL;
}

/* Lines of each series: a histogram has its bounds, +Inf, sum and count. */
static size_t lines_of(enum metric metric)
{
	const double *bounds;

	return metric_row(metric)->type == METRIC_HISTOGRAM ? metric_bounds(metric, &bounds) + 3
							    : 1;
}

static size_t label_count(enum metric metric)
{
	const char *labels = metric_row(metric)->labels;

	return labels[0] == '\0' ? 0 : strchr(labels, ' ') == NULL ? 1 : 2;
}

/* What may stand in a label: valid UTF-8 without control characters, which a terminal that shows it
 * would obey. Cut between two characters. */
static void clean(struct buffer *out, struct slice raw)
{
	uint32_t c;

	while (raw.len > 0) {
		size_t len = utf8_decode(raw, &c);

		if (len == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
			c = 0xfffd;
		utf8_append(out, c);
		raw = slice_from(raw, len > 0 ? len : 1);
	}
	out->len = utf8_first(buffer_slice(out), METRICS_LABEL_MAX).len;
}

static struct metric_series *add(
    struct metrics *m, enum metric metric, struct slice first, struct slice second)
{
	struct metric_values *v = &m->values[metric];
	struct metric_series *s;
	const double *bounds;

	v->series = memory_resize(v->series, v->count + 1, sizeof(*v->series));
	s = &v->series[v->count++];
	*s = (struct metric_series){.value = 0};
	if (label_count(metric) > 0)
		s->labels[0] = memory_strndup(first.data, first.len);
	if (label_count(metric) > 1)
		s->labels[1] = memory_strndup(second.data, second.len);
	if (metric_row(metric)->type == METRIC_HISTOGRAM)
		s->buckets = memory_zero(metric_bounds(metric, &bounds) + 1, sizeof(*s->buckets));
	return s;
}

/* The series with these labels, made where there is room. Without room it is that of all others;
 * NULL where there is none. */
static struct metric_series *series(
    struct metrics *m, enum metric metric, struct slice first, struct slice second)
{
	BUFFER_AUTO struct buffer one = {0}, two = {0};
	struct metric_values *v = &m->values[metric];
	struct metric_series *s;

	clean(&one, first);
	clean(&two, second);
	first = slice_of(buffer_string(&one));
	second = slice_of(buffer_string(&two));
	s = find(v, first, second);
	if (s != NULL)
		return s;
	if (v->count < metric_row(metric)->series_max / lines_of(metric))
		return add(m, metric, first, second);
	return find(v, SLICE(METRICS_OTHER), second);
}

static struct slice text(const char *s)
{
	return slice_of(s != NULL ? s : "");
}

static void forget(struct metric_values *v)
{
	for (size_t i = 0; i < v->count; i++) {
		free(v->series[i].labels[0]);
		free(v->series[i].labels[1]);
		free(v->series[i].buckets);
	}
	free(v->series);
	v->series = NULL;
	v->count = 0;
}

static bool is_counted(enum metric metric)
{
	return metric_row(metric)->type == METRIC_COUNTER ||
	       metric_row(metric)->type == METRIC_HISTOGRAM;
}

/* What is known of a counter's labels is there from the beginning: rate() of Prometheus needs a
 * value before the first event. */
static void begin_at_zero(struct metrics *m, enum metric metric)
{
	const struct metric_row *row = metric_row(metric);
	struct slice all = text(row->values), value;

	if (label_count(metric) == 0)
		series(m, metric, SLICE(""), SLICE(""));
	while (row->values != NULL && slice_split(&all, ' ', &value))
		series(m, metric, value, SLICE(""));
}

struct metrics *metrics_create(void)
{
	struct metrics *m = memory_zero(1, sizeof(*m));

	for (int metric = 0; metric < METRICS; metric++)
		if (is_counted((enum metric)metric))
			begin_at_zero(m, (enum metric)metric);
	return m;
}

void metrics_destroy(struct metrics **metrics)
{
	if (*metrics == NULL)
		return;
	for (int metric = 0; metric < METRICS; metric++)
		forget(&(*metrics)->values[metric]);
	free(*metrics);
	*metrics = NULL;
}

/* ---- As things happen ---- */

void metrics_count(
    struct metrics *m, enum metric metric, const char *first, const char *second, uint64_t n)
{
	struct metric_series *s = series(m, metric, text(first), text(second));

	if (s != NULL)
		s->value += (double)n;
}

void metrics_count_to(
    struct metrics *m, enum metric metric, const char *first, const char *second, double n)
{
	struct metric_series *s = series(m, metric, text(first), text(second));

	if (s != NULL && n > s->value)
		s->value = n;
}

void metrics_observe_many(
    struct metrics *m, enum metric metric, const char *label, const uint64_t *counts, double sum)
{
	struct metric_series *s = series(m, metric, text(label), SLICE(""));
	const double *bounds;
	size_t count = metric_bounds(metric, &bounds);

	for (size_t i = 0; s != NULL && i <= count; i++)
		s->buckets[i] += counts[i];
	if (s != NULL)
		s->value += sum;
}

void metrics_observe(struct metrics *m, enum metric metric, const char *label, double seconds)
{
	struct metric_series *s = series(m, metric, text(label), SLICE(""));
	const double *bounds;
	size_t count = metric_bounds(metric, &bounds), at = 0;

	while (at < count && seconds > bounds[at])
		at++;
	if (s == NULL)
		return;
	s->buckets[at]++;
	s->value += seconds;
}

void metrics_hide(struct metrics *m, enum metric metric, bool hide)
{
	m->values[metric].hidden = hide;
}

/* ---- For a scrape ---- */

void metrics_begin(struct metrics *m)
{
	for (int metric = 0; metric < METRICS; metric++)
		if (!is_counted((enum metric)metric))
			forget(&m->values[metric]);
}

void metrics_set(
    struct metrics *m, enum metric metric, struct slice first, struct slice second, double value)
{
	struct metric_series *s = value < 0 ? NULL : series(m, metric, first, second);

	if (s != NULL)
		s->value = value;
}

void metrics_set_one(struct metrics *m, enum metric metric, double value)
{
	metrics_set(m, metric, SLICE(""), SLICE(""), value);
}

size_t metrics_series(const struct metrics *m)
{
	size_t lines = 0;

	for (int metric = 0; metric < METRICS; metric++)
		if (!m->values[metric].hidden)
			lines += m->values[metric].count * lines_of((enum metric)metric);
	return lines;
}
