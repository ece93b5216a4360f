/* What a diagnosis and a class cost: every reason of the files again and again, each made different
 * by a number, as unique replies are. Uses only what every version has, so that one can be measured
 * beside another (tests/bench/diagnosis.mjs).
 *     diagnosis_time FILE...      prints the median of some runs, in nanoseconds for each reason */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "postfix/diagnosis.h"
#include "postfix/reason.h"

#define REASONS_MAX 4096
#define RUNS 15
#define ROUNDS 20

static struct slice reasons[REASONS_MAX];
static size_t count;

/* The last field of each line is the reason, or the first where a line begins with none of the
 * others. */
static void read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (!file)
		exit(1);
	while ((len = getline(&line, &cap, file)) > 0 && count < REASONS_MAX) {
		char *tab = strrchr(line, '\t');

		if (line[0] == '#' || !tab)
			continue;
		line[len - 1] = '\0';
		reasons[count++] = slice_of(strdup(tab + 1));
	}
	free(line);
	fclose(file);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, RUNS, sizeof(*values), compare);
	return values[RUNS / 2];
}

int main(int argc, char **argv)
{
	static double diagnosis[RUNS], class[RUNS];
	struct buffer out = {0};
	size_t found = 0, bytes = 0;

	for (int i = 1; i < argc; i++)
		read_file(argv[i]);
	if (count == 0)
		return 1;
	for (size_t i = 0; i < count; i++)
		bytes += reasons[i].len;
	for (size_t run = 0; run < RUNS; run++) {
		double start = now_ns();

		for (size_t i = 0; i < ROUNDS * count; i++)
			found += diagnosis_find(reasons[i % count], slice_of("")) != NULL;
		diagnosis[run] = (now_ns() - start) / (double)(ROUNDS * count);
		start = now_ns();
		for (size_t i = 0; i < ROUNDS * count; i++) {
			buffer_clear(&out);
			reason_class(&out, reasons[i % count]);
		}
		class[run] = (now_ns() - start) / (double)(ROUNDS * count);
	}
	printf("%zu %.0f %.0f %.0f\n", count, (double)bytes / (double)count, median(diagnosis),
	    median(class));
	buffer_free(&out);
	return found == 0;
}
