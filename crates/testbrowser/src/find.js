// What a person would find on a page under a name. Run in the page by `part.rs`, with the kind of
// thing, its name, and the parts of the page to look in, outermost first.
const [kind, wanted, parts] = arguments;

const KINDS = {
  control:
    'a[href], area[href], button, summary, input[type=submit], input[type=button], ' +
    'input[type=reset], input[type=checkbox], input[type=radio], [role=button], [role=link], ' +
    '[role=option], [role=tab], [role=menuitem], [role=menuitemradio], [role=menuitemcheckbox], ' +
    '[role=switch], [role=treeitem]',
  field:
    'input:not([type=hidden], [type=submit], [type=button], [type=reset], [type=image]), select, ' +
    'textarea, [role=combobox], [role=textbox], [contenteditable=true]',
  part:
    'header, main, footer, nav, aside, section, article, form, fieldset, dialog, table, ul, ol, dl, ' +
    'figure, details, [role]',
  option: '[role=option]',
  row: 'tr, li, [role=row], [role=option], [role=listitem], dl > div, article',
};

const tidy = (text) => text.replace(/\s+/g, ' ').trim();

// What is read out of an element: without what is hidden, icons or controls inside of a label.
function textOf(node, inLabel) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE) return '';
  if (node.hidden || node.getAttribute('aria-hidden') === 'true') return '';
  if (['SCRIPT', 'STYLE', 'TEMPLATE'].includes(node.tagName)) return '';
  if (inLabel && node.matches(KINDS.field)) return '';
  if (node.hasAttribute('aria-label')) return ` ${node.getAttribute('aria-label')} `;
  if (node.tagName === 'IMG') return ` ${node.alt} `;
  if (node.tagName.toLowerCase() === 'svg') return ` ${node.querySelector('title')?.textContent ?? ''} `;
  const inner = [...node.childNodes].map((child) => textOf(child, inLabel)).join('');
  return getComputedStyle(node).display.startsWith('inline') ? inner : ` ${inner} `;
}

function nameOf(element) {
  const ids = element.getAttribute('aria-labelledby')?.split(/\s+/) ?? [];
  const labelling = ids.map((id) => document.getElementById(id)).filter(Boolean);
  if (labelling.length) return tidy(labelling.map((label) => textOf(label, true)).join(' '));
  const label = element.getAttribute('aria-label');
  if (label) return tidy(label);
  if (element.labels?.length) return tidy([...element.labels].map((at) => textOf(at, true)).join(' '));
  if (element.matches('input[type=submit], input[type=button], input[type=reset]')) return element.value;
  if (element.matches('fieldset')) return tidy(textOf(element.querySelector('legend') ?? new Text()));
  if (element.matches('table')) return tidy(element.caption ? textOf(element.caption) : '');
  if (element.matches('details')) return tidy(textOf(element.querySelector('summary') ?? new Text()));
  const content = element.matches(KINDS.control) ? tidy(textOf(element)) : '';
  return content || tidy(element.title || element.placeholder || '');
}

// Nobody sees it, or a dialog stands in front of it.
function isOut(element) {
  if (!element.checkVisibility({ checkVisibilityCSS: true })) return true;
  if (element.closest('[inert]')) return true;
  const modal = [...document.querySelectorAll('dialog:modal')].at(-1);
  return modal !== undefined && !modal.contains(element);
}

function within(root, of, name) {
  const found = [...root.querySelectorAll(KINDS[of])].filter((element) => !isOut(element));
  if (of === 'option') {
    // What tells options of one name apart stands behind it.
    return found.filter((option) => `${tidy(textOf(option))} `.startsWith(`${name} `));
  }
  if (of === 'row') {
    const rows = found.filter((row) => tidy(textOf(row)).includes(name));
    // A list item with a list inside: the innermost that says it.
    return rows.filter((row) => !rows.some((other) => other !== row && row.contains(other)));
  }
  return found.filter((element) => nameOf(element) === name);
}

let roots = [document];
for (const [of, name] of parts) {
  roots = roots.flatMap((root) => within(root, of, name));
}
if (kind === 'text') return roots.map((root) => (root.body ?? root).innerText).join('\n');
if (kind === 'root') return roots.map((root) => root.body ?? root);
if (kind === 'focus') return nameOf(document.activeElement ?? document.body);
if (kind === 'value') {
  const [field] = roots.flatMap((root) => within(root, 'field', wanted));
  if (!field) return null;
  if (field.matches('select')) return [...field.selectedOptions].map((option) => tidy(option.text)).join(', ');
  if (field.matches('[type=checkbox], [type=radio]')) return field.checked ? 'on' : 'off';
  return field.value ?? field.innerText;
}
const found = [...new Set(roots.flatMap((root) => within(root, kind, wanted)))];
// Links to the same place are as good as one another.
const places = new Set(found.map((element) => element.href || element));
return places.size === 1 ? found.slice(0, 1) : found;
