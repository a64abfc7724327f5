// A token and its neighbours in two dimensions, and what the picture loses.
(function (ws) {
  "use strict";
  const { svg } = ws.parts;
  const CHECKED = 5; // true neighbours looked for among as many nearest points

  const squared = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;

  /** How many of the first k points after the first one are among its k nearest in the picture. */
  function kept(points, k) {
    const order = points.map((_, n) => n).slice(1);
    order.sort((a, b) => squared(points[a], points[0]) - squared(points[b], points[0]) || a - b);
    return order.slice(0, k).filter((n) => n <= k).length;
  }

  /** Put labels beside points, where there is room: right, left, below, above; those without room are left out. */
  function placed(points, labels, width, height, size) {
    const taken = points.map(([x, y]) => [x - 5, y - 5, x + 5, y + 5]);
    const free = (box) => box[0] > 1 && box[2] < width - 1 && box[1] > 1 && box[3] < height - 1 && !taken.some((b) => box[0] < b[2] && b[0] < box[2] && box[1] < b[3] && b[1] < box[3]);
    return points.map(([x, y], n) => {
      const long = labels[n].length * size * 0.56 + 4;
      const tall = size * 0.6;
      const options = [
        ["start", x + 8, y, [x + 7, y - tall, x + 7 + long, y + tall]],
        ["end", x - 8, y, [x - 7 - long, y - tall, x - 7, y + tall]],
        ["middle", x, y + size + 3, [x - long / 2, y + 6, x + long / 2, y + 6 + 2 * tall]],
        ["middle", x, y - size - 1, [x - long / 2, y - 7 - 2 * tall, x + long / 2, y - 7]],
      ];
      const found = options.find((option) => free(option[3]));
      if (found) taken.push(found[3]);
      return found ? { anchor: found[0], x: found[1], y: found[2] } : null;
    });
  }

  /** Draw into `holder` and write the words below into `words`. */
  ws.explore.drawNeighbourhood = function (holder, words, { space, id, near, details }, page) {
    const width = Math.max(280, Math.min(holder.clientWidth || 640, 704));
    const height = Math.round(width * (width < 480 ? 1 : 0.72));
    const size = 13;
    const pad = { x: 34, y: 26 };
    const [xs, ys] = [0, 1].map((axis) => details.points.map((point) => point[axis]));
    const [low, high] = [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
    const scale = Math.min((width - 2 * pad.x) / (high[0] - low[0] || 1), (height - 2 * pad.y) / (high[1] - low[1] || 1));
    const points = details.points.map(([x, y]) => [
      width / 2 + (x - (low[0] + high[0]) / 2) * scale,
      height / 2 - (y - (low[1] + high[1]) / 2) * scale,
    ]);
    const ids = [id, ...near.map((one) => one.id)];
    const labels = ids.map((other) => space.plain(other));
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: `map role-${space.role}` });
    const k = Math.min(CHECKED, near.length);
    const share = kept(details.points, k);
    picture.setAttribute("aria-label", `Map of ${labels[0]} and its ${near.length} nearest tokens in ${space.name}.`);
    for (let n = 1; n <= k; n++) picture.append(svg("line", { x1: points[0][0], y1: points[0][1], x2: points[n][0], y2: points[n][1], class: "map-line" }));
    points.forEach(([x, y], n) => picture.append(svg("circle", { cx: x, cy: y, r: n ? 4 : 6, class: n === 0 ? "map-own" : n <= k ? "map-near" : "map-far" })));
    placed(points, labels, width, height, size).forEach((place, n) => {
      if (!place) return;
      picture.append(svg("text", { x: place.x, y: place.y + size * 0.35, "text-anchor": place.anchor, "font-size": size, "paint-order": "stroke", class: n === 0 ? "map-label map-label-own" : "map-label" }, labels[n]));
    });
    const targets = points.map(([x, y], n) => {
      const target = svg("circle", { cx: x, cy: y, r: 12, class: "map-target" });
      target.append(svg("title", {}, n ? `${labels[n]}, cosine ${ws.fixed(near[n - 1].cosine, 3)}` : labels[n]));
      if (n) target.addEventListener("click", () => page.walk(space.role, ids[n]));
      return target;
    });
    picture.append(...targets);
    holder.replaceChildren(picture);
    words.dataset.kept = share;
    words.textContent =
      `Lines lead to the ${k} nearest. The picture keeps ${share} of these ${k} among the ${k} points drawn nearest to ${labels[0]}, and ` +
      `${details.variancePercent}% of the variance of the ${points.length} points. How well it keeps distances between other points was not measured.`;
  };
})(window.WordSpaces);
