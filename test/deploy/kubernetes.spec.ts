import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/index.js';
import { commandOrSkip } from './commands.js';

const FOLDER = resolve(import.meta.dirname, '../../deploy/kubernetes');

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly key: string; readonly optional?: boolean } };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly env: readonly Variable[];
  readonly envFrom: readonly unknown[];
  readonly ports: readonly [{ readonly containerPort: number }];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: object;
  readonly volumeMounts: readonly unknown[];
  readonly resources: object;
}

interface Pod {
  readonly containers: readonly [Container];
  readonly securityContext: object;
  readonly volumes: readonly unknown[];
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly topologySpreadConstraints: readonly {
    readonly topologyKey: string;
    readonly labelSelector: object;
  }[];
}

interface Spec {
  readonly selector: { readonly matchLabels: Record<string, string> };
  readonly template: { readonly metadata: { readonly labels: object }; readonly spec: Pod };
}

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: Spec;
  readonly data?: Record<string, string>;
  readonly automountServiceAccountToken?: boolean;
}

function render(folder: string): Resource[] {
  const text = execFileSync('kubectl', ['kustomize', resolve(FOLDER, folder)], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  return parseAllDocuments(text).map((document) => document.toJS() as Resource);
}

/** kubectl before 1.21 has a kustomize that takes folders under `bases` only; it can render the base, and no overlay. */
function rendersOverlays(): boolean {
  const text = execFileSync('kubectl', ['version', '--client', '--output=json'], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const { clientVersion } = JSON.parse(text) as { clientVersion: { minor: string } };
  return Number.parseInt(clientVersion.minor, 10) >= 21;
}

describe.skipIf(commandOrSkip('kubectl', ['version', '--client']))('the Kubernetes manifests', () => {
  let resources: Resource[];
  const find = (kind: string, name: string): Resource => {
    const found = resources.find(
      (resource) => resource.kind === kind && resource.metadata.name.startsWith(name),
    );
    if (found === undefined) throw new Error(`${kind} ${name} is not rendered`);
    return found;
  };

  beforeAll(() => {
    resources = render('base');
  });

  it('render to two Deployments with what they need, in no namespace of their own, without a Secret', () => {
    expect(
      resources
        .map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[a-z0-9]{10}$/, '')}`)
        .toSorted(),
    ).toEqual([
      'ConfigMap idp-bridge',
      'Deployment idp-bridge-api',
      'Deployment idp-bridge-worker',
      'PodDisruptionBudget idp-bridge-api',
      'PodDisruptionBudget idp-bridge-worker',
      'Service idp-bridge',
      'ServiceAccount idp-bridge',
    ]);
    expect(resources.filter(({ metadata }) => metadata.namespace !== undefined)).toEqual([]);
  });

  describe.each([
    ['idp-bridge-api', ['api']],
    ['idp-bridge-worker', ['worker', 'scheduler']],
  ])('for %s', (name, roles) => {
    const pod = (): Pod => find('Deployment', name).spec.template.spec;
    const container = (): Container => pod().containers[0];
    const environment = (): readonly Variable[] => container().env;

    it('give it its roles and settings that the bridge accepts', () => {
      const { data } = find('ConfigMap', 'idp-bridge');
      const values = Object.fromEntries(environment().map((entry) => [entry.name, entry.value]));
      const secrets = {
        DATABASE_URL: 'postgres://bridge:x@db/bridge',
        CODER_SESSION_TOKEN: 'x',
        SCIM_TOKEN: 'x'.repeat(16),
      };
      const config = loadConfig({ ...data, ...values, ...secrets });
      expect([...config.roles]).toEqual(roles);
      expect(config).toMatchObject({ host: '0.0.0.0', port: container().ports[0].containerPort });
      expect(container().envFrom).toEqual([
        { configMapRef: { name: find('ConfigMap', 'idp-bridge').metadata.name } },
      ]);
    });

    it('take every secret by reference, and need those without which the bridge does not start', () => {
      const references = environment().filter((entry) => entry.valueFrom !== undefined);
      const needed = references.filter((entry) => entry.valueFrom?.secretKeyRef.optional !== true);
      expect(references.map((entry) => entry.name)).toContain('REDIS_URL');
      expect(needed.map((entry) => entry.name)).toEqual([
        'DATABASE_URL',
        'CODER_SESSION_TOKEN',
        'SCIM_TOKEN',
      ]);
    });

    it('ask the right endpoint in each probe', () => {
      const { startupProbe, livenessProbe, readinessProbe } = container();
      const paths = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe.httpGet.path);
      expect(paths).toEqual(['/healthz', '/healthz', '/readyz']);
    });

    it('run it without root, without privileges, on a read-only root file system', () => {
      expect(pod().securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(container().securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(pod().volumes).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }]);
      expect(container().volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
      expect(pod().automountServiceAccountToken).toBe(false);
    });

    it('bound its memory, spread it, and give it time to drain', () => {
      expect(container().resources).toMatchObject({ requests: { cpu: '100m' }, limits: { memory: '512Mi' } });
      expect(pod().topologySpreadConstraints.map((constraint) => constraint.topologyKey)).toEqual([
        'kubernetes.io/hostname',
        'topology.kubernetes.io/zone',
      ]);
      expect(pod().terminationGracePeriodSeconds).toBe(45);
    });

    it('select the same pods in the Deployment, the budget and the spreading', () => {
      const { selector, template } = find('Deployment', name).spec;
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      expect(find('PodDisruptionBudget', name).spec).toEqual({ maxUnavailable: 1, selector });
      for (const { labelSelector } of pod().topologySpreadConstraints)
        expect(labelSelector).toEqual(selector);
    });
  });

  it('send requests to the API pods only', () => {
    expect(find('Service', 'idp-bridge').spec).toMatchObject({
      selector: find('Deployment', 'idp-bridge-api').spec.selector.matchLabels,
      ports: [{ port: 80, targetPort: 'http' }],
    });
  });

  it('give the pods an account without a token', () => {
    expect(find('ServiceAccount', 'idp-bridge').automountServiceAccountToken).toBe(false);
  });

  it('name in the sample Secret exactly the keys that the Deployments refer to', () => {
    const sample = parse(readFileSync(resolve(FOLDER, 'secret.example.yaml'), 'utf8')) as {
      stringData: Record<string, string>;
    };
    const environment = find('Deployment', 'idp-bridge-api').spec.template.spec.containers[0].env;
    const keys = environment.flatMap((entry) => entry.valueFrom?.secretKeyRef.key ?? []);
    expect(Object.keys(sample.stringData).toSorted()).toEqual(keys.toSorted());
  });

  it.runIf(rendersOverlays())('can be changed by an overlay: namespace, image and settings', () => {
    resources = render('overlays/example');
    const { metadata, spec } = find('Deployment', 'idp-bridge-api');
    expect(metadata.namespace).toBe('idp-bridge');
    expect(spec.template.spec.containers[0].image).toBe('registry.acme.example/idp-bridge:0.1.0');
    expect(find('ConfigMap', 'idp-bridge').data).toMatchObject({ DRY_RUN: 'true', SAFETY_BUDGET: '10,20%' });
    expect(render('.').map(({ kind }) => kind)).toEqual(render('base').map(({ kind }) => kind));
  });
});
