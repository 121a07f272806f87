// A small tree of nodes and the patch that brings the page to it. Elements stay where they can, so
// that focus, a finger that is down and the picture canvases outlive an update.

const SVG = 'http://www.w3.org/2000/svg';

/** A node: `h('p', {class: 'lead'}, 'text', child)`; null, false and '' children are left out. */
export function h(tag, props, ...children) {
  const kept = children.flat(3).filter((child) => child !== null && child !== undefined && child !== false && child !== '');
  return { tag, props: props || {}, children: kept };
}

/** An element that lives outside the tree, such as a canvas. */
export function element(dom) {
  return { dom };
}

/** Make the children of `parent` those that the nodes describe. */
export function patch(parent, nodes, namespace = null) {
  let cursor = parent.firstChild;
  for (const node of nodes) {
    const fitting = find(cursor, node);
    if (fitting) {
      if (fitting === cursor) cursor = cursor.nextSibling;
      else parent.insertBefore(fitting, cursor);
      update(fitting, node, namespace);
    } else {
      const made = make(node, namespace);
      parent.insertBefore(made, cursor);
    }
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

function find(cursor, node) {
  if (node.dom) return node.dom.parentNode && node.dom.parentNode === cursor?.parentNode ? node.dom : null;
  if (typeof node !== 'object') return cursor?.nodeType === Node.TEXT_NODE ? cursor : null;
  const key = node.props.key;
  for (let dom = cursor; dom; dom = dom.nextSibling) {
    if (dom.nodeType === Node.ELEMENT_NODE && dom.localName === node.tag && dom.nodeKey === key) return dom;
    if (key === undefined) return null;
  }
  return null;
}

function make(node, namespace) {
  if (node.dom) return node.dom;
  if (typeof node !== 'object') return document.createTextNode(String(node));
  const inner = node.tag === 'svg' ? SVG : namespace;
  const dom = inner ? document.createElementNS(inner, node.tag) : document.createElement(node.tag);
  dom.nodeKey = node.props.key;
  update(dom, node, inner);
  return dom;
}

function update(dom, node, namespace) {
  if (node.dom) return;
  if (typeof node !== 'object') {
    if (dom.data !== String(node)) dom.data = String(node);
    return;
  }
  const wanted = node.props;
  for (const name of dom.getAttributeNames()) {
    if (!(name in wanted) || wanted[name] === false || wanted[name] === null) dom.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (name === 'key' || value === false || value === null || value === undefined) continue;
    const text = value === true ? '' : String(value);
    if (dom.getAttribute(name) !== text) dom.setAttribute(name, text);
  }
  patch(dom, node.children, node.tag === 'svg' ? SVG : namespace);
}
