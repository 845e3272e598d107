() => {
  const CONTROLS = "button, .btn, .tabs a, .segctl a, .segs a, th, .chip, .pill, nav a, summary, legend, label, .keys span, h1, h2, h3, dt";
  const found = [];
  const width = document.documentElement.clientWidth;
  const named = (node) => {
    const kind = node.className.baseVal ?? node.className;
    return node.tagName.toLowerCase() + (kind ? "." + kind.trim().split(/\s+/).join(".") : "");
  };
  const path = (node) => [node.parentElement, node].filter(Boolean).map(named).join(" > ");
  const styles = new Map();
  const style = (node) => {
    if (!styles.has(node)) styles.set(node, getComputedStyle(node));
    return styles.get(node);
  };
  const hides = (value) => value === "hidden" || value === "clip";
  const rolls = (value) => value === "auto" || value === "scroll";
  // What is above its line, as a menu, a bar or a toast is, covers what lies below, and is meant to.
  const layer = (node) => {
    for (let at = node; at && at !== document.body; at = at.parentElement) {
      if (["fixed", "sticky", "absolute"].includes(style(at).position)) return at;
    }
    return null;
  };
  const seen = (node) => {
    if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })) return false;
    for (let at = node; at; at = at.parentElement) {
      const box = at.getBoundingClientRect();
      if (style(at).clipPath !== "none" || (hides(style(at).overflowX) && box.width <= 2)) return false;
    }
    return true;
  };
  const cut = (box, rect) => ({
    left: Math.max(box.left, rect.left), right: Math.min(box.right, rect.right),
    top: Math.max(box.top, rect.top), bottom: Math.min(box.bottom, rect.bottom),
  });

  if (document.scrollingElement.scrollWidth > width) {
    const out = [...document.querySelectorAll("body *")].filter((node) => {
      if (node.getBoundingClientRect().right <= width + 0.5 || !seen(node)) return false;
      for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
        if (style(at).overflowX !== "visible") return false;
      }
      return true;
    });
    found.push(`sideways: ${document.scrollingElement.scrollWidth} of ${width}: ${out.slice(0, 4).map(path).join(" | ")}`);
  }

  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const holder = text.parentElement;
    if (!text.data.trim() || ["SCRIPT", "STYLE", "TEMPLATE", "OPTION", "TEXTAREA"].includes(holder.tagName) || !seen(holder)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const control = holder.closest(CONTROLS);
    for (let box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      let shown = box;
      let gone = 0;
      for (let at = holder; at && at !== document.body; at = at.parentElement) {
        const how = style(at);
        if (how.display === "inline") continue;
        if (how.overflowX !== "visible" || how.overflowY !== "visible") {
          const limit = at.getBoundingClientRect();
          if (hides(how.overflowX) && gone <= 0) gone = Math.max(shown.right - limit.right, limit.left - shown.left);
          if (rolls(how.overflowX) || rolls(how.overflowY) || hides(how.overflowX)) shown = cut(shown, limit);
        }
        if (how.position === "fixed") break;
      }
      if (gone > 1 && control) found.push(`cut off: ${path(control)}: ${text.data.trim().slice(0, 60)}`);
      if (shown.right - shown.left > 1 && shown.bottom - shown.top > 1) {
        lines.push({ box: shown, holder, text: text.data.trim().slice(0, 40), layer: layer(holder) });
      }
    }
  }

  lines.sort((one, other) => one.box.top - other.box.top);
  for (let n = 0; n < lines.length; n += 1) {
    for (let m = n + 1; m < lines.length && lines[m].box.top < lines[n].box.bottom; m += 1) {
      const [one, other] = [lines[n], lines[m]];
      if (one.holder === other.holder || one.layer !== other.layer) continue;
      const both = cut(one.box, other.box);
      if (both.right - both.left > 3 && both.bottom - both.top > 5) {
        found.push(`over each other: ${path(one.holder)}: ${one.text} | ${path(other.holder)}: ${other.text}`);
      }
    }
  }
  return [...new Set(found)];
}
