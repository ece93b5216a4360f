/* What a browser says of itself (User-Agent), as short as it tells two of one's own apart: "Firefox 132, Linux". */

/* Those that are built on another name that one as well: the rarer name comes first. */
const BROWSERS = [
  /(Edg)\w*\/(\d+)/,
  /(OPR)\/(\d+)/,
  /(Vivaldi)\/(\d+)/,
  /(SamsungBrowser)\/(\d+)/,
  /(FxiOS)\/(\d+)/,
  /(CriOS)\/(\d+)/,
  /(Firefox)\/(\d+)/,
  /(Chrome)\/(\d+)/,
];
/* Every browser of its kind calls itself Safari; only Safari has a version of its own. */
const SAFARI = /Version\/(\d+).* (Safari)\//;
const SYSTEMS = [/Android/, /iPhone/, /iPad/, /Windows/, /CrOS/, /Mac OS X/, /FreeBSD/, /OpenBSD/, /Linux/];

/* What some call themselves => what everybody calls them. */
const NAMES: Record<string, string> = {
  Edg: 'Edge',
  OPR: 'Opera',
  FxiOS: 'Firefox',
  CriOS: 'Chrome',
  CrOS: 'ChromeOS',
  'Mac OS X': 'macOS',
};
const nameOf = (text: string): string => NAMES[text] ?? text;

const firstOf = (patterns: readonly RegExp[], agent: string): RegExpExecArray | null => {
  for (const pattern of patterns) {
    const found = pattern.exec(agent);
    if (found) return found;
  }
  return null;
};

/** What is no browser is told by its own first word: "curl 7.88.1". */
export function agentText(agent: string): string {
  const browser = firstOf(BROWSERS, agent);
  const safari = browser ? null : SAFARI.exec(agent);
  const system = firstOf(SYSTEMS, agent)?.[0];
  const name = browser
    ? `${nameOf(browser[1]!)} ${browser[2]}`
    : safari
      ? `${safari[2]} ${safari[1]}`
      : agent.split(' ')[0]!.replace('/', ' ');
  return system ? `${name}, ${nameOf(system)}` : name;
}
