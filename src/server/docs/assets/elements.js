// Elements, made of text only: nothing that arrives can become markup.

/** `element('a', { href: '#x', class: 'y' }, 'text', child)` */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child != null));
  return made;
}

export const code = (text) => element('code', {}, text);

export const json = (value) => element('pre', {}, code(JSON.stringify(value, null, 2)));

/** Links to the descriptions of these problems. */
export function problems(codes) {
  const link = (name) => element('a', { href: `/api-docs/problems/${name}` }, code(name));
  return element('ul', { class: 'codes' }, ...codes.map((name) => element('li', {}, link(name))));
}
