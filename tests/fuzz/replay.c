/* Runs a fuzz target over its saved corpus: each argument is a file, or a directory of files. With
 * clang's -fsanitize=fuzzer the library's own main takes this one's place. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fd.h"

/* No corpus file is larger; one that is has no place in the repository. */
#define INPUT_MAX ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned run_file(const char *path)
{
	BUFFER_AUTO struct buffer input = {0};
	struct error err;

	if (!fd_read_file(path, INPUT_MAX, &input, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	LLVMFuzzerTestOneInput((const uint8_t *)buffer_string(&input), input.len);
	return 1;
}

static unsigned run_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned count = 0;

	if (dir == NULL) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(dir)) != NULL) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		count += run_file(name);
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		count += stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode) ? run_directory(argv[i])
									: run_file(argv[i]);
	}
	printf("%u inputs\n", count);
	return count > 0 ? 0 : 1;
}
