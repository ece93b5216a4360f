"""Makes a C table of weak_passwords.txt: all words behind each other, sorted, and where each begins."""
import sys

source, target = sys.argv[1:]
with open(source, 'rb') as file:
    words = [line.rstrip(b'\n') for line in file if not line.startswith(b'# ')]
if words != sorted(set(words)):
    sys.exit(f'{source} is not sorted')
text = b''.join(word + b'\0' for word in words)
starts = [0]
for word in words:
    starts.append(starts[-1] + len(word) + 1)
with open(target, 'w', encoding='ascii') as file:
    file.write('#include "access/weak_passwords_table.h"\n\n')
    file.write(f'const size_t weak_passwords_count = {len(words)};\n')
    file.write(f'const char weak_passwords_text[] = {{{",".join(map(str, text))}}};\n')
    file.write(f'const uint32_t weak_passwords_starts[] = {{{",".join(map(str, starts[:-1]))}}};\n')
