// One function a screen: view-model in, nodes out.

import { icon } from './icons.js';
import { button, phone, status } from './parts.js';
import { far, self } from './pictures.js';
import { element, h } from './tree.js';

const title = (text, props = {}) => h('h1', { tabindex: -1, ...props }, text);
const main = (name, ...children) => h('main', { key: `main-${name}`, class: name }, children);
const notice = (model) => model && h('div', { class: 'notice', key: 'notice' }, icon('cross'), h('p', {}, h('strong', {}, model.title), h('span', {}, model.text)));
const picture = (which, label) => h('div', { class: 'picture', role: 'img', 'aria-label': label, key: which.canvas.id }, element(which.canvas));

function message(body) {
  return main(
    'message',
    status(body.status),
    title(body.title),
    body.lead.map((text) => h('p', { class: 'lead' }, text)),
    body.quote && h('blockquote', {}, h('span', {}, body.quote.label), h('p', {}, body.quote.text)),
    phone(body.phone),
    body.note && h('p', { class: 'note' }, body.note, body.command ? h('code', {}, body.command) : null),
    body.go && button(body.go, { key: 'go' }),
  );
}

// each word on one line: « rendez-vous » must not break at its hyphen
const words = (text) => text.split(' ').flatMap((word, i) => [i ? ' ' : '', h('span', {}, word)]);

function home(body) {
  const sign = button(body.go, {
    class: 'sign-large',
    key: 'sign',
    inside: [h('span', { class: 'word' }, h('strong', {}, words(body.go.label)), h('span', {}, body.go.under)), icon('forward')],
  });
  return main(
    'home',
    h('div', { class: 'greeting' }, title(body.title), h('p', { class: 'lead' }, body.lead)),
    sign,
    h(
      'section',
      { class: 'services', 'aria-labelledby': 'services-title', key: 'services' },
      h('h2', { id: 'services-title' }, body.heading),
      notice(body.notice),
      body.empty && h('p', { class: 'empty' }, body.empty),
      h('ul', {}, body.services.map(service)),
      body.more && button(body.more, { class: 'more', key: 'more' }),
    ),
  );
}

function service(row) {
  const words = [h('span', { class: 'name' }, h('strong', {}, row.partner), row.call && h('span', {}, row.label)), status(row.status)];
  return h(
    'li',
    { key: row.id },
    row.call
      ? button(row.call, { class: 'row', inside: [...words.map(inline), h('span', { class: 'call' }, h('span', {}, row.call.label), icon('forward'))] })
      : h('div', { class: 'row shut' }, words),
  );
}

// a paragraph may not stand inside a button
const inline = (node) => (node.tag === 'p' ? { ...node, tag: 'span' } : node);

function code(body) {
  const boxes = body.digits.map((digit, i) =>
    h('span', { class: `box ${i === body.digits.findIndex((each) => each === ' ') ? 'here' : ''}`.trim(), key: `box${i}` }, digit.trim()),
  );
  return main(
    'code',
    h(
      'section',
      { class: 'typing', key: 'typing' },
      title(body.title),
      h('div', { class: body.wrong ? 'boxes wrong' : 'boxes', role: 'img', 'aria-label': body.digits_say }, boxes),
      h('div', { class: 'answer' }, body.notice ? notice(body.notice) : h('p', { class: 'hint' }, body.hint), body.submit && button(body.submit, { key: 'submit' })),
      h(
        'div',
        { class: 'pad', role: 'group', 'aria-label': body.keypad, key: 'pad' },
        body.keys.map((key) => button(key, { class: 'digit', key: key.label })),
        button(body.clear, { class: 'wide', key: 'clear' }),
        button(body.zero, { class: 'digit', key: '0' }),
        button(body.erase, { class: 'wide', key: 'erase' }),
      ),
    ),
    h(
      'section',
      { class: 'qr', key: 'qr' },
      h('h2', {}, body.qr.title),
      body.qr.out
        ? h('p', { class: 'out' }, body.qr.out)
        : [h('div', { class: 'finder', key: 'finder' }, picture(self, body.qr.picture), h('i', { class: 'frame' })), h('p', {}, body.qr.how), h('p', { class: 'small' }, body.qr.small)],
    ),
  );
}

function checking(body) {
  return main('checking', title(body.title), h('div', { class: 'still', 'aria-hidden': 'true' }, h('i', {}), h('i', {}), h('i', {})));
}

/** One's own picture, or that there is none. */
function own(model) {
  return model.picture ? picture(self, model.picture) : h('p', { class: 'out' }, model.out);
}

function waiting(body) {
  return main(
    'waiting',
    h('p', { class: 'who' }, body.who),
    title(body.title),
    h('p', { class: 'lead' }, body.lead.join(' ')),
    h('ol', { class: 'route' }, body.line.map((stop, i) => h('li', { class: stop.state, key: `stop${i}`, 'aria-current': stop.state === 'now' ? 'step' : null }, h('span', { class: 'mark' }, stop.state === 'done' ? icon('tick') : null), h('strong', {}, stop.when), h('span', {}, stop.what)))),
    h(
      'div',
      { class: 'below' },
      h('section', { class: 'steps' }, h('h2', {}, body.next.title), h('ol', {}, body.next.steps.map((step) => h('li', {}, step)))),
      h('section', { class: 'mine', key: 'mine' }, own(body.self), h('div', {}, h('h2', {}, body.self.title), h('ul', {}, body.self.checks.map((each) => h('li', {}, status(each)))))),
    ),
  );
}

function admitted(body) {
  return main(
    'admitted',
    h('div', { class: 'arriving' }, h('p', { class: 'who' }, body.who), title(body.title), body.lead.map((text) => h('p', { class: 'lead' }, text))),
    h('section', { class: 'mine', key: 'mine' }, own(body.self), h('p', { class: 'caption' }, body.self.title)),
  );
}

function strip(body, time) {
  return h('header', { class: 'strip', key: 'strip' }, title(body.title), h('span', { class: 'until' }, body.until), status(body.status), h('strong', { class: 'clock' }, time));
}

function call(body, model) {
  return main(
    'call',
    strip(body, model.board.time),
    h(
      'div',
      { class: 'stage', key: 'stage' },
      picture(far, body.picture),
      body.sound_only && h('div', { class: 'sound-only', key: 'sound' }, h('p', {}, h('strong', {}, body.sound_only.title), h('span', {}, body.sound_only.text))),
      h('div', { class: 'own', key: 'own' }, own(body.self), h('span', { class: 'caption' }, body.self.label)),
    ),
    body.faults.length > 0 && h('div', { class: 'faults', key: 'faults' }, body.faults.map((fault) => h('p', { class: 'fault', key: fault.title }, icon(fault.shape), h('span', {}, h('strong', {}, fault.title), ' ', fault.text)))),
    body.said && h('div', { class: 'said', key: 'said' }, h('span', {}, body.said.label), h('p', {}, body.said.text)),
  );
}

function interrupted(body, model) {
  const cut = body.cut;
  return main(
    'call interrupted',
    strip(body, model.board.time),
    h(
      'div',
      { class: 'stage', key: 'stage' },
      picture(far, body.picture),
      h(
        'section',
        { class: 'cut', key: 'cut' },
        h('h2', {}, cut.title),
        h('p', { class: 'lead' }, cut.lead),
        h('div', { class: 'path' }, h('p', { class: 'you' }, h('i', {}), cut.you), h('p', { class: 'middle' }, icon('cross'), cut.middle), h('p', { class: 'agent' }, h('i', {}), cut.agent)),
        cut.until && h('p', { class: 'rest' }, cut.until),
        cut.phone && h('p', { class: 'rest' }, `${cut.phone_label} `, h('strong', {}, cut.phone)),
      ),
    ),
  );
}

const SCREENS = { home, code, checking, waiting, admitted, call, interrupted };

/** The main part of the page for a view-model. */
export function screen(model) {
  return (SCREENS[model.screen] || message)(model.body, model);
}
