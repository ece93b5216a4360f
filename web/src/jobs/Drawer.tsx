/* Jobs, beside whatever one is looking at. It stands in the address, so it outlives a reload. */
import { useEffect, useRef } from 'preact/hooks';
import { jobList, jobs, jobsProblem, loadJobs } from '../state/jobs';
import { go, hrefOf, linkTo, route } from '../state/route';
import { mayAudit } from '../state/session';
import { Icon } from '../ui/Icon';
import { CopyButton, Problem } from '../ui/Problem';
import { W } from '../words';
import { jobDrawerWords as J } from '../words/jobDrawer';
import { JobCard } from './JobCard';
import { JobResult } from './JobResult';

export function Drawer() {
  const wanted = route.value.jobs;
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (wanted) box.current?.focus();
  }, [wanted]);
  if (!wanted) return null;
  const close = () => go({ jobs: '' }, true);
  const one = wanted === 'all' ? undefined : jobs.value.get(Number(wanted));
  return (
    <aside
      ref={box}
      class="drawer"
      tabIndex={-1}
      aria-label={W.jobs.name}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          if (one) go({ jobs: 'all' }, true);
          else close();
        }
      }}
    >
      <header>
        {one && (
          <button
            type="button"
            class="button small quiet"
            aria-label={J.jobs.back}
            title={J.jobs.back}
            onClick={() => go({ jobs: 'all' }, true)}
          >
            <Icon name="chevron-left" />
          </button>
        )}
        <h2>{W.jobs.name}</h2>
        {one && mayAudit.value && (
          <a class="button small quiet" href={hrefOf({ page: 'audit', job: String(one.id) })} aria-label={W.trail} title={W.trail}>
            <Icon name="history" />
          </a>
        )}
        {one && <CopyButton text={linkTo({ jobs: String(one.id) })} label={W.copyLink} />}
        <button type="button" class="button small quiet" aria-label={W.close} title={W.close} onClick={close}>
          <Icon name="x" />
        </button>
      </header>
      {jobsProblem.value && <Problem problem={jobsProblem.value} onRetry={() => void loadJobs()} />}
      {one ? (
        <div class="drawer-list">
          <JobCard job={one} />
          <JobResult job={one} />
        </div>
      ) : (
        <div class="drawer-list">
          {jobList.value.length === 0 && !jobsProblem.value && <p class="muted">{J.jobs.nothing}</p>}
          {jobList.value.map((job) => (
            <JobCard key={job.id} job={job} linked />
          ))}
        </div>
      )}
    </aside>
  );
}
