/** A document as the model has it. */
export interface ModelDocument {
  userName: string;
  active: boolean;
  title?: string;
  name?: Record<string, string>;
  emails?: ModelEmail[];
  department?: string;
}

export interface ModelEmail {
  value: string;
  type?: string;
  primary?: boolean;
}

/** What a person would say, in no words of SCIM. */
export type ModelOperation =
  | { readonly kind: 'set'; readonly attribute: 'title' | 'department' | 'userName'; readonly value: string }
  | { readonly kind: 'unset'; readonly attribute: 'title' | 'department' | 'name' | 'emails' }
  | { readonly kind: 'mergeName'; readonly parts: Readonly<Record<string, string>> }
  | { readonly kind: 'unsetPart'; readonly part: string }
  | { readonly kind: 'activate'; readonly active: boolean }
  | { readonly kind: 'addEmails'; readonly emails: readonly ModelEmail[] }
  | { readonly kind: 'replaceEmails'; readonly emails: readonly ModelEmail[] }
  | { readonly kind: 'removeEmailsOfType'; readonly type: string }
  | { readonly kind: 'setEmailOfType'; readonly type: string; readonly value: string }
  | { readonly kind: 'makePrimary'; readonly value: string };

/** Does the operation as naively as can be, on a copy. */
export function modelApply(before: ModelDocument, operation: ModelOperation): ModelDocument {
  const document = structuredClone(before);
  switch (operation.kind) {
    case 'set':
      document[operation.attribute] = operation.value;
      break;
    case 'unset':
      delete document[operation.attribute];
      break;
    case 'mergeName':
      document.name = { ...document.name, ...operation.parts };
      break;
    case 'unsetPart':
      delete document.name?.[operation.part];
      break;
    case 'activate':
      document.active = operation.active;
      break;
    default:
      document.emails = settle(...changeEmails(document.emails ?? [], operation));
  }
  if (document.emails?.length === 0) delete document.emails;
  if (document.name && Object.keys(document.name).length === 0) delete document.name;
  return document;
}

type EmailOperation = Exclude<
  ModelOperation,
  { kind: 'set' | 'unset' | 'mergeName' | 'unsetPart' | 'activate' }
>;

/** The emails afterwards, and those of them that the operation touched. */
function changeEmails(emails: ModelEmail[], operation: EmailOperation): [ModelEmail[], ModelEmail[]] {
  switch (operation.kind) {
    case 'replaceEmails':
      return [operation.emails.map((email) => ({ ...email })), []];
    case 'removeEmailsOfType':
      return [emails.filter(({ type }) => type !== operation.type), []];
    case 'addEmails': {
      const touched: ModelEmail[] = [];
      for (const email of settle(structuredClone([...operation.emails]), [])) {
        const same = emails.find(({ value, type }) => value === email.value && type === email.type);
        if (same && JSON.stringify({ ...same, ...email }) === JSON.stringify(same)) continue;
        if (same) touched.push(Object.assign(same, email));
        else touched.push(email);
        if (!same) emails.push(email);
      }
      return [emails, touched];
    }
    case 'setEmailOfType': {
      const { type, value } = operation;
      const selected = emails.filter((email) => email.type === type);
      for (const email of selected) email.value = value;
      return selected.length > 0 ? [emails, selected] : [[...emails, { type, value }], []];
    }
    case 'makePrimary': {
      const selected = emails.filter(({ value }) => value === operation.value);
      const made = selected.length > 0 ? selected : [{ value: operation.value }];
      for (const email of made) Object.assign(email, { primary: true });
      return [selected.length > 0 ? emails : [...emails, ...made], made];
    }
  }
}

/** At most one is primary: the first that was touched, else the first. */
function settle(emails: ModelEmail[], touched: readonly ModelEmail[]): ModelEmail[] {
  const primary = emails.filter((email) => email.primary);
  const winner = primary.find((email) => touched.includes(email)) ?? primary[0];
  for (const email of primary) email.primary = email === winner;
  return emails;
}
