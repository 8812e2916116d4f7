/** Bars of a month, one for each day. Our own drawing, an SVG. */

const SVG = 'http://www.w3.org/2000/svg';
const GAP = 0.25; // of a day's width
const STEPS = [1, 2, 5, 10];

/** @typedef {{at: number, amount: number, title: string}} Bar `at` counts from 1 */
/** @typedef {{x: number, y: number, width: number, height: number}} Rectangle in percent of the drawing */

/**
 * The round amount the drawing reaches up to: 1, 2 or 5 of some power of ten.
 * @param {number[]} amounts
 * @returns {number}
 */
export function ceiling(amounts) {
  const most = Math.max(...amounts, 0);
  if (most === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * (STEPS.find((step) => step * power >= most * 0.999999) ?? 10);
}

/**
 * @param {Bar} bar
 * @param {number} days in the whole month
 * @param {number} most
 * @returns {Rectangle}
 */
export function rectangle({ at, amount }, days, most) {
  const [width, height] = [100 / days, (amount / most) * 100];
  return { x: (at - 1 + GAP / 2) * width, y: 100 - height, width: width * (1 - GAP), height };
}

/**
 * @param {SVGElement} drawing
 * @param {Bar[]} bars
 * @param {number} days
 * @param {number} most
 */
export function draw(drawing, bars, days, most) {
  const groups = bars.map((bar) => {
    const group = made('g', { class: 'chart__day' });
    const title = made('title', {});
    title.textContent = bar.title;
    const column = { x: (bar.at - 1) * (100 / days), y: 0, width: 100 / days, height: 100 };
    const filled = made('rect', { class: 'chart__bar', ...percent(rectangle(bar, days, most)) });
    group.append(title, made('rect', { class: 'chart__column', ...percent(column) }), filled);
    return group;
  });
  const line = (/** @type {string} */ y) => made('line', { class: 'chart__line', x1: '0', x2: '100%', y1: y, y2: y });
  drawing.replaceChildren(...[0, 50].map((height) => line(`${height}%`)), ...groups, line('100%'));
}

/** @param {{[name: string]: number}} place */
function percent(place) {
  return Object.fromEntries(Object.entries(place).map(([name, value]) => [name, `${value.toFixed(3)}%`]));
}

/**
 * @param {string} name
 * @param {{[name: string]: string}} attributes
 * @returns {SVGElement}
 */
function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return /** @type {SVGElement} */ (element);
}
