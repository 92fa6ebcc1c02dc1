import { isJsonObject, type Json, type JsonObject } from '../../../common/index.js';
import { badRequest, invalidValue, ScimError } from '../errors.js';
import type { Filter } from '../filter/index.js';
import { membersAttribute } from '../group.js';
import { LIMITS } from '../limits.js';
import { parsePath } from '../path.js';
import {
  displayPath,
  findAttribute,
  findExtension,
  resolveName,
  type ResolvedAttribute,
  type SchemaDefinition,
} from '../schema/index.js';
import type { OperationContext, Tolerance } from '../tolerance.js';
import { refuseReadOnly } from '../values.js';
import { MemberChanges, type MemberChange } from './members.js';
import type { PatchOperation } from './operation.js';
import { readPatch } from './request.js';

/** An operation on one attribute that the schemas know and a client may write. */
export interface AttributeOperation extends Omit<ResolvedAttribute, 'kind'> {
  readonly op: PatchOperation['op'];
  readonly where?: Filter;
  readonly value?: Json;
  /** Where it is aimed, for messages. */
  readonly at: string;
}

/** A PATCH, checked and taken apart before any resource is looked at. */
export interface PreparedPatch {
  /** What changes the document, in order. */
  readonly operations: readonly AttributeOperation[];
  /** What changes a group's members. */
  readonly members: readonly MemberChange[];
  /** Names that the schemas do not know; they are passed over (a client that maps more than is kept goes on working). */
  readonly ignored: readonly string[];
}

/**
 * Reads the body of a PATCH, rewrites it by the dialects, resolves its paths, and splits what concerns members from what
 * concerns the document.
 *
 * @throws ScimError as {@link readPatch}; 400 invalidPath, mutability, invalidValue
 */
export function preparePatch(
  context: OperationContext,
  body: JsonObject,
  tolerance: Tolerance,
): PreparedPatch {
  const preparation = new Preparation(context, tolerance);
  for (const operation of readPatch(body, tolerance)) {
    for (const legal of tolerance.operations(operation, context)) preparation.take(legal);
  }
  return preparation.result();
}

class Preparation {
  private readonly operations: AttributeOperation[] = [];
  private readonly members = new MemberChanges();
  private readonly ignored = new Set<string>();

  constructor(
    private readonly context: OperationContext,
    private readonly tolerance: Tolerance,
  ) {}

  result(): PreparedPatch {
    return { operations: this.operations, members: this.members.list(), ignored: [...this.ignored] };
  }

  take(operation: PatchOperation): void {
    const { op, path, value } = operation;
    if (path === undefined) {
      if (!isJsonObject(value))
        throw badRequest('invalidValue', `${op}: without a path the value must be an object`);
      this.takeObject(op, value);
    } else this.takePath(op, path, value);
  }

  /** An operation without a path: each key is an attribute of the resource, or the URN of an extension. */
  private takeObject(op: PatchOperation['op'], value: JsonObject): void {
    for (const [key, inner] of Object.entries(value)) {
      const extension = findExtension(this.context.type, key);
      if (extension !== undefined) {
        this.takeExtension(op, extension, inner);
        continue;
      }
      const found = key.includes('.') ? undefined : resolveName(this.context.type, key);
      if (found?.kind !== 'attribute') this.ignore(key);
      else if (found.attribute.mutability === 'readOnly') this.takeReadOnly(found, inner, false);
      else this.takeAttribute({ op, ...found, value: inner, at: displayPath(found) });
    }
  }

  private takePath(op: PatchOperation['op'], text: string, value: Json | undefined): void {
    const path = parsePath(text);
    const found = resolveName(
      this.context.type,
      path.sub === undefined ? path.name : `${path.name}.${path.sub}`,
    );
    if (found === undefined) {
      if (!this.tolerance.permits('unknownPath')) {
        throw badRequest(
          'invalidPath',
          `${path.name.slice(0, 200)} is no attribute of a ${this.context.type.name}`,
        );
      }
      return this.ignore(path.name);
    }
    if (found.kind === 'schema') {
      if (path.where) throw badRequest('invalidPath', `${text}: a schema has no values to select from`);
      if (found.extension !== null) this.takeExtension(op, found.extension, value);
      else this.takeCore(op, value);
      return;
    }
    const at = displayPath(found);
    if (found.attribute.mutability === 'readOnly') return this.takeReadOnly(found, value, true);
    if (found.sub?.mutability === 'readOnly') refuseReadOnly(at);
    if (path.where && (found.attribute.type !== 'complex' || (found.sub && !path.sub))) {
      throw badRequest('invalidPath', `${at} has no values to select from`);
    }
    this.takeAttribute({
      op,
      ...found,
      at,
      ...(path.where ? { where: path.where } : {}),
      ...(value === undefined ? {} : { value }),
    });
  }

  /** The core schema as a whole is the resource without a path. */
  private takeCore(op: PatchOperation['op'], value: Json | undefined): void {
    const { id } = this.context.type.schema;
    if (op === 'remove')
      throw badRequest('mutability', `${id}: the resource itself is not removed by a PATCH`);
    if (!isJsonObject(value)) throw invalidValue(id, 'must be an object');
    this.takeObject(op, value);
  }

  /** An extension as a whole: the attributes named, or all of them when it is removed or set to null. */
  private takeExtension(
    op: PatchOperation['op'],
    extension: SchemaDefinition,
    value: Json | undefined,
  ): void {
    const all = op === 'remove' || value === undefined || value === null;
    if (!all && !isJsonObject(value)) throw invalidValue(extension.id, 'must be an object');
    const entries: [string, Json][] = all
      ? extension.attributes.map(({ name }) => [name, null])
      : Object.entries(isJsonObject(value) ? value : {});
    for (const [key, inner] of entries) {
      const attribute = findAttribute(extension.attributes, key);
      if (attribute === undefined) this.ignore(key);
      else {
        const found = { extension, attribute, sub: null };
        this.takeAttribute({ op: all ? 'remove' : op, ...found, value: inner, at: displayPath(found) });
      }
    }
  }

  /**
   * Attributes that only the bridge may say (RFC 7644 section 3.5.2). Stating the present `id` again changes nothing
   * (Okta does so in each rename of a group). In an object without a path the others are passed over, as in a PUT;
   * aimed at by a path they are refused, but for `schemas`, which follows from the data.
   */
  private takeReadOnly(found: ResolvedAttribute, value: Json | undefined, byPath: boolean): void {
    const { name } = found.attribute;
    if (name === 'id' && value === this.context.id && this.tolerance.permits('sameId')) return;
    if (name === 'schemas' || (!byPath && name !== 'id')) return;
    refuseReadOnly(name);
  }

  private takeAttribute(stated: AttributeOperation): void {
    const operation = this.withoutRemovedValue(stated);
    const { op, where, value, at, sub } = operation;
    refuseRemoval(operation);
    if (operation.attribute === membersAttribute) {
      if (sub && where) return this.members.restate(op, where, value, at);
      const read = value === undefined || sub ? value : this.tolerance.value(membersAttribute, value);
      return this.members.take(op, where, read, at);
    }
    if (this.operations.push(operation) > LIMITS.documentOperations) {
      throw new ScimError(
        'payloadTooLarge',
        `more than ${LIMITS.documentOperations} changes of one resource in a request`,
      );
    }
  }

  /** RFC 7644 section 3.5.2.2: `remove` has no value, so that it says nothing where no dialect gives it a meaning. */
  private withoutRemovedValue(operation: AttributeOperation): AttributeOperation {
    if (operation.op !== 'remove' || this.tolerance.permits('removeByValue')) return operation;
    const { value: _value, ...rest } = operation;
    return rest;
  }

  private ignore(name: string): void {
    if (this.ignored.size < 100) this.ignored.add(name.slice(0, 200));
  }
}

/** RFC 7644 section 3.5.2.2: what is required stays. */
function refuseRemoval({ op, attribute, sub, where, at }: AttributeOperation): void {
  const required = sub === null ? attribute.required && where === undefined : sub.required;
  if (op === 'remove' && required) throw badRequest('mutability', `${at} is required and cannot be removed`);
}
