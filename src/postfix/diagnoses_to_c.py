#!/usr/bin/env python3
"""Turns diagnoses.ini into the table that diagnosis.c searches, and refuses what is wrong in it.

    diagnoses_to_c.py diagnoses.ini output.c
"""
import re
import sys

SEVERITIES = {'wait': 'DIAGNOSIS_WAIT', 'watch': 'DIAGNOSIS_WATCH', 'act': 'DIAGNOSIS_ACT'}
PLACES = {'here': 'DIAGNOSIS_HERE', 'between': 'DIAGNOSIS_BETWEEN', 'there': 'DIAGNOSIS_THERE'}
FIELDS = ('title', 'cause', 'advice', 'severity', 'where')
SAYS = {'postfix': 'DIAGNOSIS_POSTFIX_SAYS', 'server': 'DIAGNOSIS_SERVER_SAYS', None: 'DIAGNOSIS_ANYBODY_SAYS'}
PARTS_MAX = 4  # as in diagnosis_table.h
TRIPLES = 8192  # as in diagnosis_table.h
# How common a letter is in replies; those that are not here are rare.
COMMON = ' eitaornsdclmup.hbfy'


def fail(path, number, text):
    sys.exit(f'{path}:{number}: {text}')


def read(path):
    """The sections, in order, as dicts: the five fields, key, match (a list), line."""
    sections = []
    for number, line in enumerate(open(path, encoding='ascii'), 1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        if line.startswith('['):
            if not re.fullmatch(r'\[[a-z0-9][a-z0-9-]*\]', line):
                fail(path, number, 'a key is lower-case letters, digits and hyphens')
            if any(s['key'] == line[1:-1] for s in sections):
                fail(path, number, f'{line} is there already')
            sections.append({'key': line[1:-1], 'match': [], 'line': number})
            continue
        name, separator, value = (part.strip() for part in line.partition('='))
        if not separator or not sections or not value:
            fail(path, number, 'expected a section or "name = value"')
        section = sections[-1]
        if name == 'match':
            section['match'].append((number, value))
        elif name in (*FIELDS, 'says') and name not in section:
            section[name] = value
        else:
            fail(path, number, f'{name} is unknown or given twice')
    for section in sections:
        for name in FIELDS:
            if name not in section:
                fail(path, section['line'], f'{section["key"]} has no {name}')
        if section['severity'] not in SEVERITIES or section['where'] not in PLACES:
            fail(path, section['line'], 'severity or where is none of the known words')
        if section.get('says') not in SAYS:
            fail(path, section['line'], f'{section["key"]}: says is postfix or server')
        if not section['match']:
            fail(path, section['line'], f'{section["key"]} has no match')
    return sections


def pattern(path, number, text):
    """(code, dsn, suspended, ours, replied, anchored, parts) of one match."""
    code, dsn, suspended, ours, replied = 0, '', 'false', 'false', False
    while True:
        found = re.match(r'(code=([245]\d\d)|dsn=([245](\.\d{1,3}){1,2})|suspended|ours|replied)(\s+|$)', text)
        if not found:
            break
        code = int(found[2]) if found[2] else code
        dsn = found[3] or dsn
        suspended = 'true' if found[1] == 'suspended' else suspended
        ours = 'true' if found[1] == 'ours' else ours
        replied = replied or found[1] == 'replied'
        text = text[found.end():]
    anchored = 'true' if text.startswith('^') else 'false'
    parts = [part.lower() for part in text.removeprefix('^').split('*') if part]
    if len(parts) > PARTS_MAX:
        fail(path, number, f'more than {PARTS_MAX} parts')
    return code, dsn, suspended, ours, replied, anchored, parts


def triples(parts):
    """The places in the set of triples (diagnosis.c) of the two rarest in the parts; 0 where there is none."""
    found = [part[i:i + 3] for part in parts for i in range(len(part) - 2)]
    found.sort(key=lambda triple: sum(len(COMMON) - COMMON.index(c) for c in triple if c in COMMON))
    places = [((ord(t[0]) * 31 + ord(t[1])) * 31 + ord(t[2])) % TRIPLES for t in found[:2]]
    return (places + [0, 0])[:2]


def quote(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def main():
    path, output = sys.argv[1:]
    sections = read(path)
    out = [f'/* Made from {path.rsplit("/", 1)[-1]} by diagnoses_to_c.py. */', '#include "postfix/diagnosis_table.h"', '',
           'const struct diagnosis diagnosis_table[] = {']
    for section in sections:
        texts = ', '.join(quote(section[name]) for name in ('key', 'title', 'cause', 'advice'))
        out.append(f'\t{{{texts}, {SEVERITIES[section["severity"]]}, {PLACES[section["where"]]}}},')
    out += ['};', f'const size_t diagnosis_table_count = {len(sections)};', '',
            'const struct diagnosis_pattern diagnosis_patterns[] = {']
    count = 0
    for index, section in enumerate(sections):
        for number, text in section['match']:
            code, dsn, suspended, ours, replied, anchored, parts = pattern(path, number, text)
            says = SAYS['server' if replied else section.get('says')]
            first, second = triples(parts)
            texts = ', '.join(f'{{{quote(part)}, {len(part)}}}' for part in parts)
            out.append(f'\t{{{{{first}, {second}}}, {says}, {suspended}, {ours}, {anchored}, {index}, {code}, '
                       f'{len(parts)}, {{{quote(dsn)}, {len(dsn)}}}, {{{texts or "{0}"}}}}},')
            count += 1
    out += ['};', f'const size_t diagnosis_pattern_count = {count};', '']
    open(output, 'w', encoding='ascii').write('\n'.join(out))


main()
