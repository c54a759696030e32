// JSON Schema for readers: one row for each member.

import { code, element } from './elements.js';

const nameOf = (reference) => reference.split('/').at(-1);

/** The address of a type on this page. */
export const anchor = (name) => `type-${name}`;

/** A table of what an object has. `types` are the document's schemas, by name. */
export function table(schema, types) {
  const { properties = {}, required = [] } = follow(schema, types);
  const names = Object.keys(properties);
  if (names.length === 0) return element('p', {}, code('{}'));
  const row = (name) => {
    const own = follow(properties[name], types);
    return element(
      'tr',
      {},
      element('td', {}, code(name), required.includes(name) ? null : element('span', { class: 'type' }, ' optional')),
      element('td', { class: 'type' }, ...kind(properties[name], types)),
      element('td', {}, properties[name].description ?? own.description ?? own.title ?? ''),
    );
  };
  return element('table', {}, element('tbody', {}, ...names.map(row)));
}

function follow(schema, types) {
  return schema.$ref ? types[nameOf(schema.$ref)] : schema;
}

/** The type in few words; an object's name leads to its table. */
function kind(schema, types) {
  if (schema.$ref) {
    const name = nameOf(schema.$ref);
    if (types[name].enum) return kind(types[name], types);
    return [element('a', { href: `#${anchor(name)}` }, name)];
  }
  const several = schema.allOf ?? schema.anyOf ?? schema.oneOf;
  if (several) {
    const parts = several.filter((part) => part.$ref || part.type || part.allOf || part.anyOf || part.enum);
    return parts.flatMap((part, at) => (at > 0 ? [' or ', ...kind(part, types)] : kind(part, types)));
  }
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(' | ')];
  if (schema.type === 'array') return ['list of ', ...kind(schema.items, types)];
  const [name, nothing] = [schema.type].flat();
  return [(name === 'string' && schema.format) || name, limits(schema), nothing ? ' or null' : ''];
}

function limits({ minLength, maxLength, minimum, maximum }) {
  const [least, most] = [minLength ?? minimum, maxLength ?? maximum];
  if (least == null && most == null) return '';
  if (most == null) return ` ≥ ${least}`;
  return ` ${least ?? 0} – ${most}${maxLength ? ' characters' : ''}`;
}
