(function () {
  'use strict';
  var root = document.documentElement;

  function stored(value) {
    try {
      if (value) { localStorage.setItem('pleat-theme', value); }
      return localStorage.getItem('pleat-theme');
    } catch (refused) {
      return null;
    }
  }

  var button = document.getElementById('theme');
  var system = matchMedia('(prefers-color-scheme: dark)');
  function theme() { return root.dataset.theme || (system.matches ? 'dark' : 'light'); }
  function name() { button.textContent = theme() === 'dark' ? 'Light theme' : 'Dark theme'; }
  var chosen = stored();
  if (chosen === 'dark' || chosen === 'light') { root.dataset.theme = chosen; }
  button.hidden = false;
  name();
  system.addEventListener('change', name);
  button.addEventListener('click', function () {
    root.dataset.theme = theme() === 'dark' ? 'light' : 'dark';
    stored(root.dataset.theme);
    name();
  });

  var maps = document.getElementById('maps');
  if (maps) {
    var all = Array.from(maps.children);
    var label = document.createElement('label');
    var select = document.createElement('select');
    label.className = 'pick';
    label.append('Group', select);
    all.forEach(function (map) {
      select.append(new Option(map.querySelector('figcaption').textContent));
    });
    select.addEventListener('change', function () {
      all.forEach(function (map, i) { map.classList.toggle('shown', i === select.selectedIndex); });
    });
    maps.classList.add('one');
    maps.before(label);
    select.dispatchEvent(new Event('change'));
  }

  var tip = document.createElement('div');
  tip.id = 'tip';
  tip.hidden = true;
  document.body.append(tip);
  document.querySelectorAll('svg.curve').forEach(function (svg) {
    svg.addEventListener('pointermove', function (event) {
      var at = new DOMPoint(event.clientX, event.clientY)
        .matrixTransform(svg.getScreenCTM().inverse());
      var near = Array.from(svg.querySelector('.line').points).reduce(function (best, point) {
        return Math.abs(best.x - at.x) > Math.abs(point.x - at.x) ? point : best;
      });
      tip.textContent = 'k = ' + Math.round(near.x / 200 * svg.dataset.width) + ': '
        + (100 - near.y).toFixed(1) + ' % of the largest error';
      tip.hidden = false;
      var left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8);
      tip.style.left = Math.max(8, left) + 'px';
      tip.style.top = (event.clientY - 36) + 'px';
    });
    svg.addEventListener('pointerleave', function () { tip.hidden = true; });
  });
}());
