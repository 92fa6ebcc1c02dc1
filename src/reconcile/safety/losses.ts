import { createHash } from 'node:crypto';
import type { Json } from '../../common/index.js';
import type { GroupStep, Plan, UserStep } from '../planner/index.js';

/** A plan of whatever kind of target. */
type AnyStep = UserStep | GroupStep;
type AnyPlan = Plan<AnyStep>;

/** All that a plan takes away from people; what a person is shown before approving it. */
export type Losses = {
  /** A deletion includes the suspension before it, so that it is the same loss before and after that step. */
  readonly account: 'suspended' | 'deleted' | null;
  /** Ids of organizations, sorted. */
  readonly leaveOrganizations: readonly string[];
  /** `<organization's id>/<role>`, of the site `/<role>`, sorted. */
  readonly takeRoles: readonly string[];
  readonly deleteGroup: boolean;
  /** Coder ids of users that leave the group, sorted. */
  readonly removeMembers: readonly string[];
  /** `<template's id>/<role that is left>`, sorted. */
  readonly takeTemplates: readonly string[];
};

/** What a plan takes away, whatever the order and the grouping of its steps. */
export function lossesOf(plan: AnyPlan): Losses {
  const steps: readonly AnyStep[] = plan.steps;
  const has = (name: AnyStep['do']): boolean => steps.some((step) => step.do === name);
  return {
    account: has('deleteUser') ? 'deleted' : has('suspendUser') ? 'suspended' : null,
    leaveOrganizations: steps
      .flatMap((step) => (step.do === 'leaveOrganization' ? [step.organizationId] : []))
      .toSorted(),
    takeRoles: steps
      .flatMap((step) =>
        step.do === 'setRoles' ? step.lost.map((role) => `${step.organizationId ?? ''}/${role}`) : [],
      )
      .toSorted(),
    deleteGroup: has('deleteGroup'),
    removeMembers: steps
      .flatMap((step) => (step.do === 'patchGroup' ? (step.request.remove_users ?? []) : []))
      .toSorted(),
    takeTemplates: steps
      .flatMap((step) =>
        step.do === 'setTemplateRole' && step.loses ? [`${step.templateId}/${step.role}`] : [],
      )
      .toSorted(),
  };
}

/**
 * How much of the safety budget a plan takes: one for a person's suspension or deletion (or both at once), for each
 * organization left, for each role taken, for each member removed, for each template taken from a group, and for each member of a
 * group that is deleted (at least one).
 */
export function losses(plan: AnyPlan): number {
  const all = lossesOf(plan);
  const person = all.account === null ? 0 : 1;
  const steps: readonly AnyStep[] = plan.steps;
  const deletion = steps.find((step) => step.do === 'deleteGroup');
  const group = deletion ? Math.max(1, deletion.members) : 0;
  const lists = [all.leaveOrganizations, all.takeRoles, all.removeMembers, all.takeTemplates];
  return lists.reduce((count, list) => count + list.length, person + group);
}

/**
 * The plan without its losses, to be carried out while they are held. A link whose loss is held is kept: it is what the
 * loss is later carried out by.
 */
export function withoutLosses(plan: Plan<UserStep>): Plan<UserStep>;
export function withoutLosses(plan: Plan<GroupStep>): Plan<GroupStep>;
export function withoutLosses(plan: AnyPlan): Plan<AnyStep> {
  const held = losses(plan) > 0;
  const all: readonly AnyStep[] = plan.steps;
  const steps = all.flatMap((step): AnyStep[] => {
    switch (step.do) {
      case 'suspendUser':
      case 'deleteUser':
      case 'leaveOrganization':
      case 'deleteGroup':
      case 'stopWorkspace':
        return [];
      case 'revokeToken':
        // Whoever was logged out can make new ones, and loses no right.
        return step.loggedOut ? [step] : [];
      case 'setRoles': {
        if (step.gained.length === 0) return [];
        const roles = [...step.roles, ...step.lost].toSorted();
        return [step.lost.length === 0 ? step : { ...step, roles, lost: [] }];
      }
      case 'forgetLink':
        return held ? [] : [step];
      case 'setTemplateRole':
        return step.loses ? [] : [step];
      case 'patchGroup': {
        const { remove_users: _held, ...request } = step.request;
        return Object.keys(request).length > 0 ? [{ ...step, request }] : [];
      }
      default:
        return [step];
    }
  });
  return { ...plan, steps };
}

/**
 * SHA-256, in hex, of what a plan takes away: a person approves a target's losses by it. Reasons, gains and the grouping
 * into steps do not count, because gains go on while losses are held: what was approved must still be recognised after them. Of an
 * adoption that waits for a person's word the account counts too.
 */
export function planHash(plan: AnyPlan): string {
  const steps: readonly AnyStep[] = plan.steps;
  const adopts = steps.flatMap((step) => (step.do === 'adoptUser' && step.awaits ? [step.user.id] : []));
  const shown = { ...lossesOf(plan), ...(adopts.length > 0 && { adopts }) };
  return createHash('sha256').update(canonicalJson(shown)).digest('hex');
}

/**
 * Whether all that a plan takes away is in what was approved. A plan that is carried out step by step shrinks (the second
 * hundred of 150 removals), and then has another hash than the whole that a person approved.
 */
export function lossesWithin(plan: AnyPlan, approved: Losses): boolean {
  const wanted = lossesOf(plan);
  return (
    (wanted.account === null || wanted.account === approved.account || approved.account === 'deleted') &&
    (!wanted.deleteGroup || approved.deleteGroup) &&
    within(wanted.leaveOrganizations, approved.leaveOrganizations) &&
    within(wanted.takeRoles, approved.takeRoles) &&
    within(wanted.removeMembers, approved.removeMembers) &&
    within(wanted.takeTemplates, approved.takeTemplates)
  );
}

/** A plan that an older version wrote has not every list. */
function within(ids: readonly string[], all: readonly string[] | undefined): boolean {
  const known = new Set(all);
  return ids.every((id) => known.has(id));
}

/** JSON with sorted keys: the same value gives the same text. */
function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
