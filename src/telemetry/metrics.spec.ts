import { describe, expect, it } from 'vitest';
import { Metrics, statusClass } from './index.js';

describe('metrics', () => {
  it('shows its series from the start, before anything happened', async () => {
    const text = await new Metrics({ process: false }).text();
    expect(text).toContain('idp_bridge_push_to_coder_seconds_count{kind="user"} 0');
    expect(text).toContain('idp_bridge_queue_jobs{lane="urgent",state="waiting"} 0');
    expect(text).toContain('idp_bridge_targets{state="failed"} 0');
  });

  it('counts and measures', async () => {
    const metrics = new Metrics({ process: false });
    metrics.reconciles.inc({ kind: 'user', outcome: 'applied' });
    metrics.coderCalls.inc({ operation: 'createUser', status: '2xx' });
    metrics.pushToCoder.observe({ kind: 'user' }, 0.2);
    const text = await metrics.text();
    expect(text).toContain('idp_bridge_reconcile_runs_total{kind="user",outcome="applied"} 1');
    expect(text).toContain('idp_bridge_coder_calls_total{operation="createUser",status="2xx"} 1');
    expect(text).toContain('idp_bridge_push_to_coder_seconds_bucket{le="0.25",kind="user"} 1');
  });

  it('measures the process too', async () => {
    expect(await new Metrics().text()).toContain('nodejs_eventloop_lag_seconds');
  });

  it('lets collectors set gauges before a scrape, and does without those that fail or hang', async () => {
    const metrics = new Metrics({ process: false });
    metrics.beforeScrape('queue', () => metrics.queueDepth.set({ lane: 'normal', state: 'waiting' }, 7));
    metrics.beforeScrape('broken', () => Promise.reject(new Error('no database')));
    metrics.beforeScrape('hung', () => new Promise(() => {}));
    expect(await metrics.text(10)).toContain('idp_bridge_queue_jobs{lane="normal",state="waiting"} 7');
  });

  it.each([
    [204, '2xx'],
    [404, '4xx'],
    [599, '5xx'],
    [999, '5xx'],
    [0, '1xx'],
  ])('puts status %i into class %s', (status, expected) => {
    expect(statusClass(status)).toBe(expected);
  });
});
