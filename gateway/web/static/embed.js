// See docs/booking.md
(() => {
	const me = document.currentScript, home = new URL(me.src).origin, frames = [], make = (tag, css) => {
		const one = document.createElement(tag);
		one.style.cssText = css;
		return one;
	};
	const frame = (at, path) => {
		const url = new URL(path, home), one = make("iframe", "display:block;width:100%;height:640px;border:0");
		if (url.origin !== home) throw Error(url);
		url.searchParams.set("embed", 1);
		for (const name of ["theme", "lang", "zone"]) if (at.dataset[name]) url.searchParams.set(name, at.dataset[name]);
		one.src = url;
		one.title = at.dataset.title || at.textContent.trim() || "Booking";
		frames.push(one);
		return one;
	};
	const popUp = (at, path) => {
		const box = make("dialog", "width:min(1080px,96vw);max-height:94vh;padding:0;border:0");
		const shut = make("button", "float:right;width:44px;height:44px");
		shut.textContent = "×";
		shut.ariaLabel = at.dataset.close || "Close";
		shut.onclick = () => box.close();
		box.onclose = () => box.remove();
		box.append(shut, frame(at, path));
		document.body.append(box);
		box.showModal();
	};
	addEventListener("message", ({ origin, source, data }) => {
		const one = frames.find((frame) => frame.contentWindow === source);
		if (origin !== home || !one) return;
		if (data.gateway === "height") one.style.height = +data.height + "px";
		else document.dispatchEvent(new CustomEvent("gateway:booked", { detail: data }));
	});
	for (const at of document.querySelectorAll("[data-gateway]")) at.append(frame(at, at.dataset.gateway));
	addEventListener("click", (event) => {
		const at = event.target.closest("[data-popup]");
		if (!at) return;
		event.preventDefault();
		popUp(at, at.dataset.popup || at.href);
	});
	if (me.dataset.button) {
		const one = make("button", "position:fixed;right:20px;bottom:20px;padding:14px 22px;border:0;background:#111;color:#fff;font:16px system-ui");
		one.textContent = me.dataset.label || "Book a time";
		one.onclick = () => popUp(me, me.dataset.button);
		document.body.append(one);
	}
})();
