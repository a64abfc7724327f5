// The token explorer: one token is chosen, each space shows its neighbours, the address keeps everything.
(function (ws) {
  "use strict";
  const LONGEST_TRAIL = 12;
  const PATIENCE = 80; // ms after which the lists of the token before go grey
  const root = document.querySelector("[data-token-explorer]");
  if (!root) return;

  const settings = ws.parts.begin(root, "every token of these lists can be looked up");
  if (!settings) return;
  const notice = root.querySelector("[data-notice]");
  root.classList.add("live");

  const spaces = settings.spaces.map((space) => new ws.explore.Space(space));
  const byRole = new Map(spaces.map((space) => [space.role, space]));
  const columns = new Map(
    spaces.map((space) => {
      const element = root.querySelector(`[data-column="${space.role}"]`);
      return [space.role, { element, body: element.querySelector("[data-column-body]") }];
    }),
  );
  const status = root.querySelector("[data-status]");
  const overlap = root.querySelector("[data-overlap]");
  const trailBox = root.querySelector("[data-trail]");
  const map = { box: root.querySelector("[data-map]"), holder: root.querySelector("[data-map-picture]"), words: root.querySelector("[data-map-words]") };

  const code = ({ role, id }) => `${byRole.get(role).letter}${id}`;

  /** {role, id} of "d123", or null if there is no such token. */
  function token(text) {
    const match = /^([a-z])(\d{1,9})$/.exec(text || "");
    const space = match && spaces.find((one) => one.letter === match[1]);
    return space?.has(Number(match[2])) ? { role: space.role, id: Number(match[2]) } : null;
  }

  const state = { chosen: null, trail: [], by: "cosine", all: false, view: spaces[0].role, maps: spaces[0].role };
  let told = false;
  const shown = new Map(); // role -> {space, id, near, facts, lists}
  const wanted = () => `${code(state.chosen)} ${state.by}`;
  let drawn = `${settings.first} cosine`; // what the lists on the page are of; these come with it
  let turn = 0;

  const page = {
    spaceOf: (role) => byRole.get(role),
    shownIn: (role) => shown.get(role) || null,
    /** A fresh choice: the walk begins anew. */
    choose(role, id, { scroll = false } = {}) {
      go({ role, id }, []);
      if (scroll) root.querySelector("#neighbours").scrollIntoView({ block: "start" });
    },
    /** One step on from the chosen token. */
    walk(role, id) {
      go({ role, id }, [...state.trail, state.chosen].slice(-LONGEST_TRAIL));
    },
    fold(folded) {
      state.all = !folded;
      keep(false);
      draw();
    },
  };

  function keep(step) {
    const first = token(settings.first);
    const plain = code(state.chosen) === code(first) && !state.trail.length;
    ws.address.write(
      {
        token: plain ? null : code(state.chosen),
        trail: state.trail.length ? state.trail.map(code).join(".") : null,
        by: state.by === "cosine" ? null : state.by,
        folded: state.all ? "shown" : null,
        space: state.view === (plain ? spaces[0].role : state.chosen.role) ? null : state.view,
        around: state.maps === state.view ? null : state.maps,
      },
      step,
    );
  }

  function go(next, trail) {
    if (code(next) === code(state.chosen)) return;
    Object.assign(state, { chosen: next, trail, view: next.role, maps: next.role });
    keep(true);
    show();
  }

  /** Bring everything to what the address says. */
  function restore() {
    const query = ws.address.read();
    const asked = query.get("token");
    const found = asked === null ? token(settings.first) : token(asked);
    const trail = (query.get("trail") || "").split(".").map(token);
    const known = { by: ["euclidean", "cosine"], folded: ["shown"], space: [...byRole.keys()], around: [...byRole.keys()] };
    const unknown = Object.keys(known).filter((name) => query.has(name) && !known[name].includes(query.get(name)));
    const lost = [
      asked !== null && !found && `there is no token ${asked}`,
      trail.includes(null) && query.get("trail") && "a step of the trail is gone",
      ...unknown.map((name) => `${name} cannot be ${query.get(name)}`),
      query.has("map") && !overview.knows(query.get("map")) && `there is no map ${query.get("map")}`,
    ];
    state.chosen = found || token(settings.first);
    state.trail = trail.filter(Boolean).slice(-LONGEST_TRAIL);
    state.by = query.get("by") === "euclidean" ? "euclidean" : "cosine";
    state.all = query.get("folded") === "shown";
    state.view = byRole.has(query.get("space")) ? query.get("space") : asked === null ? spaces[0].role : state.chosen.role;
    state.maps = byRole.has(query.get("around")) ? query.get("around") : state.view;
    const words = lost.filter(Boolean).join("; ");
    notice.hidden = !words;
    notice.textContent = words ? `This link names something that is not here: ${words}. The rest of it is shown.` : "";
    cutting.restore(query);
    overview.restore(query);
    show();
  }

  /** What the lists of all spaces say about the chosen token; each column on its own, so that one that fails spoils no other. */
  async function show() {
    const mine = ++turn;
    const { role, id } = state.chosen;
    ws.all("input[name=by]", root).forEach((input) => (input.checked = input.value === state.by));
    ws.all("input[name=space]", root).forEach((input) => (input.checked = input.value === state.view));
    for (const [of, column] of columns) column.element.classList.toggle("viewed", of === state.view);
    shown.clear();
    const grey = (is) => columns.forEach(({ body }) => body.classList.toggle("stale", is));
    const late = setTimeout(() => mine === turn && grey(drawn !== wanted()), PATIENCE);
    root.setAttribute("aria-busy", "true");
    const own = byRole.get(role);
    await Promise.all([drawTrail(mine), ...spaces.map((space) => column(space, own, id, mine))]);
    clearTimeout(late);
    if (mine !== turn) return;
    grey(false);
    root.removeAttribute("aria-busy");
    drawn = wanted();
    draw();
    await ws.breath(); // the lists first
    if (mine !== turn) return;
    overview.draw();
    showMap();
  }

  async function column(space, own, id, mine) {
    const place = columns.get(space.role);
    const action = async () => {
      await Promise.all([own.open(), space.open()]);
      const here = space === own ? id : space.counterpart(own, id);
      if (here === null) {
        if (mine === turn) ws.explore.lists.fillEmpty(place, space, own.word(id), page);
        return;
      }
      const [lists, facts] = await Promise.all([space.nearest(here), space.facts(here)]);
      if (mine === turn) shown.set(space.role, { space, id: here, near: lists.cosine, facts, lists });
    };
    const came = await ws.attempt(place.body, `The neighbours in ${space.name} could not be loaded.`, action, show);
    if (!came && mine === turn) place.body.replaceChildren(place.body.querySelector(".failure")); // not the list of another token
  }

  /** All columns that have their data, and what they have in common. */
  function draw() {
    const shared = new Map();
    for (const { role } of spaces) {
      const found = shown.get(role);
      if (!found) continue;
      const seed = found.space.word(found.id);
      const words = found.lists[state.by].filter((one) => !ws.explore.lists.reason(found.space, found.id, one.id)).map((one) => found.space.word(one.id));
      shared.set(role, new Set(words.filter((word) => word !== seed)));
    }
    for (const [role, found] of shown) {
      const place = columns.get(role);
      ws.explore.lists.fill(place, { ...found, near: found.lists[state.by] }, shared, page, state);
    }
    overlap.textContent = ws.explore.lists.overlapWords(shared, page);
    const own = byRole.get(state.chosen.role);
    const found = shown.get(own.role);
    if (found) {
      document.title = `${own.plain(found.id)} · ${settings.title}`;
      const spoken = (id) => own.plain(id).replaceAll("␣", "space "); // the sign is silent in a screen reader
      if (told) status.textContent = `${spoken(found.id)} in ${own.name}: nearest is ${spoken(found.lists[state.by][0].id)}. ${overlap.textContent}`;
      told = true; // what the page opens with is read on the page
    }
  }

  async function drawTrail(mine) {
    trailBox.hidden = !state.trail.length;
    const action = () => Promise.all(state.trail.map(({ role }) => byRole.get(role).open()));
    const came = await ws.attempt(trailBox, "Your walk could not be shown.", action, show);
    if (!came || mine !== turn || !state.trail.length) return;
    const items = [...state.trail, state.chosen].map((stop, n, all) => {
      const item = ws.element("li");
      const space = byRole.get(stop.role);
      if (n === all.length - 1) {
        item.append(space.chip(stop.id));
        item.setAttribute("aria-current", "true");
      } else {
        const button = ws.element("button", "cut-token");
        button.type = "button";
        button.append(space.chip(stop.id));
        button.addEventListener("click", () => go(stop, state.trail.slice(0, n)));
        item.append(button);
      }
      return item;
    });
    trailBox.querySelector("ol").replaceChildren(...items);
  }

  // --- the map of the neighbourhood ------------------------------------------------------------------------------------

  const mapSelect = root.querySelector("[data-map-role]");
  let mapStarted = false;

  async function showMap() {
    if (!mapStarted) return;
    const mine = turn;
    const found = shown.get(state.maps) || [...shown.values()][0];
    if (!found) return;
    mapSelect.value = found.space.role;
    if (found.facts.detail < 0) {
      const count = settings.detailedWords.toLocaleString("en");
      map.holder.replaceChildren();
      map.words.textContent = `There is no map for ${found.space.plain(found.id)}: maps were made for the ${count} most frequent words that all models share, such as those under “All at once” below.`;
      return;
    }
    await ws.attempt(map.box, "The map could not be loaded.", async () => {
      const details = await found.space.details(found.facts.detail);
      if (mine === turn) ws.explore.drawNeighbourhood(map.holder, map.words, { ...found, details }, page);
    });
  }

  mapSelect.addEventListener("change", () => {
    state.maps = mapSelect.value;
    keep(false);
    showMap();
  });
  new IntersectionObserver(
    (entries, watch) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      mapStarted = true;
      showMap();
    },
    { rootMargin: "300px" },
  ).observe(map.box);
  addEventListener("resize", ws.debounce(showMap, 150));

  // --- what the reader does --------------------------------------------------------------------------------------------

  ws.all("input[name=by]", root).forEach((input) =>
    input.addEventListener("change", () => {
      state.by = input.value;
      keep(false);
      show();
    }),
  );
  ws.all("input[name=space]", root).forEach((input) =>
    input.addEventListener("change", () => {
      state.view = input.value;
      keep(false);
      for (const [role, column] of columns) column.element.classList.toggle("viewed", role === state.view);
    }),
  );
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-token]");
    const found = link && token(link.dataset.token);
    if (!found || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    page.choose(found.role, found.id, { scroll: true });
  });

  const cutting = ws.explore.cutting(page);
  const overview = ws.explore.overview(page);
  ws.explore.picking(page);
  ws.address.across = () => {
    const query = ws.address.read();
    for (const name of ["token", "trail"]) query.delete(name); // ids of this set's vocabularies
    return query.size ? `?${query}` : "";
  };
  addEventListener("popstate", restore);
  restore();
})(window.WordSpaces);
