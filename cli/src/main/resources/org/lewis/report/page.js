(() => {
  'use strict';

  const DASHES = ['solid', [7, 4], [2, 3], [9, 3, 2, 3]];
  const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'];
  const NARROW = 560;
  /** Width of a saved picture, before it is magnified: that of a text column. */
  const PAPER = 720;
  const MAGNIFIED = 3;

  const data = JSON.parse(document.getElementById('data').textContent);
  const charts = [...document.querySelectorAll('.chart')].map((element, i) => ({ element, data: data[i], width: 0 }));

  /** The colours of the style sheet, as they are now. */
  function look() {
    const style = getComputedStyle(document.documentElement);
    const one = (name) => style.getPropertyValue(name).trim();
    const list = (name) => one(name).split(',').map((colour) => colour.trim());
    return {
      paper: one('--paper'), ink: one('--ink'), soft: one('--soft'), rule: one('--rule'), tint: one('--tint'),
      ramp: list('--ramp'), diverging: list('--diverging'), series: list('--series'), sans: one('--sans'),
    };
  }

  /** A number as short as it can be read. */
  function short(value, digits) {
    if (value === null || value === undefined) return '–';
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1).replace('e+', 'e');
    return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(digits);
  }

  /** The cells of one map have as many digits as its largest needs for two that count. */
  function cell(value, largest) {
    if (largest >= 10 || largest < 1e-4) return short(value, 2);
    const text = value.toFixed(Math.max(2, 1 - Math.floor(Math.log10(largest))));
    return Number(text) === 0 ? text.replace('-', '') : text;
  }

  const exact = (value) => (value === null ? '–' : String(Number(value.toPrecision(5))));

  /** What hovering shows; built from text nodes, so that no name is ever read as markup. */
  function hint(title, lines) {
    const add = (parent, tag, text) => {
      const child = parent.appendChild(document.createElement(tag));
      child.textContent = text;
      return child;
    };
    const box = document.createElement('div');
    box.className = 'hint';
    add(box, 'b', title);
    for (const [colour, name, value] of lines) {
      const line = add(box, 'div', '');
      if (colour) add(line, 'i', '').style.background = colour;
      add(line, 'span', name);
      add(line, 'em', value);
    }
    return box;
  }

  const longestOf = (labels) => Math.max(...labels.map((label) => label.length));

  const titled = (axis, i) => (axis.name ? axis.name + ' ' : '') + axis.labels[i];

  /** Black or white on a colour of the ramp, whichever is easier to read. */
  function contrast(colour) {
    const light = echarts.color.lum(colour, 1);
    return light > 0.42 ? '#15171b' : '#ffffff';
  }

  function rampColour(ramp, share) {
    const at = Math.min(Math.max(share, 0), 1) * (ramp.length - 1);
    return echarts.color.lerp(at / (ramp.length - 1), ramp);
  }

  function common(style) {
    return {
      animation: false,
      textStyle: { fontFamily: style.sans, color: style.soft },
      tooltip: {
        confine: true, backgroundColor: style.paper, borderColor: style.rule, borderWidth: 1, padding: [7, 10],
        textStyle: { color: style.ink }, extraCssText: 'box-shadow: 0 2px 10px rgba(0,0,0,.12); border-radius: 6px;',
      },
    };
  }

  const labelStyle = (style, more) => ({ color: style.soft, fontSize: 12, fontFamily: style.sans, ...more });

  // ---- heat maps: layers run across when there is room for them, otherwise down

  function heatLayout(map, width) {
    const [rows, columns] = [map.rows.labels.length, map.columns.labels.length];
    const across = rows > columns && (width - 120) / rows >= 17;
    const [x, y] = across ? [map.rows, map.columns] : [map.columns, map.rows];
    const room = (width - 12 - Math.min(width * 0.4, 8 * longestOf(y.labels))) / x.labels.length;
    const tilted = !across && room < 7 * longestOf(x.labels);
    const labels = tilted ? Math.min(110, 6.8 * longestOf(x.labels)) * 0.87 + 18 : 28;
    return { across, x, y, room, tilted, labels };
  }

  function heatHeight(map, width) {
    const { across, x, y, tilted, labels } = heatLayout(map, width);
    return 38 + labels + (x.name ? (tilted ? 34 : 20) : 0) + y.labels.length * (across ? 34 : 24);
  }

  function heat(map, width, style) {
    const { across, x, y, room, tilted, labels } = heatLayout(map, width);
    const largest = Math.max(Math.abs(map.min), Math.abs(map.max));
    const longest = Math.max(...map.values.flat().map((value) => (value === null ? 1 : cell(value, largest).length)));
    const ramp = map.diverging ? style.diverging : style.ramp;
    const cells = map.values.flatMap((row, i) => row.map((value, j) => {
      if (value === null) return null;
      const colour = rampColour(ramp, (value - map.min) / (map.max - map.min));
      return { value: across ? [i, j, value] : [j, i, value], label: { color: contrast(colour) } };
    })).filter(Boolean);
    const axis = (names) => ({
      type: 'category', data: names.labels, axisLine: { show: false }, axisTick: { show: false },
      axisLabel: labelStyle(style, { width: width * 0.4, overflow: 'truncate', hideOverlap: true }),
    });
    return {
      ...common(style),
      grid: { left: 2, right: 2, top: 34, bottom: x.name ? (tilted ? 36 : 22) : 2, containLabel: true },
      xAxis: {
        ...axis(x), name: x.name, nameLocation: 'middle', nameTextStyle: labelStyle(style),
        nameGap: labels,
        axisLabel: labelStyle(style, across ? { hideOverlap: true } : {
          interval: 0, rotate: tilted ? 60 : 0, width: tilted ? 110 : room - 4, overflow: 'truncate',
        }),
      },
      yAxis: { ...axis(y), inverse: true, axisLabel: { ...axis(y).axisLabel, interval: 0 } },
      visualMap: {
        min: map.min, max: map.max, calculable: false, hoverLink: false, orient: 'horizontal', right: 0, top: 0,
        itemWidth: 10, itemHeight: Math.min(160, width / 3), text: [cell(map.max, largest), cell(map.min, largest)],
        textStyle: labelStyle(style), inRange: { color: ramp },
      },
      tooltip: {
        ...common(style).tooltip,
        formatter: ({ value, color }) => {
          const [i, j] = across ? value : [value[1], value[0]];
          return hint(titled(map.rows, i), [[color, map.columns.labels[j], exact(value[2])]]);
        },
      },
      series: [{
        type: 'heatmap', data: cells, itemStyle: { borderColor: style.paper, borderWidth: 1.5, borderRadius: 2 },
        emphasis: { itemStyle: { borderColor: style.ink, borderWidth: 1.5 } },
        label: { show: room >= longest * 6.5 + 6, fontSize: 11, formatter: ({ value }) => cell(value[2], largest) },
      }],
    };
  }

  // ---- bars: upright when there is room, lying on a phone

  const lying = (width) => width < NARROW;

  function barsHeight(bars, width) {
    const thick = bars.series.length * 17 + 16;
    return lying(width) ? 74 + bars.axis.labels.length * thick : 360;
  }

  function legend(series, style) {
    return {
      show: series.length > 1, type: 'scroll', left: 0, top: 0, itemWidth: 18, itemHeight: 10, itemGap: 18,
      textStyle: labelStyle(style, { fontSize: 13, color: style.ink }), inactiveColor: style.rule,
      pageTextStyle: labelStyle(style), pageIconColor: style.soft, pageIconInactiveColor: style.rule,
    };
  }

  function valueAxis(name, style, flat) {
    return {
      type: 'value', name, nameLocation: flat ? 'middle' : 'end', nameGap: flat ? 26 : 12,
      nameTextStyle: labelStyle(style, flat ? {} : { align: 'left' }), axisLabel: labelStyle(style),
      axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: style.rule } },
    };
  }

  function whiskers(series, index, count, layout, flat, style) {
    return {
      type: 'custom', name: series.name, silent: true, z: 5, tooltip: { show: false },
      data: series.values.map((value, i) => (value === null || series.errors[i] === null ? null
        : [i, value - series.errors[i], value + series.errors[i]])).filter(Boolean),
      encode: flat ? { y: 0, x: [1, 2] } : { x: 0, y: [1, 2] },
      renderItem: (_, api) => {
        const offset = api.barLayout({ ...layout, count })[index].offsetCenter;
        const point = (value) => {
          const at = api.coord(flat ? [value, api.value(0)] : [api.value(0), value]);
          at[flat ? 1 : 0] += offset;
          return at;
        };
        const [low, high] = [point(api.value(1)), point(api.value(2))];
        const cap = (p) => (flat ? { x1: p[0], x2: p[0], y1: p[1] - 3.5, y2: p[1] + 3.5 }
          : { x1: p[0] - 3.5, x2: p[0] + 3.5, y1: p[1], y2: p[1] });
        const line = (shape) => ({ type: 'line', shape, style: { stroke: style.ink, lineWidth: 1.2 } });
        return {
          type: 'group',
          children: [line({ x1: low[0], y1: low[1], x2: high[0], y2: high[1] }), line(cap(low)), line(cap(high))],
        };
      },
    };
  }

  function bars(chart, width, style) {
    const flat = lying(width);
    const { series, axis } = chart;
    const layout = { barGap: '12%', barCategoryGap: axis.labels.length === 1 ? '20%' : '32%', barMaxWidth: 64 };
    const slot = (width - 60) / axis.labels.length / (series.length + 0.6);
    const column = (width - 60) / axis.labels.length - 4;
    const foldsOf = (label) => label.split('\n').reduce((lines, line) => lines + Math.ceil((6.8 * line.length) / column), 0);
    const folds = Math.max(...axis.labels.map(foldsOf));
    const labelled = (one) => !one.errors.length && (flat || slot >= 30);
    const category = {
      type: 'category', data: flat ? axis.labels.map((label) => label.replaceAll('\n', ' ')) : axis.labels,
      inverse: flat, axisTick: { show: false }, axisLine: { lineStyle: { color: style.soft } },
      axisLabel: labelStyle(style, {
        color: style.ink, interval: 0, overflow: 'break', lineHeight: 15, fontSize: column < 90 ? 11 : 12,
        width: flat ? width * 0.3 : column,
      }),
      ...(flat ? {} : { name: axis.name, nameLocation: 'middle', nameGap: 19 + 15 * folds, nameTextStyle: labelStyle(style) }),
    };
    const value = valueAxis(chart.measure, style, flat);
    const top = (series.length > 1 ? 36 : 8) + (flat || !chart.measure ? 0 : 26);
    return {
      ...common(style),
      color: style.series,
      legend: { ...legend(series, style), itemWidth: 11, itemHeight: 11, data: series.map(({ name }) => name) },
      grid: { left: 2, right: flat ? 40 : 8, top, bottom: flat ? 26 : axis.name ? 24 : 4, containLabel: true },
      xAxis: flat ? value : category,
      yAxis: flat ? category : value,
      tooltip: {
        ...common(style).tooltip, trigger: 'axis',
        axisPointer: { type: 'shadow', z: -1, shadowStyle: { opacity: 0.35, color: style.rule } },
        formatter: (points) => {
          const at = points[0].dataIndex;
          return hint(titled(axis, at), points.filter(({ seriesType }) => seriesType === 'bar').map((point) => {
            const one = series[point.seriesIndex];
            const margin = one.errors.length && one.errors[at] !== null ? ' ± ' + exact(one.errors[at]) : '';
            return [point.color, one.name, exact(one.values[at]) + margin];
          }));
        },
      },
      series: [
        ...series.map((one) => ({
          type: 'bar', name: one.name, data: one.values, ...layout,
          itemStyle: { borderRadius: flat ? [0, 2, 2, 0] : [2, 2, 0, 0] },
          label: {
            show: labelled(one), position: flat ? 'right' : 'top', distance: 4, fontSize: 11, color: style.soft,
            formatter: ({ value: v }) => short(v, 3),
          },
        })),
        ...series.flatMap((one, i) => (one.errors.length ? [whiskers(one, i, series.length, layout, flat, style)] : [])),
      ],
    };
  }

  // ---- lines

  function lines(chart, width, style) {
    const { series, axis } = chart;
    const top = (series.length > 1 ? 36 : 8) + (chart.measure ? 26 : 0);
    return {
      ...common(style),
      color: style.series,
      legend: { ...legend(series, style), itemWidth: 28 },
      grid: { left: 2, right: 12, top, bottom: axis.name ? 28 : 4, containLabel: true },
      xAxis: {
        type: 'category', data: axis.labels, boundaryGap: false, name: axis.name, nameLocation: 'middle', nameGap: 34,
        nameTextStyle: labelStyle(style),
        axisLabel: labelStyle(style, { hideOverlap: true, margin: 11, width: 120, overflow: 'truncate' }),
        axisLine: { onZero: false, lineStyle: { color: style.soft } }, axisTick: { show: false },
      },
      yAxis: { ...valueAxis(chart.measure, style, false), scale: true },
      tooltip: {
        ...common(style).tooltip, trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: style.soft } },
        formatter: (points) => hint(titled(axis, points[0].dataIndex),
          points.map((point) => [point.color, point.seriesName, exact(series[point.seriesIndex].values[point.dataIndex])])),
      },
      series: series.map((one, i) => ({
        type: 'line', name: one.name, data: one.values, symbol: SYMBOLS[i % SYMBOLS.length],
        symbolSize: axis.labels.length > 60 ? 0 : 6, lineStyle: { width: 2, type: DASHES[i % DASHES.length] },
      })),
    };
  }

  // ---- histograms: outlines of shares between edges

  const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

  /** A power of ten as it is written in print. */
  function power(value) {
    const exponent = Math.round(Math.log10(value));
    if (Math.abs(value / 10 ** exponent - 1) > 1e-6) return short(value, 2);
    return '10' + (exponent < 0 ? '⁻' : '') + [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[digit]).join('');
  }

  function histogram(chart, width, style) {
    const { series, edges, cuts } = chart;
    const top = (series.length > 1 ? 36 : 8) + 26 + 15 * cuts.length;
    const cutLine = (cut, i) => {
      const owner = series.findIndex(({ name }) => cut.name.startsWith(name));
      const colour = owner < 0 ? style.ink : style.series[owner % style.series.length];
      return {
        xAxis: cut.value, lineStyle: { color: colour, type: 'dashed', width: 1.4 },
        label: {
          formatter: () => cut.name, position: 'end', distance: 3 + 15 * i, color: style.ink, fontFamily: style.sans,
          align: cut.value > Math.sqrt(edges[0] * edges.at(-1)) ? 'right' : 'left', fontSize: 12,
        },
      };
    };
    return {
      ...common(style),
      color: style.series,
      legend: { ...legend(series, style), itemWidth: 11, itemHeight: 11, icon: 'roundRect' },
      grid: { left: 2, right: 14, top, bottom: 28, containLabel: true },
      xAxis: {
        type: chart.logarithmic ? 'log' : 'value', min: edges[0], max: edges.at(-1), name: chart.measure,
        nameLocation: 'middle', nameGap: 30, nameTextStyle: labelStyle(style),
        axisLabel: labelStyle(style, {
          hideOverlap: true, formatter: (value) => (chart.logarithmic ? power(value) : short(value, 2)),
          showMinLabel: !chart.logarithmic, showMaxLabel: !chart.logarithmic,
        }),
        axisLine: { lineStyle: { color: style.soft } }, axisTick: { show: true, lineStyle: { color: style.rule } },
        splitLine: { show: false },
      },
      yAxis: { ...valueAxis('share of weights', style, false), nameGap: 12 + 15 * cuts.length },
      tooltip: {
        ...common(style).tooltip, trigger: 'axis', axisPointer: { type: 'line', lineStyle: { color: style.soft } },
        formatter: (points) => {
          const bin = Math.min(Math.max(points[0].dataIndex - 1, 0), edges.length - 2);
          return hint(`${short(edges[bin], 3)} – ${short(edges[bin + 1], 3)}`, points.map((point) => (
            [point.color, point.seriesName, exact(series[point.seriesIndex].values[bin])])));
        },
      },
      series: series.map((one, i) => ({
        type: 'line', name: one.name, step: 'end', symbol: 'none', areaStyle: { opacity: 0.12 },
        lineStyle: { width: 1.8 },
        data: [[edges[0], 0], ...one.values.map((value, bin) => [edges[bin], value]), [edges.at(-1), 0]],
        // Two digits after the point are the library's default, which make zero of small numbers.
        ...(i === 0 ? { markLine: { symbol: 'none', silent: true, precision: 20, data: cuts.map(cutLine) } } : {}),
      })),
    };
  }

  const height = (chart, width) => (chart.kind === 'heat' ? heatHeight(chart, width)
    : chart.kind === 'bars' ? barsHeight(chart, width) : lying(width) ? 300 : 360);
  const DRAW = { heat, bars, lines, histogram };

  function draw(chart, width) {
    const size = { width, height: height(chart.data, width) };
    chart.element.style.height = size.height + 'px';
    chart.view ??= echarts.init(chart.element, null, { renderer: 'svg', ...size });
    chart.view.resize(size);
    chart.view.setOption(DRAW[chart.data.kind](chart.data, width, look()), { notMerge: true });
    chart.width = width;
  }

  // ---- pictures for papers: light, on white, of one width whatever the window

  function onPaper(work) {
    const { classList } = document.documentElement;
    const before = classList.contains('on-paper');
    classList.add('on-paper');
    try {
      return work();
    } finally {
      classList.toggle('on-paper', before);
    }
  }

  /** As the address of its data, PNG or SVG. */
  function picture(chart, format) {
    const size = { width: PAPER, height: height(chart.data, PAPER) };
    const renderer = format === 'PNG' ? 'canvas' : 'svg';
    const view = echarts.init(document.createElement('div'), null, { renderer, devicePixelRatio: MAGNIFIED, ...size });
    try {
      view.setOption({ ...DRAW[chart.data.kind](chart.data, PAPER, onPaper(look)), backgroundColor: '#ffffff' });
      if (format === 'PNG') return view.renderToCanvas({ pixelRatio: MAGNIFIED }).toDataURL('image/png');
      const bytes = new TextEncoder().encode(view.renderToSVGString());
      return 'data:image/svg+xml;base64,' + btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    } finally {
      view.dispose();
    }
  }

  /** `figure-2-importance-in-math.png` */
  function fileName(chart, format) {
    const section = chart.element.closest('section');
    const title = section.querySelector('h2').textContent.toLowerCase().normalize('NFKD');
    const words = title.match(/[a-z0-9]+/g) ?? [];
    return `${[section.id, ...words].join('-').slice(0, 80).replace(/-$/, '')}.${format.toLowerCase()}`;
  }

  function save(chart, format) {
    const link = document.createElement('a');
    link.href = picture(chart, format);
    link.download = fileName(chart, format);
    link.click();
  }

  /** All pictures as lines of the document, for a program that reads it once it is loaded: `lewis report --charts`. */
  function listPictures() {
    const line = (chart, format) => `${fileName(chart, format)} ${picture(chart, format).replace(/^.*,/, '')}`;
    const list = document.createElement('pre');
    list.id = 'pictures';
    list.hidden = true;
    list.textContent = charts.flatMap((chart) => ['PNG', 'SVG'].map((format) => line(chart, format))).join('\n');
    document.body.append(list);
  }

  if (location.hash === '#pictures') listPictures();

  charts.forEach((chart) => chart.element.closest('section').querySelectorAll('.save button').forEach((button) => {
    button.addEventListener('click', () => save(chart, button.textContent));
  }));

  const drawAll = (width) => charts.forEach((chart) => draw(chart, width ?? chart.element.clientWidth));

  drawAll();
  const watcher = new ResizeObserver(() => charts
    .filter(({ element, width }) => element.clientWidth > 0 && element.clientWidth !== width)
    .forEach((chart) => draw(chart, chart.element.clientWidth)));
  charts.forEach(({ element }) => watcher.observe(element));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll());
  addEventListener('beforeprint', () => {
    document.documentElement.classList.add('on-paper');
    drawAll(660);
  });
  addEventListener('afterprint', () => {
    document.documentElement.classList.remove('on-paper');
    drawAll();
  });
})();
