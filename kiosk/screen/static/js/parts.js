// Parts that several screens share. All words come from the view-model.

import { icon } from './icons.js';
import { h } from './tree.js';

/** A button that sends its action back as it is; `more` adds properties. */
export function button(model, more = {}) {
  const { class: extra = '', inside, ...props } = more;
  const icons = model.icon ? icon(model.icon) : null;
  const forward = model.icon === 'forward';
  return h(
    'button',
    {
      type: 'button',
      class: `${model.look} ${extra}`.trim(),
      'data-action': JSON.stringify(model.action),
      'aria-pressed': model.pressed === undefined ? null : String(model.pressed),
      lang: model.language || null,
      ...props,
    },
    inside || [forward ? null : icons, h('span', { class: 'word', 'data-other': model.other || null }, model.label), forward ? icons : null],
  );
}

/** A sentence with its shape; its colour is that of the shape's meaning. */
export function status(model, more = '') {
  if (!model) return null;
  return h('p', { class: `status is-${model.shape} ${more}`.trim() }, icon(model.shape), h('span', {}, model.text));
}

/** A telephone number, large. */
export function phone(model) {
  return model && h('p', { class: 'phone' }, h('span', { class: 'phone-label' }, model.label), h('span', { class: 'number' }, model.number));
}

/** The nameboard: place and time. */
export function board(model) {
  return h(
    'header',
    { key: 'board', class: 'board' },
    h('p', { class: 'brand' }, h('span', {}, 'visiohub')),
    h('p', { class: 'place' }, h('strong', {}, model.venue), h('span', {}, model.room)),
    h('p', { class: 'time' }, h('strong', {}, model.time), h('span', {}, model.date)),
  );
}

/** Leaving on the left, help on the right. */
export function footer(model) {
  return h(
    'footer',
    { key: 'footer', class: 'footer' },
    h('div', { class: 'left' }, model.left.map((each) => button(each, { key: each.action.do + each.action.value }))),
    model.volume && volume(model.volume),
    h('div', { class: 'right' }, model.right.map((each) => button(each, { key: each.action.do }))),
  );
}

function volume(model) {
  const bars = Array.from({ length: model.loudest }, (_, i) => h('i', { class: i < model.level ? 'on' : null, key: `bar${i}` }));
  const sign = (key) => button(key, { class: 'sign', 'aria-label': key.label, inside: [icon(key.icon)] });
  return h(
    'div',
    { class: 'volume', role: 'group', 'aria-label': model.label },
    sign(model.quieter),
    h('p', { class: 'level', role: 'status' }, h('span', { 'aria-hidden': 'true' }, model.label), h('span', { class: 'bars', 'aria-hidden': 'true' }, bars), h('span', { class: 'unseen' }, model.says)),
    sign(model.louder),
  );
}

/** The dialogue over the screen. */
export function overlay(model) {
  if (!model) return null;
  return h(
    'div',
    { key: `overlay-${model.kind}`, class: 'overlay' },
    h(
      'div',
      { class: `dialogue ${model.kind}`, role: model.kind === 'still_there' ? 'alertdialog' : 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'dialogue-title', 'aria-describedby': 'dialogue-text' },
      h('h2', { id: 'dialogue-title' }, model.title),
      h('div', { id: 'dialogue-text' }, model.text.map((text) => h('p', {}, text))),
      phone(model.phone),
      h('div', { class: 'buttons' }, model.buttons.map((each) => button(each, { key: each.action.do }))),
    ),
  );
}
