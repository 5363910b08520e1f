// Lists what is wrong with how the page looks: overflow, overlaps, cut text, low contrast, names.
(() => {
  const findings = [];
  const visible = e => e.checkVisibility() && e.getClientRects().length > 0;
  const name = e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '')
    + (typeof e.className === 'string' && e.className ? '.' + e.className : '')
    + ' "' + e.textContent.slice(0, 30) + '"';

  if (document.documentElement.scrollWidth > innerWidth) {
    findings.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  }
  for (const e of document.querySelectorAll('body *')) {
    const box = e.getBoundingClientRect();
    if (visible(e) && !e.closest('.scroll') && !e.closest('svg')
        && (box.left < -0.5 || box.right > innerWidth + 0.5)) {
      findings.push(`${name(e)} leaves the page: ${box.left} to ${box.right}`);
    }
  }

  const groups = ['.tiles > *', 'main > *', 'header > *', '.multiples > *', '.columns > *',
    '.maps > *', '.legend > *', '.choice label', '.plot > .y', '.plot > .x'];
  for (const row of document.querySelectorAll(
      '.rows li, .columns li, .tile, .multiples figcaption, dl div, .pair, .latencies li')) {
    groups.push(Array.from(row.children));
  }
  for (const group of groups) {
    const boxes = (typeof group === 'string' ? Array.from(document.querySelectorAll(group)) : group)
      .filter(visible).map(e => [e, e.getBoundingClientRect()]);
    for (let i = 0; i < boxes.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, p] = boxes[i], [b, q] = boxes[j];
        if (Math.min(p.right, q.right) - Math.max(p.left, q.left) > 0.5
            && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 0.5) {
          findings.push(`${name(a)} overlaps ${name(b)}`);
        }
      }
    }
  }

  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = c => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const v = c[i] / 255;
    return sum + weight * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const behind = e => {
    for (let p = e; p; p = p.parentElement) {
      const colour = rgba(getComputedStyle(p).backgroundColor);
      if (colour[3] === 255) { return colour; }
    }
    return [255, 255, 255, 255];
  };
  const need = (e, colour, back, least, what) => {
    const ratio = contrast(rgba(colour), back);
    if (ratio < least) { findings.push(`${what} of ${name(e)} has contrast ${ratio.toFixed(2)}`); }
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const e = node.parentElement;
    if (!node.textContent.trim() || !visible(e) || e.closest('script')) { continue; }
    count++;
    need(e, getComputedStyle(e).color, behind(e), 4.5, 'text');
    const style = getComputedStyle(e);
    if (e.scrollWidth > e.clientWidth + 1 && style.overflowX === 'hidden') {
      findings.push(`${name(e)} is cut`);
    }
  }
  if (count < 20) { findings.push(`only ${count} texts are visible`); }
  const graphics = {'.bar .was': 'borderTopColor', '.bar .now': 'backgroundColor',
    '.axis .dot': 'backgroundColor', '.axis .ring': 'borderTopColor', '.curve .line': 'stroke',
    '.curve .diamond': 'stroke', '.columns .now': 'backgroundColor', '.plot .original': 'borderTopColor',
    '.plot polyline': 'stroke', '.choice label': 'borderTopColor', 'button': 'borderTopColor'};
  for (const [selector, property] of Object.entries(graphics)) {
    for (const e of document.querySelectorAll(selector)) {
      if (e.closest('.frozen') || e.closest('.latencies')) { continue; }
      need(e, getComputedStyle(e)[property], behind(e.parentElement), 3, 'drawing');
    }
  }

  for (const e of document.querySelectorAll('button, select, input, summary, [tabindex]')) {
    const said = e.getAttribute('aria-label') || e.textContent.trim()
      || (e.labels && e.labels.length && e.labels[0].textContent.trim());
    if (!said) { findings.push(`${name(e)} has no name`); }
    if (visible(e) && e.tabIndex < 0) { findings.push(`${name(e)} cannot be reached by keys`); }
  }
  return Array.from(new Set(findings)).slice(0, 20);
})()
