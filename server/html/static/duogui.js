// Small comforts; every page works without them, but for the maps.
"use strict";

(() => {
  const data = (id) => JSON.parse(document.getElementById(id).textContent);

  // Copy buttons
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
      const label = button.textContent;
      button.textContent = "✓";
      setTimeout(() => { button.textContent = label; }, 1200);
    });
  }

  // Search within a list: rows that do not hold every word are hidden, and groups without rows
  for (const place of document.querySelectorAll("[data-search]")) {
    place.hidden = false;
    const input = place.querySelector("input");
    const output = place.querySelector("output");
    const rows = [...document.querySelectorAll("[data-row]")].map((row) => [row, row.textContent.toLowerCase()]);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      for (const group of document.querySelectorAll("[data-group]")) {
        group.hidden = !group.querySelector("[data-row]:not([hidden])");
      }
      output.textContent = words.length ? `${shown} / ${rows.length}` : "";
    });
  }

  // A filter form sends only what was filled in
  for (const form of document.querySelectorAll("form[data-drop-empty]")) {
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    });
    window.addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });
  }

  // An analysis is run as a job, whose page comes next
  for (const form of document.querySelectorAll("form[data-run]")) {
    const output = form.querySelector("output");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      output.textContent = form.dataset.busy;
      const headers = { "Content-Type": "application/json", Prefer: "respond-async", "Accept-Language": document.documentElement.lang };
      try {
        const answer = await fetch(form.action, { method: "POST", headers, body: form.elements.inputs.value });
        const place = answer.headers.get("Location");
        if (answer.ok && place) location.assign(place + form.dataset.suffix);
        else {
          const { detail, faults = [] } = await answer.json();
          output.textContent = [detail, ...faults.map((one) => `${one.where}: ${one.what}; ${one.remedy}`)].join("\n");
        }
      } catch (error) { output.textContent = error.message; }
    });
  }

  // Maps: features, the outline of divisions behind them, a graticule
  const STYLE = { color: "#0b4a6f", weight: 1.5, fillColor: "#1c86b4", fillOpacity: 0.28 };
  const paint = (feature) => {
    const { fill = {}, line = {}, circle = {} } = (feature && feature.properties) || {};
    const type = (feature && feature.geometry && feature.geometry.type) || "";
    if (type.includes("Point")) return { ...STYLE, color: "#ffffff", weight: 1.5, fillColor: circle.color || STYLE.color, fillOpacity: 0.95, radius: Math.max(5, circle.radius || 6) };
    if (type.includes("Line")) return { ...STYLE, color: line.color || STYLE.color, weight: Math.max(2, line.width || 2), fill: false };
    return { ...STYLE, color: line.color || STYLE.color, weight: Math.max(1, line.width || 1.2), fillColor: fill.color || line.color || STYLE.fillColor, fillOpacity: fill.color ? Math.min(0.85, fill.opacity || 0.6) : STYLE.fillOpacity };
  };
  const LIT = { color: "#a6321f", weight: 3, fillColor: "#f2b84b", fillOpacity: 0.5 };
  const STEPS = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];

  function graticule(map) {
    const layer = L.layerGroup().addTo(map);
    const draw = () => {
      layer.clearLayers();
      const box = map.getBounds();
      const width = box.getEast() - box.getWest();
      const step = STEPS.find((one) => width / one >= 3) || STEPS[STEPS.length - 1];
      const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
      const line = (ends, text, at, side) => {
        L.polyline(ends, { color: "#8fa6b3", weight: 1, dashArray: "2 4", interactive: false }).addTo(layer);
        const spot = map.latLngToContainerPoint(at);
        if (side[0] < 0 ? spot.x > map.getSize().x - 40 : spot.y < 40) return;
        L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ className: "graticule", html: text, iconSize: [60, 14], iconAnchor: side }) }).addTo(layer);
      };
      for (let x = Math.ceil(box.getWest() / step) * step; x <= box.getEast(); x += step) {
        line([[box.getSouth(), x], [box.getNorth(), x]], `${x.toFixed(digits)}°`, [box.getSouth(), x], [-3, 16]);
      }
      for (let y = Math.ceil(box.getSouth() / step) * step; y <= box.getNorth(); y += step) {
        line([[y, box.getWest()], [y, box.getEast()]], `${y.toFixed(digits)}°`, [y, box.getEast()], [62, 15]);
      }
    };
    map.on("moveend", draw);
    draw();
  }

  // A dot for each shape that is too small to be seen at this scale, unless they are many; it does what its shape does
  function pin(map, features, dots) {
    dots.clearLayers();
    const tiny = features.getLayers().filter((layer) => {
      if (!layer.getBounds || !layer.getBounds().isValid()) return false;
      const box = layer.getBounds();
      const size = map.latLngToLayerPoint(box.getSouthEast()).subtract(map.latLngToLayerPoint(box.getNorthWest()));
      return Math.max(size.x, size.y) < 6;
    });
    if (tiny.length > 100) return;
    for (const layer of tiny) {
      L.circleMarker(layer.getBounds().getCenter(), { radius: 6, color: "#fff", weight: 1.5, fillColor: layer.options.fillColor || STYLE.color, fillOpacity: 0.9, className: "dot" })
        .on("mouseover mouseout click", (event) => layer.fire(event.type, { latlng: event.latlng })).addTo(dots);
    }
  }

  async function outline(map, address) {
    const box = map.getBounds().pad(0.3);
    const bbox = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((one) => one.toFixed(4)).join(",");
    // Of lines, on a map of half a province, those between cities: all of them would be a megabyte.
    const wide = box.getEast() - box.getWest() > 2.5 && address.includes("boundary") ? "&boundary_type=prefectural" : "";
    const answer = await fetch(`${address}?f=json&limit=100&bbox=${bbox}${wide}`);
    if (!answer.ok) return;
    L.geoJSON(await answer.json(), { interactive: false, style: { color: "#7d6f57", weight: 1, fill: false, dashArray: "6 3" } }).addTo(map).bringToBack();
  }

  function show(place) {
    const row = (id) => document.querySelector(`table[data-features="${place.id}"] tr[data-id="${CSS.escape(String(id))}"]`);
    const map = L.map(place, { zoomControl: false, attributionControl: false, zoomSnap: 0.5, preferCanvas: false, scrollWheelZoom: false });
    L.control.zoom({ zoomInTitle: place.dataset.zoomIn, zoomOutTitle: place.dataset.zoomOut }).addTo(map);
    L.control.scale({ imperial: false, position: "topright" }).addTo(map);
    map.on("focus click", () => map.scrollWheelZoom.enable()).on("blur mouseout", () => map.scrollWheelZoom.disable());
    const layers = new Map();
    const features = L.geoJSON(data(place.dataset.map), {
      style: paint,
      pointToLayer: (feature, at) => L.circleMarker(at, paint(feature)),
      onEachFeature: (feature, layer) => {
        if (feature.id === undefined || feature.id === null) return;
        layers.set(String(feature.id), layer);
        const label = document.createElement("span");
        label.textContent = (feature.properties && feature.properties.label) || feature.id;
        layer.bindTooltip(label, { sticky: true });
        const light = (on) => { layer.setStyle(on ? LIT : paint(feature)); if (on) layer.bringToFront(); const found = row(feature.id); if (found) found.classList.toggle("lit", on); };
        layer.on("mouseover", () => light(true)).on("mouseout", () => light(false));
        layer.on("click", () => {
          const link = row(feature.id) && row(feature.id).querySelector("a");
          if (link) link.click();
          else if (layer.getBounds && layer.getBounds().isValid()) map.fitBounds(layer.getBounds(), { padding: [60, 60], maxZoom: 17 });
        });
      },
    }).addTo(map);
    const small = L.layerGroup().addTo(map);
    map.on("zoomend", () => pin(map, features, small));
    const [west, south, east, north] = (place.dataset.window || "").split(",").map(Number);
    const bounds = west < east ? L.latLngBounds([south, west], [north, east]) : features.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom: 17, animate: false });
    else map.setView([38.3, 116.8], 7);
    pin(map, features, small);
    graticule(map);
    for (const one of document.querySelectorAll(`table[data-features="${place.id}"] tr[data-id]`)) {
      const layer = layers.get(one.dataset.id);
      if (!layer) continue;
      one.addEventListener("mouseenter", () => layer.fire("mouseover"));
      one.addEventListener("mouseleave", () => layer.fire("mouseout"));
      one.addEventListener("focusin", () => layer.fire("mouseover"));
      one.addEventListener("focusout", () => layer.fire("mouseout"));
    }
    const button = document.querySelector(`button[data-bbox-from="${place.id}"]`);
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const box = map.getBounds();
        button.form.elements.bbox.value = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((one) => one.toFixed(6)).join(",");
        button.form.requestSubmit();
      });
    }
    if (place.dataset.outline) outline(map, place.dataset.outline).catch(() => {});
  }

  if (window.L) for (const place of document.querySelectorAll(".map[data-map]")) show(place);
})();
