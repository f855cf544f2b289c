// The picture of the week can be painted on; the table beside it stays the one that is sent.
"use strict";
(() => {
  const DAY = 1440, STEP = 30, WEEK = 7 * DAY, NS = "http://www.w3.org/2000/svg";
  const area = document.querySelector("[data-paint]");
  if (!area) return;
  const picture = area.querySelector("svg"), rows = [...document.querySelectorAll("[data-day]")];
  const height = picture.viewBox.baseVal.height / 7;
  const minutes = new Uint8Array(WEEK);

  const clock = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
  const text = (minute) => `${String(Math.floor((minute % DAY) / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

  function read() {
    minutes.fill(0);
    rows.forEach((row, day) => {
      for (const one of row.querySelectorAll(".window")) {
        const [start, end] = [...one.querySelectorAll("input")].map((input) => input.value);
        if (!start || !end) continue;
        const from = clock(start), until = clock(end) > from ? clock(end) : clock(end) + DAY;
        for (let at = from; at < until; at++) minutes[(day * DAY + at) % WEEK] = 1;
      }
    });
    draw();
  }

  // Stretches of one day; [start, end) in minutes of the day.
  function stretches(day) {
    const found = [];
    for (let at = 0; at < DAY; at++) {
      if (!minutes[day * DAY + at]) continue;
      const start = at;
      while (at < DAY && minutes[day * DAY + at]) at++;
      found.push([start, at]);
    }
    return found;
  }

  function draw() {
    for (const one of picture.querySelectorAll(".work")) one.remove();
    for (let day = 0; day < 7; day++) {
      for (const [start, end] of stretches(day)) {
        const bar = document.createElementNS(NS, "rect");
        const place = { class: "work", x: start, y: day * height, width: end - start, height: height - 1 };
        for (const name in place) bar.setAttribute(name, place[name]);
        picture.append(bar);
      }
    }
  }

  // What runs over one midnight stays one window, unless that makes it longer than a day.
  function windows() {
    const days = rows.map((_row, day) => stretches(day));
    const morning = (day) => days[(day + 1) % 7][0];
    const joins = days.map((found) => found[found.length - 1]).map((evening, day) => {
      const next = morning(day);
      if (!evening || !next || evening[1] < DAY || evening[0] === 0) return false;
      return next[0] === 0 && next[1] < DAY && next[1] <= evening[0];
    });
    return days.map((found, day) => {
      const own = joins[(day + 6) % 7] ? found.slice(1) : found;
      return own.map((one, at) => (joins[day] && at === own.length - 1 ? [one[0], morning(day)[1]] : one));
    });
  }

  function write() {
    windows().forEach((found, day) => {
      const holder = rows[day].querySelector(".windows");
      const blank = holder.lastElementChild.cloneNode(true);
      holder.replaceChildren(...[...found, null].map((one) => {
        const pair = blank.cloneNode(true);
        const [start, end] = pair.querySelectorAll("input");
        start.value = one ? text(one[0]) : "";
        end.value = one ? text(one[1]) : "";
        return pair;
      }));
    });
  }

  let painting = null;

  function cell(event) {
    const box = picture.getBoundingClientRect();
    const day = Math.floor(((event.clientY - box.top) / box.height) * 7);
    const at = Math.floor(((event.clientX - box.left) / box.width) * (DAY / STEP));
    return { day: Math.min(Math.max(day, 0), 6), at: Math.min(Math.max(at, 0), DAY / STEP - 1) };
  }

  function paint(event) {
    const here = cell(event);
    const [low, high] = [Math.min(painting.at, here.at), Math.max(painting.at, here.at)];
    const [first, last] = [Math.min(painting.day, here.day), Math.max(painting.day, here.day)];
    minutes.set(painting.before);
    for (let day = first; day <= last; day++) {
      minutes.fill(painting.value, day * DAY + low * STEP, day * DAY + (high + 1) * STEP);
    }
    draw();
  }

  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const here = cell(event);
    const value = minutes[here.day * DAY + here.at * STEP] ? 0 : 1;
    painting = { ...here, value, before: minutes.slice() };
    picture.setPointerCapture(event.pointerId);
    paint(event);
  });
  picture.addEventListener("pointermove", (event) => { if (painting) paint(event); });
  picture.addEventListener("pointerup", () => {
    if (painting) write();
    painting = null;
  });
  // A finger that scrolls the page paints nothing.
  picture.addEventListener("pointercancel", () => {
    if (painting) minutes.set(painting.before);
    painting = null;
    draw();
  });
  document.querySelector(".week-table").addEventListener("input", read);

  const hint = area.querySelector(".paint-hint");
  hint.textContent = area.dataset.paint;
  hint.hidden = false;
  area.classList.add("ready");
  read();
})();
