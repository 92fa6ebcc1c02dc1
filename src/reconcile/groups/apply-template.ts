import { GoneError } from '../../coder/index.js';
import type { CoderClient } from '../../coder/index.js';
import type { GroupTarget } from '../../directory/index.js';
import type { GroupStep, GroupView, SeenTemplates } from '../planner/index.js';
import type { RunSession } from '../session.js';
import { isTemplateRefusal } from './templates.js';
import type { Templates } from './templates.js';

/** A group that was just made may do nothing with any template. */
export const NO_TEMPLATES: SeenTemplates = { idOf: () => null, roles: new Map(), refused: new Map() };

/** Changes what a group may do with templates. */
export class TemplateApplier {
  constructor(
    private readonly coder: Pick<CoderClient, 'updateTemplateAcl'>,
    private readonly templates: Pick<Templates, 'noteRole'>,
  ) {}

  /**
   * What Coder, or the token's rights, do not allow is told with the view, and not tried again before something changes.
   *
   * @throws CoderError where Coder is away; LeaseLost
   */
  async apply(
    session: RunSession,
    target: GroupTarget,
    view: GroupView,
    { templateId, role, reason }: Extract<GroupStep, { do: 'setTemplateRole' }>,
  ): Promise<GroupView> {
    const groupId = view.group?.id ?? target.link?.coderId;
    if (groupId === undefined) throw new Error('a template role was planned for a group that is not there');
    const templates = view.templates ?? NO_TEMPLATES;
    const facts = { reason, coderId: groupId, templateId, role };
    await session.beforeMutation();
    // Owned before it is true, as members are.
    if (role !== '') await session.own({ kind: 'template', gained: [templateId], lost: [] });
    try {
      await this.coder.updateTemplateAcl(templateId, { group_perms: { [groupId]: role } }, session.call);
    } catch (error) {
      if (!isTemplateRefusal(error)) throw error;
      // Where the template is gone, so is what the group could do with it.
      if (!(error instanceof GoneError) || role !== '') {
        const owned = target.ownedTemplates.includes(templateId);
        if (role !== '' && !owned) await session.own({ kind: 'template', gained: [], lost: [templateId] });
        await session.record({
          action: 'coder.template.refused',
          facts: { ...facts, status: error.status ?? null },
        });
        const refused = new Map([...templates.refused, [templateId, error.message]]);
        return { ...view, templates: { ...templates, refused } };
      }
    }
    if (role === '') await session.own({ kind: 'template', gained: [], lost: [templateId] });
    this.templates.noteRole(templateId, groupId, role);
    await session.record({ action: 'coder.template.role', facts });
    const roles = new Map([...templates.roles, [templateId, role]]);
    return { ...view, templates: { ...templates, roles } };
  }
}
