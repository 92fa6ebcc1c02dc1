import type { GroupTarget } from '../../directory/index.js';
import type { GroupStep, GroupView, PlanContext } from '../planner/index.js';

/** What becomes of the group whose access to a template is changed: it stays, is gone, is deleted (created) or given back (adopted). */
type Fate = 'stays' | 'gone' | 'created' | 'adopted';

/** Why a template's role must not be set so; null when it may. */
export function granting(
  { templateId, role, loses }: Extract<GroupStep, { do: 'setTemplateRole' }>,
  fate: Fate,
  { settings, ownedTemplates }: GroupTarget,
  { templates }: GroupView,
  { policy }: PlanContext,
): string | null {
  const owned = ownedTemplates.includes(templateId);
  const stated = (settings.templateRoles ?? [])
    .filter(({ template }) => templates?.idOf(template) === templateId)
    .map((grant) => grant.role);
  if (fate !== 'stays') {
    if (role !== '') return 'it would give a template to a group that goes';
    return owned || fate === 'created' ? null : 'it would take a template that is not owned';
  }
  const taken = owned || policy.strict;
  if (role === '') {
    if (stated.length > 0) return 'it would take a template that is stated';
    return taken && loses ? null : 'it would take a template that is not owned';
  }
  if (!stated.includes(role)) return 'it would give a role that is not stated';
  const present = templates?.roles.get(templateId);
  if (present !== 'admin' || role === 'admin') return null;
  return taken && loses ? null : 'it would take a role that is not owned';
}
