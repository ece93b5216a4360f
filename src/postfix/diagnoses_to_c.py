#!/usr/bin/env python3
"""Turns diagnoses.ini into the table that diagnosis.c searches, and refuses what is wrong in it.

    diagnoses_to_c.py diagnoses.ini output.c
"""
import re
import sys

SEVERITIES = {'wait': 'DIAGNOSIS_WAIT', 'watch': 'DIAGNOSIS_WATCH', 'act': 'DIAGNOSIS_ACT'}
PLACES = {'here': 'DIAGNOSIS_HERE', 'between': 'DIAGNOSIS_BETWEEN', 'there': 'DIAGNOSIS_THERE'}
FIELDS = ('title', 'cause', 'advice', 'severity', 'where', 'family')
# Each family with its page of docs/runbooks, where there is one for it.
FAMILIES = {'recipient': None, 'full': None, 'later': 'dead-destination', 'rate': 'dead-destination', 'reputation': 'blocklisted',
            'unreachable': 'dead-destination', 'refuses': 'dead-destination', 'names': 'dns', 'service': 'filter-stalled',
            'postfix': 'postfix-not-starting', 'disk': 'disk-full', 'loop': 'loop'}
ABOUT = {'all': 'DIAGNOSIS_ABOUT_ALL', 'one': 'DIAGNOSIS_ABOUT_ONE', None: 'DIAGNOSIS_ABOUT_ALL'}
SAYS = {'postfix': 'DIAGNOSIS_POSTFIX_SAYS', 'server': 'DIAGNOSIS_SERVER_SAYS', None: 'DIAGNOSIS_ANYBODY_SAYS'}
PARTS_MAX = 4  # as in diagnosis_table.h
TRIPLES = 8192  # these two as in diagnosis_table.h
PATTERNS_MAX = 4096
# How common a letter is in replies; those that are not here are rare.
COMMON = ' eitaornsdclmup.hbfy'


def fail(path, number, text):
    sys.exit(f'{path}:{number}: {text}')


def read(path):
    """The sections, in order, as dicts (the fields, key, about, says, runbook, line), and the matches, in order: (section, line, text)."""
    sections, matches, section = [], [], None
    for number, line in enumerate(open(path, encoding='ascii'), 1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        if line.startswith('['):
            found = re.fullmatch(r'\[(\+?)([a-z0-9][a-z0-9-]*)\]', line)
            if not found:
                fail(path, number, 'a key is lower-case letters, digits and hyphens')
            section = next((s for s in sections if s['key'] == found[2]), None)
            if bool(section) != bool(found[1]):
                fail(path, number, f'{found[2]} is {"there already" if section else "not there yet"}')
            if not section:
                section = {'key': found[2], 'line': number}
                sections.append(section)
            continue
        name, separator, value = (part.strip() for part in line.partition('='))
        if not separator or not section or not value:
            fail(path, number, 'expected a section or "name = value"')
        if name == 'match':
            matches.append((section, number, value))
        elif name in (*FIELDS, 'about', 'says', 'runbook') and name not in section:
            section[name] = value
        else:
            fail(path, number, f'{name} is unknown or given twice')
    for section in sections:
        for name in FIELDS:
            if name not in section:
                fail(path, section['line'], f'{section["key"]} has no {name}')
        if section['severity'] not in SEVERITIES or section['where'] not in PLACES:
            fail(path, section['line'], 'severity or where is none of the known words')
        if section['family'] not in FAMILIES:
            fail(path, section['line'], f'{section["key"]}: {section["family"]} is no family')
        if section.get('about') not in ABOUT:
            fail(path, section['line'], f'{section["key"]}: about is all or one')
        if section.get('says') not in SAYS:
            fail(path, section['line'], f'{section["key"]}: says is postfix or server')
        if all(match[0] is not section for match in matches):
            fail(path, section['line'], f'{section["key"]} has no match')
    return sections, matches


def pattern(path, number, text):
    """(code, dsn, the other words in front, anchored, parts) of one match."""
    code, dsn, words = 0, '', set()
    while True:
        found = re.match(r'(code=([245]\d\d)|dsn=([245](\.\d{1,3}){1,2})|suspended|ours|replied|whole)(\s+|$)', text)
        if not found:
            break
        code = int(found[2]) if found[2] else code
        dsn = found[3] or dsn
        words.add(found[1])
        text = text[found.end():]
    anchored = text.startswith('^')
    parts = [part.lower().replace('~', ' ') for part in text.removeprefix('^').split('*') if part]
    if len(parts) > PARTS_MAX:
        fail(path, number, f'more than {PARTS_MAX} parts')
    return code, dsn, words, anchored, parts


def rarest_triples(parts):
    """The places (diagnosis.c) of the two rarest three neighbouring letters in the parts; 0 where there are none."""
    found = [part[i:i + 3] for part in parts for i in range(len(part) - 2)]
    found.sort(key=lambda triple: sum(len(COMMON) - COMMON.index(c) for c in triple if c in COMMON))
    places = [((ord(t[0]) * 31 + ord(t[1])) * 31 + ord(t[2])) % TRIPLES for t in found[:2]]
    return (places + [0, 0])[:2]


def runbook(section):
    """The page that helps: its own, or its family's."""
    return section.get('runbook', FAMILIES[section['family']])


def quote(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def main():
    path, output = sys.argv[1:]
    sections, matches = read(path)
    out = [f'/* Made from {path.rsplit("/", 1)[-1]} by diagnoses_to_c.py. */', '#include "postfix/diagnosis_table.h"', '',
           'const struct diagnosis diagnosis_table[] = {']
    for section in sections:
        texts = ', '.join(quote(section[name]) for name in ('key', 'title', 'cause', 'advice'))
        out.append(f'\t{{{texts}, {SEVERITIES[section["severity"]]}, {PLACES[section["where"]]}, '
                   f'{ABOUT[section.get("about")]}, DIAGNOSIS_FAMILY_{section["family"].upper()}, '
                   f'{quote(runbook(section)) if runbook(section) else "NULL"}}},')
    out += ['};', f'const size_t diagnosis_table_count = {len(sections)};', '',
            'const struct diagnosis_pattern diagnosis_patterns[] = {']
    buckets = [[] for _ in range(TRIPLES)]
    if len(matches) > PATTERNS_MAX:
        fail(path, matches[-1][1], f'more than {PATTERNS_MAX} matches')
    for index, (section, number, text) in enumerate(matches):
        code, dsn, words, anchored, parts = pattern(path, number, text)
        says = 'server' if 'replied' in words else section.get('says')
        in_reply = says == 'server' and 'whole' not in words and not anchored
        flags = ', '.join(str(flag).lower() for flag in ('suspended' in words, 'ours' in words, anchored, in_reply))
        first, second = rarest_triples(parts)
        buckets[first].append(index)
        texts = ', '.join(f'{{{quote(part)}, {len(part)}}}' for part in parts)
        out.append(f'\t{{{SAYS[says]}, {flags}, {sections.index(section)}, {code}, '
                   f'{len(parts)}, {second}, {{{quote(dsn)}, {len(dsn)}}}, {{{texts or "{0}"}}}}},')
    out += ['};', f'const size_t diagnosis_pattern_count = {len(matches)};', '']
    begins = [0]
    for bucket in buckets:
        begins.append(begins[-1] + len(bucket))
    used = [sum(1 << bit for bit in range(64) if buckets[word * 64 + bit]) for word in range(TRIPLES // 64)]
    out += [f'const uint64_t diagnosis_bucket_used[] = {{{", ".join(f"UINT64_C({word})" for word in used)}}};']
    out += [f'const uint16_t diagnosis_bucket_begin[] = {{{", ".join(map(str, begins))}}};',
            f'const uint16_t diagnosis_bucket[] = {{{", ".join(str(i) for bucket in buckets for i in bucket)}}};', '']
    open(output, 'w', encoding='ascii').write('\n'.join(out))


main()
