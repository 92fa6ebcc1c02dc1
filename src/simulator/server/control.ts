import type { IncomingMessage } from 'node:http';
import { isJsonObject } from '../../common/index.js';
import type { Admin } from '../admin.js';
import type { CallLog } from '../calls.js';
import { type FaultRule, type Faults, readRule } from '../faults.js';
import type { Deployment } from '../state/deployment.js';
import { edit } from './control-edits.js';
import { type Answer, badRequest, json, NO_CONTENT, notFound, routeNotFound } from './answers.js';

export interface ControlParts {
  readonly deployment: Deployment;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly admin: () => Admin;
}

/** Calls that a watcher may fall behind without missing one. */
const NEWEST = 200;

const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];
const LOCAL_NAMES = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

/**
 * `/simulator/...`: what Coder does not have, for other processes on this machine. Not limited, not logged, and no
 * fault strikes it. Only callers on the loopback that address it by a local name are served, so that no web page can
 * reach it through a name of its own.
 */
export class Control {
  constructor(private readonly parts: ControlParts) {}

  /** @throws ApiFailure */
  answer(request: IncomingMessage, path: string, text: string): Answer {
    const local = LOOPBACK.includes(request.socket.remoteAddress ?? '');
    if (!local || !LOCAL_NAMES.test(request.headers.host ?? '')) throw notFound();
    switch (`${request.method} ${path}`) {
      case 'GET /simulator/faults':
        return json(200, this.listFaults());
      case 'PUT /simulator/faults':
        this.parts.faults.set(readRules(text));
        return json(200, this.listFaults());
      case 'DELETE /simulator/faults':
        this.parts.faults.clear();
        return NO_CONTENT;
      case 'GET /simulator/calls':
        return json(200, this.calls());
      case 'GET /simulator/calls/newest':
        return json(200, { calls: this.newest() });
      case 'DELETE /simulator/calls':
        this.parts.calls.reset();
        this.parts.deployment.ledger.reset();
        return NO_CONTENT;
      case 'GET /simulator/state':
        return json(200, this.state());
      default: {
        const edited = edit(`${request.method} ${path}`, this.parts.admin(), text);
        if (edited) return edited;
        throw routeNotFound();
      }
    }
  }

  private listFaults(): unknown {
    return this.parts.faults.list().map(({ id, rule, left, struck }) => ({
      id,
      ...rule,
      left: left === Infinity ? null : left,
      struck,
    }));
  }

  private calls(): unknown {
    const { calls, deployment } = this.parts;
    return {
      total: calls.count(),
      mutations: calls.countMutations(),
      routes: calls.byRoute(),
      notifications: Object.fromEntries(deployment.ledger.notifications),
      audited: deployment.ledger.audited,
    };
  }

  /** Without the bodies: enough to see that a call has come, and when. */
  private newest(): unknown {
    return this.parts.calls.newest(NEWEST).map(({ at, method, path, status, mutation }) => {
      return { at, method, path, status, mutation };
    });
  }

  /** Users, groups and members by name: what a demonstration compares with what the IdP stated. */
  private state(): unknown {
    const { state } = this.parts.deployment;
    return {
      users: state.sorted.entries.map(({ user }) => {
        const { id, username, email, name, status, login_type, roles } = user;
        const organizations = [...(state.organizationsOf.get(id) ?? [])];
        return { id, username, email, name, status, login_type, roles, organizations };
      }),
      organizations: [...state.organizations.values()].map(({ id, name, is_default }) => ({
        id,
        name,
        is_default,
      })),
      groups: [...state.groups.values()].map((group) => ({
        id: group.id,
        organization_id: group.organization_id,
        name: group.name,
        display_name: group.display_name,
        members: state.usersIn(group).map((user) => user.username),
      })),
    };
  }
}

/** One rule, an array of them, or `{"rules": [...]}`. */
function readRules(text: string): FaultRule[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest('The faults must be JSON.');
  }
  const wrapped = isJsonObject(value) && 'rules' in value ? value['rules'] : value;
  const items: unknown[] = Array.isArray(wrapped) ? wrapped : [wrapped];
  return items.map((item, index) => {
    const rule = readRule(item);
    if (typeof rule === 'string') throw badRequest(`Fault ${index + 1}: ${rule}.`);
    return rule;
  });
}
